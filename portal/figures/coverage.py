"""From decision to answer, and how a count divides."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from portal import formatting
from portal.figures import svg
from portal.figures.figure import labelled
from portal.figures.svg import Chart, Table
from portal.language import gettext, ngettext
from portal.scorecard import Coverage


class Bar(NamedTuple):
    """A count in words, and the share of its base that its bar is drawn for."""

    label: str
    figure: str
    share: float


LINE = 34  # characters of label and figure that fit beside each other at 320 px


def _drawn(
    name: str, title: str, finding: str, rows: Sequence[Bar], table: Table, **more: Any
) -> Chart:
    """Label, figure and a bar of the share below them, one row each."""
    drop = 0 if all(len(row.label) + len(row.figure) <= LINE for row in rows) else 20
    parts = []
    for at, row in enumerate(rows):
        top = (50 + drop) * at
        parts += [
            svg.text(row.label, 0, top + 16),
            svg.text(row.figure, 1, top + drop + 16, look="c-strong", anchor="end"),
            svg.bar(1, top + drop + 24, 14, "c-track"),
            svg.bar(row.share, top + drop + 24, 14, "c-bar"),
        ]
    more |= {"gutter": "", "has_range": False, "is_record": True}
    return svg.chart(name, title, finding, (50 + drop) * len(rows), parts, table, **more)


def parts_of_all(
    name: str, title: str, heads: tuple[str, str], parts: Sequence[tuple[str, int]], finding: str
) -> Chart:
    """How a count divides into (label, count). HEADS: of the labels, and of what is counted."""
    total = sum(count for _, count in parts)
    if not total:
        return svg.nothing(gettext("Nothing has been counted yet."))
    rows = [Bar(label, formatting.share(count / total), count / total) for label, count in parts]
    cells = [
        [label, formatting.count(count), row.figure]
        for row, (label, count) in zip(rows, parts, strict=True)
    ]
    n = labelled(heads[1], formatting.count(total))
    table = Table(title, [*heads, gettext("Share")], cells)
    return _drawn(name, title, finding, rows, table, n=n, says=finding)


def coverage(chart_id: str, title: str, steps: Sequence[Bar]) -> Chart:
    """Counts below each other; each bar the share of its own base, the first a full one."""
    if not steps[0].share:
        return svg.nothing(gettext("Too few so far to show."), title)
    said = [labelled(step.label, step.figure) for step in steps]
    cells = [[step.label, step.figure] for step in steps]
    table = Table(title, [gettext("Step"), gettext("Candidates")], cells)
    return _drawn(chart_id, title, gettext("; ").join(said) + ".", steps, table, n=said[0])


def step(label: str, count: int, floor: int, of: int | None = None) -> Bar:
    """One step of a count, as a share OF what it comes from; hidden below FLOOR."""
    if 0 < count < floor:
        return Bar(label, gettext("too few to show"), 0.0)
    if not of:
        return Bar(label, formatting.count(count), float(bool(count)))
    share = min(count / of, 1.0)
    return Bar(label, f"{formatting.part_of(count, of)} ({formatting.share(share)})", share)


# -- one employer's --------------------------------------------------------------------------------


def coverage_charts(found: Coverage, floor: int, *, is_own: bool = False) -> list[Chart]:
    """Decided and told; asked and answered. Counts below FLOOR are hidden, but the employer's own
    records are shown to it in full (`is_own`)."""
    least = 1 if is_own else floor
    told = [
        step(gettext("Decided"), found.decided, least),
        step(gettext("Told"), found.told, least, found.to_be_told),
    ]
    asked = [step(gettext("Asked for feedback"), found.invited, floor)]
    if is_own:
        asked.append(
            step(gettext("Handed to the mail server"), found.delivered, floor, found.invited)
        )
    asked.append(step(gettext("Answered and released"), found.answered, floor, found.invited))
    return [
        coverage("coverage-told", gettext("Decided and told"), told),
        coverage("coverage-asked", gettext("Asked and answered"), asked),
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
    least, undecided = 1 if is_own else floor, found.undecided_invited
    without_decision = gettext(
        "%(count)s of those asked have no decision on record; they are not among those decided "
        "upon.",
        count=formatting.count(undecided),
    )
    if undecided < floor:
        without_decision = gettext(
            "Fewer than %(floor)s of those asked have no decision on record; they are not among "
            "those decided upon.",
            floor=floor,
        )
    withdrew = ngettext(
        "%(num)s withdrew: there was nothing to tell them.",
        "%(num)s withdrew: there was nothing to tell them.",
        found.withdrew,
    )
    still_to_ask = ngettext(
        "%(num)s more is asked once it is time.",
        "%(num)s more are asked once it is time.",
        found.waiting,
    )
    said = (
        (withdrew, found.withdrew >= least),
        (without_decision, undecided > 0),
        (still_to_ask, found.waiting >= least),
    )
    return [words for words, is_so in said if is_so]


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
    words = {
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
    counts = {words.get(key, key): n for key, n in found.skipped.items()}
    return listed_counts(counts, least, gettext("Other reasons"))
