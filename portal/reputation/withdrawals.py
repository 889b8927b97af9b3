"""Taking an answer back, forgetting answers after a year, and giving up what no key opens."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from portal import audit, closure, invitations, links, surveys
from portal.config import settings
from portal.extensions import db
from portal.models import NEVER_POOLED, Batch, Employer, PlatformFit, SealedAnswer, Words
from portal.reputation.batches import close_pool, delete_words, live_batches, withdraw_batch
from portal.reputation.levers import open_fit
from portal.reputation.scorecards import refresh_scorecard
from portal.reputation.sums import open_sums, seal, sealer
from portal.seals import SealBroken

MONTH = timedelta(days=365) / 12
CHUNK = 500


def withdraw_answer(opened: invitations.OpenedInvitation, now: datetime) -> bool:
    """Take back the answer given by this link, for good; False if there is none.

    If it was public, its whole batch leaves every page at once; the batch's other answers wait and
    come back together with enough fresh ones, so that nobody can see what is missing. Nothing of
    the invitation, the candidate or the log is touched.
    """
    employer = opened.invitation.employer
    surveys.lock_employer(employer.id)
    given = surveys.find_answer(opened)
    today = closure.local_day(employer, now)
    if given is None:
        batch = find_forgotten(opened, now)
        if batch:
            _withdraw_forgotten(employer, batch, today)
            refresh_scorecard(employer, now)
        return batch is not None
    answer = given.answer
    if answer.is_withdrawn:
        return False
    gone = replace(answer, is_withdrawn=True, answers={}, label=None, words_id=None)
    surveys.reseal_group(gone, given.batch_id)
    if answer.words_id:
        delete_words(Words.id == answer.words_id)
    if given.batch_id:
        withdraw_batch(employer, db.session.get_one(Batch, given.batch_id), today)
        refresh_scorecard(employer, now)
    return True


def kept_for() -> timedelta:
    """How long sealed answers are kept after their release, or their decision while they wait."""
    return settings().KEEP_ANSWERS_MONTHS * MONTH


def find_forgotten(opened: invitations.OpenedInvitation, now: datetime) -> Batch | None:
    """The release that the answer of this link counts in, though the answer itself is forgotten."""
    employer = opened.invitation.employer
    last = opened.invitation.last_mailed_at
    if not opened.is_answered or last is None or last > now - kept_for():
        return None
    keys = [
        key for turn in range(surveys.MOST_TURNS) for key in links.answer_keys(opened.token, turn)
    ]
    by = sealer()
    for batch in live_batches(employer, with_sums=True):
        if batch.released_on <= _forgotten_by(now) and open_sums(batch, by).holds(keys):
            return batch
    return None


def may_be_forgotten(opened: invitations.OpenedInvitation, now: datetime) -> bool:
    """Whether an answer of this link could have been deleted only because time went by."""
    week = opened.invitation.week
    return week is not None and week < (now - kept_for()).date()


def _forgotten_by(now: datetime) -> date:
    """Releases of that day and before are a day old enough in every time zone."""
    return (now - kept_for()).date()


def _withdraw_forgotten(employer: Employer, batch: Batch, today: date) -> None:
    """Nobody knows any more which line and words were theirs: all of the pool go, for good, and
    those of the release that came out with another."""
    theirs = open_sums(batch, sealer()).words
    for start in range(0, len(theirs), CHUNK):
        delete_words(Words.id.in_(theirs[start : start + CHUNK]))
    pool = batch.pool
    if pool:
        close_pool(employer, pool)
        delete_words(Words.employer_id == employer.id, Words.pool == pool)
    withdraw_batch(employer, batch, today)


def forget_answers(now: datetime) -> int:
    """Delete the sealed answers of releases that are old enough, one release a call; how many.

    What they add up to stays; what is in no pool yet can come into none. Call again, committing
    between, until 0.
    """
    has_answers = sa.exists().where(
        SealedAnswer.employer_id == Batch.employer_id, SealedAnswer.batch_id == Batch.id
    )
    old = sa.select(Batch).where(Batch.released_on <= _forgotten_by(now), has_answers)
    batch = db.session.scalar(old.order_by(Batch.id).limit(1).options(undefer(Batch.sums)))
    if batch is None:
        return 0
    employer = db.session.get_one(Employer, batch.employer_id)
    surveys.lock_employer(employer.id)
    _note_words(employer, batch)
    if batch.pool is None:
        batch.pool = NEVER_POOLED
    db.session.flush()
    gone = sa.delete(SealedAnswer).where(
        SealedAnswer.employer_id == employer.id, SealedAnswer.batch_id == batch.id
    )
    found = db.session.execute(gone.execution_options(synchronize_session=False))
    return int(found.rowcount)  # type: ignore[attr-defined]


def _note_words(employer: Employer, batch: Batch) -> None:
    """Keep, among the sealed sums of BATCH, which words came from it, for a withdrawal to find."""
    answers = surveys.open_batch(employer, batch.id).answers
    words = sorted(one.words_id for one in answers if one.words_id)
    by = sealer()
    with suppress(SealBroken):  # of sums that do not open nothing is left to withdraw
        seal(replace(open_sums(batch, by), words=words), batch, by)


def list_waiting() -> list[int]:
    """Ids of the employers of whose answers some wait to be released."""
    waiting = sa.select(SealedAnswer.employer_id).where(SealedAnswer.batch_id.is_(None))
    return list(db.session.scalars(waiting.distinct().order_by(SealedAnswer.employer_id)))


def forget_waiting(employer: Employer, now: datetime) -> int:
    """Delete what has waited for too long to be released; how many.

    Words that wait go with it, all of the employer's: of one alone, copies of the database would
    tell whose they were, and their writer could not take them back any more.
    """
    surveys.lock_employer(employer.id)
    forgotten = surveys.forget_waiting(employer, now.date(), kept_for())
    if forgotten:
        delete_words(Words.employer_id == employer.id, Words.pool.is_(None))
    return forgotten


@dataclass(frozen=True)
class Broken:
    """What no key opens: keys of answers, releases whose sums do not open, or some of whose answers
    do not."""

    answers: tuple[str, ...]
    sums: tuple[Batch, ...]
    batches: tuple[Batch, ...]

    @property
    def releases(self) -> list[int]:
        """Numbers of the releases that are concerned."""
        return sorted({batch.number for batch in (*self.sums, *self.batches)})


def find_broken(employer: Employer) -> Broken:
    """Look into every seal of EMPLOYER."""
    answers, sums, batches = list(surveys.open_batch(employer, None).broken), [], []
    by = sealer()
    for batch in live_batches(employer, with_sums=True):
        if broken := surveys.open_batch(employer, batch.id).broken:
            answers += broken
            batches.append(batch)
        try:
            open_sums(batch, by)
        except SealBroken:
            sums.append(batch)
    return Broken(tuple(answers), tuple(sums), tuple(batches))


def discard_broken(employer: Employer, now: datetime) -> Broken:
    """Give up what no key opens, for good: nobody can look at it any more, its writers neither.

    Releases concerned leave every figure and file. Answers of theirs that open wait, and count
    again with the next ones.
    """
    surveys.lock_employer(employer.id)
    broken, today = find_broken(employer), closure.local_day(employer, now)
    for key in broken.answers:
        db.session.execute(sa.delete(SealedAnswer).where(SealedAnswer.key == key))
    for batch in {*broken.sums, *broken.batches}:
        withdraw_batch(employer, batch, today)
    employer.seal_trouble = None
    _discard_fits()
    refresh_scorecard(employer, now)
    if broken.answers or broken.sums:
        audit.record("answers.discarded", employer.id)
    return broken


def _discard_fits() -> None:
    """Fits that no key opens; tonight's takes their place."""
    for fit in db.session.scalars(sa.select(PlatformFit).where(PlatformFit.sealed.is_not(None))):
        try:
            open_fit(fit)
        except SealBroken:
            db.session.delete(fit)
    db.session.flush()
