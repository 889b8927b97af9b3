"""The question how it was. The same for everybody, whatever was decided."""

from datetime import datetime, timedelta

from portal import emails, invitations, surveys
from portal.config import settings
from portal.emails import MailKind
from portal.invitations import ANSWERED
from portal.language import lazy_gettext
from portal.mail_kinds import asking
from portal.models import (
    Email,
    Employer,
    Invitation,
    InvitationState,
    Lane,
    Locale,
    Outcome,
    SkipReason,
)
from portal.transport import Message

KEY = "invite"
PLANNING_TAKES = timedelta(minutes=1)


def _objection(email: Email, invitation: Invitation, now: datetime) -> str | None:
    if reason := asking.objection(invitation):
        return reason
    application = invitation.application
    may_tell_of_outcome = application.told_at or application.outcome is Outcome.WITHDRAWN
    fits = bool(may_tell_of_outcome) is (invitation.lane is Lane.OUTCOME)
    # Sent again by a person, it may have arrived as it was: then it stays as it was.
    is_sent_again = invitation.state is InvitationState.INVITED and not email.attempts
    if not (fits or is_sent_again):
        return "replanned"
    if not is_sent_again and invitations.is_too_late(invitation, now):
        return SkipReason.TOO_OLD.value
    return ANSWERED if invitation.is_answered else None


def last_look(email: Email, now: datetime) -> str | datetime | None:
    """It is still planned as it is written, and its employer's hours have come."""
    invitation = invitations.lock(email.invitation_id)
    if invitations.is_to_be_planned_anew(invitation):
        return now + PLANNING_TAKES
    return asking.look(invitation, now, _objection(email, invitation, now))


def sample(employer: Employer, locale: Locale, candidate: str, role: str, link: str) -> Message:
    """The invitation as CANDIDATE, who is invented, would read it; nothing is kept.

    LINK stands where each would have one of their own. Raises Unwritable.
    """
    nobody = Email(kind=KEY, to_address=f"candidate@{settings().mail_domain}", message_id="")
    sender = emails.from_employer(employer, locale)
    privacy = sender.values["privacy"]
    values = {
        "candidate": candidate,
        "role": role,
        "opt_out": privacy,
        "own_data": privacy,
        **asking.question(surveys.newest_survey(), locale, link),
    }
    return emails.compose(nobody, sender, locale, values)


KIND = MailKind(
    key=KEY,
    label=lazy_gettext("Invitation to the survey"),
    write=asking.write,
    last_look=last_look,
    settle=invitations.settle_invites,
    is_survey=True,
    waits_for_employer=True,
)
