"""What each job does: one call into the modules below, committed step by step.

Jobs carry no data; the rows are the truth.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial

import sqlalchemy as sa

from portal import (
    audit,
    credentials,
    hiring,
    invitations,
    outbox,
    privacy,
    reputation,
    schema,
    surveys,
    team,
)
from portal.extensions import db, reading
from portal.jobs.chunks import Chunks
from portal.mail_kinds import KINDS
from portal.models import Employer, JobLease
from portal.seals import SealBroken
from portal.sentiment.resources import version as analyzer_version
from portal.sentiment.results import Calibration, Sentiment

log = logging.getLogger(__name__)

TRIES = 3
PLATFORM_SECONDS = 300  # then other jobs have their turn; what is left goes on from there
MOST_PEOPLE = 500  # retired at once
MOST_ROWS, LEAST_ROWS = 500, 10  # of what is looked at again and again
RETIRE_SECONDS = 300  # the first time on a large database; the rest another day


@cache
def load_analyzer() -> surveys.Analyzer:
    """What loads TextBlob with the first text it is given, and so never in the web process."""

    class Reader:
        version = analyzer_version()

        def __call__(
            self, text: str, language: str | None, calibration: Calibration | None = None
        ) -> Sentiment:
            from portal.sentiment.analyzer import analyze

            return analyze(text, language, calibration)

    return Reader()


def _drain(step: Callable[[int], int]) -> int:
    """STEP, given how many rows it may take, committed each time, until nothing is left to do."""
    chunks, total = Chunks(MOST_ROWS, LEAST_ROWS), 0
    while done := chunks.run(partial(step, chunks.size)):
        total += done
    return total


def settle(now: datetime) -> int:
    """Take note of what became of emails: told begins, invitations are skipped or stand."""
    return _drain(lambda most: outbox.settle_next(KINDS, now, most))


def invite(now: datetime) -> int:
    """Queue invitations and reminders that are due, by the settings as they are now."""
    _drain(hiring.owe_anew)
    _drain(lambda most: invitations.plan_anew(now, most))
    invited = _drain(lambda most: invitations.send_due(now, most))
    return invited + _drain(lambda most: invitations.remind_due(now, most))


def mail_links(now: datetime) -> int:
    """Owe a link to those who have forgotten their password and asked for one."""
    return _drain(lambda _most: credentials.answer_requests(now))


def deliver(is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Send what is owed, over parallel connections."""
    return outbox.deliver_due(KINDS, is_stopping)


def sweep(now: datetime) -> int:
    """Free or settle what a dead worker held; cancel what has gone stale."""
    return outbox.sweep(KINDS, now)


