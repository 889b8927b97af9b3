"""The demo's mail server: every message becomes a file, which /mailbox shows."""

import time
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


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
