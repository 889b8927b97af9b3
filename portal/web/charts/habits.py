"""Charts of the employer's own records: how fast candidates are told, who never is, how, coverage.

Never knows where figures come from; shares are 0–1, times whole days after the decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal import formatting, wording
from portal.language import gettext
from portal.statistics.survival import GHOST_LINE
from portal.web.charts import svg
from portal.web.charts.svg import Chart, Table

MARKED_DAYS = (3, 7, 14, 30)
HORIZON_DAYS = 30
ARTICLE_SHARE = GHOST_LINE
"""Job seekers who never get a follow-up after an interview: the article’s figure."""


# -- told by day (Kaplan–Meier) -------------------------------------------------------------------


@dataclass(frozen=True)
class ToldByDay:
    """Share told by the end of day 0, 1, 2, … with 95 % limits, and the decisions behind it."""

    told: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    decisions: int | None = None

    def by(self, day: int) -> float:
        """The share told by the end of `day`; the curve is flat after its last day."""
        return self.told[min(day, len(self.told) - 1)]


_CURVE_TOP, _CURVE_HEIGHT = 12, 190


def told_curve(
    chart_id: str,
    data: ToldByDay | None,
    reference: float | None = ARTICLE_SHARE,
) -> Chart:
    """The share told by day as steps with a band, marked at 3, 7, 14 and 30 days.

    `reference` is a share *never* told; its line stands where the curve would end with it.
    """
    if data is None or not data.told:
        return svg.nothing(gettext("No decisions yet: nothing to time."))
    finding = _curve_finding(data)
    bottom = _CURVE_TOP + _CURVE_HEIGHT
    reference_line, reference_label = [], []
    if reference is not None:
        y = _curve_y(1 - reference)
        reference_line = [svg.rule(0, y, 1, y, "c-reference")]
        reference_label = [_never_told_label(reference, data)]
    parts = [
        *_share_grid(),
        svg.plot(
            _CURVE_TOP,
            _CURVE_HEIGHT,
            svg.path([*_steps(data.high), *reversed(_steps(data.low))], "c-band", closed=True),
            svg.path(_steps(data.high), "c-edge"),
            svg.path(_steps(data.low), "c-edge"),
            svg.path(_steps(data.told), "c-line"),
        ),
        *reference_line,
        *_marked_days(data, bottom),
        *reference_label,
        svg.text(gettext("day"), "-8", bottom + 24, look="c-quiet", anchor="end"),
        svg.text("%", "-8", bottom + 44, look="c-quiet", anchor="end"),
    ]
    title = gettext("Share of candidates told, by day after the decision")
    picture = svg.frame(chart_id, title, finding, bottom + 50, *parts, gutter="chart-svg--axis")
    return Chart(picture, svg.data_table(chart_id, _curve_table(data)), finding)


def _steps(shares: Sequence[float]) -> list[tuple[float, float]]:
    """A share holds from its day until the next: two points per step, none after the horizon."""
    points = [(0.0, shares[0])]
    for day in range(1, HORIZON_DAYS + 1):
        share = shares[min(day, len(shares) - 1)]
        if share != points[-1][1]:
            points += [(day / HORIZON_DAYS, points[-1][1]), (day / HORIZON_DAYS, share)]
    return [*points, (1.0, points[-1][1])]


def _curve_y(share: float) -> float:
    return _CURVE_TOP + _CURVE_HEIGHT * (1 - share)


def _share_grid() -> list[Markup]:
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _curve_y(share)
        parts.append(svg.rule(0, y, 1, y, "c-grid" if share else "c-axis"))
        parts.append(svg.text(formatting.share(share), "-8", y + 5, look="c-quiet", anchor="end"))
    return parts


def _marked_days(data: ToldByDay, bottom: float) -> list[Markup]:
    """Dots on the curve, dropped to the axis, where day and share stand below each other."""
    parts, before = [], ""
    for day in MARKED_DAYS:
        share, at = data.by(day), day / HORIZON_DAYS
        # Without the sign, and "100" only once: at 320 px those of day 3 and day 7 would touch.
        figure = f"{100 * share:.0f}"
        shown = "" if before == figure == "100" else figure
        before = figure
        parts += [
            svg.rule(at, _curve_y(share), at, bottom + 6, "c-drop"),
            svg.dot(at, _curve_y(share)),
            svg.text(str(day), at, bottom + 24, look="c-quiet", anchor="middle"),
            svg.text(shown, at, bottom + 44, look="c-strong", anchor="middle"),
        ]
    return parts


def _never_told_label(never: float, data: ToldByDay) -> Markup:
    """Names the reference on the side of its line where the curve is not."""
    y = _curve_y(1 - never)
    words = gettext("the article: %(share)s told", share=formatting.share(1 - never))
    beyond = data.by(HORIZON_DAYS) > 1 - never
    at = y + 17 if beyond else y - 8
    return svg.text(words, 1, at, look="c-reference-text c-halo", anchor="end")


def _curve_finding(data: ToldByDay) -> str:
    half = next((day for day, share in enumerate(data.told) if share >= 0.5), None)
    return wording.waiting([(day, data.by(day)) for day in MARKED_DAYS], half)


def _curve_table(data: ToldByDay) -> Table:
    def limits(day: int) -> str:
        low, high = data.low[min(day, len(data.low) - 1)], data.high[min(day, len(data.high) - 1)]
        return formatting.interval_short(formatting.share(low), formatting.share(high))

    rows = [
        [formatting.days(day), formatting.share(data.by(day)), limits(day)]
        for day in (0, 1, 2, 3, 5, 7, 10, 14, 21, 30)
    ]
    caption = gettext("Share told, by days after the decision")
    if data.decisions is not None:
        amount = formatting.count(data.decisions)
        caption = gettext("Share told, by days after the decision; %(n)s decisions", n=amount)
    return Table(caption, [gettext("Within"), gettext("Told"), formatting.range_heading()], rows)


# -- ghost rate -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class GhostRate:
    """Share of decided candidates not told within 30 days, 95 % limits and counts."""

    rate: float | None
    low: float | None = None
    high: float | None = None
    not_told: int = 0
    decisions: int = 0


def ghost_bar(chart_id: str, data: GhostRate) -> Chart:
    """The share never told as a bar with its interval, against the article’s line."""
    if data.rate is None or data.low is None or data.high is None:
        return svg.nothing(gettext("No decision is old enough yet to say who was never told."))
    reference = ARTICLE_SHARE
    finding = wording.ghost_rate(_ghost_values(data), wording.NEVER_DAYS).sentence
    label = gettext("the article: %(share)s", share=formatting.share(reference))
    parts = [
        svg.node("rect", x="0", y="26", width="100%", height="30", class_="c-track"),
        svg.node(
            "rect", x="0", y="26", width=svg.percent(data.rate), height="30", class_="c-bar-soft"
        ),
        svg.rule(reference, 22, reference, 62, "c-reference"),
        svg.diamond(reference, 20),
        svg.beside(label, reference, 16, look="c-reference-text"),
        svg.whisker(data.low, data.high, 41, "c-whisker-over", cap=5),
        svg.dot(data.rate, 41, "c-dot-over", radius=5),
        svg.above(formatting.share(data.rate), data.rate, 76, look="c-strong c-halo"),
    ]
    if data.rate > 0.16:
        parts.append(svg.text(formatting.share(0), 0, 76, look="c-quiet"))
    if data.rate < 0.8:
        parts.append(svg.text(formatting.share(1), 1, 76, look="c-quiet", anchor="end"))
    title = gettext("Share of candidates never told")
    picture = svg.frame(chart_id, title, finding, 84, *parts, gutter="chart-svg--inset")
    return Chart(picture, svg.data_table(chart_id, _ghost_table(data)), finding)


def _ghost_values(data: GhostRate) -> wording.Plain:
    return {
        "share": data.rate,
        "low": data.low,
        "high": data.high,
        "n": data.decisions,
        "not_told": data.not_told,
    }


def _ghost_table(data: GhostRate) -> Table:
    limits = formatting.interval_short(formatting.share(data.low), formatting.share(data.high))
    return Table(
        gettext("Share of candidates never told"),
        [gettext("Figure"), gettext("Share"), formatting.range_heading(), gettext("Count")],
        [
            [
                gettext("Not told within 30 days"),
                formatting.share(data.rate),
                limits,
                formatting.part_of(data.not_told, data.decisions),
            ],
            [gettext("The article’s figure"), formatting.share(ARTICLE_SHARE), "", ""],
        ],
    )


# -- coverage -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FunnelStep:
    """One step of a count; `count` None where the floor hides it. `of`: what it is a share of."""

    label: str
    count: int | None
    of: int | None = None


def coverage(chart_id: str, title: str, steps: Sequence[FunnelStep]) -> Chart:
    """Counts below each other; each bar the share of its own base, the first a full one."""
    if not steps or not steps[0].count:
        return svg.nothing(gettext("Too few so far to show."))
    rows = [_coverage_row(step) for step in steps]
    finding = _listed(rows)
    bars, height = _bars(rows)
    picture = svg.frame(chart_id, title, finding, height, *bars, gutter="chart-svg--inset")
    table = Table(
        title,
        [gettext("Step"), gettext("Candidates")],
        [[label, figure] for label, figure, _ in rows],
    )
    return Chart(picture, svg.data_table(chart_id, table), finding)


def _coverage_row(step: FunnelStep) -> tuple[str, str, float]:
    if step.count is None:
        return step.label, gettext("too few to show"), 0.0
    if not step.of:
        return step.label, formatting.count(step.count), float(bool(step.count))
    share = min(step.count / step.of, 1.0)
    of_all = formatting.part_of(step.count, step.of)
    return step.label, f"{of_all} ({formatting.share(share)})", share


def _listed(rows: Sequence[tuple[str, str, float]]) -> str:
    """Every label and figure as one sentence."""
    said = (
        gettext("%(label)s: %(figure)s", label=label, figure=figure) for label, figure, _ in rows
    )
    return gettext("; ").join(said) + "."


_LINE = 34  # characters of label and figure that fit beside each other at 320 px


def _bars(rows: Sequence[tuple[str, str, float]]) -> tuple[list[Markup], float]:
    """Label, figure and a bar of the share below them, one row each; and the height of all."""
    has_room = all(len(label) + len(figure) <= _LINE for label, figure, _ in rows)
    drop = 0 if has_room else 20
    parts: list[Markup] = []
    for row, (label, figure, share) in enumerate(rows):
        top = (50 + drop) * row
        bar, width = top + drop + 24, svg.percent(share)
        parts += [
            svg.text(label, 0, top + 16),
            svg.text(figure, 1, top + drop + 16, look="c-strong", anchor="end"),
            svg.node("rect", x="0", y=bar, width="100%", height=14, class_="c-track"),
            svg.node("rect", x="0", y=bar, width=width, height=14, class_="c-bar"),
        ]
    return parts, (50 + drop) * len(rows)


# -- parts of a whole -----------------------------------------------------------------------------


def parts_of_all(
    chart_id: str,
    title: str,
    heads: tuple[str, str],
    parts: Sequence[tuple[str, int]],
    finding: str = "",
) -> Chart:
    """How a count divides: (label, count) in the order given, each bar a share of the sum.

    heads: what is divided into, and what is counted. finding: what it says; else every share.
    """
    total = sum(count for _, count in parts)
    if not total:
        return svg.nothing(gettext("Nothing has been counted yet."))
    rows = [(label, formatting.share(count / total), count / total) for label, count in parts]
    finding = finding or _listed(rows)
    bars, height = _bars(rows)
    picture = svg.frame(chart_id, title, finding, height, *bars, gutter="chart-svg--inset")
    table = Table(
        title,
        [*heads, gettext("Share")],
        [
            [label, formatting.count(count), figure]
            for (label, figure, _), (_, count) in zip(rows, parts, strict=True)
        ],
    )
    return Chart(picture, svg.data_table(chart_id, table), finding)
