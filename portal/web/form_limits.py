"""How large a form may be: small, but where a file comes in.

Known before anything reads the form, which the reader's language does first of all.
"""

from dataclasses import dataclass

from flask import Request, session
from werkzeug.exceptions import RequestEntityTooLarge


@dataclass(frozen=True)
class FormLimits:
    """`content`: bytes of all; `memory`: of fields that are no files; `parts`: how many fields."""

    content: int
    memory: int
    parts: int


# By endpoint. Only for who is signed in, so that nobody else fills the disk.
LARGER: dict[str, FormLimits] = {}


class LimitedRequest(Request):
    """A request whose form may be as large as its page allows."""

    refused: RequestEntityTooLarge | None = None

    def _load_form_data(self) -> None:
        if self.refused:
            raise self.refused  # what is left of the stream would read as an empty form
        limits = LARGER.get(self.endpoint or "")
        if limits and "_user_id" in session:
            self.max_content_length = limits.content
            self.max_form_memory_size = limits.memory
            self.max_form_parts = limits.parts
        try:
            super()._load_form_data()
        except RequestEntityTooLarge as error:
            self.refused = error
            raise
