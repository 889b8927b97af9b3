"""Published groups of answers beside each other."""

from collections.abc import Mapping, Sequence

from portal import formatting
from portal.figures import rows, svg
from portal.figures.figure import from_answers, isolated
from portal.figures.rows import Row
from portal.figures.score import Rated, ranges_overlap, rating_table, star_axis, star_place, stars
from portal.figures.svg import Chart
from portal.language import gettext
from portal.scorecard import GroupRating, Reputation
from portal.statistics.anonymity import OTHER

Levels = Mapping[str, GroupRating]


def group_charts(reputation: Reputation) -> list[Chart]:
    """Stars by role, stage and time of asking; not by department, whose names only members know."""
    found = reputation.dimensions
    charts = (
        group_chart(dimension, found.get(dimension, {}), reputation.answers)
        for dimension in ("role_family", "stage_group", "lane")
    )
    return [chart for chart in charts if chart]


def group_chart(
    dimension: str, levels: Levels, answers: int, days: int | None = None
) -> Chart | None:
    """Stars by DIMENSION in a period of DAYS, or in all; None if ANSWERS all are of one level."""
    grouped = sum(one.answers for one in levels.values())
    if len(levels) < 2 and not 0 < grouped < answers:
        return None
    title = {
        "role_family": gettext("Stars by role"),
        "stage_group": gettext("Stars by stage reached"),
        "lane": gettext("Stars by when they were asked"),
        "department": gettext("Stars by department"),
    }[dimension]
    # By stars; what is left over comes last.
    by_stars = sorted(levels.items(), key=lambda one: (one[0] == OTHER, -one[1].stars, one[0]))
    items = [Rated(group_name(dimension, level), found, found.answers) for level, found in by_stars]
    said = groups_said(items[:-1] if OTHER in levels and len(items) > 1 else items)
    if grouped < answers:
        rest = gettext(
            "%(part)s answers; in the other releases the groups were too small.",
            part=formatting.part_of(grouped, answers),
        )
        said = [f"{one} {rest}".lstrip() for one in said]
    chart_id = dimension.replace("_", "-") + (f"-{days}" if days else "")
    return rated_chart(chart_id, title, said, gettext("Group"), items, from_answers(grouped))


def groups_said(found: Sequence[Rated]) -> list[str]:
    """The highest group against the lowest; and what of it stands beside a drawing of them.

    FOUND: not empty, without what could not be counted apart where there is anything else.
    """
    best = max(found, key=lambda one: one.rating.stars)
    worst = min(found, key=lambda one: one.rating.stars)
    if best is worst:
        return [stars(best.rating, best.answers, best.label).sentence, ""]
    best_stars, worst_stars = (formatting.stars(one.rating.stars) for one in (best, worst))
    if best_stars == worst_stars:
        alike = gettext("All about %(stars)s; no difference can be told.", stars=best_stars)
        return [alike, gettext("No difference can be told.")]
    is_apart = best.rating.low > worst.rating.high
    said = gettext(
        "Highest: %(best)s, %(best_stars)s stars; lowest: %(worst)s, %(worst_stars)s.",
        best=best.label,
        best_stars=best_stars,
        worst=worst.label,
        worst_stars=worst_stars,
    )
    verdict = gettext("The ranges of the highest and the lowest overlap: this may be chance.")
    if is_apart:
        verdict = gettext("The ranges of the highest and the lowest do not overlap.")
    return [f"{said} {ranges_overlap(is_apart)}", verdict]


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


def rated_chart(
    chart_id: str, title: str, said: Sequence[str], head: str, items: Sequence[Rated], n: str
) -> Chart:
    """Ratings on the line from 1 to 5 stars. HEAD: what ITEMS are; N: what they rest on together.

    SAID: all that it shows, and what of that stands beside it.
    """
    finding, says = said
    drawn, bottom = rows.draw(
        [
            Row(label, (found.stars, found.low, found.high), formatting.stars, star_place)
            for label, found, _ in items
        ]
    )
    return svg.chart(
        chart_id,
        title,
        finding,
        bottom + 26,
        [*star_axis(bottom), *drawn],
        rating_table(title, head, items),
        gutter="chart-svg--column",
        says=says,
        n=n,
    )
