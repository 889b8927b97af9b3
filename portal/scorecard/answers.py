"""What is released of candidates' answers, as pages show it: rounded, and never below the floor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from portal.statistics.score import Estimate
from portal.statistics.survival import Share

Label = Literal["early"]
# Why a period has no figures of its own: no release stands in it, or all do; or answers, in it or
# outside it, are below the floor.
WhyOff = Literal["none", "all", "few"]


@dataclass(frozen=True)
class Rating:
    """A mean of 1 to 5 stars with its 95 % limits."""

    stars: float
    low: float
    high: float


@dataclass(frozen=True)
class Score(Rating):
    """A rating, and the same in points from 0 to 100 with their 95 % limits."""

    points: int
    points_low: int
    points_high: int


@dataclass(frozen=True)
class GroupRating(Rating):
    """The rating of one published group, and the answers in it."""

    answers: int


@dataclass(frozen=True)
class Opinion(Share):
    """A share (0..1) of those who answered a question, weighted to all who were asked.

    `answers`: how many answered it; `shown`: whether these reach the floor.
    """

    answers: int
    shown: bool


@dataclass(frozen=True)
class WhatIf:
    """Stars on average, were those who did not answer a quarter or half a star lower."""

    response_rate: float
    quarter: float
    half: float


@dataclass(frozen=True)
class Agreement:
    """Answers by what the employer recorded and what the candidate says of being told.

    `denied`: of those recorded as told, the share who say they were not. `kappa`: Cohen's.
    """

    both: int
    recorded_only: int
    reported_only: int
    neither: int
    denied: Share
    kappa: float | None
    is_denied_flag: bool

    @property
    def answers(self) -> int:
        return self.both + self.recorded_only + self.reported_only + self.neither


@dataclass(frozen=True)
class Wave:
    """Stars of those who answered after the reminder, less those before; 95 % limits."""

    difference: float
    low: float
    high: float
    differs: bool


@dataclass(frozen=True)
class Difference:
    """Stars on the average more, or fewer, with 95 % limits."""

    stars: float
    low: float
    high: float


@dataclass(frozen=True)
class PlatformLever(Difference):
    """A lever over all employers together; `answers` rounded down, None where not known."""

    employers: int
    answers: int | None = None


@dataclass(frozen=True)
class Lever:
    """What would go with a habit, were it everybody's; `own` is None where it is hidden."""

    name: str
    own: Difference | None
    reason_hidden: str | None = None
    chance_largest: float | None = None
    platform: PlatformLever | None = None


@dataclass(frozen=True)
class Levers:
    """The levers of one employer, and how they stand to each other.

    `largest`: the one for certain, or else those that may be. `not_told_apart`: sets of names.
    """

    all: tuple[Lever, ...] = ()
    largest: tuple[str, ...] = ()
    not_told_apart: tuple[tuple[str, ...], ...] = ()

    @property
    def shown(self) -> list[tuple[Lever, Difference]]:
        """What may be shown, the highest first."""
        shown = [(lever, lever.own) for lever in self.all if lever.own]
        return sorted(shown, key=lambda one: -one[1].stars)

    @property
    def hidden(self) -> list[Lever]:
        return [lever for lever in self.all if not lever.own]


@dataclass(frozen=True)
class Release(Rating):
    """One release on the trend line."""

    number: int
    released_on: date
    answers: int


@dataclass(frozen=True)
class PeriodFigures:
    """What the releases of a period say, older and newer ones alike; none of it below the floor.

    `since`: the day of its first release. `change`: stars less those of all earlier releases.
    """

    since: date
    releases: int
    answers: int
    rating: Rating
    nps: Estimate
    resentment: Opinion | None = None
    chased: Opinion | None = None
    change: Estimate | None = None
    dimensions: Mapping[str, Mapping[str, GroupRating]] = field(default_factory=dict)


@dataclass(frozen=True)
class Period:
    """The releases of the last `days` days up to the card's; whole ones only."""

    days: int
    figures: PeriodFigures | None
    why_off: WhyOff | None = None


@dataclass(frozen=True)
class Reputation:
    """All that comes from released answers; there is none below the floor.

    What an earlier version did not store has a default. `nps`: candidate NPS, −100 to 100.
    `histogram`: answers with 1, 2, 3, 4, 5 stars, None below the floor of files. `prior`: where the
    belief before any answer comes from. `change`: stars of the last 90 days less before; `newest`:
    of the newest release less the one before. `dimensions`: groups by level, where the audit let
    them out. `periods`: the shortest first. `heard_how`, `no_reason`: of those told, the shares by
    how they heard; who was not told why. `published`, `kept_out`: comments on the public page;
    readable ones that stay out for their rare language.
    """

    answers: int
    score: Score
    nps: Estimate
    resentment: Opinion
    chased: Opinion
    histogram: tuple[int, ...] | None
    prior: str
    as_of: date
    label: Label | None = None
    what_if: WhatIf | None = None
    dimensions: Mapping[str, Mapping[str, GroupRating]] = field(default_factory=dict)
    periods: tuple[Period, ...] = ()
    heard_how: Mapping[str, Opinion] = field(default_factory=dict)
    no_reason: Opinion | None = None
    agreement: Agreement | None = None
    wave: Wave | None = None
    change: Estimate | None = None
    newest: Estimate | None = None
    levers: Levers = Levers()
    lever_answers: int = 0
    levers_fitted_on: date | None = None
    published: int = 0
    kept_out: int = 0
    held_back: bool = False

    @property
    def records_are_denied(self) -> bool:
        """Whether what candidates say casts doubt on the records that levers are made of."""
        return self.agreement is not None and self.agreement.is_denied_flag

    @property
    def periods_shown(self) -> list[tuple[int, PeriodFigures]]:
        """Days and figures of the periods that have some."""
        return [(one.days, one.figures) for one in self.periods if one.figures]
