"""What all mail with a survey link has in common."""

import re
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from portal import closure, emails, invitations, links, surveys
from portal.config import settings
from portal.emails import MAX_NAME, MAX_ROLE, MAX_SENDER, one_line
from portal.extensions import db
from portal.formatting import unbroken
from portal.invitations import ANSWERED
from portal.models import Candidate, Email, Employer, Invitation, InvitationToken, Locale
from portal.surveys import Kind, Survey

ADD_TOKEN = sa.insert(cast(sa.Table, InvitationToken.__table__))


def own_data(email: Email, candidate: Candidate) -> str:
    """The link that stands at the end of every mail to a candidate but this link's own."""
    url = links.own_data_url(candidate.employer_id, candidate.id, email.to_address or "")
    return f"{url}?lang={candidate.locale}"


def question(survey: Survey, locale: Locale, link: str) -> dict[str, Any]:
    """What a mail asks, in the words of SURVEY's page, which LINK opens with a star filled in."""
    asked = next(one for one in survey.questions if one.kind is Kind.STARS)
    wording = asked.wording[locale]
    labels = [unbroken(label) for label in wording.options]
    return {
        "link": link,
        "asked": unbroken(wording.text),
        "stars": [
            (stars, f"{link}?s={stars}", label)
            for stars, label in zip(asked.options, labels, strict=True)
        ],
        "low": wording.low_label or labels[0],
        "high": wording.high_label or labels[-1],
    }


def write(email: Email) -> bytes:
    """The question with a fresh link, whose token is added to the session as a hash."""
    # Mostly loaded already, by the last look before sending: then this costs no query.
    invitation = db.session.get_one(
        Invitation, email.invitation_id, options=invitations.WITH_PEOPLE
    )
    employer, application = invitation.employer, invitation.application
    candidate = application.candidate
    token = links.new_survey_token()
    token_hash = links.invitation_hashes(token)[0]
    db.session.execute(ADD_TOKEN, {"invitation_id": invitation.id, "token_hash": token_hash})
    opt_out = links.unsubscribe_url(employer.id, email.to_address or "")
    survey = surveys.find_survey(invitation.survey_version)
    values = {
        "candidate": one_line(candidate.name, MAX_NAME),
        "role": one_line(application.requisition.title, MAX_ROLE),
        "opt_out": f"{opt_out}?lang={candidate.locale}",
        "own_data": own_data(email, candidate),
        **question(survey, candidate.locale, links.survey_url(token)),
    }
    sender = emails.from_employer(employer, candidate.locale)
    headers = _headers(email.kind, employer, opt_out)
    return emails.build(email, sender, candidate.locale, values, headers)


def _headers(kind: str, employer: Employer, opt_out: str) -> dict[str, str]:
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


def objection(invitation: Invitation) -> str | None:
    """Why nobody may be asked, whatever the mail says."""
    return None if invitation.application.candidate.is_contactable else "do_not_email"


def look(invitation: Invitation, now: datetime, reason: str | None) -> str | datetime | None:
    """The last look at survey mail that REASON speaks against.

    A time, if the employer's window is still to open: a queue that drains late never bursts at
    night. ANSWERED waits for it too: whatever holds mail must hold it alike whether or not there
    is an answer, or the employer's page would tell.
    """
    if reason and reason != ANSWERED:
        return reason
    if (opens_at := closure.next_window(invitation.employer, now)) > now:
        return opens_at
    if not reason:
        let_go(invitation, now)
    return reason


def let_go(invitation: Invitation, now: datetime) -> None:
    """Note that mail of INVITATION leaves, whose link asks what the newest survey asks."""
    invitations.note_mailed(invitation, now, surveys.newest_survey().version)
