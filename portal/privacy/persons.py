"""One person's data: everything that is held of it, and its erasure (GDPR articles 15 and 17).

A person is an address, in any spelling of case, at one employer or at all; or the keyed hash of
it, where nothing else is left. Answers are never among it: they hold nothing by which they could
be found. Commits nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from portal import audit, links, outbox
from portal.extensions import Base, db
from portal.models import (
    ERASED,
    Application,
    AuditEvent,
    Candidate,
    DataRequest,
    Decision,
    Email,
    Employer,
    Invitation,
    InvitationToken,
    MailStrike,
    Notice,
    Requisition,
    RunLine,
    StageChange,
    Suppression,
    SuppressionReason,
    User,
    utcnow,
)

# What people wrote about the application, or a number that other systems find it by. Days and
# coarse facts stay: habits and counts can be made again from them.
# Nobody can tell them any more: the desk does not name them.
NOT_WAITING: dict[str, Any] = {
    "is_waiting": False,
    "owed_on": None,
    "owed_under": None,
    "news_leaves_at": None,
}
BLANKS: dict[type[Base], dict[str, Any]] = {
    Application: {"external_id": None, "stage": "", **NOT_WAITING},
    StageChange: {"stage": ""},
    Decision: {"reason": "", "next_step": ""},
    Notice: {"subject": "", "body": ""},
    RunLine: {"note": "", "before": None},
}
# Of these events `about_id` is an application.
ABOUT_APPLICATIONS = ("application.", "decision.", "notice.")
# What says nothing about the person: keys, who of the staff it was, the outbox's own affairs.
LEFT_OUT = {
    *("id", "about_id", "employer_id", "candidate_id", "requisition_id", "application_id"),
    *("decision_id", "notice_id", "invitation_id", "data_request_id", "user_id", "recorded_by"),
    "run_id",
    *(
        "owner_id",
        "given_by",
        "address_key",
        "former_key",
        "dedup_key",
        "verp_tag",
        "lease_by",
        "lease_until",
    ),
    "is_settled",
}
NOT_HERE = (
    "Answers to surveys are not in this file: they hold no name, no address and no number that "
    "leads to a person, so nobody can find them from here. Whoever has the survey link sees, "
    "changes or takes back what was answered.",
    "The secret part of a survey link is stored nowhere; of each link a hash is kept, by which it "
    "is recognised when it is opened.",
    "For this person alone. The employer is not told whether somebody answered; this file says it.",
)
Conditions = dict[type[Base], sa.ColumnElement[bool]]


@dataclass(frozen=True)
class Held:
    """How much one employer holds of a person, in rows."""

    employer: str
    applications: int
    notices: int
    emails: int


def is_person(address: str, employer: Employer | None) -> sa.ColumnElement[bool]:
    """Whether a candidate is who has ADDRESS, or had it before their name was removed."""
    is_at = Candidate.employer_id == employer.id if employer else sa.true()
    is_known = sa.func.lower(Candidate.email) == address.lower()
    return sa.and_(sa.or_(is_known, Candidate.former_key.in_(links.address_keys(address))), is_at)


def _find(address: str, employer: Employer | None) -> list[Candidate]:
    found = sa.select(Candidate).where(is_person(address, employer)).order_by(Candidate.id)
    return list(db.session.scalars(found))


def find_and_lock(
    who: sa.ColumnElement[bool], at: Collection[int] | None = None
) -> list[Candidate]:
    """Wait for whoever is deciding about the candidates for whom WHO holds, or about to write to
    them; they wait for us. AT: whose they are, where it is known, for the index.

    First applications, then candidates, as they do.
    """
    is_at = sa.true() if at is None else Application.employer_id.in_(at)
    applications = sa.select(Application.id).join(Application.candidate).where(who, is_at)
    db.session.execute(applications.order_by(Application.id).with_for_update(of=Application))
    candidates = sa.select(Candidate).where(who).order_by(Candidate.id).with_for_update()
    return list(db.session.scalars(candidates, execution_options={"populate_existing": True}))


def rows_about(candidates: Sequence[Candidate]) -> Conditions:
    """By table, which rows are about CANDIDATES."""
    ids = [candidate.id for candidate in candidates]
    employers = {candidate.employer_id for candidate in candidates}
    applications = sa.select(Application.id).where(
        Application.employer_id.in_(employers), Application.candidate_id.in_(ids)
    )
    notices = sa.select(Notice.id).where(
        Notice.employer_id.in_(employers), Notice.application_id.in_(applications)
    )
    invitations = sa.select(Invitation.id).where(Invitation.application_id.in_(applications))
    is_asked = sa.and_(DataRequest.employer_id.in_(employers), DataRequest.candidate_id.in_(ids))
    requests = sa.select(DataRequest.id).where(is_asked)
    is_about = {
        table: sa.and_(table.employer_id.in_(employers), table.application_id.in_(applications))
        for table in (StageChange, Decision, Notice)
    }
    return is_about | {
        Application: Application.id.in_(applications),
        Invitation: Invitation.id.in_(invitations),
        InvitationToken: InvitationToken.invitation_id.in_(invitations),
        DataRequest: is_asked,
        RunLine: RunLine.application_id.in_(applications),
        Email: sa.or_(
            Email.notice_id.in_(notices),
            Email.invitation_id.in_(invitations),
            Email.data_request_id.in_(requests),
            Email.application_id.in_(applications),
        ),
        AuditEvent: sa.and_(
            AuditEvent.employer_id.in_(employers),
            AuditEvent.about_id.in_(applications),
            sa.or_(*(AuditEvent.action.startswith(start) for start in ABOUT_APPLICATIONS)),
        ),
    }


def find_held(address: str, employer: Employer | None = None) -> list[Held]:
    """What is held of the person, by employer; empty if nobody has that address."""
    return _count(_find(address, employer))


def _count(candidates: Sequence[Candidate]) -> list[Held]:
    about = rows_about(candidates)
    counts = [
        dict(
            db.session.execute(
                sa.select(table.employer_id, sa.func.count())
                .where(about[table])
                .group_by(table.employer_id)
            ).all()
        )
        for table in (Application, Notice, Email)
    ]
    ids = {candidate.employer_id for candidate in candidates}
    employers = db.session.scalars(
        sa.select(Employer).where(Employer.id.in_(ids)).order_by(Employer.slug)
    )
    return [Held(one.slug, *(count.get(one.id, 0) for count in counts)) for one in employers]


def signs_in(address: str) -> bool:
    """Whether the address is also that of a user: those are neither exported nor erased here."""
    user = sa.select(User.id).where(sa.func.lower(User.email) == address.lower())
    return db.session.scalar(user.limit(1)) is not None


def erase_person(address: str, employer: Employer | None = None) -> list[Held]:
    """Erase the person, all or (with the caller's rollback) nothing; what was held, by employer.

    Rows stay for the counts, without name, address, letters or free text; queued mail is
    cancelled, survey links lead nowhere. A keyed hash of the address stays as an opt-out, so that
    a file imported later brings no survey mail. Empty if nobody has that address (any more).
    """
    candidates = find_and_lock(is_person(address, employer))
    held = _count(candidates)
    about = rows_about(candidates)
    outbox.forget(about[Email])  # before invitations: whoever sends locks in that order
    for table, blanks in BLANKS.items():
        run(sa.update(table).where(about[table]).values(blanks))
    run(sa.delete(InvitationToken).where(about[InvitationToken]))
    for candidate in candidates:
        reason = SuppressionReason.OPT_OUT
        held_at = candidate.email or address
        outbox.suppress(held_at, reason, candidate.employer_id, outbox.ERASURE)
        audit.record("person.erased", candidate.employer_id, candidate.id)
        candidate.name, candidate.email, candidate.blanked_on = ERASED, None, utcnow().date()
        candidate.phone = candidate.erase_on = candidate.former_key = None
        candidate.quiet_since = candidate.blanked_on  # from now on the record grows no more
    db.session.flush()
    db.session.expire_all()
    return held


def run(statement: sa.Update | sa.Delete) -> None:
    """Carry out STATEMENT in the database alone: nothing of it is loaded."""
    db.session.execute(statement, execution_options={"synchronize_session": False})


def export_person(address: str, employer: Employer | None = None) -> dict[str, Any]:
    """Everything held of the person, as JSON can hold it: `records`, one for each employer that
    knows them, and what is kept under the keyed hash of the address."""
    candidates = _find(address, employer)
    about = rows_about(candidates)
    applications, asked_for = _applications(about), _requests(about)
    employers = _employers([candidate.employer_id for candidate in candidates])
    return {
        "address": address,
        "made_at": utcnow().isoformat(timespec="seconds"),
        "read_first": list(NOT_HERE),
        "records": [
            _facts(candidate)
            | {
                "employer": employers[candidate.employer_id],
                "applications": applications.get(candidate.id, []),
                "data_requests": asked_for.get(candidate.id, []),
            }
            for candidate in candidates
        ],
        **_under_hash(address, employer),
        "signs_in_as_user": signs_in(address),
    }


def _employers(ids: Sequence[int]) -> dict[int | None, dict[str, str]]:
    found = db.session.scalars(sa.select(Employer).where(Employer.id.in_(ids)))
    return {one.id: {"slug": one.slug, "name": one.name} for one in found}


def _applications(about: Conditions) -> dict[int, list[dict[str, Any]]]:
    """Every application with all that hangs on it, by its candidate's id."""
    parts = {
        "stages": _by_application(StageChange, StageChange.application_id, about),
        "decisions": _by_application(Decision, Decision.application_id, about),
        "notices": _by_application(Notice, Notice.application_id, about),
        "invitations": _by_application(Invitation, Invitation.application_id, about),
        "emails": _emails(about),
        "imports": _by_application(RunLine, RunLine.application_id, about),
        "log": _by_application(AuditEvent, AuditEvent.about_id, about),
    }
    found: dict[int, list[dict[str, Any]]] = {}
    rows = sa.select(Application, Requisition).join(Application.requisition)
    for application, role in db.session.execute(rows.where(about[Application])):
        entry = _facts(role) | _facts(application)
        entry |= {name: rows.get(application.id, []) for name, rows in parts.items()}
        found.setdefault(application.candidate_id, []).append(entry)
    return found


def _by_application(
    table: Any, application_id: Any, about: Conditions
) -> dict[int, list[dict[str, Any]]]:
    rows = sa.select(application_id, table).where(about[table])
    return _grouped(rows.order_by(*sa.inspect(table).primary_key))


def _emails(about: Conditions) -> dict[int, list[dict[str, Any]]]:
    application_id = sa.func.coalesce(
        Notice.application_id, Invitation.application_id, Email.application_id
    )
    return _grouped(
        sa.select(application_id, Email)
        .outerjoin(Notice, Notice.id == Email.notice_id)
        .outerjoin(Invitation, Invitation.id == Email.invitation_id)
        .where(about[Email], application_id.is_not(None))
        .order_by(Email.id)
    )


def _requests(about: Conditions) -> dict[int, list[dict[str, Any]]]:
    """What they asked for about their data, and the email with the link, by candidate's id."""
    with_email = sa.select(DataRequest, Email).outerjoin(
        Email, Email.data_request_id == DataRequest.id
    )
    rows = with_email.where(about[DataRequest])
    found: dict[int, list[dict[str, Any]]] = {}
    for request, email in db.session.execute(rows.order_by(DataRequest.id)):
        entry = _facts(request) | {"email": _facts(email) if email else None}
        found.setdefault(request.candidate_id, []).append(entry)
    return found


def _grouped(rows: Any) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for application_id, row in db.session.execute(rows):
        found.setdefault(application_id, []).append(_facts(row))
    return found


def _facts(row: Base) -> dict[str, Any]:
    """Every column of ROW that says something of the person, so that a new one is there too."""
    return {
        column.key: _plain(getattr(row, column.key))
        for column in sa.inspect(type(row)).column_attrs
        if column.key not in LEFT_OUT
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _under_hash(address: str, employer: Employer | None) -> dict[str, Any]:
    """What is kept without the address, under its keyed hash, and outlives an erasure."""
    keys = links.address_keys(address)
    is_here = sa.or_(
        Suppression.employer_id.is_(None),
        Suppression.employer_id == employer.id if employer else sa.true(),
    )
    rows = sa.select(Employer.slug, Suppression).outerjoin_from(Suppression, Employer)
    found = db.session.execute(rows.where(Suppression.address_key.in_(keys), is_here))
    strikes = sa.select(MailStrike.struck_on).where(MailStrike.address_key.in_(keys))
    return {
        "stopped_mail": [_facts(row) | {"employer": slug} for slug, row in found],
        "days_mailbox_refused": [day.isoformat() for day in db.session.scalars(strikes)],
    }
