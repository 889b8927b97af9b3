"""How many employers of this site that publish stand in each half star: no names and no rank."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

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
    own, most = _bin_of(stars), max(counts)
    title = gettext("Employers here by their stars")
    finding = f"{others_said(counts, stars, is_among=is_among)}."
    names, parts = [_name(number) for number in range(len(counts))], []
    for at, number in enumerate(reversed(range(len(counts)))):
        middle = ROW * at + 16
        width = 0.62 * counts[number] / most
        said = formatting.count(counts[number])
        if number == own:
            said = gettext("%(count)s · your stars", count=said)
        parts += [
            svg.text(names[number], "-10", middle + 5, anchor="end"),
            svg.node(
                "rect",
                x="0",
                y=middle - 10,
                width=svg.percent(width),
                height=20,
                class_="c-bar" if number == own else "c-bar-soft",
            ),
            svg.text(said, width, middle + 5, dx=8, look="c-strong" if number == own else ""),
        ]
    height = ROW * len(counts)
    parts.insert(0, svg.rule(0, 2, 0, height - 2, "c-axis"))
    rows = [[name, formatting.count(n)] for name, n in zip(names, counts, strict=True)]
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
