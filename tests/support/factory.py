"""The fixed cast and what tests need around them. Everything goes through the domain."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from portal import accounts, hiring, invitations, links, surveys
from portal.extensions import db
from portal.models import (
    Application,
    Channel,
    Employer,
    Invitation,
    InvitationState,
    InvitationToken,
    Outcome,
    Role,
    User,
    utcnow,
)

PASSWORD, WRONG = "a long and quiet password", "a wrong one"
CHOSEN = " ".join(("some", "quiet", "words", "here"))  # by who is new
ANOTHER_KEY = "another key, and long enough to be one"


class Make:
    """Rows by the dozen, committed."""

    def __init__(self) -> None:
        self._count = 0

    def employer(self, slug: str = "acme", **facts) -> Employer:
        values = {
            "name": slug.title(),
            "reply_to": f"people@{slug}.example",
            "postal_address": "1 Main Street, Springfield",
            "send_window": "always",
            "survey_delay_days": 0,
            "is_published": True,
            "approved_at": utcnow(),
        } | facts
        employer = Employer(slug=slug, **values)
        db.session.add(employer)
        db.session.commit()
        return employer

    def user(self, name: str, employer: Employer | None = None, role: Role | None = None) -> User:
        user = accounts.create_user(
            f"{name}@example.com", PASSWORD, is_operator=employer is None and role is None
        )
        if employer:
            accounts.add_membership(user, employer, role)
        db.session.commit()
        return user

    def application(self, employer: Employer, **facts) -> Application:
        application = hiring.add_application(employer, self._new(**facts))
        db.session.commit()
        return application

    def _new(self, **facts) -> hiring.NewApplication:
        self._count += 1
        values = {
            "name": f"Cam {self._count}",
            "email": f"cam{self._count}@example.net",
            "role": "Engineer",
            "last_interview_on": date.today() - timedelta(days=30),
        } | facts
        return hiring.NewApplication(**values)

    def decided(
        self, employer: Employer, outcome: Outcome = Outcome.REJECTED, days_ago: int = 10, **facts
    ) -> Application:
        application = self.application(employer, **facts)
        moment = utcnow() - timedelta(days=days_ago)
        hiring.record_decision(application, outcome, moment, utcnow())
        db.session.commit()
        return application

    def told(
        self,
        employer: Employer,
        outcome: Outcome = Outcome.REJECTED,
        days_ago: int = 10,
        told_after: int = 2,
        **facts,
    ) -> Application:
        """Told by phone, and written down all at once, as the import does."""
        return self.all_told(employer, [told_after], outcome, days_ago, **facts)[0]

    def all_told(
        self,
        employer: Employer,
        told_after: Iterable[int],
        outcome: Outcome = Outcome.REJECTED,
        days_ago: int = 10,
        **facts,
    ) -> list[Application]:
        """One for each number of days TOLD_AFTER the decision."""
        now = utcnow()
        decided_at = now - timedelta(days=days_ago)
        news = [(self._new(**facts), timedelta(days=days)) for days in told_after]
        additions = hiring.Additions(employer, [new for new, _ in news], now)
        for new, later in news:
            past = {"told_at": decided_at + later, "channel": Channel.PHONE}
            additions.add(new, hiring.PastDecision(outcome, decided_at, **past))
        added = [db.session.get_one(Application, one.application_id) for one in additions.finish()]
        db.session.commit()
        return added

    def invitation(self, application: Application) -> Invitation:
        return db.session.scalars(
            sa.select(Invitation).where(Invitation.application_id == application.id)
        ).one()

    def link(self, application: Application) -> str:
        """A survey token as if its email had just been sent."""
        invitation = self.invitation(application)
        now = utcnow()
        if invitation.cell is None:
            invitations.freeze_facts(invitation, now, surveys.newest_survey().version)
        invitation.state, invitation.skip_reason = InvitationState.INVITED, None
        invitation.invited_at = invitation.invited_at or now
        invitation.last_mailed_at = now
        token = links.new_survey_token()
        db.session.add(
            InvitationToken(
                invitation_id=invitation.id, token_hash=links.invitation_hashes(token)[0]
            )
        )
        db.session.commit()
        return token


def at(text: str) -> datetime:
    """An aware UTC time from its ISO text."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
