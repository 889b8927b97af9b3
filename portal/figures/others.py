"""How many employers of this site that publish stand in each half star: no names and no rank."""

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
    words = {
        "total": formatting.count(total),
        "count": formatting.count(counts[own]),
        "range": formatting.interval_short(*_ends(own)),
    }
    if is_among:
        return gettext(
            "Of %(total)s employers here that publish, %(count)s have %(range)s stars, as you do",
            **words,
        )
    return gettext(
        "Of %(total)s employers here that publish, %(count)s have %(range)s stars, as you would "
        "if you published",
        **words,
    )


def others_chart(
    counts: Sequence[int], stars: float, today: date, *, is_among: bool
) -> Chart | None:
    """A bar for each half star, the own one named, as of TODAY; None below ten employers."""
    if sum(counts) < LEAST_OTHERS:
        return None
    title, own = gettext("Employers here by their stars"), _bin_of(stars)
    height = ROW * len(counts)
    parts = [svg.rule(0, 2, 0, height - 2, "c-axis")]
    rows = []
    for at, number in enumerate(reversed(range(len(counts)))):
        name, said = "–".join(_ends(number)), formatting.count(counts[number])
        rows.append([name, said])
        looks = ("c-bar-soft", "")
        if number == own:
            said, looks = gettext("%(count)s · your stars", count=said), ("c-bar", "c-strong")
        width = 0.62 * counts[number] / max(counts)
        parts += svg.named_bar(name, width, said, ROW * at + 16, 20, *looks)
    return svg.chart(
        "others",
        title,
        f"{others_said(counts, stars, is_among=is_among)}.",
        height,
        parts,
        Table(title, [gettext("Stars"), gettext("Employers")], rows),
        gutter="chart-svg--names",
        has_range=False,
        as_of=as_of(today),
    )


def _bin_of(stars: float) -> int:
    return min(int(2 * (stars - 1)), 7)


def _ends(number: int) -> tuple[str, str]:
    """The lowest and highest stars of a bar: 3.5 and 3.9; the last ends with 5.0."""
    start = 1 + number / 2
    end = 5.0 if number == 7 else start + 0.4
    return formatting.stars(start), formatting.stars(end)
