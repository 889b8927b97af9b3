"""What happened to an application and to its emails, ready for timelines.

Never shows reminders, nor anything from which an employer could tell who answered.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from markupsafe import Markup

from portal import formatting
from portal.language import gettext
from portal.mail_kinds import label
from portal.models import (
    Application,
    Decision,
    Delivery,
    Email,
    EmailState,
    Evidence,
    Notice,
    NoticeKind,
)
from portal.web.recruiter import words

BAD_DELIVERIES = (
    Delivery.BOUNCED_SOFT,
    Delivery.BLOCKED,
    Delivery.BOUNCED_HARD,
    Delivery.COMPLAINED,
)
TONES = {
    EmailState.SENT: "good",
    EmailState.UNKNOWN: "warn",
    EmailState.FAILED: "bad",
    EmailState.CAPTURED: "warn",
}


@dataclass(frozen=True)
class Item:
    """One point of a timeline."""

    title: str
    when: Markup | None = None
    text: str = ""
    tone: str = "neutral"
    future: bool = False


@dataclass(frozen=True)
class Sent:
    """One email and what became of it."""

    id: int
    title: str
    status: str
    items: list[Item] = field(default_factory=list)
    can_resend: bool = False


People = dict[int, str]


def tell_story(
    application: Application, decisions: list[Decision], notices: list[Notice], people: People
) -> list[Item]:
    """Every decision, retraction and notice of APPLICATION, newest first."""
    told = [
        (notice.told_at or notice.created_at, _noticed(notice, application, people))
        for notice in notices
    ]
    recorded_after = datetime.min.replace(tzinfo=UTC)
    for decision in decisions:
        # The day of a decision may lie before that of the one it replaced: it was made later.
        at = max(decision.decided_at, recorded_after)
        told.append((at, _decided(decision, application, people)))
        recorded_after = decision.ended_at or at
        if decision.is_retracted:
            told.append((recorded_after, _taken_back(decision, application)))
    # Of two things at one moment, what was recorded later stands first.
    return [item for _, item in sorted(told, key=lambda pair: pair[0])][::-1]


def _recorded_by(user_id: int | None, people: People) -> str:
    if who := people.get(user_id or 0):
        return gettext("Recorded by %(who)s.", who=who)
    return gettext("Recorded by an import.")


def _written_by(user_id: int | None, people: People) -> str:
    if who := people.get(user_id or 0):
        return gettext("Written by %(who)s.", who=who)
    return gettext("Written by an import.")


def _decided(decision: Decision, application: Application, people: People) -> Item:
    replaced = decision.ended_at is not None and not decision.is_retracted
    parts = (
        _recorded_by(decision.recorded_by, people),
        gettext("Reason: %(reason)s.", reason=decision.reason) if decision.reason else "",
        gettext("Replaced by a later decision.") if replaced else "",
    )
    return Item(
        title=gettext("Decided: “%(outcome)s”", outcome=words.OUTCOMES[decision.outcome]),
        when=formatting.day_tag(decision.decided_at, zone=application.employer.zone),
        text=" ".join(filter(None, parts)),
        tone="accent",
    )


def _taken_back(decision: Decision, application: Application) -> Item:
    return Item(
        title=gettext("“%(outcome)s” was taken back", outcome=words.OUTCOMES[decision.outcome]),
        when=formatting.time_tag(decision.ended_at, zone=application.employer.zone),
        tone="warn",
    )


def _noticed(notice: Notice, application: Application, people: People) -> Item:
    zone = application.employer.zone
    when = formatting.time_tag(notice.told_at or notice.created_at, zone=zone)
    if notice.kind is NoticeKind.ATTEMPT:
        title = gettext("Called: left a message")
        return Item(title, when, _recorded_by(notice.given_by, people), "warn")
    if notice.evidence is Evidence.RECORDED and notice.told_at:
        return _told_by_them(notice, application, people)
    title, text, tone = _written(notice)
    by = _written_by(notice.given_by, people)
    return Item(title, when, f"{text} {by}".strip(), tone)


def _written(notice: Notice) -> tuple[str, str, str]:
    """Title, text and tone of a notice that is an email of ours."""
    if notice.is_undelivered:
        text = gettext("It does not count as told.")
        return gettext("The email did not arrive"), text, "bad"
    if notice.kind is NoticeKind.DELAY:
        text = gettext("News promised by %(day)s.", day=formatting.day(notice.next_on))
        if notice.told_at:
            return gettext("“No decision yet” sent"), text, "neutral"
        return gettext("“No decision yet” written"), text, "neutral"
    if notice.told_at:
        return gettext("Told by email"), str(words.FEEDBACK[notice.feedback]), "good"
    return gettext("Email about the decision written"), "", "neutral"


def _told_by_them(notice: Notice, application: Application, people: People) -> Item:
    """What the employer says it did itself: a day is all that is known."""
    by = _recorded_by(notice.given_by, people)
    return Item(
        title=str(words.TOLD[notice.channel]),
        when=formatting.day_tag(notice.told_at, zone=application.employer.zone),
        text=f"{words.FEEDBACK[notice.feedback]} {by}",
        tone="good",
    )


def follow_mail(
    application: Application, emails: list[Email], notices: list[Notice], now: datetime
) -> list[Sent]:
    """What became of each of EMAILS, newest first."""
    delays = {notice.id for notice in notices if notice.kind is NoticeKind.DELAY}
    return [
        _follow(email, application, email.notice_id in delays, now) for email in reversed(emails)
    ]


def _follow(email: Email, application: Application, is_delay: bool, now: datetime) -> Sent:
    state = _shown_state(email)
    delivery = email.delivery if state is EmailState.SENT else None
    return Sent(
        id=email.id,
        title=gettext("Delay note") if is_delay else label(email.kind),
        status=(delivery or state).value,
        items=_items(email, state, application, now),
        # Sending a survey again would tell who has answered: it is not sent to who has.
        can_resend=email.notice_id is not None
        and state is EmailState.UNKNOWN
        and email.to_address is not None,
    )


def _shown_state(email: Email) -> EmailState:
    """The state to show. That an invitation sent anew was stopped by an answer must not be.

    It has arrived then, so it is shown as the others that were sent anew are.
    """
    if email.state is EmailState.CANCELLED and email.reason == "answered":
        return EmailState.SENT
    return email.state


def _items(email: Email, state: EmailState, application: Application, now: datetime) -> list[Item]:
    zone = application.employer.zone
    items = [Item(gettext("Written"), when=formatting.time_tag(email.created_at, zone=zone))]
    if state is EmailState.QUEUED:
        return [*items, _still_to_go(email, application, now)]
    at = {
        EmailState.SENT: email.sent_at or email.next_attempt_at,
        EmailState.UNKNOWN: email.sending_at,
        EmailState.SENDING: email.sending_at,
    }.get(state)
    items.append(
        Item(
            str(words.STATES[state]),
            when=formatting.time_tag(at, zone=zone) if at else None,
            text=_reason(email, state),
            tone=TONES.get(state, "neutral"),
        )
    )
    if state is EmailState.SENT and email.delivery:
        items.append(_delivered(email, email.delivery, application))
    return items


def _reason(email: Email, state: EmailState) -> str:
    if state not in (EmailState.FAILED, EmailState.CANCELLED, EmailState.UNKNOWN):
        return ""
    said = str(words.REASONS.get(email.reason or "", ""))
    reply = (email.relay_text or "").strip() if state is EmailState.FAILED else ""
    if not reply:
        return said
    return f"{said} {gettext('The server’s words: “%(reply)s”', reply=reply)}".strip()


def _still_to_go(email: Email, application: Application, now: datetime) -> Item:
    if email.next_attempt_at <= now:
        return Item(gettext("Leaves now"), future=True)
    when = formatting.time_tag(email.next_attempt_at, zone=application.employer.zone)
    if email.attempts:
        again = gettext("The receiving server asked us to come back later.")
        return Item(gettext("Tried again then"), when=when, text=again, tone="warn", future=True)
    return Item(gettext("Leaves then"), when=when, future=True)


def _delivered(email: Email, delivery: Delivery, application: Application) -> Item:
    is_bad = delivery in BAD_DELIVERIES
    at = email.delivery_at
    return Item(
        str(words.DELIVERIES[delivery]),
        when=formatting.time_tag(at, zone=application.employer.zone) if at else None,
        text=gettext("Call, or write by another way.") if is_bad else "",
        tone="bad" if is_bad else "good" if delivery is Delivery.DELIVERED else "warn",
    )
