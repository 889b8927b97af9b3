"""The page of habits: who still waits, how fast and how candidates are told, what they say of it.

The employer's own records are counted in full; what comes from answers keeps its floor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal import figures, formatting, reputation
from portal.config import settings
from portal.figures import Chart, Figure
from portal.language import gettext
from portal.reputation import Dashboard, HabitGroup
from portal.scorecard import Agreement, Habits, WaitingNow


@dataclass(frozen=True)
class People:
    """The way from a figure to those behind it, by name."""

    group: HabitGroup
    label: str
    count: int


@dataclass(frozen=True)
class Counted:
    """A figure from the employer's own records, and the lists behind it."""

    figure: Figure
    people: Sequence[People]


@dataclass(frozen=True)
class Divided:
    """How decisions divide, drawn, and the list behind each bar."""

    title: str
    chart: Chart
    people: Sequence[People]


@dataclass(frozen=True)
class RecordAndWord:
    """The record against the candidates' word; a table only where a histogram may be."""

    denied: Figure
    table: Sequence[Sequence[str]] = ()
    base: str = ""
    kappa: str = ""


@dataclass(frozen=True)
class HabitsPage:
    """All that the page shows; `waiting`: who can still be told, as records stand now."""

    decided: str
    waiting: Figure
    median: str
    told: Sequence[Counted]
    curve: Chart | None
    no_curve: str
    silence: Sequence[Counted]
    ghost: Chart | None
    channels: Divided
    feedback: Divided | None
    no_feedback: Figure
    decision: Sequence[Figure]
    promises: Sequence[Counted]
    word: RecordAndWord
    flags: Sequence[str]


def habits_page(board: Dashboard, waiting: WaitingNow, *, with_people: bool) -> HabitsPage | None:
    """What the page shows of BOARD; None before the first decision.

    WITH_PEOPLE: ways to the lists, for who works with candidates.
    """
    habits = board.habits
    if not habits or not habits.decided:
        return None
    behind = _Behind(reputation.count_groups(habits), with_people)
    return HabitsPage(
        decided=figures.decisions(habits.decided),
        waiting=figures.people_waiting(waiting),
        median=figures.median_stat(habits),
        told=[
            Counted(figures.told_stat(habits, within), behind.who(group))
            for within, group in reputation.TOLD_WITHIN.items()
        ],
        curve=figures.told_chart(habits),
        no_curve=figures.no_curve(habits),
        silence=[
            Counted(figures.ghost_stat(habits, 1, within), behind.who(group))
            for within, group in reputation.LATE_AFTER.items()
        ],
        ghost=figures.ghost_chart(habits, 1),
        channels=_channels(behind),
        feedback=_feedback(figures.told_why(habits.feedback), behind),
        no_feedback=figures.told_why(habits.feedback),
        decision=figures.decision_time(habits.decision),
        promises=_promises(habits, behind),
        word=_record_and_word(board),
        flags=[figures.flag(one.name) for one in habits.flags],
    )


@dataclass(frozen=True)
class _Behind:
    """How many stand behind each figure, and whether the page leads to them."""

    counts: Mapping[HabitGroup, int]
    with_people: bool

    def named(self, names: Mapping[HabitGroup, str]) -> list[People]:
        """The lists of NAMES that have anybody in them."""
        if not self.with_people:
            return []
        counts = ((group, name, self.counts.get(group, 0)) for group, name in names.items())
        return [People(*one) for one in counts if one[2]]

    def who(self, group: HabitGroup) -> list[People]:
        """The one list behind a figure that says already what it is of."""
        return self.named({group: gettext("Who they are")})

    def divided(
        self, key: str, title: str, head: str, names: Mapping[HabitGroup, str], said: str
    ) -> Divided:
        """Decisions by NAMES, drawn, with a list behind each bar."""
        parts = [(name, self.counts.get(group, 0)) for group, name in names.items()]
        chart = figures.parts_of_all(key, title, (head, gettext("Decisions")), parts, said)
        return Divided(title, chart, self.named(names))


def _promises(habits: Habits, behind: _Behind) -> list[Counted]:
    made, kept = figures.promises(habits.promises)
    fates = {
        HabitGroup.PROMISE_BROKEN: gettext("Broken"),
        HabitGroup.PROMISE_KEPT: gettext("Kept"),
    }
    no_date = behind.named({HabitGroup.NO_PROMISE: gettext("No date promised")})
    return [Counted(made, no_date), Counted(kept, behind.named(fates))]


def _channels(behind: _Behind) -> Divided:
    """How candidates were told; every decision stands in one row."""
    names = {
        HabitGroup.SPOKEN: gettext("By phone or in person"),
        HabitGroup.WRITTEN: gettext("By email or letter"),
        HabitGroup.PORTAL: gettext("In your application portal"),
        HabitGroup.NOT_TOLD: gettext("Not told"),
    }
    decided = sum(behind.counts[group] for group in names)
    told = figures.decisions_of(decided - behind.counts[HabitGroup.NOT_TOLD], decided)
    said = gettext("Told by now: %(decisions)s.", decisions=told)
    return behind.divided(
        "channels", gettext("How they were told"), gettext("Channel"), names, said
    )


def _feedback(told_why: Figure, behind: _Behind) -> Divided | None:
    """Whether they were told why; None where nobody has been told."""
    if told_why.value is None:
        return None
    kinds = figures.feedback_names()
    names = {
        HabitGroup.SPECIFIC: kinds["specific"],
        HabitGroup.GENERAL: kinds["general"],
        HabitGroup.NO_REASON: kinds["none"],
    }
    title = gettext("Whether they were told why")
    return behind.divided("feedback", title, gettext("Reason"), names, told_why.sentence)


# -- the log and the candidates -------------------------------------------------------------------


def _record_and_word(board: Dashboard) -> RecordAndWord:
    """The record against the candidates' word; the four counts only where a histogram may be."""
    given = board.reputation
    found = given.agreement if given else None
    denied = figures.agreement(found, board.floor)
    if not given or not found or denied.value is None:
        return RecordAndWord(denied)
    if found.answers < settings().MIN_COMMENTS:
        return RecordAndWord(denied)
    return RecordAndWord(
        denied,
        _agreement_table(found),
        figures.agreement_base(found.answers, given.answers),
        figures.kappa(found.kappa),
    )


def _agreement_table(found: Agreement) -> list[list[str]]:
    """By record; a side with too few answers, of which nothing was kept, is left out."""
    rows = {
        gettext("Recorded as told"): (found.both, found.recorded_only),
        gettext("Not recorded as told"): (found.reported_only, found.neither),
    }
    return [
        [label, *map(formatting.count, counts)] for label, counts in rows.items() if any(counts)
    ]