def rescore(
    analyzer: surveys.Analyzer,
    edition: surveys.Edition,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Let EDITION, one of ANALYZER's version, read all that it has not read; how many that were.

    Calls ON_PROGRESS(done, of how many) after each chunk; what was done before an end stays.
    Texts are read without a lock, since that takes long.
    """
    chunks, done = Chunks(), 0
    with reading():
        total = surveys.count_unread(edition)
    while True:
        with reading():
            readings = surveys.read_next(analyzer, edition)
        db.session.rollback()
        if not readings:
            return done
        chunks.run(partial(surveys.keep_readings, readings, edition))
        done += len(readings)
        on_progress(done, max(total, done))


def release(now: datetime) -> int:
    """Release the batches whose day, week or month has come, or that somebody has asked for."""
    return _for_each(
        reputation.list_due(now), lambda employer: _release(employer, now, is_due_only=True) > 0
    )


def ask_release(employer: Employer, now: datetime) -> None:
    """Have a worker release what EMPLOYER's waiting answers allow, at its next look; no commit.

    Not done here: comments are read before they are released, and only workers load TextBlob.
    """
    employer.release_asked_at = now
    audit.record("release.asked", employer.id)
    db.session.execute(
        sa.update(JobLease).where(JobLease.name == release.__name__).values(next_run_at=now)
    )


def _release(employer: Employer, now: datetime, *, is_due_only: bool = False) -> int:
    """Release what may be of EMPLOYER's waiting answers, and commit; how many answers.

    Planned without a lock, since that takes long; planned anew if somebody changed an answer
    meanwhile. Its turn ends with the transaction of its release, so that who takes over from a
    worker that died releases neither nothing nor twice.
    """
    slug, asked_at = employer.slug, employer.release_asked_at
    reputation.refresh_habits(employer, now)
    db.session.commit()
    for _ in range(TRIES):
        if is_due_only and not reputation.is_due(employer, now):
            return 0  # another worker was faster
        batch, trouble = None, None
        try:
            with reading():
                planned = reputation.plan_release(employer, now, load_analyzer())
            db.session.rollback()
            batch = reputation.carry_out(employer, planned, now) if planned else None
        except reputation.Overtaken:
            db.session.rollback()
            continue
        except (SealBroken, reputation.SealsBroken) as error:
            db.session.rollback()
            log.error("%s: not released, a seal does not open: %s", slug, error)
            trouble = str(error)
        employer.seal_trouble = trouble  # `flask status` names it
        reputation.end_turn(employer, asked_at, now)
        released = batch.answers if batch else 0
        db.session.commit()
        if released:
            schema.clear_log()
        return released
    log.warning("%s: answers change faster than they are released; tried again later", slug)
    return 0


def release_now(employers: list[Employer], now: datetime) -> dict[str, int]:
    """Release what may be released at all; answers released, by slug."""
    reputation.hold_floors()
    db.session.commit()
    return {employer.slug: _release(employer, now) for employer in employers}


def forget(now: datetime) -> int:
    """Delete sealed answers that have been kept for as long as they may be."""
    forgotten = _drain(lambda _most: reputation.forget_answers(now))
    return forgotten + _for_each(
        reputation.list_waiting(), lambda employer: reputation.forget_waiting(employer, now)
    )


def clear_log(_now: datetime) -> int:
    """Empty SQLite's log, in which what was taken back or published anew still stands."""
    schema.clear_log()
    return 0


def habits(now: datetime) -> int:
    """Bring habits and coverage up to date where something has happened, or a day has begun."""

    def refresh(employer: Employer) -> int:
        reputation.refresh_habits(employer, now)
        return 0

    return _for_each(reputation.list_stale(now), refresh)


def platform(now: datetime) -> int:
    """Tonight's fit over all employers: the records of one after the other, then the fit.

    Until others must have their turn. Worked out without a lock, since that takes long.
    """
    until, chunks = time.monotonic() + PLATFORM_SECONDS, Chunks()
    while chunks.run(partial(reputation.refresh_platform, now)):
        if time.monotonic() > until:
            return 0
    with reading():
        planned = reputation.plan_fit(now)
    db.session.rollback()
    if planned:
        reputation.keep_fit(planned, now)
        db.session.commit()
    return 0


def erase(now: datetime) -> int:
    """Erase who asked for it and whose day has come."""
    erased = _drain(lambda _most: privacy.erase_due(now))
    if erased:
        schema.clear_log()
    return erased


def retire(now: datetime) -> int:
    """Let go of names and letters of who was told and done long ago, of numbers after that, and of
    who was invited to a team long ago."""
    until, after, changed = time.monotonic() + RETIRE_SECONDS, 0, 0
    people, records = Chunks(MOST_PEOPLE), Chunks(MOST_PEOPLE)
    while time.monotonic() < until and (
        step := people.run(partial(privacy.retire_people, now, after, people.size))
    ):
        after, changed = step.last_id, changed + step.retired
    while ended := records.run(partial(privacy.end_records, now, records.size)):
        changed += ended
    changed += _drain(lambda _most: team.forget_invitations(now))
    if changed:
        schema.clear_log()
    return changed


def _for_each(employer_ids: Sequence[int], step: Callable[[Employer], int]) -> int:
    """STEP for one employer after the other, committed each; the sum of what they return.

    By id: objects held over a commit are all read anew after it, so that the time would grow with
    the square of their number. One employer's trouble keeps no other from its turn.
    """
    total, chunks = 0, Chunks()

    def turn(employer_id: int) -> int:
        return step(db.session.get_one(Employer, employer_id))

    for employer_id in employer_ids:
        try:
            total += chunks.run(partial(turn, employer_id))
        except Exception as error:
            db.session.rollback()
            if isinstance(error, sa.exc.SQLAlchemyError) and not isinstance(
                error, sa.exc.IntegrityError
            ):
                raise  # the database is away: every other employer would fare the same
            log.exception("employer %s: tried again at the job's next time", employer_id)
    return total
