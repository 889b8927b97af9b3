"""Files too large for a page to look at, looked at by a worker, with progress for who waits."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from portal import intake, language
from portal.candidate_files import Fault, Plan
from portal.extensions import db, reading
from portal.intake import CheckedFile, Examined
from portal.jobs.chunks import Chunks
from portal.language import gettext
from portal.models import Employer, FileState, IntakeFile, utcnow

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 1.0
ROWS = 200  # between two looks at the clock


class _GivenUp(Exception):
    """The file is gone, or to be read in another way."""


@dataclass
class _Work:
    """One file that is looked at; `place` is its employer, without the database."""

    file_id: int
    plan: dict[str, Any]
    place: Employer
    language: str

    def examine(self) -> Examined:
        """What the file holds. Raises _GivenUp."""
        with language.use(self.language):
            plan, now = Plan.from_json(self.plan), utcnow()
            return intake.examine(self.file_id, plan, self.place, now, self._watch, self._try_out)

    def _watch(self, rows: Iterable[Any], count: int) -> Iterator[Any]:
        return self._shown(rows, 0, 2 * count)

    def _shown(self, rows: Iterable[Any], done: int, total: int) -> Iterator[Any]:
        """ROWS, noting now and then how far they are."""
        shown_at = 0.0
        for number, row in enumerate(rows):
            if number % ROWS == 0 and time.monotonic() - shown_at > PROGRESS_SECONDS:
                self._show(done + number, total)
                shown_at = time.monotonic()
            yield row

    def _show(self, done: int, total: int) -> None:
        is_wanted = intake.show_progress(self.file_id, self.plan, done, total)
        db.session.commit()
        if not is_wanted:
            raise _GivenUp

    def _try_out(self, checked: CheckedFile) -> dict[str, Any]:
        """What importing it would do: chunks tried one by one, each undone."""
        db.session.rollback()
        chunks, now = Chunks(intake.MOST, intake.LEAST), utcnow()
        total = intake.Applied(same=checked.absorbed)
        done, shown_at = 0, time.monotonic()
        for rows in checked.chunks(lambda: chunks.size):
            step = partial(intake.apply_chunk, self.place.id, rows, now)
            total.add(chunks.run(step, is_tried=True))
            done += len(rows)
            if time.monotonic() - shown_at > PROGRESS_SECONDS:
                self._show(checked.rows + done, 2 * checked.rows)
                shown_at = time.monotonic()
        return total.counts()

    def keep(self, found: Examined) -> None:
        """FOUND is what the file holds, unless it is to be read in another way by now."""
        file = db.session.get(IntakeFile, self.file_id, populate_existing=True)
        if file and file.state is FileState.CHECKING and file.plan == self.plan:
            intake.keep_found(file, found, utcnow())


def check_files(is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Look at every file that waits for it; how many."""
    done = 0
    while not is_stopping() and (work := _find()):
        found = _examined(work)
        db.session.rollback()
        if found:
            Chunks().run(partial(work.keep, found))
        done += 1
    return done


def _find() -> _Work | None:
    with reading():
        file = intake.find_to_check()
        work = _work_on(file) if file else None
    db.session.rollback()
    return work


def _work_on(file: IntakeFile) -> _Work:
    employer = db.session.get_one(Employer, file.employer_id)
    place = Employer(id=employer.id, timezone=employer.timezone)
    return _Work(file.id, file.plan, place, (file.checked or {}).get("language", "en"))


def _examined(work: _Work) -> Examined | None:
    """What WORK found; None if nobody waits for it any more."""
    try:
        return work.examine()
    except _GivenUp:
        return None
    except sa.exc.OperationalError:
        raise  # the database is away: looked at again when it is back
    except Exception:
        log.exception("file %s could not be looked at", work.file_id)
        said = gettext("Looking at the file ended by an error that is in the server’s log.")
        return Examined(problem=Fault(None, None, said))
