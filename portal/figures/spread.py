"""How the stars are spread."""

from collections.abc import Sequence

from portal import formatting
from portal.figures import svg
from portal.figures.figure import from_answers
from portal.figures.svg import Chart, Table
from portal.language import gettext

ROW = 34


def histogram(counts: Sequence[int] | None, of: int, together: int) -> Chart:
    """Five bars, five stars on top. COUNTS: answers with 1, 2, 3, 4, 5 stars; None: not shown.

    OF: all released answers; those not in COUNTS wait until TOGETHER of them may be counted.
    """
    if counts is None:
        return svg.nothing(
            gettext("The spread of stars is shown once enough answers are together.")
        )
    total, most = sum(counts), max(counts)
    # Leaves room for the figures beside the longest bar at 320 px.
    longest = 0.62 if most < 10_000 else 0.35
    parts = [svg.rule(0, 2, 0, 5 * ROW - 4, "c-axis")]
    rows = []
    for at, stars in enumerate(range(5, 0, -1)):
        given = counts[stars - 1]
        name, count = formatting.stars_text(stars), formatting.count(given)
        share = formatting.share(given / total)
        rows.append([name, count, share])
        width, middle = longest * given / most, ROW * at + 16
        parts += svg.named_bar(name, width, f"{share} · {count}", middle, 24, "c-bar", "")
    title, finding = gettext("How the stars are spread"), _said(counts, of, together)
    heads = [gettext("Rating"), gettext("Answers"), gettext("Share")]
    return svg.chart(
        "spread",
        title,
        finding,
        5 * ROW,
        parts,
        Table(title, heads, rows),
        gutter="chart-svg--names",
        says=finding,
        n=from_answers(total),
        has_range=False,
    )


def _said(counts: Sequence[int], of: int, together: int) -> str:
    total = sum(counts)
    said = gettext(
        "Of %(n)s answers, %(high)s gave 4 or 5 stars and %(low)s gave 1 or 2.",
        n=formatting.count(total),
        high=formatting.share((counts[3] + counts[4]) / total),
        low=formatting.share((counts[0] + counts[1]) / total),
    )
    if of <= total:
        return said
    rest = gettext(
        "%(rest)s more join once %(together)s are together, unless a withdrawal has closed their "
        "list.",
        rest=formatting.count(of - total),
        together=together,
    )
    return f"{said} {rest}"
