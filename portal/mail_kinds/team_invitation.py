"""An owner asks somebody to join an employer's team; by its link they do.

Account mail, like a new password would be: it leaves before the operator has approved the
employer, whose approval is about mail to candidates.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import joinedload

from portal import accounts, emails, formatting, language, links, team
from portal.emails import MAX_ROLE, MailKind, one_line
from portal.extensions import db
from portal.language import lazy_gettext
from portal.models import Email, Locale, TeamInvitation
from portal.team import TeamInvitationState

WITH_PEOPLE = (joinedload(TeamInvitation.employer), joinedload(TeamInvitation.invited_by))


def _find(email: Email) -> TeamInvitation:
    return db.session.get_one(
        TeamInvitation, email.team_invitation_id, options=WITH_PEOPLE, populate_existing=True
    )


def _locale(invitation: TeamInvitation) -> Locale:
    """What the person chose, if we know them, else what the employer speaks."""
    user = accounts.find_user(invitation.address or "")
    return (user and user.locale) or invitation.employer.locale


def write(email: Email) -> bytes:
    """Who asks, whom to work for, as what, until when; replies reach who asks."""
    invitation = _find(email)
    employer, locale = invitation.employer, _locale(invitation)
    with language.use(locale):
        ends_at = formatting.moment(invitation.ends_at, zone=employer.zone)
    inviter = invitation.invited_by.email
    link = links.team_invitation_url(invitation.id, invitation.ends_at)
    values = {
        "employer": one_line(employer.name, MAX_ROLE),
        "inviter": inviter,
        "role": invitation.role.value,
        "ends_at": ends_at,
        "link": f"{link}?lang={locale}",
    }
    return emails.build(email, replace(emails.from_site(), reply_to=inviter), locale, values)


def last_look(email: Email, now: datetime) -> str | None:
    """It can still be accepted."""
    found = team.state_of(_find(email), now)
    return None if found is TeamInvitationState.OPEN else found.value


KIND = MailKind(
    key=team.KIND, label=lazy_gettext("Invitation to a team"), write=write, last_look=last_look
)
