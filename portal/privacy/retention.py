"""Letting go of whom nothing is owed any more: first names and letters, later the numbers.

What stays are days, outcomes, channels and what became of mail, for habits and counts; and the
invitation with its coarse facts and its links, by which an answer can still be taken back.
Commits nothing: one chunk is one transaction of the caller's.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from portal import audit, links, outbox
from portal.config import settings
from portal.extensions import Base, db
from portal.invitations import COOL_DOWN
from portal.models import (
    RETIRED,
    Application,
    Candidate,
    DataRequest,
    Decision,
    Email,
    EmailState,
    Invitation,
    InvitationState,
    Notice,
    Outcome,
    StageChange,
)
from portal.privacy.persons import BLANKS, find_and_lock, rows_about, run

OPEN_MAIL = (EmailState.QUEUED, EmailState.SENDING, EmailState.UNKNOWN)
STILL_TO_ASK = (InvitationState.PLANNED, InvitationState.QUEUED)
# The number by which the employer's own record finds the application stays with the record.
WORDS: dict[type[Base], dict[str, Any]] = {
    table: {name: blank for name, blank in blanks.items() if name != "external_id"}
    for table, blanks in BLANKS.items()
}
Quiet = dict[int, date]


@dataclass(frozen=True)
class Step:
    """One chunk looked at: up to which candidate, and how many were retired."""

    last_id: int
    retired: int


def months_before(day: date, months: int) -> date:
    """The same day of the month MONTHS earlier, or that month's last."""
    number = day.year * 12 + day.month - 1 - months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def retire_people(now: datetime, after: int, most: int) -> Step | None:
    """Look at the next MOST candidates with an id above AFTER and retire who is done.

    Done: told of every decision (or withdrawn), nothing has happened for KEEP_PERSONAL_MONTHS, no
    mail is open, and nobody is still to be asked. None when there is nobody left to look at.
    """
    named = (Candidate.blanked_on.is_(None), Candidate.erase_on.is_(None))
    chunk = sa.select(Candidate.id, Candidate.employer_id).where(*named, Candidate.id > after)
    people = {
        row[0]: row[1] for row in db.session.execute(chunk.order_by(Candidate.id).limit(most))
    }
    if not people:
        return None
    done = _find_done(people, now)
    if done:
        # Once more, now that nobody can decide, write or ask meanwhile.
        at = {people[candidate_id] for candidate_id in done}
        locked = find_and_lock(sa.and_(Candidate.id.in_(done), *named), at)
        done = _find_done({one.id: one.employer_id for one in locked}, now)
        _retire([one for one in locked if one.id in done], done, now)
    return Step(max(people), len(done))


def _find_done(people: Mapping[int, int], now: datetime) -> Quiet:
    """Who of PEOPLE (employers by candidate) is done, and the last day anything happened."""
    cutoff = months_before(now.date(), settings().KEEP_PERSONAL_MONTHS)
    left, last = set(people), Quiet()
    for find in _TRACES:
        employers = {people[candidate_id] for candidate_id in left}
        if not left:
            break
        for candidate_id, is_open, *moments in db.session.execute(find(left, employers, now)):
            day = max(_days(moments), default=date.min)
            last[candidate_id] = max(day, last.get(candidate_id, day))
            if is_open or day > cutoff:
                left.discard(candidate_id)
        left &= last.keys()
    return {candidate_id: last[candidate_id] for candidate_id in left}


def _days(moments: Collection[date | datetime | None]) -> Iterator[date]:
    for moment in moments:
        if moment is not None:
            yield moment.date() if isinstance(moment, datetime) else moment


