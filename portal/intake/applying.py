"""Checked rows -> applications, decisions and notices, through `hiring`. Commits nothing.

One chunk is one transaction of the caller's: commit it, or roll it back to have only tried. What
is held is looked up for a whole chunk at a time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from portal import closure, hiring, links, outbox, runs
from portal.candidate_files.faults import FileRefused, Notes
from portal.candidate_files.file_row import FileRow, Telling
from portal.candidate_files.reasons import reason_code
from portal.candidate_files.texts import plain_line
from portal.candidate_files.words import plain
from portal.extensions import db
from portal.intake import undoing
from portal.intake.matching import OTHER_NAME, find_same, why_another
from portal.language import marked, translated
from portal.models import (
    Application,
    Candidate,
    Channel,
    Decision,
    Employer,
    Invitation,
    InvitationState,
    LineResult,
    Outcome,
)

LEFT_DECIDED = marked("Open in the file but decided here: left as decided")
LEFT_NEWER = marked("Another decision was recorded here since: left as it is")
LEFT_TOLD = marked("Told on another day according to what is recorded here: left as it is")
KEPT_ADDRESS = marked(
    "Another address than the application with this id has here: the one held here is kept"
)
LEFT_PERSON = marked(
    "The id of another person's application, or of one for another role: nothing is changed"
)
LEFT_BLANK = marked("Told and done so long ago that the name was removed here: left as it is")
WAS_ERASED = marked(
    "Erased here before: the row brings the person back, though no survey is sent to them"
)
LEFT_ERASED = marked("Erased here since that decision: left out, for its days are counted already")
LEFT_GONE = marked("Erased here since the file was handed in: left out")
ONE_DAY = timedelta(days=1)


@dataclass
class Applied:
    """What applying did, in rows; add them up over the chunks.

    `lines`: of this chunk alone, row by row; `asked_from`, `asked_until`: when the first and the
    last of those who are asked are.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    invitations_planned: int = 0
    notes: Notes = field(default_factory=Notes)
    lines: list[runs.Line] = field(default_factory=list)
    asked_from: datetime | None = None
    asked_until: datetime | None = None

    def counts(self) -> dict[str, Any]:
        """For a column of JSON: the counts, and from when to when those who are asked are."""
        return {
            "new": self.new,
            "changed": self.changed,
            "same": self.same,
            "invitations_planned": self.invitations_planned,
            "asked_from": self.asked_from and self.asked_from.isoformat(),
            "asked_until": self.asked_until and self.asked_until.isoformat(),
        }

    def add(self, other: "Applied") -> None:
        """Count what OTHER counts as well."""
        if other.asked_from and other.asked_until:
            self.asked_from = min(self.asked_from or other.asked_from, other.asked_from)
            self.asked_until = max(self.asked_until or other.asked_until, other.asked_until)
        self.new += other.new
        self.changed += other.changed
        self.same += other.same
        self.invitations_planned += other.invitations_planned
        self.notes.update(other.notes)


