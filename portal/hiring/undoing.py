"""Taking back what a run has recorded, as if it had not been.

Who may, and of which applications, is decided by the caller: those that nobody has worked on since.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from portal import invitations
from portal.extensions import Base, db
from portal.hiring.decisions import retract_decision
from portal.hiring.evidence import set_standing
from portal.hiring.owing import keep_owed
from portal.models import (
    Application,
    AuditEvent,
    Candidate,
    DataRequest,
    Decision,
    Email,
    Invitation,
    InvitationToken,
    Locale,
    Notice,
    Requisition,
    RequisitionState,
    RoleFamily,
    StageChange,
    StageGroup,
)

# What an application says of its progress; the standing facts follow from the evidence.
PROGRESS = (
    "external_id",
    "stage",
    "stage_group",
    "stage_entered_on",
    "last_interview_on",
    "promised_on",
)
DAYS = ("stage_entered_on", "last_interview_on", "promised_on")
ABOUT_APPLICATIONS = ("application.", "decision.", "notice.")
LAST = ("decision", "notice", "stage", "stands", "ended")
# What an import may change of rows that are held already, and how it is read from text.
CHANGEABLE: dict[str, tuple[type[Base], dict[str, Any]]] = {
    "candidate": (Candidate, {"locale": Locale, "phone": str}),
    "requisition": (Requisition, {"role_family": RoleFamily, "department": str}),
}


def progress_of(application: Application) -> dict[str, Any]:
    """What APPLICATION says of its progress, as JSON can hold it."""
    found = {name: getattr(application, name) for name in PROGRESS}
    return {name: str(value) if isinstance(value, date) else value for name, value in found.items()}


def lock_applications(ids: Collection[int]) -> dict[int, Application]:
    """Wait for whoever is deciding about them or writing to them; they wait for us. By id."""
    wanted = sa.select(Application).where(Application.id.in_(ids)).order_by(Application.id)
    found = db.session.scalars(
        wanted.with_for_update(of=Application), execution_options={"populate_existing": True}
    ).all()
    people = sa.select(Candidate).where(Candidate.id.in_({one.candidate_id for one in found}))
    db.session.scalars(people.order_by(Candidate.id).with_for_update()).all()
    return {one.id: one for one in found}


def about_applications(ids: Collection[int] | sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Which emails are about applications of IDS: their notices, their surveys and their pages."""
    notices = sa.select(Notice.id).where(Notice.application_id.in_(ids))
    asked = sa.select(Invitation.id).where(Invitation.application_id.in_(ids))
    return sa.or_(
        Email.notice_id.in_(notices),
        Email.invitation_id.in_(asked),
        Email.application_id.in_(ids),
    )


def find_written_to(ids: Collection[int], *is_so: sa.ColumnElement[bool]) -> set[int]:
    """Those applications of IDS about which there is an email for which IS_SO holds."""
    by_notice = sa.select(Notice.application_id).join(Email, Email.notice_id == Notice.id)
    by_survey = sa.select(Invitation.application_id).join(
        Email, Email.invitation_id == Invitation.id
    )
    by_page = sa.select(Application.id).join(Email, Email.application_id == Application.id)
    return {
        number
        for found, column in (
            (by_notice, Notice.application_id),
            (by_survey, Invitation.application_id),
            (by_page, Application.id),
        )
        for number in db.session.scalars(found.where(column.in_(ids), *is_so))
    }


def remove_applications(ids: Collection[int]) -> None:
    """Delete those applications and all that hangs on them. No mail about them may have left.

    In the audit trail nothing leads to them any more: their numbers may be given anew.
    """
    asked = sa.select(Invitation.id).where(Invitation.application_id.in_(ids))
    starts = [AuditEvent.action.startswith(start) for start in ABOUT_APPLICATIONS]
    db.session.execute(asked.with_for_update())
    _run(sa.delete(Email).where(about_applications(ids)))
    _run(sa.delete(InvitationToken).where(InvitationToken.invitation_id.in_(asked)))
    for table in (Invitation, Notice, Decision, StageChange):
        _run(sa.delete(table).where(table.application_id.in_(ids)))
    _run(
        sa.update(AuditEvent)
        .where(AuditEvent.about_id.in_(ids), sa.or_(*starts))
        .values(about_id=None)
    )
    _run(sa.delete(Application).where(Application.id.in_(ids)))


