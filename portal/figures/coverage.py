"""From decision to answer, and how a count divides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal import formatting
from portal.figures import svg
from portal.figures.svg import Chart, Table
from portal.language import gettext


def asked_undecided(count: int, floor: int) -> str:
    """How many were asked though nothing is decided about them; below FLOOR not how many."""
    if count < floor:
        return gettext(
            "Fewer than %(floor)s of those asked have no decision on record; they are not among "
            "those decided upon.",
            floor=floor,
        )
    return gettext(
        "%(count)s of those asked have no decision on record; they are not among those decided "
        "upon.",
        count=formatting.count(count),
    )


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
    table = Table(
        title,
        [gettext("Step"), gettext("Candidates")],
        [[label, figure] for label, figure, _ in rows],
    )
    n = gettext("%(label)s: %(figure)s", label=rows[0][0], figure=rows[0][1])
    return svg.chart(
        chart_id,
        title,
        finding,
        height,
        bars,
        table,
        gutter="",
        n=n,
        has_range=False,
        is_record=True,
    )


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
    bars, height = _bars(rows)
    table = Table(
        title,
        [*heads, gettext("Share")],
        [
            [label, formatting.count(count), figure]
            for (label, figure, _), (_, count) in zip(rows, parts, strict=True)
        ],
    )
    return svg.chart(
        chart_id,
        title,
        finding or _listed(rows),
        height,
        bars,
        table,
        gutter="",
        says=finding,
        n=gettext("%(label)s: %(figure)s", label=heads[1], figure=formatting.count(total)),
        has_range=False,
        is_record=True,
    )
