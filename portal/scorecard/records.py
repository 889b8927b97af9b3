"""What an employer's own records say: how candidates wait, what was promised, who was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from portal.statistics.survival import GhostRate, Share


@dataclass(frozen=True)
class Curve:
    """Share (0..1) told by the end of day 0, 1, 2 … with 95 % limits.

    Nobody was watched after day `followed_days`; beyond it the curve only repeats itself.
    `all_told`: everybody decided on was told by then; what was stored without it claims nothing.
    """

    told: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    followed_days: int
    all_told: bool = False

    def is_followed(self, days: int) -> bool:
        """Whether somebody was still watched after DAYS, or everybody had been told before."""
        return self.followed_days >= days or self.all_told


@dataclass(frozen=True)
class DecisionTime:
    """Days from the last interview to the decision, over `n` decisions."""

    n: int
    median_days: int | None
    p90_days: int | None


@dataclass(frozen=True)
class Promises:
    """Decisions with a promised date that came, kept or broken, and those without one."""

    made: int
    kept: int
    broken: int
    not_made: int
    kept_share: Share


@dataclass(frozen=True)
class Feedback:
    """Of those told: how many were told why, and how."""

    none: int
    general: int
    specific: int

    @property
    def told(self) -> int:
        return self.none + self.general + self.specific


@dataclass(frozen=True)
class Flag:
    """A reason to look twice; it changes no figure."""

    name: str


@dataclass(frozen=True)
class Habits:
    """Habits of telling over `decided` decisions. `told_by`, `ghost`: by days after the decision.

    `channels`: decisions by how they were told, "none" for not. `told`: heads told by those days,
    where `told_by` allows for those whose days are not over yet.
    """

    decided: int
    told_by: Mapping[int, Share]
    median_days: int | None
    curve: Curve
    ghost: Mapping[int, GhostRate]
    channels: Mapping[str, int]
    as_of: date
    decision: DecisionTime | None = None
    promises: Promises | None = None
    feedback: Feedback | None = None
    flags: tuple[Flag, ...] = ()
    told: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class WaitingNow:
    """Who waits now: decided on and untold, the oldest for `oldest_days`; or without a decision."""

    untold: int
    oldest_days: int | None
    undecided: int


@dataclass(frozen=True)
class Month:
    """Of those decided on in the month that begins on `first`: how many, and how many are told."""

    first: date
    decided: int
    told: int


@dataclass(frozen=True)
class Coverage:
    """From decision to answer, in people.

    decided = invited - undecided_invited + waiting + skipped. `withdrew`: decided, and nothing to
    tell. `skipped`: not asked, by reason. `answered`: in standing releases only.
    """

    decided: int
    told: int
    invited: int
    waiting: int
    delivered: int
    answered: int
    withdrew: int = 0
    undecided_invited: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def to_be_told(self) -> int:
        """How many of those decided upon had something to hear."""
        return self.decided - self.withdrew
