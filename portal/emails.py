"""What a kind of mail is, and how an email is built from its templates.

Knows no kind by name. Never decides whether a message may leave, and never commits.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import css_inline
import sqlalchemy as sa
from babel.support import LazyProxy
from flask import current_app

from portal import formatting, language
from portal.config import Config, settings
from portal.extensions import db
from portal.models import Email, Employer, Locale, Membership, Role, User
from portal.transport import Message

MAX_NAME, MAX_ROLE, MAX_SENDER = 80, 120, 70
SITE = "Heardback"
# Line breaks and control characters become a space.
BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


class Unwritable(Exception):
    """The email cannot be written, now or later; `reason` goes on its row."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _may_go(_email: Email, _now: datetime) -> None:
    return None


def _nothing_follows(_emails: Sequence[Email], _now: datetime) -> None:
    return None


@dataclass(frozen=True)
class MailKind:
    """All that is to be known of one kind of mail.

    `key` stands in the table and in the names of its templates; `label` is what staff call it.
    `write`: the message; raises Unwritable. `last_look`: asked in the transaction that marks the
    email `sending`; None to go, a reason to cancel it, or a time to wait for. `settle`: what
    follows for emails that were sent, have failed or are cancelled; their `state` says which.
    """

    key: str
    label: LazyProxy
    write: Callable[[Email], bytes]
    last_look: Callable[[Email, datetime], str | datetime | None] = _may_go
    settle: Callable[[Sequence[Email], datetime], None] = _nothing_follows
    # Stopped by an opt-out, within an hourly limit; cancelled where other mail would fail.
    is_survey: bool = False
    # Whether a person is shown what failed or is in doubt, and may have it sent again.
    is_repeatable: bool = True
    # Begun by the employer: it waits until the operator has approved the employer, and while its
    # mail is paused. What somebody asked for themselves goes at once.
    waits_for_employer: bool = False


MailKinds = Mapping[str, MailKind]


@dataclass(frozen=True)
class Sender:
    """In whose name a mail is written, and what its templates may say of that."""

    name: str
    reply_to: str
    values: dict[str, Any] = field(default_factory=dict)


def one_line(text: str, limit: int) -> str:
    """TEXT on one line of at most LIMIT characters, with nothing in it that moves other text."""
    line = BREAKS.sub(" ", formatting.unreordered(text)).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def find_reply_to(employer: Employer) -> str | None:
    """The person or team that answers EMPLOYER's candidates: its setting, else its first owner's
    address, else its first recruiter's."""
    if employer.reply_to:
        return employer.reply_to
    return db.session.scalar(
        sa.select(User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.employer_id == employer.id, Membership.role != Role.VIEWER)
        .order_by(Membership.role != Role.OWNER, Membership.id)
        .limit(1)
    )


def team_of(employer: Employer, locale: Locale) -> str:
    """As whom EMPLOYER writes to candidates who read LOCALE."""
    name = one_line(employer.name, MAX_SENDER)
    return _render("team", locale, "txt", {"employer": name}).strip()


def from_employer(employer: Employer, locale: Locale) -> Sender:
    """EMPLOYER's people; raises Unwritable if there is nobody who could read a reply."""
    reply_to = find_reply_to(employer)
    if reply_to is None:
        raise Unwritable("no_sender")
    values = {
        "employer": one_line(employer.name, MAX_ROLE),
        "postal_address": _lines(employer.postal_address),
        "privacy": f"{settings().BASE_URL}/employers/{employer.slug}/privacy?lang={locale}",
    }
    return Sender(team_of(employer, locale), reply_to, values)


def from_site() -> Sender:
    """The site itself, for mail that belongs to no employer; its operator reads the replies."""
    config = settings()
    return Sender(_operator() or SITE, config.OPERATOR_EMAIL or config.sender_address)


def _operator() -> str | None:
    name = settings().OPERATOR_NAME
    return None if name == Config.OPERATOR_NAME else name


def build(
    email: Email,
    sender: Sender,
    locale: Locale,
    values: dict[str, Any],
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """EMAIL's message as it goes to the relay."""
    return compose(email, sender, locale, values, headers).as_bytes()


def compose(
    email: Email,
    sender: Sender,
    locale: Locale,
    values: dict[str, Any],
    headers: Mapping[str, str] | None = None,
) -> Message:
    """EMAIL's message from the three templates of its kind in LOCALE."""
    config = settings()
    values = {
        "lang": locale.value,
        "site": config.BASE_URL,
        "reply_to": sender.reply_to,
        "operator": _operator(),
        "operator_email": config.OPERATOR_EMAIL,
        "min_answers": config.MIN_ANSWERS,
        "min_comments": config.MIN_COMMENTS,
        **sender.values,
        **values,
    }
    values["subject"] = _render(email.kind, locale, "subject.txt", values).strip()
    return Message(
        subject=values["subject"],
        sender=(one_line(sender.name, MAX_ROLE), config.sender_address),
        to=email.to_address or "",
        reply_to=sender.reply_to,
        message_id=email.message_id,
        body=_render(email.kind, locale, "txt", values),
        html=INLINER.inline(_render(email.kind, locale, "html", values)),
        headers={
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
            **(headers or {}),
        },
    )


def _lines(text: str | None) -> list[str]:
    return [line for part in (text or "").splitlines() if (line := one_line(part, MAX_ROLE))]


def _render(name: str, locale: Locale, ending: str, values: dict[str, Any]) -> str:
    # Not flask.render_template: its context processors ask for a request and the signed-in person.
    template = current_app.jinja_env.get_template(f"email/{locale}/{name}.{ending}")
    with language.use(locale):
        return template.render(values)
