"""What each email says: one function per kind, named as its templates are.

Renders and builds; never decides whether a message may leave, and never commits.
"""

import re
from collections.abc import Callable
from typing import Any, cast

import css_inline
import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import joinedload

from portal import links
from portal.config import Config, settings
from portal.extensions import db
from portal.models import (
    Application,
    DataRequest,
    Email,
    EmailKind,
    Employer,
    Invitation,
    InvitationToken,
    Locale,
    Membership,
    Notice,
    Role,
    User,
    utcnow,
)
from portal.transport import Message

STARS = (1, 2, 3, 4, 5)
MAX_NAME, MAX_ROLE, MAX_SENDER = 80, 120, 70
# Line breaks and control characters become a space; characters that reorder their neighbours go.
BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
REORDERING = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
TEAM = {Locale.ENGLISH: "{} hiring team", Locale.FRENCH: "{} – équipe de recrutement"}
WITH_NOTICE = (
    joinedload(Notice.application).options(
        joinedload(Application.candidate), joinedload(Application.employer)
    ),
)
WITH_INVITATION = (
    joinedload(Invitation.employer),
    joinedload(Invitation.application).options(
        joinedload(Application.candidate), joinedload(Application.requisition)
    ),
)
WITH_REQUEST = (joinedload(DataRequest.employer), joinedload(DataRequest.candidate))
ADD_TOKEN = sa.insert(cast(sa.Table, InvitationToken.__table__))
INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


class Unwritable(Exception):
    """The email cannot be written, now or later; `reason` goes on its row."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def one_line(text: str, limit: int) -> str:
    """TEXT on one line of at most LIMIT characters, with nothing in it that moves other text."""
    line = BREAKS.sub(" ", REORDERING.sub("", text)).strip()
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


def write_email(email: Email) -> bytes:
    """EMAIL as it goes to the relay. A survey's fresh token is added to the session as a hash.

    Raises Unwritable, or what transport.Message raises.
    """
    return WRITERS[email.kind](email)


def notice(email: Email) -> bytes:
    """A decision or a dated "not yet", in the words a person chose."""
    found = db.session.get(Notice, email.about, options=WITH_NOTICE)
    if found is None:
        raise Unwritable("gone")
    subject = one_line(found.subject, len(found.subject))
    body = found.body.replace("\r\n", "\n").strip()
    paragraphs = [part.split("\n") for part in re.split(r"\n{2,}", body)]
    application = found.application
    return _build(
        email,
        application.employer,
        application.candidate.locale,
        {
            "notice_subject": subject,
            "body": body,
            "paragraphs": paragraphs,
            "own_data": _own_data(email, application),
        },
    )


def invite(email: Email) -> bytes:
    """The question how it was. The same for everybody, whatever was decided."""
    return _survey_mail(email)


def reminder(email: Email) -> bytes:
    """The only reminder."""
    return _survey_mail(email)


def fresh_link(email: Email) -> bytes:
    """A new link, for somebody who asked for one on the page of an expired link."""
    return _survey_mail(email)


def data_request(email: Email) -> bytes:
    """The link by which somebody carries out what they asked for about their own data."""
    found = db.session.get(DataRequest, email.about, options=WITH_REQUEST)
    if found is None or email.to_address is None:
        raise Unwritable("gone")
    locale = found.candidate.locale
    link = links.data_request_url(found.id, utcnow(), email.to_address)
    values = {
        "candidate": one_line(found.candidate.name, MAX_NAME),
        "wish": found.wish.value,
        "link": f"{link}?lang={locale}",
    }
    return _build(email, found.employer, locale, values)


WRITERS: dict[EmailKind, Callable[[Email], bytes]] = {
    EmailKind.NOTICE: notice,
    EmailKind.INVITE: invite,
    EmailKind.REMINDER: reminder,
    EmailKind.FRESH_LINK: fresh_link,
    EmailKind.DATA_REQUEST: data_request,
}


def _own_data(email: Email, application: Application) -> str:
    """The link that stands at the end of every mail to a candidate but this link's own."""
    candidate = application.candidate
    url = links.own_data_url(candidate.employer_id, candidate.id, email.to_address or "")
    return f"{url}?lang={candidate.locale}"


