"""How the stars are spread."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from portal import formatting
from portal.figures import svg
from portal.figures.figure import from_answers
from portal.figures.svg import Chart, Table
from portal.language import gettext


def spread_said(counts: Sequence[int], of: int | None = None, together: int = 0) -> str:
    """How the stars are spread. COUNTS: answers with 1, 2, 3, 4, 5 stars.

    OF: all released answers; those not in COUNTS wait until TOGETHER of them may be counted.
    """
    total = sum(counts)
    said = gettext(
        "Of %(n)s answers, %(high)s gave 4 or 5 stars and %(low)s gave 1 or 2.",
        n=formatting.count(total),
        high=formatting.share((counts[3] + counts[4]) / total),
        low=formatting.share((counts[0] + counts[1]) / total),
    )
    if of is None or of <= total:
        return said
    rest = gettext(
        "%(rest)s more join once %(together)s are together, unless a withdrawal has closed their "
        "list.",
        rest=formatting.count(of - total),
        together=together,
    )
    return f"{said} {rest}"


def histogram(
    chart_id: str,
    counts: Sequence[int] | None,
    of: int | None = None,
    together: int = 0,
) -> Chart:
    """Five bars, five stars on top. `counts`: answers with 1, 2, 3, 4, 5 stars; None: not shown.

    of, together: as `spread_said` takes them.
    """
    if counts is None or not sum(counts):
        return svg.nothing(
            gettext("The spread of stars is shown once enough answers are together.")
        )
    finding = spread_said(counts, of, together)
    title = gettext("How the stars are spread")
    rows = [
        (formatting.stars_text(stars), counts[stars - 1], counts[stars - 1] / sum(counts))
        for stars in range(5, 0, -1)
    ]
    bars = _star_bars(rows)
    table = Table(
        title,
        [gettext("Rating"), gettext("Answers"), gettext("Share")],
        [[name, formatting.count(count), formatting.share(share)] for name, count, share in rows],
    )
    return svg.chart(
        chart_id,
        title,
        finding,
        5 * 34,
        bars,
        table,
        gutter="chart-svg--names",
        says=finding,
        n=from_answers(sum(counts)),
        has_range=False,
    )


def _star_bars(rows: Sequence[tuple[str, int, float]]) -> list[Markup]:
    most = max(count for _, count, _ in rows)
    # Leaves room for the figures beside the longest bar at 320 px.
    longest = 0.62 if most < 10_000 else 0.35
    parts = [svg.rule(0, 2, 0, 5 * 34 - 4, "c-axis")]
    for at, (name, count, share) in enumerate(rows):
        middle = 34 * at + 16
        width = longest * count / most
        figures = f"{formatting.share(share)} · {formatting.count(count)}"
        parts += [
            svg.text(name, "-10", middle + 5, anchor="end"),
            svg.node(
                "rect", x="0", y=middle - 12, width=svg.percent(width), height=24, class_="c-bar"
            ),
            svg.text(figures, width, middle + 5, dx=8),
        ]
    return parts