def remove_unused(table: type[Base], ids: Collection[int]) -> None:
    """Of the candidates, or requisitions, of IDS delete those that nothing refers to."""
    unused: list[sa.ColumnElement[bool]] = [table.__table__.c.id.in_(ids)]
    if table is Candidate:
        applied = sa.exists().where(Application.candidate_id == Candidate.id)
        asked = sa.exists().where(DataRequest.candidate_id == Candidate.id)
        unused += [~applied, ~asked]
    else:
        applied = sa.exists().where(Application.requisition_id == Requisition.id)
        is_plain = sa.and_(
            Requisition.state == RequisitionState.OPEN,
            Requisition.places == 1,
            Requisition.owner_id.is_(None),
        )
        unused += [~applied, is_plain]
    _run(sa.delete(table).where(*unused))


def change_back(kind: str, row_id: int, column: str, was: Any, became: Any) -> None:
    """Let the COLUMN of that candidate or requisition say WAS, if it still says BECAME."""
    table, columns = CHANGEABLE[kind]
    read = columns[column]
    values = [None if value is None else read(value) for value in (was, became)]
    held = table.__table__.c[column]
    _run(
        sa.update(table)
        .where(table.__table__.c.id == row_id, held.is_not_distinct_from(values[1]))
        .values({column: values[0]})
    )


def put_back(
    application: Application,
    was: dict[str, Any],
    now: datetime,
    *,
    decision_id: int | None,
    ended_id: int | None,
    notice_id: int | None,
    stage_id: int | None,
) -> None:
    """Give APPLICATION back what it said before (`progress_of`).

    DECISION_ID was recorded since: it is retracted, so that its unsent mail is taken back, and goes
    with its telling, so that it can be recorded again; the one that it had ended stands again.
    NOTICE_ID and STAGE_ID were added since. Nothing else hangs on what goes.
    """
    if decision_id:
        retract_decision(application, now, seen=decision_id)
        db.session.flush()
        _run(sa.delete(Notice).where(Notice.decision_id == decision_id))
        _run(sa.delete(Decision).where(Decision.id == decision_id))
    if notice_id:
        _run(sa.delete(Notice).where(Notice.id == notice_id))
    if stage_id:
        _run(sa.delete(StageChange).where(StageChange.id == stage_id))
    for name, value in was.items():
        setattr(application, name, _read(name, value))
    if ended_id:
        _let_stand(db.session.get_one(Decision, ended_id))
    elif notice_id:
        stands = sa.select(Decision).where(
            Decision.application_id == application.id, Decision.ended_at.is_(None)
        )
        set_standing(application, db.session.scalars(stands).one(), None)
    keep_owed(application)
    db.session.flush()
    invitations.plan_invitation(application, now)


def _read(name: str, value: Any) -> Any:
    if name in DAYS:
        return date.fromisoformat(value) if value else None
    return StageGroup(value) if name == "stage_group" else value


def _let_stand(decision: Decision) -> None:
    """A decision that was ended by one taken back stands as before, told as before."""
    decision.ended_at = None
    told = (
        sa.select(Notice)
        .where(Notice.decision_id == decision.id, Notice.told_at.is_not(None))
        .order_by(Notice.id)
        .limit(1)
    )
    set_standing(decision.application, decision, db.session.scalar(told))


def _run(statement: sa.Update | sa.Delete) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})


def last_ids(ids: Sequence[int], ended_at: datetime) -> dict[int, dict[str, int]]:
    """By application: its last decision, notice and stage change, the decision that stands, and
    the one that ended at ENDED_AT; 0 where there is none."""
    found = {number: dict.fromkeys(LAST, 0) for number in ids}
    stands = sa.func.max(sa.case((Decision.ended_at.is_(None), Decision.id)))
    ended = sa.func.max(
        sa.case((sa.and_(Decision.ended_at == ended_at, ~Decision.is_retracted), Decision.id))
    )
    for table, name, *more in (
        (Decision, "decision", stands, ended),
        (Notice, "notice"),
        (StageChange, "stage"),
    ):
        rows = sa.select(table.application_id, sa.func.max(table.id), *more)
        rows = rows.where(table.application_id.in_(ids)).group_by(table.application_id)
        for number, *values in db.session.execute(rows):
            names = (name, "stands", "ended")
            found[number] |= dict(zip(names, (value or 0 for value in values), strict=False))
    return found
