"""The only reminder of an invitation."""

from datetime import datetime

from portal import invitations
from portal.emails import MailKind
from portal.invitations import ANSWERED
from portal.language import lazy_gettext
from portal.mail_kinds import asking
from portal.models import Email, Invitation


def _objection(invitation: Invitation, now: datetime) -> str | None:
    if reason := asking.objection(invitation):
        return reason
    asked_at = invitation.last_mailed_at
    if asked_at and asked_at < now - invitations.LINK_LASTS:
        # It waited for its employer for longer than its link lasts. Said before anything of an
        # answer, so that the numbers of the queue do not tell of one.
        return "stale"
    if invitation.is_answered:
        return ANSWERED
    is_changed = invitation.outcome is not invitations.outcome_fact(invitation.application)
    return "changed" if is_changed else None


def last_look(email: Email, now: datetime) -> str | datetime | None:
    """Nobody has answered, nothing was decided anew, and its employer's hours have come."""
    invitation = invitations.lock(email.invitation_id)
    if (held := asking.look(invitation, now, _objection(invitation, now))) is not None:
        return held
    invitation.is_reminded = True
    return None


KIND = MailKind(
    key="reminder",
    label=lazy_gettext("Reminder of the survey"),
    write=asking.write,
    last_look=last_look,
    is_survey=True,
    # It exists only for who has not answered: nobody may see what became of it.
    is_repeatable=False,
    waits_for_employer=True,
)
