"""The demo's SMTP server: every message becomes a file, and /mailbox shows the files."""

import email
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.controller import Controller

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


class _Sink:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        path = self.folder / f"{time.time_ns()}.eml"
        path.write_bytes(envelope.content)
        return "250 2.0.0 Kept in the demo mailbox"


def start_mailbox(folder: Path, port: int) -> Controller:
    """Accept mail on 127.0.0.1:PORT into FOLDER until .stop() is called."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(_Sink(folder), hostname="127.0.0.1", port=port)
    controller.start()
    return controller


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
