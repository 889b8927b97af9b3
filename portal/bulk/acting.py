"""A selection as a run: frozen when a person starts it, then done person by person.

    run = start(employer, ids, plan, once, now)       # a page, in its transaction
    for line in take_waiting(run.id, most): act(…)    # one transaction for each person

Whoever is told meanwhile by somebody else is left alone: each person is looked at again, under a
lock, in the transaction that acts. Commits nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from portal import audit, closure, hiring, letters, runs
from portal.bulk.plans import MAILS, Action, Plan, from_json, key_of, letter_of
from portal.bulk.selecting import REASONS, Selection, select
from portal.bulk.spreading import leaves_at, spread
from portal.extensions import db, insert_rows
from portal.language import marked
from portal.letters import Text
from portal.models import (
    Application,
    Decision,
    Employer,
    Feedback,
    LineResult,
    Notice,
    Outcome,
    Run,
    RunKind,
    RunLine,
)

MEANWHILE = marked("Somebody else has recorded something meanwhile: look at it again.")
COMMIT_TEXTS = 500
WORDS = ("texts", "why")  # of a plan


def start(employer: Employer, ids: Sequence[int], plan: Plan, once: str, now: datetime) -> Run:
    """The run of PLAN over EMPLOYER's applications IDS; that of the first click, for a second one.

    ONCE names the form that was sent.
    """
    db.session.execute(
        sa.select(Employer.id).where(Employer.id == employer.id).with_for_update(key_share=True)
    )
    if earlier := find_started(employer, once):
        return earlier
    selection = select(employer, ids, plan)
    if plan.action in MAILS:
        plan = spread(employer, plan, len(selection.go), now)
    run = runs.queue(
        employer.id,
        RunKind.ACTION,
        plan.action,
        digest=once,
        plan=plan.to_json(),
        total=len(selection.go),
    )
    run.counts = {"done": 0, "left": len(selection.left), "failed": 0}
    _write_lines(run, selection)
    audit.record("selection.started", employer.id, run.id, what=plan.action)
    return run


def find_started(employer: Employer, once: str) -> Run | None:
    """EMPLOYER's run that the form ONCE has started, if it has."""
    same = (Run.employer_id == employer.id, Run.kind == RunKind.ACTION, Run.digest == once)
    return db.session.scalar(sa.select(Run).where(*same).limit(1))


def _write_lines(run: Run, selection: Selection) -> None:
    rows: list[dict[str, Any]] = [
        {
            "application_id": number,
            "result": LineResult.WAITING,
            "note": "",
            "before": {"stands": selection.decisions[number]},
        }
        for number in selection.go
    ]
    rows += [
        {"application_id": number, "result": LineResult.LEFT, "note": REASONS[why], "before": None}
        for number, why in selection.left
    ]
    for number, row in enumerate(rows, 1):
        row |= {"run_id": run.id, "number": number}
    for first in range(0, len(rows), COMMIT_TEXTS):
        insert_rows(RunLine, rows[first : first + COMMIT_TEXTS])


def take_waiting(run_id: int, most: int) -> list[RunLine]:
    """The next MOST people of the run that nothing was done about yet."""
    found = sa.select(RunLine).where(RunLine.run_id == run_id, RunLine.result == LineResult.WAITING)
    return list(db.session.scalars(found.order_by(RunLine.number).limit(most)))


def act(run_id: int, number: int, now: datetime) -> LineResult:
    """Do what the run is for with the person of its line NUMBER, in the caller's transaction.

    Raises runs.Overtaken if that was done already.
    """
    run = db.session.get_one(Run, run_id)
    line = db.session.get_one(RunLine, (run_id, number))
    if line.result is not LineResult.WAITING:
        raise runs.Overtaken
    plan = from_json(run.plan)
    employer = db.session.get_one(Employer, run.employer_id)
    result, note, before = _act_on(employer, line, plan, now)
    counts = dict(run.counts)
    counts[result] = counts.get(result, 0) + 1
    runs.advance(run_id, run.done, 1, counts, (), now)
    line.result, line.note, line.before = result, note, before
    return result


Done = tuple[LineResult, str, dict[str, Any] | None]


