"""Mail owed, and a relay that does what a test says."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from portal import outbox
from portal.emails import MailKinds
from portal.extensions import db
from portal.mail_kinds import KINDS
from portal.models import (
    Application,
    Candidate,
    Channel,
    Email,
    Employer,
    Evidence,
    Invitation,
    InvitationState,
    Lane,
    Locale,
    Notice,
    NoticeKind,
    Requisition,
    RoleFamily,
    User,
    utcnow,
)
from tests.mail.relay import Relay


def saying(last_look: Callable[[Email], str | datetime | None]) -> MailKinds:
    """Every kind of mail, with LAST_LOOK instead of its own."""
    return {
        key: dataclasses.replace(kind, last_look=lambda email, _now: last_look(email))
        for key, kind in KINDS.items()
    }


go = saying(lambda email: None)


def configure(app: Flask, **values) -> None:
    app.config["HEARDBACK"] = dataclasses.replace(app.config["HEARDBACK"], **values)


@pytest.fixture
def relay(app: Flask) -> Iterator[Relay]:
    """The application's relay, from now on one that may misbehave."""
    server = Relay()
    configure(app, MAIL_PORT=server.port, MAIL_TIMEOUT=2)
    yield server
    server.stop()


class Owe:
    """Invitations and emails in numbers, straight into the tables."""

    def __init__(self) -> None:
        self.count = 0

    def employer(self, name: str = "Acme", **facts) -> Employer:
        self.count += 1
        values = {
            "slug": f"e{self.count}",
            "name": name,
            "reply_to": "people@acme.example",
            "postal_address": "1 Main Street\nSpringfield",
            "send_window": "always",
            "approved_at": utcnow(),
        } | facts
        employer = Employer(**values)
        db.session.add(employer)
        db.session.commit()
        return employer

    def invitation(
        self,
        employer: Employer,
        address: str | None = None,
        name: str = "Cam",
        role: str = "Engineer",
        locale: Locale = Locale.ENGLISH,
        lane: Lane = Lane.OUTCOME,
    ) -> Invitation:
        self.count += 1
        requisition = db.session.scalar(
            sa.select(Requisition).where(
                Requisition.employer_id == employer.id, Requisition.title == role
            )
        ) or Requisition(employer_id=employer.id, title=role, role_family=RoleFamily.OTHER)
        address = address or f"cam{self.count}@example.net"
        candidate = db.session.scalar(
            sa.select(Candidate).where(
                Candidate.employer_id == employer.id, Candidate.email == address
            )
        ) or Candidate(employer_id=employer.id, name=name, email=address, locale=locale)
        db.session.add_all([requisition, candidate])
        db.session.flush()
        application = Application(
            employer_id=employer.id,
            candidate_id=candidate.id,
            requisition_id=requisition.id,
            stage_entered_on=utcnow().date(),
        )
        db.session.add(application)
        db.session.flush()
        invitation = Invitation(
            employer_id=employer.id,
            application_id=application.id,
            lane=lane,
            state=InvitationState.QUEUED,
            due_at=utcnow(),
        )
        db.session.add(invitation)
        db.session.flush()
        return invitation

    def email(
        self,
        employer: Employer | None = None,
        kind: str = "invite",
        expires_at=None,
        not_before=None,
        **person,
    ) -> Email:
        """One invitation and its email, committed."""
        email = self._email(employer, kind, expires_at, not_before, **person)
        db.session.commit()
        return email

    def _email(self, employer, kind="invite", expires_at=None, not_before=None, **person):
        invitation = self.invitation(employer or self.employer(), **person)
        return outbox.queue_email(
            kind,
            invitation.application.candidate.email,
            **self.about(kind, invitation),
            employer_id=invitation.employer_id,
            dedup_key=f"{kind}:{invitation.id}",
            expires_at=expires_at,
            not_before=not_before,
        )

    def about(self, kind: str, invitation: Invitation) -> dict[str, int]:
        """INVITATION, or for a notice one of its application; or the application."""
        if kind == "status_link":
            return {"application_id": invitation.application_id}
        if kind != "notice":
            return {"invitation_id": invitation.id}
        notice = Notice(
            employer_id=invitation.employer_id,
            application_id=invitation.application_id,
            kind=NoticeKind.DELAY,
            channel=Channel.EMAIL,
            evidence=Evidence.VERIFIED,
            next_on=utcnow().date(),
            subject="News",
            body="Not yet.",
        )
        db.session.add(notice)
        db.session.flush()
        return {"notice_id": notice.id}

    def emails(self, number: int, employer: Employer | None = None, **facts) -> list[Email]:
        employer = employer or self.employer()
        found = [self._email(employer, **facts) for _ in range(number)]
        db.session.commit()
        return found


@pytest.fixture
def owe(app: Flask) -> Owe:
    return Owe()


def states() -> dict[str, int]:
    """How many emails are in which state, as the database says."""
    db.session.rollback()
    counted = db.session.execute(sa.select(Email.state, sa.func.count()).group_by(Email.state))
    found = {state.value: number for state, number in counted}
    db.session.rollback()
    return found


def fresh(email: Email) -> Email:
    """EMAIL as the database has it now; no transaction is left open."""
    db.session.rollback()
    if email not in db.session:
        db.session.add(email)
    db.session.refresh(email)
    db.session.expunge(email)
    db.session.rollback()
    return email


def queue(key: str, to: str = "Cam@Example.NET", **values) -> Email:
    """One row about a user, in the caller's transaction."""
    user = User(email=f"{uuid4().hex}@example.com", fs_uniquifier=uuid4().hex)
    db.session.add(user)
    db.session.flush()
    facts = {"employer_id": None, "dedup_key": key} | values
    return outbox.queue_email("trial", to, user_id=user.id, **facts)
