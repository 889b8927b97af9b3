"""How many employers of this site that publish stand in each half star: no names and no rank."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from portal import formatting
from portal.figures import svg
from portal.figures.figure import as_of
from portal.figures.svg import Chart, Table
from portal.language import gettext, ngettext

LEAST_OTHERS = 10
ROW = 30


def others_said(counts: Sequence[int], stars: float, *, is_among: bool) -> str:
    """Among how many STARS stand; IS_AMONG: whether the employer is one of those counted."""
    total, own = sum(counts), _bin_of(stars)
    if total < LEAST_OTHERS:
        return ngettext(
            "Employers here are shown by half stars once %(least)s publish a score; %(num)s does.",
            "Employers here are shown by half stars once %(least)s publish a score; %(num)s do.",
            total,
            least=LEAST_OTHERS,
        )
    words = {"range": _range(own), "count": formatting.count(counts[own])}
    if is_among:
        return gettext(
            "Of %(total)s employers here that publish, %(count)s have %(range)s stars, as you do",
            total=formatting.count(total),
            **words,
        )
    return gettext(
        "Of %(total)s employers here that publish, %(count)s have %(range)s stars, as you would "
        "if you published",
        total=formatting.count(total),
        **words,
    )


def others_chart(
    counts: Sequence[int], stars: float, today: date, *, is_among: bool
) -> Chart | None:
    """A bar for each half star, the own one named, as of TODAY; None below ten employers."""
    if sum(counts) < LEAST_OTHERS:
        return None
    title = gettext("Employers here by their stars")
    finding = f"{others_said(counts, stars, is_among=is_among)}."
    height = ROW * len(counts)
    parts = [svg.rule(0, 2, 0, height - 2, "c-axis"), *_bars(counts, _bin_of(stars))]
    rows = [[_name(number), formatting.count(count)] for number, count in enumerate(counts)]
    table = Table(title, [gettext("Stars"), gettext("Employers")], rows[::-1])
    return svg.chart(
        "others",
        title,
        finding,
        height,
        parts,
        table,
        gutter="chart-svg--names",
        has_range=False,
        as_of=as_of(today),
    )


def _bars(counts: Sequence[int], own: int) -> list[Markup]:
    """Name, bar and count of each half star, the highest first."""
    parts: list[Markup] = []
    for at, number in enumerate(reversed(range(len(counts)))):
        middle, width = ROW * at + 16, 0.62 * counts[number] / max(counts)
        said, bar, look = formatting.count(counts[number]), "c-bar-soft", ""
        if number == own:
            said, bar, look = gettext("%(count)s · your stars", count=said), "c-bar", "c-strong"
        wide, y = svg.percent(width), middle - 10
        parts += [
            svg.text(_name(number), "-10", middle + 5, anchor="end"),
            svg.node("rect", x="0", y=y, width=wide, height=20, class_=bar),
            svg.text(said, width, middle + 5, dx=8, look=look),
        ]
    return parts


def _bin_of(stars: float) -> int:
    return min(int(2 * (stars - 1)), 7)


def _range(number: int) -> str:
    """ "3.5 to 3.9"; the last ends with 5.0."""
    return formatting.interval_short(*_ends(number))


def _name(number: int) -> str:
    """The same in the room beside a bar: "3.5–3.9"."""
    return "–".join(_ends(number))


def _ends(number: int) -> tuple[str, str]:
    start = 1 + number / 2
    end = 5.0 if number == 7 else start + 0.4
    return formatting.stars(start), formatting.stars(end)