def _act_on(employer: Employer, line: RunLine, plan: Plan, now: datetime) -> Done:
    application_id = line.application_id or 0
    # The person first, so that two of their applications wait for each other.
    hiring.lock_applications([application_id])
    found = select(employer, [application_id], plan, _beside(line))
    application = hiring.find_application(employer, application_id)
    if found.left or application is None:
        return LineResult.LEFT, REASONS[found.left[0][1]] if found.left else MEANWHILE, None
    if found.decisions[application_id] != (line.before or {}).get("stands"):
        return LineResult.LEFT, MEANWHILE, None
    try:
        with db.session.begin_nested():  # of a person who is refused nothing stays
            before = _carry_out(application, plan, line, now)
    except (hiring.DecisionRefused, letters.LetterRefused) as refused:
        return LineResult.FAILED, str(refused), None
    except hiring.DecisionChanged:
        return LineResult.LEFT, MEANWHILE, None
    return LineResult.DONE, "", before


def _beside(line: RunLine) -> Sequence[int]:
    """The applications in LINE's run of the person of LINE."""
    of = sa.select(Application.candidate_id).where(Application.id == line.application_id)
    found = sa.select(RunLine.application_id).join(
        Application, Application.id == RunLine.application_id
    )
    found = found.where(
        RunLine.run_id == line.run_id, Application.candidate_id == of.scalar_subquery()
    )
    return [number for number in db.session.scalars(found) if number]


def _carry_out(
    application: Application, plan: Plan, line: RunLine, now: datetime
) -> dict[str, Any]:
    """What an undo needs to know: the decision and the notice that were recorded."""
    promised = application.promised_on
    decision, decided = hiring.standing_decision(application), None
    if decision is None and plan.outcome:
        decided = decision = hiring.record_decision(
            application,
            plan.outcome,
            now,
            now,
            reason=plan.why.details,
            reason_code=plan.why.code,
            next_step=plan.why.next_step,
        )
    notice: Notice | None = None
    if plan.action is Action.LINK:
        hiring.send_status_link(application, now, send_at=leaves_at(plan, line.number))
    elif plan.action is Action.DELAY:
        notice = _write_delay(application, plan, line, now)
    elif decision and plan.action is Action.TELL:
        notice = hiring.tell_now(
            application,
            decision,
            letter_for(application, plan),
            now,
            feedback=_says_why(decision),
            send_at=leaves_at(plan, line.number),
            run_id=line.run_id,
        )
    elif decision and plan.action is Action.TOLD:
        notice = _note_told(application, decision, plan, now)
    return {
        "stands": decision.id if decision else None,
        "decision": decided.id if decided else None,
        "notice": notice.id if notice else None,
        "promised": promised.isoformat() if promised else None,
    }


def _says_why(decision: Decision) -> Feedback:
    """How much of a reason the letter about DECISION gives."""
    if decision.outcome is not Outcome.REJECTED or decision.reason_code is None:
        return Feedback.NONE
    return Feedback.SPECIFIC if decision.reason else Feedback.GENERAL


def _write_delay(application: Application, plan: Plan, line: RunLine, now: datetime) -> Notice:
    if plan.next_on is None:
        raise hiring.DecisionRefused("next_on", "The new date must be within the coming year.")
    return hiring.send_delay_note(
        application,
        plan.next_on,
        letter_for(application, plan),
        now,
        send_at=leaves_at(plan, line.number),
        run_id=line.run_id,
    )


def _note_told(application: Application, decision: Decision, plan: Plan, now: datetime) -> Notice:
    employer = application.employer
    day = plan.told_on or closure.local_day(employer, now)
    told_at = max(closure.noon_of(employer, day, now), decision.decided_at)
    return hiring.record_told(
        application, decision, plan.channel, told_at, now, feedback=plan.feedback
    )


def letter_for(application: Application, plan: Plan) -> Text:
    """The letter that PLAN has for the person of APPLICATION, filled in; raises LetterRefused."""
    decision = hiring.standing_decision(application)
    letter = letter_of(plan, decision.outcome if decision else plan.outcome)
    text = plan.texts[key_of(letter, application.candidate.locale)]
    why = letters.why_of(decision) if decision else plan.why
    values = letters.placeholders(letter, application, why, plan.next_on)
    return letters.check_letter(text.subject, text.body, values)


def finish(run_id: int, now: datetime) -> None:
    """Nobody of the run waits any more. Its words stay with its letters only, which are blanked
    with their people."""
    run = db.session.get_one(Run, run_id)
    runs.finish(run, now)
    run.plan = {name: value for name, value in run.plan.items() if name not in WORDS}
