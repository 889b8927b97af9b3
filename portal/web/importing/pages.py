"""What every page of an import needs: its blueprint, the file, and which step is next."""

from flask import Blueprint, Request, abort, request, url_for

from portal import audit, intake
from portal.candidate_files import Plan
from portal.models import Employer, FileState, IntakeFile

importing = Blueprint("importing", __name__)

PATH = "/e/<slug>/import"
FILE_PATH = f"{PATH}/<int(max=2147483647):file_id>"
# A file is larger than any form; a header may have hundreds of columns.
LARGEST_UPLOAD = 51 * 1024 * 1024
LARGEST_PASTE = 5 * 1024 * 1024
MOST_PARTS = 2_000


@importing.url_value_preprocessor
def _allow_large_forms(_endpoint: str | None, _values: object) -> None:
    """Before anything reads the form; only for who is signed in, so that nobody fills the disk."""
    if request.method == "POST" and audit.signed_in_user() is not None:
        _widen(request)


def _widen(asked: Request) -> None:
    asked.max_form_parts = MOST_PARTS
    if asked.endpoint == "importing.upload":
        asked.max_form_memory_size = LARGEST_PASTE
        asked.max_content_length = LARGEST_UPLOAD


def find(employer: Employer, file_id: int) -> tuple[IntakeFile, Plan]:
    """EMPLOYER's waiting file and its plan, or the same 404 as for one that does not exist."""
    file = intake.find_file(employer.id, file_id)
    if file is None or file.run_id is not None:
        abort(404)
    return file, Plan.from_json(file.plan)


def page(name: str, employer: Employer, file: IntakeFile) -> str:
    """The address of the step NAME."""
    return url_for(f"importing.{name}", slug=employer.slug, file_id=file.id)


def next_step(employer: Employer, file: IntakeFile) -> str:
    """The address of the first step that is not done."""
    return page(_next(file), employer, file)


def _next(file: IntakeFile) -> str:
    if file.state is FileState.CHECKING:
        return "check"
    plan, found = Plan.from_json(file.plan), intake.found_in(file)
    if not plan.columns or found is None or found.problem:
        return "columns"
    # What the words mean is seen by a person once, even where they are sure.
    is_new = bool(found.values) and not plan.values
    return "answers" if found.asks or is_new else "check"
