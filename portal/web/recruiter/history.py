"""What happened to an application and to its emails, ready for timelines.

Never shows reminders, nor anything from which an employer could tell who answered.
"""

from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from portal import formatting
from portal.models import (
    Application,
    Decision,
    Delivery,
    Email,
    EmailKind,
    EmailState,
    Evidence,
    Feedback,
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
    zone = application.employer.zone
    told: list[tuple[datetime, dict[str, str]]] = [
        (notice.told_at or notice.created_at, _noticed(notice, people)) for notice in notices
    ]
    for decision in decisions:
        told.append((decision.decided_at, _decided(decision, people)))
        if decision.is_retracted and decision.ended_at:
            told.append((decision.ended_at, {"title": "Decision taken back", "tone": "warn"}))
    newest_first = sorted(told, key=lambda pair: pair[0], reverse=True)
    return [
        Item(
            title=facts["title"],
            when=formatting.time_tag(at, zone=zone),
            text=facts.get("text", ""),
            tone=facts.get("tone", "neutral"),
        )
        for at, facts in newest_first
    ]


def _by(user_id: int | None, people: People) -> str:
    who = people.get(user_id or 0)
    return f"Recorded by {who}." if who else "Recorded by an import."


def _decided(decision: Decision, people: People) -> dict[str, str]:
    replaced = decision.ended_at is not None and not decision.is_retracted
    parts = [
        _by(decision.recorded_by, people),
        f"Reason: {decision.reason}." if decision.reason else "",
        "Replaced by a later decision." if replaced else "",
    ]
    outcome = words.OUTCOMES[decision.outcome]
    return {"title": f"Decided: {outcome}", "text": " ".join(filter(None, parts)), "tone": "accent"}


def _noticed(notice: Notice, people: People) -> dict[str, str]:
    if notice.kind is NoticeKind.DELAY:
        until = formatting.day(notice.next_on)
        return {
            "title": f"Told that there is no decision yet: news by {until}"
            if notice.told_at
            else f"Delay note written: news by {until}",
            "text": _by(notice.given_by, people),
        }
    if notice.is_undelivered:
        return {"title": "The email did not arrive", "text": "Not told.", "tone": "bad"}
    if notice.told_at is None:
        return {"title": "Email about the decision written", "text": _by(notice.given_by, people)}
    by_us = notice.evidence is Evidence.VERIFIED
    parts = (
        words.FEEDBACK[notice.feedback] if notice.feedback is not Feedback.NONE else "",
        words.EVIDENCE[notice.evidence] if by_us else _by(notice.given_by, people),
    )
    return {
        "title": f"Told {words.CHANNELS[notice.channel]}",
        "text": " ".join(filter(None, parts)),
        "tone": "good",
    }


def follow_mail(
    application: Application, emails: list[Email], notices: list[Notice], now: datetime
) -> list[Sent]:
    """What became of each of EMAILS, newest first."""
    delays = {notice.id for notice in notices if notice.kind is NoticeKind.DELAY}
    return [_follow(email, application, email.about in delays, now) for email in reversed(emails)]


def _follow(email: Email, application: Application, is_delay: bool, now: datetime) -> Sent:
    is_notice = email.kind is EmailKind.NOTICE
    state = _shown_state(email)
    delivery = email.delivery if state is EmailState.SENT else None
    return Sent(
        id=email.id,
        title="Delay note" if is_notice and is_delay else words.EMAILS[email.kind],
        status=(delivery or state).value,
        items=_items(email, state, application, now),
        # Sending a survey again would tell who has answered: it is not sent to who has.
        can_resend=is_notice and state is EmailState.UNKNOWN,
    )


def _shown_state(email: Email) -> EmailState:
    """The state to show. That an invitation sent anew was stopped by an answer must not be."""
    if email.state is EmailState.CANCELLED and email.reason == "answered":
        return EmailState.UNKNOWN
    return email.state


def _items(email: Email, state: EmailState, application: Application, now: datetime) -> list[Item]:
    zone = application.employer.zone
    items = [Item("Written", when=formatting.time_tag(email.created_at, zone=zone))]
    if state is EmailState.QUEUED:
        return [*items, _still_to_go(email, application, now)]
    at = {
        EmailState.SENT: email.sent_at,
        EmailState.UNKNOWN: email.sending_at,
        EmailState.SENDING: email.sending_at,
    }.get(state)
    items.append(
        Item(
            words.STATES[state],
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
    said = words.REASONS.get(email.reason or "", "")
    reply = (email.relay_text or "").strip() if state is EmailState.FAILED else ""
    return f"{said} The server’s words: “{reply}”".strip() if reply else said


def _still_to_go(email: Email, application: Application, now: datetime) -> Item:
    if email.next_attempt_at <= now:
        return Item("Leaves now", future=True)
    when = formatting.time_tag(email.next_attempt_at, zone=application.employer.zone)
    if email.attempts:
        again = "The receiving server asked us to come back later."
        return Item("Tried again then", when=when, text=again, tone="warn", future=True)
    return Item("Leaves then", when=when, future=True)


def _delivered(email: Email, delivery: Delivery, application: Application) -> Item:
    is_bad = delivery in BAD_DELIVERIES
    at = email.delivery_at
    return Item(
        words.DELIVERIES[delivery],
        when=formatting.time_tag(at, zone=application.employer.zone) if at else None,
        text="Call, or write by another way." if is_bad else "",
        tone="bad" if is_bad else "good" if delivery is Delivery.DELIVERED else "warn",
    )
