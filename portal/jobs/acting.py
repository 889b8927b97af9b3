"""Actions on a selection, one transaction for each person: by a worker, or at once for a few."""

from collections.abc import Callable, Generator
from functools import partial

from portal import audit, bulk, runs
from portal.extensions import db
from portal.jobs.chunks import Chunks, tried
from portal.models import Run, RunState, utcnow

AT_ONCE = 20  # lines read at once
FEW = 50  # people about whom nobody needs to wait for a worker
Steps = Generator[int, None, None]


def carry_action(run_id: int) -> Steps:
    """Do what the run is for with one person after the other; yields how many."""
    chunks = Chunks(1)
    while numbers := _numbers(lambda: [one.number for one in bulk.take_waiting(run_id, AT_ONCE)]):
        for number in numbers:
            tried(chunks, partial(_as_its_user, run_id, partial(bulk.act, run_id, number)))
            yield 1
    chunks.run(partial(bulk.finish, run_id, utcnow()))


def undo_action(run_id: int) -> Steps:
    """Take the run back, person by person; yields how many."""
    chunks = Chunks(1)
    while numbers := _numbers(lambda: bulk.take_done(run_id, AT_ONCE)):
        for number in numbers:
            tried(chunks, partial(_as_its_user, run_id, partial(bulk.undo, run_id, number)))
            yield 1
    chunks.run(partial(bulk.finish, run_id, utcnow()))


def carry_few(run_id: int) -> None:
    """Carry the run out, or undo it, in this process if it is about few people; else a worker
    does."""
    run = db.session.get_one(Run, run_id)
    is_ours = run.total <= FEW and runs.claim_this(run_id, utcnow()) is not None
    steps = undo_action(run_id) if run.state is RunState.UNDOING else carry_action(run_id)
    db.session.commit()
    if not is_ours:
        return
    try:
        for _ in steps:
            pass
    except runs.Overtaken:
        db.session.rollback()


def _numbers(find: Callable[[], list[int]]) -> list[int]:
    found = find()
    db.session.rollback()
    return found


def _as_its_user(run_id: int, step: Callable[..., object]) -> None:
    run = db.session.get_one(Run, run_id)
    who = run.undone_by if run.undone_at is None and run.undone_by else run.user_id
    with audit.acting_for(who):
        step(now=utcnow())