class _Known:
    """An application that is held, as `matching` looks at it."""

    def __init__(self, application: Application, address: str) -> None:
        self.application, self.address = application, address
        self.candidate = application.candidate  # held here, or the session would read it again
        self.ended: set[tuple[Outcome, date]] = set()  # what was decided and no longer stands

    @property
    def external_id(self) -> str | None:
        return self.application.external_id

    @property
    def decided_on(self) -> date | None:
        return self.application.decided_on

    @property
    def pair(self) -> tuple[str, str]:
        return self.address.lower(), plain_line(self.application.requisition.title)

    def agrees_on_day(self, row: FileRow) -> bool:
        """Whether it was decided on the day ROW says.

        A day that had not come yet was taken as the moment of the import: the next import must
        not find another day there and add the application again.
        """
        held, said = self.application, row.verdict
        if said is None or held.decided_on is None or held.decided_at is None:
            return said is None and held.decided_on is None
        if said.decided_on - held.decided_on == ONE_DAY and said.outcome is held.outcome:
            noon = closure.noon_of(held.employer, held.decided_on, held.decided_at + ONE_DAY)
            return held.decided_at != noon
        return said.decided_on == held.decided_on

    def once_agreed(self, row: FileRow) -> bool:
        """Whether what ROW says has been recorded, and replaced since."""
        return row.decided_on in {day for _, day in self.ended}

    def agrees(self, row: FileRow) -> bool:
        """Whether what ROW says was decided is what stands."""
        outcome = row.verdict.outcome if row.verdict else None
        return self.application.outcome is outcome and self.agrees_on_day(row)

    def why_left(self, row: FileRow) -> str | None:
        """Why ROW, though it says something else, changes nothing; None if it may."""
        if self.agrees(row):
            return None
        if row.verdict is None:
            return LEFT_DECIDED
        was_ended = (row.verdict.outcome, row.verdict.decided_on) in self.ended
        is_older = self.decided_on is not None and row.verdict.decided_on < self.decided_on
        return LEFT_NEWER if was_ended or is_older else None


def apply_chunk(
    employer_id: int, rows: Sequence[FileRow], now: datetime, handed_in: datetime | None = None
) -> Applied:
    """Add and change what ROWS of a checked file say. What is held already stays as it is.

    Who was erased after the file was HANDED_IN (None: now) is left out.
    Waits until no other import of the employer is in the middle of a chunk. Raises FileRefused
    naming the row that `hiring` refuses; then the transaction must be rolled back.
    """
    # Two imports at once would both find a row missing. Not FOR UPDATE: that would also keep out
    # everybody who adds a row that refers to the employer.
    lock = sa.select(Employer).where(Employer.id == employer_id).with_for_update(key_share=True)
    chunk = _Chunk(db.session.scalars(lock).one(), rows, now, handed_in or now)
    for row in rows:
        with _naming(row):
            chunk.apply(row)
    return chunk.finish()


@contextmanager
def _naming(row: FileRow) -> Iterator[None]:
    try:
        yield
    except (hiring.ApplicationRefused, hiring.DecisionRefused) as error:
        raise FileRefused(str(error), row.number) from error


