"""What people ask for by the link in every mail: to see what is held of them, or its erasure.

Who holds that link only sets off an email to the address that is held; the link in it carries the
wish out. Commits nothing.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal import audit, links, outbox
from portal.extensions import db
from portal.invitations import LinkUnknown
from portal.models import Candidate, DataRequest, DataWish, Employer
from portal.privacy.persons import (
    erase_person,
    export_person,
    find_and_lock,
    is_person,
)

MAX_A_DAY = 3  # more would be a way to pester somebody
ONE_DAY = timedelta(days=1)
LINK_LASTS = timedelta(hours=48)
MAIL_EXPIRES = timedelta(hours=48)
# The day is drawn by lot: else whoever sees the erasure knew when it was asked for, and could lay
# it beside an answer that was taken back that day.
ERASED_WITHIN_DAYS = 14
LOT = secrets.SystemRandom()


@dataclass(frozen=True)
class OwnData:
    """Whose data a link speaks of. `candidate`: None when nothing is held under it (any more)."""

    employer: Employer
    candidate: Candidate | None


@dataclass(frozen=True)
class OpenedRequest(OwnData):
    """A wish, by the link that was mailed for it. `is_expired`: it can only be taken back."""

    wish: DataWish
    is_expired: bool

    @property
    def erase_on(self) -> date | None:
        """The day by which the person is erased, once that was confirmed."""
        return self.candidate.erase_on if self.candidate else None


def open_own_data(token: str) -> OwnData:
    """Whose data TOKEN, from the end of a mail, is about; raises LinkUnknown. Changes nothing."""
    read = links.read_own_data(token)
    employer = read and db.session.get(Employer, read.employer_id)
    if not read or not employer:
        raise LinkUnknown
    candidate = db.session.get(Candidate, read.candidate_id)
    is_theirs = candidate and candidate.employer_id == employer.id and read.fits(candidate.email)
    return OwnData(employer, candidate if is_theirs else None)


def open_request(token: str, now: datetime) -> OpenedRequest:
    """What TOKEN, from an email that was asked for, carries out; raises LinkUnknown."""
    read = links.read_data_request(token)
    of = (joinedload(DataRequest.candidate), joinedload(DataRequest.employer))
    request = read and db.session.get(DataRequest, read.request_id, options=of)
    if not read or not request:
        raise LinkUnknown
    candidate = request.candidate if read.fits(request.candidate.email) else None
    is_expired = now > read.made_at + LINK_LASTS
    return OpenedRequest(request.employer, candidate, request.wish, is_expired)


def _hold(own: OwnData) -> list[Candidate]:
    """The person in all spellings; until the caller's commit nobody else erases, plans or asks.

    Empty if they were erased meanwhile.
    """
    if own.candidate is None or own.candidate.email is None:
        return []
    who = is_person(own.candidate.email, own.employer)
    held = sa.select(Candidate).where(who, Candidate.email.is_not(None)).order_by(Candidate.id)
    locked = held.with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(locked))


def ask(own: OwnData, wish: DataWish, now: datetime) -> None:
    """Owe the person the email whose link carries WISH out; at most three in a day.

    Whether one is owed is not told: the page is the same.
    """
    held = _hold(own)
    if own.candidate not in held or own.candidate is None or own.candidate.email is None:
        return
    asked = sa.select(sa.func.count(DataRequest.id)).where(
        DataRequest.employer_id == own.employer.id,
        DataRequest.candidate_id.in_([one.id for one in held]),
        DataRequest.asked_at > now - ONE_DAY,
    )
    if (db.session.scalar(asked) or 0) >= MAX_A_DAY:
        return
    request = DataRequest(
        employer_id=own.employer.id, candidate_id=own.candidate.id, wish=wish, asked_at=now
    )
    db.session.add(request)
    db.session.flush()
    outbox.queue_email(
        "data_request",
        own.candidate.email,
        data_request_id=request.id,
        employer_id=own.employer.id,
        dedup_key=f"data:{request.id}",
        not_before=now,
        expires_at=now + MAIL_EXPIRES,
    )


def hand_out(opened: OpenedRequest) -> dict[str, Any] | None:
    """What that employer holds of the person, as export_person() gives it; None if nothing."""
    if opened.candidate is None or opened.candidate.email is None:
        return None
    audit.record("person.exported", opened.employer.id, opened.candidate.id)
    return export_person(opened.candidate.email, opened.employer)


def plan_erasure(opened: OpenedRequest, now: datetime) -> None:
    """Erase the person on one of the next 14 days; asked for again, the day stays."""
    held = _hold(opened)
    planned = {one.erase_on for one in held if one.erase_on}
    day = min(planned, default=now.date() + timedelta(days=LOT.randint(1, ERASED_WITHIN_DAYS)))
    for one in held:
        one.erase_on = day
    if held and not planned:
        audit.record("person.erasure_planned", opened.employer.id, held[0].id)


def cancel_erasure(opened: OpenedRequest) -> None:
    """Do not erase the person after all."""
    held = [one for one in _hold(opened) if one.erase_on]
    for one in held:
        one.erase_on = None
    if held:
        audit.record("person.erasure_cancelled", opened.employer.id, held[0].id)


def erase_due(now: datetime) -> int:
    """Erase the next person whose day has come. 0 if there is none: call again until then."""
    is_due = Candidate.erase_on <= now.date()
    due = sa.select(Candidate).where(is_due).order_by(Candidate.erase_on, Candidate.id).limit(1)
    found = db.session.scalar(due)
    if found is None:
        return 0
    # They may be taking it back at this moment.
    is_still = sa.and_(Candidate.id == found.id, is_due)
    for candidate in find_and_lock(is_still, (found.employer_id,)):
        employer = db.session.get_one(Employer, candidate.employer_id)
        candidate.erase_on = None
        erase_person(candidate.email or "", employer)
    return 1
