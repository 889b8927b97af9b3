"""Files on their way in, kept until their run is over; and what was answered about such files.

    file = keep_file(employer_id, "candidates.csv", upload)     # FileRefused: too large, empty
    with open_file(file.id) as spool: …                         # its bytes again
    change_file(file, now, plan={…}, state=FileState.CHECKED)   # whatever was learnt of it
    learnt = recall(employer_id, heading_key(sheet.headers))    # of the last file of the kind
    remember(employer_id, heading_key(sheet.headers), {…}, now)

Commits nothing.
"""

import hashlib
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO, Any

import sqlalchemy as sa

from portal import audit
from portal.candidate_files.faults import FileRefused
from portal.extensions import db
from portal.language import gettext, marked
from portal.models import IntakeFile, IntakeMapping

MAX_BYTES = 50 * 1024 * 1024
IN_MEMORY = 1024 * 1024
BLOCK = 64 * 1024
GONE = marked("The file is no longer here. Upload it again.")
KEPT_FOR = timedelta(hours=24)  # untouched
LEVEL = 3  # of compression: a third of the bytes at a tenth of the time
Spool = tempfile.SpooledTemporaryFile[bytes]


def keep_file(employer_id: int, name: str, source: IO[bytes]) -> IntakeFile:
    """A draft of the bytes of SOURCE, of who is signed in. Raises FileRefused."""
    digest, packer, size = hashlib.sha256(), zlib.compressobj(LEVEL), 0
    packed: list[bytes] = []
    while block := source.read(BLOCK):
        size += len(block)
        if size > MAX_BYTES:
            raise FileRefused(
                f"The file is larger than {MAX_BYTES // 1024 // 1024} MB: import it in parts."
            )
        digest.update(block)
        packed.append(packer.compress(block))
    if not size:
        raise FileRefused(gettext("The file is empty."))
    packed.append(packer.flush())
    file = IntakeFile(
        employer_id=employer_id,
        user_id=audit.acting_user_id(),
        name=name[:200],
        digest=digest.hexdigest(),
        size=size,
        content=b"".join(packed),
    )
    db.session.add(file)
    db.session.flush()
    return file


def find_file(employer_id: int, file_id: int) -> IntakeFile | None:
    """The employer's file of that id; None for another employer's, as if it did not exist."""
    return db.session.scalar(
        sa.select(IntakeFile).where(IntakeFile.employer_id == employer_id, IntakeFile.id == file_id)
    )


def change_file(file: IntakeFile, now: datetime, **values: Any) -> None:
    """Set VALUES (plan, checked, state, name) of FILE; it is kept for another day."""
    for column, value in values.items():
        setattr(file, column, value)
    file.touched_at = now


@contextmanager
def open_file(file_id: int) -> Iterator[Spool]:
    """The bytes of that file, at their start; few of them in memory, for they are many."""
    content = db.session.scalar(sa.select(IntakeFile.content).where(IntakeFile.id == file_id))
    if content is None:
        raise FileRefused(gettext(GONE))
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        unpacker, view = zlib.decompressobj(), memoryview(content)
        for start in range(0, len(view), BLOCK):
            spool.write(unpacker.decompress(view[start : start + BLOCK]))
        spool.write(unpacker.flush())
        del content, view
        spool.seek(0)
        yield spool


def drop_file(file: IntakeFile) -> None:
    """FILE is not needed any more."""
    db.session.execute(
        sa.delete(IntakeFile).where(IntakeFile.id == file.id),
        execution_options={"synchronize_session": False},
    )


def drop_drafts(now: datetime) -> int:
    """Delete the files that nobody went on with for a day; how many."""
    old = (IntakeFile.run_id.is_(None), IntakeFile.touched_at < now - KEPT_FOR)
    gone = db.session.scalars(
        sa.delete(IntakeFile).where(*old).returning(IntakeFile.id),
        execution_options={"synchronize_session": False},
    )
    return len(gone.all())


def heading_key(headers: Sequence[str]) -> str:
    """The key of all files with these HEADERS, in whatever order."""
    words = sorted({" ".join(header.casefold().split()) for header in headers})
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def recall(employer_id: int, key: str) -> dict[str, Any] | None:
    """What the employer answered the last time about files, or values, of KEY."""
    learnt = db.session.get(IntakeMapping, (employer_id, key))
    return learnt.learnt if learnt else None


def remember(employer_id: int, key: str, learnt: dict[str, Any], now: datetime) -> None:
    """Offer LEARNT again with the next file, or values, of KEY; it replaces what was learnt."""
    db.session.merge(IntakeMapping(employer_id=employer_id, key=key, learnt=learnt, used_at=now))
    db.session.flush()