def _any(is_so: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.max(sa.case((is_so, 1), else_=0))


def _latest(*moments: Any) -> list[sa.ColumnElement[Any]]:
    return [sa.func.max(moment) for moment in moments]


def _ours(ids: Collection[int], employers: Collection[int]) -> tuple[sa.ColumnElement[bool], ...]:
    return Application.employer_id.in_(employers), Application.candidate_id.in_(ids)


def _of_applications(ids: set[int], employers: set[int], _now: datetime) -> sa.Select[Any]:
    is_over = sa.or_(Application.told_on.is_not(None), Application.outcome == Outcome.WITHDRAWN)
    is_owed = _any(sa.case((is_over, 0), else_=1) == 1)
    moments = _latest(
        Application.created_at,
        Application.stage_entered_on,
        Application.last_interview_on,
        Application.decided_at,
        Application.told_at,
        Application.news_asked_at,
    )
    found = sa.select(Application.candidate_id, is_owed, *moments)
    return found.where(*_ours(ids, employers)).group_by(Application.candidate_id)


def _hanging_on(
    table: Any, ids: set[int], employers: set[int], is_open: Any, *moments: Any
) -> sa.Select[Any]:
    is_its = sa.and_(
        table.employer_id == Application.employer_id, table.application_id == Application.id
    )
    found = sa.select(Application.candidate_id, _any(is_open), *_latest(*moments))
    joined = found.select_from(Application).join(table, is_its)
    return joined.where(*_ours(ids, employers)).group_by(Application.candidate_id)


def _of_stages(ids: set[int], employers: set[int], _now: datetime) -> sa.Select[Any]:
    return _hanging_on(StageChange, ids, employers, sa.false(), StageChange.entered_on)


def _of_decisions(ids: set[int], employers: set[int], _now: datetime) -> sa.Select[Any]:
    moments = (Decision.decided_at, Decision.ended_at)
    return _hanging_on(Decision, ids, employers, sa.false(), *moments)


def _of_notices(ids: set[int], employers: set[int], _now: datetime) -> sa.Select[Any]:
    return _with_mail(
        _hanging_on(Notice, ids, employers, _is_open_mail(), Notice.created_at, Notice.told_at),
        Email.notice_id == Notice.id,
    )


def _of_invitations(ids: set[int], employers: set[int], now: datetime) -> sa.Select[Any]:
    # Who was asked is not asked again within 180 days: until then they must be known.
    is_open = sa.or_(
        Invitation.state.in_(STILL_TO_ASK),
        Invitation.last_mailed_at > now - COOL_DOWN,
        _is_open_mail(),
    )
    return _with_mail(
        _hanging_on(Invitation, ids, employers, is_open, Invitation.last_mailed_at),
        Email.invitation_id == Invitation.id,
    )


def _of_status_links(ids: set[int], employers: set[int], _now: datetime) -> sa.Select[Any]:
    found = sa.select(Application.candidate_id, _any(_is_open_mail()), *_latest())
    rows = found.where(*_ours(ids, employers)).group_by(Application.candidate_id)
    return _with_mail(rows, Email.application_id == Application.id)


def _of_requests(ids: set[int], employers: set[int], _now: datetime) -> sa.Select[Any]:
    found = sa.select(
        DataRequest.candidate_id, _any(_is_open_mail()), *_latest(DataRequest.asked_at)
    )
    asked = DataRequest.employer_id.in_(employers), DataRequest.candidate_id.in_(ids)
    rows = found.select_from(DataRequest).where(*asked).group_by(DataRequest.candidate_id)
    return _with_mail(rows, Email.data_request_id == DataRequest.id)


def _is_open_mail() -> sa.ColumnElement[bool]:
    return Email.state.in_(OPEN_MAIL)


def _with_mail(rows: sa.Select[Any], is_about: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """ROWS with the emails for which IS_ABOUT holds, and the last days on which they moved."""
    moments = _latest(Email.created_at, Email.sent_at, Email.delivery_at)
    return rows.outerjoin(Email, is_about).add_columns(*moments)


# The first drops nearly everybody; what follows is asked only about who is left.
_TRACES = (
    _of_applications,
    _of_stages,
    _of_decisions,
    _of_notices,
    _of_invitations,
    _of_requests,
    _of_status_links,
)


def _retire(candidates: list[Candidate], done: Quiet, now: datetime) -> None:
    """Blank CANDIDATES, who are locked. A keyed hash of the address stays, so that a file
    imported later finds them again instead of counting them twice."""
    if not candidates:
        return
    about = rows_about(candidates)
    outbox.forget(about[Email])
    for table, blanks in WORDS.items():
        run(sa.update(table).where(about[table]).values(blanks))
    months = settings().KEEP_PERSONAL_MONTHS
    name = RETIRED.format(f"{months} month{'s' * (months != 1)}")
    for candidate in candidates:
        key = links.address_keys(candidate.email)[0] if candidate.email else None
        candidate.name, candidate.email, candidate.former_key = name, None, key
        candidate.phone = None
        candidate.blanked_on, candidate.quiet_since = now.date(), done[candidate.id]
    for employer_id, count in Counter(one.employer_id for one in candidates).items():
        audit.record("person.retired", employer_id, None, count=count)
    db.session.flush()


def end_records(now: datetime, most: int) -> int:
    """Let go of the record of who has been quiet for KEEP_RECORD_MONTHS: the employer's own
    number, each decision and telling, and what became of their mail. The days on the application
    stay, for the counts.

    Returns of how many people, at most MOST: call again, committing between, until 0.
    """
    cutoff = months_before(now.date(), settings().KEEP_RECORD_MONTHS)
    due = (
        sa.select(Candidate.id, Candidate.employer_id)
        .where(Candidate.quiet_since <= cutoff)
        .order_by(Candidate.quiet_since, Candidate.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    people = {row[0]: row[1] for row in db.session.execute(due)}
    if people:
        theirs = _ours(people, set(people.values()))
        _end_evidence(sa.select(Application.id).where(*theirs))
        run(sa.update(Application).where(*theirs).values(external_id=None, news_asked_at=None))
        run(sa.update(Candidate).where(Candidate.id.in_(people)).values(quiet_since=None))
    return len(people)


def _end_evidence(applications: sa.Select[Any]) -> None:
    """Delete what was decided and told of those APPLICATIONS, and the mail about it."""
    notices = sa.select(Notice.id).where(Notice.application_id.in_(applications))
    is_about = sa.or_(Email.notice_id.in_(notices), Email.application_id.in_(applications))
    run(sa.delete(Email).where(is_about))
    for table in (Notice, Decision):
        run(sa.delete(table).where(table.application_id.in_(applications)))
