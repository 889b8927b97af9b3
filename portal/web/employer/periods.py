"""An employer's stars over time and by group, as its members choose them by the address.

Along what releases allow, which is settled in `reputation`: a choice that is off says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from portal import figures, formatting
from portal.figures import Chart, Figure
from portal.language import gettext
from portal.reputation import PERIOD_DAYS, Dashboard
from portal.scorecard import Period, PeriodFigures, Reputation

ALL = "all"
DIMENSIONS = ("role_family", "stage_group", "department", "lane")
CHOICES = {"period": (ALL, *map(str, PERIOD_DAYS)), "by": DIMENSIONS}  # in the address


@dataclass(frozen=True)
class Choice:
    """One of several to choose from; where it cannot be chosen, `why_off` says why."""

    label: str
    url: str
    is_current: bool
    why_off: str | None = None


@dataclass(frozen=True)
class TimeAndGroups:
    """The choices, and the figures of what was chosen; folded away until something was."""

    periods: list[Choice]
    dimensions: list[Choice]
    held: str | None
    stats: list[Figure]
    over_time: Chart | None
    groups: Chart | None
    is_chosen: bool
    up_to: str

    @property
    def off(self) -> list[tuple[str, str]]:
        """(what, why) of all that cannot be chosen; what is off for one reason stands together."""
        names: dict[str, list[str]] = {}
        for one in (*self.periods, *self.dimensions):
            if one.why_off:
                names.setdefault(one.why_off, []).append(one.label)
        return [(", ".join(labels), why) for why, labels in names.items()]


def choices_in(query: Mapping[str, str]) -> dict[str, str]:
    """What of QUERY is a choice; nothing else is repeated in an address."""
    return {key: query[key] for key, known in CHOICES.items() if query.get(key) in known}


def time_and_groups(board: Dashboard, query: Mapping[str, str]) -> TimeAndGroups | None:
    """What QUERY chooses of BOARD: else all releases, and the first groups; None: no score."""
    found = board.reputation
    if found is None:
        return None
    shown = {str(days): (days, of_it) for days, of_it in found.periods_shown}
    chosen = shown.get(query.get("period", ""))
    period = str(chosen[0]) if chosen else ALL
    charts = _charts(*chosen) if chosen else _charts(None, found)
    first = next((name for name, chart in charts.items() if chart), DIMENSIONS[0])
    by = query.get("by", "")
    by = by if by in charts else first
    return TimeAndGroups(
        _period_choices(board, found, period, by),
        _dimension_choices(board, charts, period, by),
        held=figures.period_held(chosen[1]) if chosen else None,
        stats=figures.period_stats(*chosen, board.floor) if chosen else [],
        over_time=figures.periods_chart(found),
        groups=charts[by],
        is_chosen=any(key in query for key in CHOICES),
        up_to=formatting.day(found.as_of, style="medium"),
    )


def _charts(days: int | None, shown: Reputation | PeriodFigures) -> dict[str, Chart | None]:
    """Stars by each dimension in a period of DAYS, or of all, as far as they may be SHOWN."""
    return {
        name: figures.group_chart(name, shown.dimensions.get(name, {}), shown.answers, days)
        for name in DIMENSIONS
    }


def _period_choices(board: Dashboard, found: Reputation, period: str, by: str) -> list[Choice]:
    held = {one.days: one for one in found.periods}
    all_periods = [held.get(days, Period(days, None)) for days in PERIOD_DAYS]  # older cards: none
    choices = [
        Choice(
            figures.period_name(one.days),
            _url(board, str(one.days), by),
            str(one.days) == period,
            None if one.figures else figures.why_no_period(one, board.floor),
        )
        for one in all_periods
    ]
    return [*choices, Choice(figures.period_name(None), _url(board, ALL, by), period == ALL)]


def _dimension_choices(
    board: Dashboard, charts: Mapping[str, Chart | None], period: str, by: str
) -> list[Choice]:
    names = {
        "role_family": gettext("Kind of role"),
        "stage_group": gettext("Stage"),
        "department": gettext("Department"),
        "lane": gettext("Time of asking"),
    }
    return [
        Choice(
            name,
            _url(board, period, key),
            key == by,
            None if charts[key] else figures.why_no_groups(board.floor),
        )
        for key, name in names.items()
    ]


def _url(board: Dashboard, period: str, by: str) -> str:
    """The overview with both choices, at the place where they are."""
    slug = board.employer.slug
    return url_for("employer.overview", slug=slug, period=period, by=by, _anchor="time-and-groups")