class _Chunk:
    """One chunk of rows and everything held that they may be about."""

    def __init__(
        self, employer: Employer, rows: Sequence[FileRow], now: datetime, handed_in: datetime
    ) -> None:
        self.employer, self.now, self.handed_in = employer, now, handed_in
        self.applied = Applied()
        self.words: dict[int, str] = {}  # what is noted of a row, by its number
        self.changed: dict[int, undoing.Change] = {}  # by the row's number
        self.fresh: list[FileRow] = []
        self.by_id: dict[str, _Known] = {}
        self.by_pair: dict[tuple[str, str], list[_Known]] = defaultdict(list)
        self._look_up(rows)

    def _look_up(self, rows: Sequence[FileRow]) -> None:
        emails = {row.new.email.lower() for row in rows if row.new.email}
        ids = {row.new.external_id for row in rows if row.new.external_id}
        self.keys = {email: links.address_keys(email) for email in emails}
        # Whose name was removed is found by the keyed hash of the address.
        by_key = {key: email for email, keys in self.keys.items() for key in keys}
        numbers = _find_numbers(self.employer, emails, ids, by_key)
        for known in _hold(self.employer, numbers, by_key) if numbers else ():
            self._remember(known)

    def _remember(self, known: _Known) -> None:
        if known.address or not known.candidate.is_blank:
            self.by_pair[known.pair].append(known)
        if known.external_id:
            self.by_id[known.external_id] = known

    def apply(self, row: FileRow) -> None:
        """Do what ROW says of what is held, and count it; what is new waits for `finish`."""
        by_id = self.by_id.get(row.new.external_id or "")
        same = find_same(row, [*([by_id] if by_id else []), *self.by_pair[row.pair]])
        if same is None:
            self.fresh.append(row)
            return
        change = undoing.Change(same.application, hiring.progress_of(same.application))
        if self._update(same, row, change):
            self.changed[row.number] = change
            self.applied.changed += 1
            return
        self.applied.same += 1
        left = LineResult.LEFT if row.number in self.words else LineResult.SAME
        self._line(row, left, same.application.id)

    def _note(self, words: str, row: FileRow) -> None:
        self.applied.notes.add(translated(words), row.number)
        self.words[row.number] = "\n".join(filter(None, (self.words.get(row.number), words)))

    def _line(
        self,
        row: FileRow,
        result: LineResult,
        number: int | None,
        before: undoing.Facts | None = None,
    ) -> None:
        words = self.words.get(row.number, "")
        self.applied.lines.append(runs.Line(row.number, result, number, words, before))

    def _update(self, known: _Known, row: FileRow, change: undoing.Change) -> bool:
        """Take over what ROW says that KNOWN does not yet; True if that was anything."""
        application = known.application
        if known.candidate.is_blank:
            self._note(LEFT_BLANK, row)
            return False
        if why_another(row, known.candidate.name, known.address, application.requisition.title):
            self._note(LEFT_PERSON, row)
            return False
        adopted = row.new.external_id is not None and application.external_id is None
        if adopted:
            application.external_id = row.new.external_id
        if known.address.lower() != row.pair[0]:
            self._note(KEPT_ADDRESS, row)
        elif row.new.name and plain(row.new.name) != plain(known.candidate.name):
            self._note(OTHER_NAME, row)
        if why_left := known.why_left(row):
            self._note(why_left, row)
            return adopted
        if not known.agrees(row) and (past := self._past(row)):
            decision = hiring.record_past(application, past, self.now, new=row.new)
            change.decision_id = decision.id
            return True
        moved = hiring.update_progress(application, row.new, self.now)
        return self._tell(application, row, change) or adopted or moved

    def _past(self, row: FileRow) -> hiring.PastDecision | None:
        """What was decided according to ROW, and how the candidate was told."""
        verdict, telling = row.verdict, row.telling
        if verdict is None:
            return None
        decided_at = closure.noon_of(self.employer, verdict.decided_on, self.now)
        code = reason_code(verdict.reason)
        reason = "" if code else verdict.reason  # a code has words of its own
        past = hiring.PastDecision(verdict.outcome, decided_at, reason, reason_code=code)
        if telling is None:
            return past
        told_at = self._told_at(telling, decided_at)
        return replace(
            past,
            told_at=told_at,
            channel=telling.channel or Channel.EMAIL,
            feedback=telling.feedback,
        )

    def _told_at(self, telling: Telling, decided_at: datetime) -> datetime:
        told_at = closure.noon_of(self.employer, telling.told_on, self.now)
        return max(told_at, decided_at)  # decided in the afternoon, told the same day

    def _tell(self, application: Application, row: FileRow, change: undoing.Change) -> bool:
        """Record the telling of what stands unless one counts already; True if it was recorded."""
        telling = row.telling
        if telling is None:
            return False
        if application.told_on:
            today = closure.local_day(self.employer, self.now)
            if application.told_on != min(telling.told_on, today):
                self._note(LEFT_TOLD, row)
            return False
        decision = hiring.standing_decision(application)
        if decision is None:
            return False
        notice = hiring.record_told(
            application,
            decision,
            telling.channel or Channel.EMAIL,
            self._told_at(telling, decision.decided_at),
            self.now,
            feedback=telling.feedback,
        )
        change.notice_id = notice.id
        return True

    def finish(self) -> Applied:
        """Add what is new; returns what the chunk did."""
        self._leave_out_erased()
        additions = hiring.Additions(self.employer, [row.new for row in self.fresh], self.now)
        for row in self.fresh:
            with _naming(row):
                additions.add(row.new, self._past(row))
        added = additions.finish()
        self.applied.new = len(added)
        for row, one in zip(self.fresh, added, strict=True):
            self._line(row, LineResult.NEW, one.application_id, undoing.of_new(one))
        before = undoing.of_changed(self.changed, self.now)
        for number, change in self.changed.items():
            facts = (change.application.id, self.words.get(number, ""), before[number])
            self.applied.lines.append(runs.Line(number, LineResult.CHANGED, *facts))
        self._count_planned(added)
        return self.applied

    def _count_planned(self, added: Sequence[hiring.Added]) -> None:
        """How many of those that are new or changed are to be asked, and when."""
        when = [one.asked_at for one in added if one.asked_at]
        if self.changed:
            touched = [change.application.id for change in self.changed.values()]
            planned = sa.select(Invitation.due_at).where(
                Invitation.application_id.in_(touched), Invitation.state == InvitationState.PLANNED
            )
            when += db.session.scalars(planned)
        self.applied.invitations_planned = len(when)
        self.applied.asked_from = min(when, default=None)
        self.applied.asked_until = max(when, default=None)

    def _leave_out_erased(self) -> None:
        """Of who was erased only what is newer comes back: else it would be counted again."""
        keys = {row.new.email.lower() for row in self.fresh if row.new.email}
        erased = outbox.find_erased({key: self.keys[key] for key in keys}, self.employer.id)
        for row in list(self.fresh) if erased else ():
            if (since := erased.get((row.new.email or "").lower())) is None:
                continue
            if since >= self.handed_in:
                self._leave_out(row, LEFT_GONE)
            elif row.decided_on and row.decided_on <= closure.local_day(self.employer, since):
                self._leave_out(row, LEFT_ERASED)
            else:
                self._note(WAS_ERASED, row)

    def _leave_out(self, row: FileRow, words: str) -> None:
        self.fresh.remove(row)
        self.applied.same += 1
        self._note(words, row)
        self._line(row, LineResult.LEFT, None)


