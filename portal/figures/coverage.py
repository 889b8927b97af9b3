"""From decision to answer, and how a count divides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal import formatting
from portal.figures import svg
from portal.figures.svg import Chart, Table
from portal.language import gettext, ngettext
from portal.scorecard import Coverage


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


# -- one employer's --------------------------------------------------------------------------------


def coverage_charts(
    found: Coverage, floor: int, *, is_own: bool = False
) -> list[tuple[str, Chart]]:
    """Decided and told; asked and answered, with their titles. Counts below FLOOR are hidden.

    is_own: for the employer, whose own records are shown to it in full.
    """

    def above(least: int, label: str, count: int, of: int | None = None) -> FunnelStep:
        return FunnelStep(label, None if 0 < count < least else count, of)

    least = 1 if is_own else floor
    told = [
        above(least, gettext("Decided"), found.decided),
        above(least, gettext("Told"), found.told, found.to_be_told),
    ]
    asked = [above(floor, gettext("Asked for feedback"), found.invited)]
    if is_own:
        asked.append(above(floor, gettext("Email arrived"), found.delivered, found.invited))
    asked.append(above(floor, gettext("Answered and released"), found.answered, found.invited))
    titles = {"told": gettext("Decided and told"), "asked": gettext("Asked and answered")}
    return [
        (titles[name], coverage(f"coverage-{name}", titles[name], steps))
        for name, steps in (("told", told), ("asked", asked))
    ]


def silent(found: Coverage) -> str:
    """How many of those asked have answered, and what is not known of the others."""
    return gettext(
        "%(part)s of those asked have answered (%(share)s). The others may think otherwise.",
        part=formatting.part_of(found.answered, found.invited),
        share=formatting.share(found.answered / found.invited),
    )


def beside_coverage(found: Coverage, floor: int, *, is_own: bool = False) -> list[str]:
    """Who is in one of the counts and not in the other, and who is still to be asked."""
    least = 1 if is_own else floor
    said = []
    if found.withdrew >= least:
        said.append(
            ngettext(
                "%(num)s withdrew: there was nothing to tell them.",
                "%(num)s withdrew: there was nothing to tell them.",
                found.withdrew,
            )
        )
    if found.undecided_invited:
        said.append(_asked_undecided(found.undecided_invited, floor))
    if found.waiting >= least:
        said.append(
            ngettext(
                "%(num)s more is asked once it is time.",
                "%(num)s more are asked once it is time.",
                found.waiting,
            )
        )
    return said


def _asked_undecided(count: int, floor: int) -> str:
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


def listed_counts(counts: dict[str, int], floor: int, others: str) -> list[tuple[str, str]]:
    """Words and counts, the highest first; those below FLOOR are one row, named OTHERS.

    It takes the lowest of the others in, equal ones together, where its sum would tell a count
    below FLOOR: if that is the only one, or if all are as high as they may be.
    """
    rows = sorted(
        ((words, n) for words, n in counts.items() if n), key=lambda row: (-row[1], row[0])
    )
    few = [n for _, n in rows if n < floor]
    least = floor
    if few and (sum(few) < floor or sum(few) == len(few) * (floor - 1)):
        least = 1 + min((n for _, n in rows if n >= floor), default=floor)
    shown = [(words, n) for words, n in rows if n >= least]
    hidden = sum(n for _, n in rows[len(shown) :])
    listed = [(words, formatting.count(n)) for words, n in shown]
    if hidden:
        below = gettext("fewer than %(floor)s", floor=floor)
        listed.append((others, formatting.count(hidden) if hidden >= floor else below))
    return listed


def reasons_not_asked(found: Coverage, least: int = 1) -> list[tuple[str, str]]:
    """Why people were not asked: (reason, how many), the most frequent first."""
    words = _reasons()
    counts = {words.get(key, key): n for key, n in found.skipped.items()}
    return listed_counts(counts, least, gettext("Other reasons"))


def _reasons() -> dict[str, str]:
    """By the reason that is stored of an invitation."""
    return {
        "no_email": gettext("No email address known"),
        "own_address": gettext("An address of the employer’s own, or of this site"),
        "do_not_email": gettext("Asked not to be emailed"),
        "opted_out": gettext("Opted out of survey mail"),
        "suppressed": gettext("The address does not take mail"),
        "recently_asked": gettext("Asked by this employer in the last 180 days"),
        "active_elsewhere": gettext("Still in another process here"),
        "retracted": gettext("The decision was taken back"),
        "too_old": gettext("Decided more than 60 days before it was recorded"),
        "employer_off": gettext("Sending was not switched on"),
        "no_sender": gettext("No sender was set up"),
        "undelivered": gettext("The email did not arrive"),
        "stale": gettext("The email could not leave in time"),
    }
