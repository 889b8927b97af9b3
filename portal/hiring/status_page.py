"""A candidate's own page: what they were told about their application, and asking for news.

All of it follows from what they were told, were promised, and asked; from nothing that has not
reached them. So it is the same whether or not a decision is recorded, until they are told of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from portal import audit, closure, emails, invitations, links, outbox
from portal.extensions import db
from portal.hiring.applications import with_people
from portal.hiring.history import list_history
from portal.hiring.pace import LINK_SENT, check_pace
from portal.hiring.refusals import DecisionRefused
from portal.invitations import LinkUnknown
from portal.language import gettext
from portal.models import Application, Channel, Email, Notice, NoticeKind, Outcome

STATUS_LINK = "status_link"
STATUS_LINK_EXPIRES = timedelta(hours=48)
ASK_AGAIN_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class ToldOnce:
    """One telling that reached the candidate. `outcome`: None for a dated "not decided yet"."""

    day: date
    channel: Channel
    outcome: Outcome | None
    next_on: date | None


@dataclass(frozen=True)
class Status:
    """What the page of APPLICATION says, oldest telling first.

    `promised_on`: by when news was promised; `owed_on`: by when it is owed, whatever is decided.
    """

    application: Application
    known_since: date
    told: tuple[ToldOnce, ...]
    promised_on: date | None
    owed_on: date | None
    asked_on: date | None
    ask_again_on: date | None

    @property
    def has_outcome(self) -> bool:
        """Whether the candidate was told of any decision: then there is no news to ask for."""
        return any(one.outcome for one in self.told)


def open_status(token: str, now: datetime) -> Status:
    """What the page behind TOKEN says; raises LinkUnknown, also of who is erased or retired.

    Changes nothing.
    """
    read = links.read_status(token)
    application = read and db.session.scalar(
        with_people().where(Application.id == read.application_id)
    )
    if not read or not application or not read.fits(application.candidate.email):
        raise LinkUnknown
    _, notices = list_history(application)
    employer, today = application.employer, closure.local_day(application.employer, now)
    asked_at = application.news_asked_at
    asked_on = closure.local_day(employer, asked_at) if asked_at else None
    again_on = asked_on + ASK_AGAIN_AFTER if asked_on else None
    return Status(
        application=application,
        known_since=closure.local_day(employer, application.created_at),
        told=_told(application, notices),
        promised_on=_promised(application, notices),
        owed_on=closure.owed_from_interview(employer, application.last_interview_on),
        asked_on=asked_on,
        ask_again_on=again_on if again_on and again_on > today else None,
    )


def _told(application: Application, notices: Sequence[Notice]) -> tuple[ToldOnce, ...]:
    told = [(notice.told_at, notice) for notice in notices if notice.told_at]
    return tuple(
        ToldOnce(
            closure.local_day(application.employer, at),
            notice.channel,
            notice.decision.outcome if notice.decision else None,
            notice.next_on,
        )
        for at, notice in sorted(told, key=lambda pair: pair[0])
    )


def _promised(application: Application, notices: Sequence[Notice]) -> date | None:
    """By when the candidate knows that news was promised.

    What a delay note promises counts once it was sent. One that was written and not sent, because
    a decision came between, must not show: not even by the promise that it replaced.
    """
    delays = [notice for notice in notices if notice.kind is NoticeKind.DELAY]
    promised = application.promised_on
    for note in reversed(delays):
        if note.told_at or note.next_on != promised:
            break
        promised = note.promised_before
    told = [note.next_on for note in delays if note.told_at and note.next_on]
    return max(filter(None, (promised, *told[-1:])), default=None)


def ask_for_news(status: Status, now: datetime) -> bool:
    """Note that the candidate asks for news; at most once a week, else it is False.

    Pressed twice at once it is noted once: the database decides.
    """
    application = status.application
    today = closure.local_day(application.employer, now)
    week_began = closure.start_of(application.employer, today - ASK_AGAIN_AFTER + timedelta(days=1))
    may_ask = sa.or_(Application.news_asked_at.is_(None), Application.news_asked_at < week_began)
    noted = (
        None
        if status.has_outcome
        else db.session.scalar(
            sa.update(Application)
            .where(Application.id == application.id, may_ask)
            .values(news_asked_at=now)
            .returning(Application.id)
        )
    )
    if noted:
        audit.record("application.news_asked", application.employer_id, application.id)
    return noted is not None


def send_status_link(
    application: Application, now: datetime, *, send_at: datetime | None = None
) -> Email:
    """Owe the candidate one email with the link to their page; at most one a day.

    SEND_AT: when a run lets it leave, which sees to it that no more leave in an hour than may.

    Asked for once more on the same day, it is the same email. It says nothing of a decision, nor
    does anything of it depend on one. Raises DecisionRefused where no email may go, or where too
    many have gone within the hour.
    """
    address = _address_of(application)
    key = f"status:{application.id}:{closure.local_day(application.employer, now)}"
    if (owed := db.session.scalar(sa.select(Email).where(Email.dedup_key == key))) is not None:
        return owed
    if send_at is None:
        check_pace(application, now)
    leaves_at = send_at or now
    audit.record(LINK_SENT, application.employer_id, application.id)
    return outbox.queue_email(
        STATUS_LINK,
        address,
        application_id=application.id,
        employer_id=application.employer_id,
        dedup_key=key,
        not_before=leaves_at,
        expires_at=leaves_at + STATUS_LINK_EXPIRES,
    )


def _address_of(application: Application) -> str:
    """Where the candidate reads mail; raises DecisionRefused if none may go there."""
    address = invitations.hold_address(application)
    if address is None:
        why = gettext("There is no email address for this candidate.")
    elif outbox.find_suppression(address, application.employer_id, is_survey=False):
        why = gettext("Earlier mail to this address did not arrive.")
    elif emails.find_reply_to(application.employer) is None:
        why = gettext("There is no address yet that replies could go to.")
    else:
        return address
    raise DecisionRefused("tell", why)