def _find_numbers(
    employer: Employer, emails: Iterable[str], ids: Iterable[str], keys: Iterable[str]
) -> Sequence[int]:
    """The numbers of the employer's applications that rows with these may be about.

    People first, and no OR: each part has an index of its own, and no join hides it.
    """
    ours = sa.select(Candidate.id).where(Candidate.employer_id == employer.id)
    people = db.session.scalars(
        sa.union(ours.where(hiring.has_address(emails)), ours.where(Candidate.former_key.in_(keys)))
    ).all()
    applied = sa.select(Application.id).where(Application.employer_id == employer.id)
    found = [applied.where(Application.external_id.in_(ids))]
    found += [applied.where(Application.candidate_id.in_(people))] if people else []
    return db.session.scalars(sa.union(*found)).all()


def _hold(employer: Employer, numbers: Sequence[int], by_key: dict[str, str]) -> list[_Known]:
    """The applications with NUMBERS, the oldest first, and what of them no longer stands."""
    applications = (
        sa.select(Application)
        .join(Application.candidate)
        .join(Application.requisition)
        .options(contains_eager(Application.candidate), contains_eager(Application.requisition))
        .where(Application.id.in_(numbers))
        .order_by(Application.id)
        .with_for_update(read=True, of=Candidate)  # who is being erased meanwhile is blank then
    )
    known: dict[int, _Known] = {}
    for one in db.session.scalars(applications, execution_options={"populate_existing": True}):
        address = one.candidate.email or by_key.get(one.candidate.former_key or "", "")
        known[one.id] = _Known(one, address)
    ended = sa.select(Decision).where(
        Decision.application_id.in_(numbers), Decision.ended_at.is_not(None)
    )
    for decision in db.session.scalars(ended):
        day = closure.local_day(employer, decision.decided_at)
        known[decision.application_id].ended.add((decision.outcome, day))
    return list(known.values())
