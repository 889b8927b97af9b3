"""The messages that the demo's mail server has kept, for /mailbox."""

import email
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Literal

MOST_MAIL = 100
NAME = re.compile(r"\d{16,20}")


@dataclass(frozen=True)
class Letterbox:
    """One message and when it came; `name` finds it again. Its parts are "" where it has none."""

    name: str
    sender: str
    to: str
    subject: str
    received_at: datetime
    text: str
    html: str


def _read(path: Path) -> Letterbox:
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    return Letterbox(
        name=path.stem,
        sender=str(message["From"]),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        received_at=datetime.fromtimestamp(int(path.stem) // 10**9, UTC),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: Literal["plain", "html"]) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).strip() if part else ""


def list_mail(folder: Path) -> list[Letterbox]:
    """The newest messages in FOLDER, newest first, MOST_MAIL at most."""
    files = sorted(folder.glob("*.eml"), key=lambda path: path.name, reverse=True)
    return [_read(path) for path in files[:MOST_MAIL]]


def read_mail(folder: Path, name: str) -> Letterbox | None:
    """The message called NAME, or None."""
    path = folder / f"{name}.eml"
    return _read(path) if NAME.fullmatch(name) and path.is_file() else None
