"""The question how it was. The same for everybody, whatever was decided."""

from datetime import datetime

from portal import invitations
from portal.emails import MailKind
from portal.invitations import ANSWERED
from portal.language import lazy_gettext
from portal.mail_kinds import asking
from portal.models import Email, Invitation, InvitationState, Lane, Outcome, SkipReason


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
    return asking.look(invitation, now, _objection(email, invitation, now))


KIND = MailKind(
    key="invite",
    label=lazy_gettext("Invitation to the survey"),
    write=asking.write,
    last_look=last_look,
    settle=invitations.settle_invites,
    is_survey=True,
    waits_for_employer=True,
)
