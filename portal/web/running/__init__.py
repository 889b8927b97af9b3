"""Long runs: how far one is, what it did line by line, and taking it back."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal import accounts, bulk, formatting, hiring, intake, jobs, runs
from portal.extensions import db
from portal.language import gettext
from portal.models import Employer, LineResult, Role, Run, RunKind, RunState, User
from portal.web.access import member

running = Blueprint("running", __name__)

UNDOES = (RunState.UNDOING, RunState.UNDONE)
PATH = "/e/<slug>/runs/<int(max=2147483647):run_id>"


def _find(employer: Employer, run_id: int) -> Run:
    """EMPLOYER's run, or the same 404 as for one that does not exist."""
    found = runs.find(employer.id, run_id)
    if found is None:
        abort(404)
    return found


@running.route(PATH)
@member(Role.RECRUITER)
def run(employer: Employer, run_id: int) -> str:
    """How far it is; once it is over, what it did, failures first."""
    found = _find(employer, run_id)
    asked = request.args.get("show", "")
    result = LineResult(asked) if asked in list(LineResult) else None
    page = runs.list_lines(found, request.args.get("page", 1, type=int), result)
    ids = {line.application_id for line in page.lines if line.application_id}
    people = {user_id for user_id in (found.user_id, found.undone_by) if user_id}
    return render_template(
        "running/run.html",
        run=found,
        words=runs.words,
        facts=_facts(employer, found, accounts.find_users(people)),
        is_under_way=found.state in runs.WAITING,
        undo=_check_undo(found),
        is_action=found.kind is RunKind.ACTION,
        page=page,
        applications=hiring.find_applications(employer, ids),
        result=result,
        results=runs.count_lines(found),
    )


def _check_undo(found: Run) -> Any:
    is_action = found.kind is RunKind.ACTION
    return bulk.check_undo(found) if is_action else intake.check_undo(found)


def _facts(employer: Employer, found: Run, people: dict[int, User]) -> list[tuple[str, str]]:
    """Who did what, when, in numbers; what is none is not named."""
    counts = found.counts
    is_undone_action = found.kind is RunKind.ACTION and found.state is RunState.UNDONE
    who = people.get(found.user_id or 0)
    zone = employer.timezone
    numbers = [
        (gettext("Done"), 0 if is_undone_action else counts.get("done", 0)),
        (gettext("Failed"), counts.get("failed", 0)),
        (gettext("Left out"), counts.get("left", 0)),
        (gettext("New"), counts.get("new", 0)),
        (gettext("Changed"), counts.get("changed", 0)),
        (gettext("The same"), counts.get("same", 0)),
        (gettext("Will be asked by email"), counts.get("invitations_planned", 0)),
        (gettext("Undone"), counts.get("undone", 0)),
        (gettext("Kept"), counts.get("kept", 0)),
    ]
    said = [(label, formatting.count(number)) for label, number in numbers if number]
    said.append((gettext("By"), who.email if who else gettext("a command on the server")))
    if found.kind is RunKind.ACTION and found.state is not RunState.UNDONE:
        plan = bulk.from_json(found.plan)
        leaves_at = bulk.leaves_at(plan, 1), bulk.leaves_at(plan, max(1, found.total))
        if leaves_at[0] and found.total:
            said.append((gettext("First letter leaves"), formatting.time_tag(leaves_at[0], zone)))
        if leaves_at[0] != leaves_at[1]:
            said.append((gettext("Last letter leaves"), formatting.time_tag(leaves_at[1], zone)))
    if found.finished_at:
        said.append((gettext("Ended"), formatting.time_tag(found.finished_at, zone)))
    return said


@running.route(f"{PATH}/undo", methods=["POST"])
@member(Role.RECRUITER)
def undo(employer: Employer, run_id: int) -> Response:
    """Let a worker take back what the run did."""
    found = _find(employer, run_id)
    try:
        undoing = bulk.ask_undo if found.kind is RunKind.ACTION else intake.undo_import
        is_asked = undoing(found)
    except runs.Overtaken:
        db.session.rollback()
        is_asked = False
    if is_asked:
        db.session.commit()
        if found.kind is RunKind.ACTION:
            jobs.carry_few(found.id)
    elif found.state not in UNDOES:  # a second click finds the first one's work
        said = gettext("This can no longer be undone; nothing was changed.")
        flash(Markup("{}").format(said), "warning")
    return redirect(url_for("running.run", slug=employer.slug, run_id=run_id), 303)
