"""From an employer's released answers to its published figures: sums in, typed values out.

Every figure is rounded here as pages show it: what is stored in clear is never finer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.config import settings
from portal.reputation.asked import Invited
from portal.reputation.parts import AFTER, BEFORE, RECORDED_NOT, RECORDED_TOLD, WAVE
from portal.reputation.sums import Sums
from portal.scorecard import Agreement, GroupRating, Opinion, Rating, Score, Wave, WhatIf
from portal.statistics import flags, score, survival

MIDDLE_OF_WEEK = timedelta(days=3)
RECENT = timedelta(days=90)

Classes = Sequence[Sequence[str]]  # of options, each class counted together

STARS: Classes = [(str(star),) for star in range(1, 6)]
# Detractors, passives, promoters.
NPS: Classes = [
    [str(number) for number in range(low, high)] for low, high in ((0, 7), (7, 9), (9, 11))
]
RESENTFUL = ("elsewhere",)
CHASERS = ("once", "more")
HEARD = ("phone", "personal", "automatic")
NO_REASON = ("no",)


@dataclass(frozen=True)
class Released:
    """One live batch, opened.

    weighted: by question and classes, what `weigh_one_by_one` has found of it, kept since periods
    and changes are unions of the same batches.
    """

    released_on: date
    answers: int
    sums: Sums
    weighted: dict[Any, score.WeightedCounts] = field(
        default_factory=dict, compare=False, repr=False
    )


@dataclass(frozen=True)
class Weighing:
    """Answers of some releases and who was asked, in rows of one age each.

    The first rows are RELEASES, whose answers all count alike; then the weeks of those asked.
    """

    releases: Sequence[Sums]
    ages: Sequence[int]
    population: NDArray[np.int64]  # (rows, 6)

    def table(self, question: str, classes: Classes) -> NDArray[np.int64]:
        """(rows, 6 cells, CLASSES) answers to QUESTION."""
        answers = table_of(self.releases, question, classes)
        return np.pad(answers, ((0, len(self.ages) - len(answers)), (0, 0), (0, 0)))

    def weigh(
        self, table: NDArray[np.int64], *, fades: bool = True, by_release: bool = False
    ) -> score.WeightedCounts:
        """TABLE after post-stratification, and unless told otherwise discount.

        Cells below the floor are weighted with their neighbours: the same answers, shown again
        when more people had been asked, would tell what the one answer in a cell was. by_release:
        also those that are below it in one release, for figures with few possible answers.
        """
        half_life = float(settings().HALF_LIFE_DAYS) if fades else None
        floor = settings().MIN_ANSWERS
        if by_release:
            together = score.collapse_by_release(table.sum(2), floor)
        else:
            together = score.collapse_cells(table.sum((0, 2)), floor)
        merge = np.eye(score.CELLS, dtype=np.int64)[together]
        given = np.einsum("ct,wcj->wtj", merge, table)
        asked = self.population @ merge
        return score.weighted_star_counts(given, asked, self.ages, half_life)

    def share(self, question: str, some: Sequence[str]) -> Opinion:
        """The share of SOME among everybody who answered QUESTION; hidden below the floor."""
        table = self.table(question, no_and_yes(self.releases, question, some))
        given = int(table.sum())
        found = rounded_share(score.weighted_share(self.weigh(table, by_release=True)))
        return Opinion(**vars(found), answers=given, shown=given >= settings().MIN_ANSWERS)


def table_of(releases: Sequence[Sums], question: str, classes: Classes) -> NDArray[np.int64]:
    """(RELEASES, 6 cells, CLASSES) answers to QUESTION."""
    table = np.zeros((len(releases), score.CELLS, len(classes)), np.int64)
    for place, sums in enumerate(releases):
        for cell, given in sums.counts.get(question, {}).items():
            table[place, cell] = [sum(given.get(one, 0) for one in some) for some in classes]
    return table


def no_and_yes(releases: Sequence[Sums], question: str, some: Sequence[str]) -> Classes:
    """The options of QUESTION in two classes: all that are not SOME, and SOME."""
    cells = (options for one in releases for options in one.counts.get(question, {}).values())
    options = set[str]().union(*cells)
    return [sorted(options - set(some)), some]


def weighing_of_releases(batches: Sequence[Released], invited: Invited, today: date) -> Weighing:
    """BATCHES, each as old as its release, and INVITED by week.

    Not by the week of each decision: answers would then count by weights that an employer knows
    one by one, and a rounded share of few answers could be solved for them.
    """
    weeks = sorted({week for week, _ in invited})
    # Who was asked fades too, but is never gone while an answer of theirs still counts.
    faded = [min((today - week - MIDDLE_OF_WEEK).days, score.MAX_AGE_DAYS) for week in weeks]
    ages = [(today - one.released_on).days for one in batches]
    population = np.zeros((len(batches) + len(weeks), score.CELLS), np.int64)
    place = {week: len(batches) + number for number, week in enumerate(weeks)}
    for (week, cell), count in invited.items():
        population[place[week], cell] = count
    sums = [one.sums for one in batches]
    if len(population):  # who answered was asked, even if their invitation has changed
        answered = table_of(sums, "overall", STARS).sum((0, 2))
        population[-1] += np.maximum(answered - population.sum(0), 0)
    return Weighing(sums, [max(0, age) for age in (*ages, *faded)], population)


def weigh_one_by_one(
    batches: Sequence[Sums], question: str, classes: Classes
) -> list[score.WeightedCounts]:
    """CLASSES of answers to QUESTION of each batch, weighted to who was asked for it, and alone."""
    invited = [[one.asked.get(cell, 0) for cell in range(score.CELLS)] for one in batches]
    asked = np.array(invited, np.int64).reshape(-1, score.CELLS)
    answered = table_of(batches, "overall", STARS).sum(2)  # and so asked, as above
    table = table_of(batches, question, classes)
    return score.weighted_one_by_one(table, np.maximum(asked, answered), settings().MIN_ANSWERS)


def _round(value: float, digits: int) -> float:
    """VALUE as it is shown; never minus nothing."""
    return round(value, digits) + 0.0


def rounded_share(found: survival.Share) -> survival.Share:
    """FOUND to the hundredth; `n`, which counts answers, to the whole."""
    share = None if found.share is None else _round(found.share, 2)
    return survival.Share(share, _round(found.low, 2), _round(found.high, 2), _round(found.n, 0))


def rounded_estimate(found: score.Estimate, digits: int) -> score.Estimate:
    return score.Estimate(*(_round(one, digits) for one in (found.value, found.low, found.high)))


def as_shown(found: score.Posterior) -> Score:
    """FOUND to the tenth of a star and the whole point."""
    return Score(
        stars=_round(found.stars, 1),
        low=_round(found.stars_low, 1),
        high=_round(found.stars_high, 1),
        points=round(found.score),
        points_low=round(found.score_low),
        points_high=round(found.score_high),
    )


def rate(one: Weighing, prior: score.Prior) -> tuple[int, score.Posterior]:
    """How many released answers ONE weighs, and their score. Formulas: `statistics.score`."""
    stars = one.table("overall", STARS)
    answers = int(stars.sum())
    return answers, score.widened(score.posterior_score(one.weigh(stars), prior), answers)


def nps_of(one: Weighing) -> score.Estimate:
    weighted = one.weigh(one.table("recommend", NPS), by_release=True)
    return rounded_estimate(score.candidate_nps(weighted), 0)


def what_if(one: Weighing, answers: int, posterior: score.Posterior) -> WhatIf | None:
    """The average if those who did not answer were lower."""
    if not answers:
        return None
    response_rate = answers / int(one.population.sum())
    lower = (round(score.what_if(posterior.stars, response_rate, by), 1) for by in (0.25, 0.5))
    return WhatIf(round(response_rate, 2), *lower)


def rate_batch(sums: Sums, prior: score.Prior) -> Rating:
    """A batch alone: its point on the trend, to a tenth."""
    (counts,) = weigh_one_by_one([sums], "overall", STARS)
    return rate_counts(counts, sum(sums.stars), prior)


def rate_counts(counts: score.WeightedCounts, answers: int, prior: score.Prior) -> Rating:
    """Stars of weighted COUNTS of so many ANSWERS, to a tenth."""
    found = as_shown(score.widened(score.posterior_score(counts, prior), answers))
    return Rating(found.stars, found.low, found.high)


# -- sums over parts of batches -------------------------------------------------------------------


def group_by(
    batches: Sequence[Released], dimension: str, prior: score.Prior
) -> dict[str, GroupRating]:
    """The rating of each level of DIMENSION; of none, if too few answers stand in no level.

    A batch that was broken down under a lower floor than today's is so no longer: of the level that
    is too small now, the others and the total would tell.
    """
    totals: dict[str, NDArray[np.int64]] = {}
    for one in batches:
        levels = one.sums.parts.get(dimension, {})
        if levels and min(map(sum, levels.values())) >= settings().MIN_ANSWERS:
            for level, stars in levels.items():
                totals[level] = totals.get(level, 0) + np.array(stars, np.int64)
    answers = {level: int(stars.sum()) for level, stars in totals.items()}
    if not is_enough_or_none(sum(one.answers for one in batches) - sum(answers.values())):
        return {}
    rated = {}
    for level, stars in totals.items():
        counts = score.WeightedCounts(tuple(map(float, stars)), answers[level])
        rating = rate_counts(counts, answers[level], prior)
        rated[level] = GroupRating(**vars(rating), answers=answers[level])
    return rated


def is_enough_or_none(answers: int) -> bool:
    """Whether what is left of a total may be told by the rest: it holds the floor, or nobody."""
    return answers == 0 or answers >= settings().MIN_ANSWERS


def agreement_of(batches: Sequence[Released]) -> Agreement | None:
    """The log against what candidates say; kappa only from releases with both its rows."""
    tables = [one.sums.reported for one in batches if RECORDED_TOLD in one.sums.reported]
    both, denied = _said(tables, RECORDED_TOLD)
    if both + denied < settings().MIN_ANSWERS:
        return None
    whole = [table for table in tables if RECORDED_NOT in table]
    of_untold = _said(whole, RECORDED_NOT)
    found = survival.AgreementTable(both, denied, *of_untold)
    kappa = survival.AgreementTable(*_said(whole, RECORDED_TOLD), *of_untold).kappa
    return Agreement(
        **vars(found),
        denied=rounded_share(found.denied),
        kappa=None if kappa is None else round(kappa, 2),
        is_denied_flag=flags.log_is_denied(found),
    )


def _said(tables: Sequence[dict[str, list[int]]], recorded: str) -> tuple[int, int]:
    """How many of those so RECORDED say that they were told, and how many that they were not."""
    return sum(table[recorded][0] for table in tables), sum(table[recorded][1] for table in tables)


def wave_of(batches: Sequence[Released]) -> Wave | None:
    """Those who answered after the reminder against those before it."""
    waves = [one.sums.parts[WAVE] for one in batches if WAVE in one.sums.parts]
    nothing = np.zeros((score.CELLS, 3), np.int64)
    before, after = (
        sum((np.array(wave[side]) for wave in waves if side in wave), nothing)
        for side in (BEFORE, AFTER)
    )
    exact = flags.wave_check(before, after)
    if exact is None:
        return None
    found = rounded_estimate(exact, 1)
    return Wave(found.value, found.low, found.high, flags.others_may_differ(exact))


def change_since(batches: Sequence[Released], day: date) -> score.Estimate | None:
    """Releases after DAY against all until then."""
    recent = [one for one in batches if one.released_on > day]
    earlier = [one for one in batches if one.released_on <= day]
    return _compare(recent, earlier, score.MIN_ANSWERS_PER_SIDE)


def newest_of(batches: Sequence[Released]) -> score.Estimate | None:
    """The newest of BATCHES, oldest first, against the one before it."""
    if len(batches) < 2:
        return None
    before, newest = batches[-2:]
    return _compare([newest], [before], settings().MIN_ANSWERS)


def _compare(
    recent: Sequence[Released], earlier: Sequence[Released], least: int
) -> score.Estimate | None:
    found = score.rating_change(
        add_up(recent, "overall", STARS),
        add_up(earlier, "overall", STARS),
        sum(one.answers for one in recent),
        sum(one.answers for one in earlier),
        least,
    )
    return rounded_estimate(found, 1) if found else None


def add_up(batches: Sequence[Released], question: str, classes: Classes) -> score.WeightedCounts:
    """CLASSES of answers to QUESTION, each of BATCHES weighted to who was asked for it, and alone.

    So no group of fewer answers than the floor has a weight of its own, in whatever union.
    """
    key = question, tuple(map(tuple, classes))
    lacking = [one for one in batches if key not in one.weighted]
    found = weigh_one_by_one([one.sums for one in lacking], question, classes)
    for one, weighted in zip(lacking, found, strict=True):
        one.weighted[key] = weighted
    counts, evidence = np.zeros(len(classes)), 0.0
    for one in batches:
        given, worth = np.array(one.weighted[key].counts), one.weighted[key].evidence
        if given.sum() > 0:
            counts, evidence = counts + worth * given / given.sum(), evidence + worth
    return score.WeightedCounts(tuple(counts.tolist()), evidence)