def _survey_mail(email: Email) -> bytes:
    # Mostly loaded already, by the last look before sending: then this costs no query.
    invitation = db.session.get(Invitation, email.about, options=WITH_INVITATION)
    if invitation is None or email.to_address is None:
        raise Unwritable("gone")
    employer, application = invitation.employer, invitation.application
    token = links.new_survey_token()
    token_hash = links.invitation_hashes(token)[0]
    db.session.execute(ADD_TOKEN, {"invitation_id": invitation.id, "token_hash": token_hash})
    opt_out = links.unsubscribe_url(employer.id, email.to_address)
    values = {
        "candidate": one_line(application.candidate.name, MAX_NAME),
        "role": one_line(application.requisition.title, MAX_ROLE),
        "link": links.survey_url(token),
        "stars": [(stars, links.survey_url(token, stars)) for stars in STARS],
        "opt_out": f"{opt_out}?lang={application.candidate.locale}",
        "own_data": _own_data(email, application),
    }
    return _build(
        email,
        employer,
        application.candidate.locale,
        values,
        _survey_headers(email.kind, employer, opt_out),
    )


def _survey_headers(kind: EmailKind, employer: Employer, opt_out: str) -> dict[str, str]:
    """Headers of bulk mail. No lane and no outcome: they must tell nobody anything."""
    host = settings().mail_domain
    name = one_line(employer.name, MAX_SENDER)
    # A List-Id's words may be left out, and must be where they would have to be encoded.
    words = f'"{name} candidate survey" ' if re.fullmatch(r"[\w .,&'()-]+", name, re.ASCII) else ""
    return {
        "List-Unsubscribe": f"<{opt_out}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"{words}<survey.{host}>",
        "Feedback-ID": f"{kind}:{employer.slug[:20]}:survey:heardback",
    }


def sample_invite(
    employer: Employer, locale: Locale, candidate: str, role: str, link: str
) -> Message:
    """The invitation to the survey as CANDIDATE, who is invented, would read it; nothing is kept.

    LINK stands where each would have one of their own. Raises Unwritable.
    """
    config = settings()
    privacy = f"{config.BASE_URL}/employers/{employer.slug}/privacy?lang={locale}"
    values = {
        "candidate": candidate,
        "role": role,
        "link": link,
        "stars": [(stars, f"{link}?s={stars}") for stars in STARS],
        "opt_out": privacy,
        "own_data": privacy,
    }
    nobody = f"candidate@{config.mail_domain}"
    email = Email(kind=EmailKind.INVITE, to_address=nobody, message_id="")
    return _compose(email, employer, locale, values)


def _build(
    email: Email,
    employer: Employer,
    locale: Locale,
    values: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> bytes:
    """The message from the three templates of EMAIL's kind in LOCALE, as it goes to the relay."""
    return _compose(email, employer, locale, values, headers).as_bytes()


def _compose(
    email: Email,
    employer: Employer,
    locale: Locale,
    values: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> Message:
    config = settings()
    reply_to = find_reply_to(employer)
    if reply_to is None or email.to_address is None:
        raise Unwritable("no_sender" if reply_to is None else "gone")
    values |= {
        "lang": locale.value,
        "employer": one_line(employer.name, MAX_ROLE),
        "reply_to": reply_to,
        "postal_address": _lines(employer.postal_address),
        "operator": None if config.OPERATOR_NAME == Config.OPERATOR_NAME else config.OPERATOR_NAME,
        "operator_email": config.OPERATOR_EMAIL,
        "min_answers": config.MIN_ANSWERS,
        "min_comments": config.MIN_COMMENTS,
        "privacy": f"{config.BASE_URL}/employers/{employer.slug}/privacy?lang={locale}",
    }
    values["subject"] = _render(email.kind, locale, "subject.txt", values).strip()
    name = TEAM[locale].format(one_line(employer.name, MAX_SENDER))
    return Message(
        subject=values["subject"],
        sender=(name, config.sender_address),
        to=email.to_address,
        reply_to=reply_to,
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


def _render(kind: EmailKind, locale: Locale, ending: str, values: dict[str, Any]) -> str:
    # Not flask.render_template: its context processors ask for a request and the signed-in person.
    template = current_app.jinja_env.get_template(f"email/{locale}/{kind}.{ending}")
    return template.render(values)
