"""Published groups of answers beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal import formatting
from portal.figures import rows, svg
from portal.figures.figure import from_answers, isolated
from portal.figures.rows import Row
from portal.figures.score import ranges_overlap, star_axis, star_place, stars
from portal.figures.svg import Chart, Table
from portal.language import gettext
from portal.scorecard import GroupRating, Reputation
from portal.statistics.anonymity import OTHER


def groups_said(found: Sequence[Group], of: int | None = None) -> str:
    """The highest group against the lowest, and how many of all answers stand in groups.

    FOUND: not empty. OF: all answers.
    """
    return " ".join(filter(None, (_extremes(*_ends(found)), _grouped(found, of))))


def _ends(found: Sequence[Group]) -> tuple[Group, Group]:
    """The highest and the lowest of those that have a name."""
    named = [one for one in found if not one.is_rest] or found
    return max(named, key=lambda one: one.stars), min(named, key=lambda one: one.stars)


def _grouped(found: Sequence[Group], of: int | None) -> str:
    grouped = sum(one.answers for one in found)
    if of is None or grouped >= of:
        return ""
    return gettext(
        "%(part)s answers; in the other releases the groups were too small.",
        part=formatting.part_of(grouped, of),
    )


def _verdict(best: Group, worst: Group) -> str:
    """What the highest and the lowest say of each other; nothing of one alone."""
    if best is worst:
        return ""
    if formatting.stars(best.stars) == formatting.stars(worst.stars):
        return gettext("No difference can be told.")
    if best.low > worst.high:
        return gettext("The ranges of the highest and the lowest do not overlap.")
    return gettext("The ranges of the highest and the lowest overlap: this may be chance.")


def _extremes(best: Group, worst: Group) -> str:
    if best is worst:
        return stars(best.stars, best.low, best.high, best.answers, best.label).sentence
    best_stars, worst_stars = (formatting.stars(one.stars) for one in (best, worst))
    if best_stars == worst_stars:
        return gettext("All about %(stars)s; no difference can be told.", stars=best_stars)
    said = gettext(
        "Highest: %(best)s, %(best_stars)s stars; lowest: %(worst)s, %(worst_stars)s.",
        best=best.label,
        best_stars=best_stars,
        worst=worst.label,
        worst_stars=worst_stars,
    )
    return f"{said} {ranges_overlap(best.low > worst.high)}"


def group_name(dimension: str, level: str) -> str:
    """A level of a dimension in words; `other` holds the answers too few to be counted apart.

    Many of those have a role or stage named beside it, in releases where few had it. A department
    goes by the employer's own name for it, its writing direction kept to itself.
    """
    names = {
        ("role_family", "engineering"): gettext("Engineering and IT"),
        ("role_family", "sales"): gettext("Sales and marketing"),
        ("role_family", "operations"): gettext("Operations and logistics"),
        ("role_family", "finance"): gettext("Finance and office"),
        ("role_family", "care"): gettext("Care and health"),
        ("role_family", "education"): gettext("Education"),
        ("role_family", "hospitality"): gettext("Hospitality and retail"),
        ("role_family", "trades"): gettext("Trades and production"),
        ("role_family", "management"): gettext("Management"),
        ("role_family", "other"): gettext("Other roles, or not counted apart"),
        ("stage_group", "screen"): gettext("Screening"),
        ("stage_group", "interview"): gettext("Interview"),
        ("stage_group", "final"): gettext("Final round"),
        ("stage_group", "other"): gettext("Not counted apart"),
        ("lane", "outcome"): gettext("Asked after being told"),
        ("lane", "check_in"): gettext("Asked while still waiting"),
        ("lane", "other"): gettext("Not counted apart"),
        ("department", "other"): gettext("Other departments, or not counted apart"),
    }
    if dimension == "department" and level != "other":
        return isolated(level)
    return names.get((dimension, level), level)


Levels = Mapping[str, GroupRating]


@dataclass(frozen=True)
class Group:
    """One published group of answers: its mean rating, 95 % limits and answers.

    is_rest: what could not be counted apart; it is neither the highest nor the lowest.
    """

    label: str
    stars: float
    low: float
    high: float
    answers: int
    is_rest: bool = False


def groups(
    chart_id: str,
    title: str,
    items: Sequence[Group],
    of: int | None = None,
) -> Chart:
    """Dots and whiskers of several groups on one line from 1 to 5 stars. OF: all answers."""
    if not items:
        return svg.nothing(gettext("No group has enough answers to stand alone yet."))
    says = " ".join(filter(None, (_verdict(*_ends(items)), _grouped(items, of))))
    n = from_answers(sum(one.answers for one in items))
    return rated(chart_id, title, (groups_said(items, of), says), gettext("Group"), items, n)


def rated(
    chart_id: str, title: str, said: tuple[str, str], head: str, items: Sequence[Group], n: str
) -> Chart:
    """Ratings below each other on the line from 1 to 5 stars. HEAD: what ITEMS are.

    SAID: all that it shows, and what of that stands beside it. N: what all of them rest on, where
    an answer may be in several of them.
    """
    finding, says = said
    drawn, bottom = rows.draw([_row(item) for item in items])
    return svg.chart(
        chart_id,
        title,
        finding,
        bottom + 26,
        [*star_axis(bottom), *drawn],
        _group_table(title, head, items),
        gutter="chart-svg--column",
        says=says,
        n=n,
    )


def _row(item: Group) -> Row:
    return Row(
        item.label,
        formatting.stars(item.stars),
        formatting.interval_short(formatting.stars(item.low), formatting.stars(item.high)),
        at=star_place(item.stars),
        low=star_place(item.low),
        high=star_place(item.high),
    )


def _group_table(title: str, head: str, items: Sequence[Group]) -> Table:
    heads = [
        head,
        gettext("Stars"),
        formatting.range_heading(),
        gettext("Answers"),
    ]
    cells = [
        [
            item.label,
            formatting.stars(item.stars),
            formatting.interval_short(formatting.stars(item.low), formatting.stars(item.high)),
            formatting.count(item.answers),
        ]
        for item in items
    ]
    return Table(title, heads, cells)


def group_charts(reputation: Reputation) -> list[tuple[str, Chart]]:
    """Stars by role, stage and time of asking with their titles, where the audit let them be told.

    Not by department: only to the employer's members do its names mean something.
    """
    found = reputation.dimensions
    charts = (
        group_chart(dimension, found.get(dimension, {}), reputation.answers)
        for dimension in ("role_family", "stage_group", "lane")
    )
    return [chart for chart in charts if chart]


def group_chart(
    dimension: str, levels: Levels, answers: int, days: int | None = None
) -> tuple[str, Chart] | None:
    """Stars by DIMENSION with their title, of LEVELS among all ANSWERS; None if all are alike.

    days: of which period; None: of all releases.
    """
    if not _tells_apart(levels, answers):
        return None
    title = {
        "role_family": gettext("Stars by role"),
        "stage_group": gettext("Stars by stage reached"),
        "lane": gettext("Stars by when they were asked"),
        "department": gettext("Stars by department"),
    }[dimension]
    chart_id = dimension.replace("_", "-") + (f"-{days}" if days else "")
    return title, groups(chart_id, title, _listed(dimension, levels), answers)


def _tells_apart(levels: Levels, answers: int) -> bool:
    """Whether some of all ANSWERS stand in one of LEVELS and others elsewhere."""
    return len(levels) > 1 or 0 < sum(one.answers for one in levels.values()) < answers


def _listed(dimension: str, levels: Levels) -> list[Group]:
    """By stars; what is left over comes last."""
    return [
        Group(
            group_name(dimension, level),
            found.stars,
            found.low,
            found.high,
            found.answers,
            is_rest=level == OTHER,
        )
        for level, found in sorted(
            levels.items(), key=lambda one: (one[0] == OTHER, -one[1].stars, one[0])
        )
    ]
