"""What the comments that may be read come to: estimated from words, never stars."""

from collections.abc import Sequence

from portal import formatting
from portal.figures.figure import Figure, all_counted, missing, share_of
from portal.language import gettext
from portal.statistics.survival import wilson_interval


def read_as_positive(positive: int, negative: int, floor: int) -> Figure:
    """Positive among the comments that read clearly one way; not from fewer than FLOOR."""
    label, decided = gettext("Read as positive"), positive + negative
    if decided < floor:
        few = gettext("Fewer than %(floor)s comments read clearly one way", floor=floor)
        return missing(label, few)
    return share_of(
        label,
        wilson_interval(positive, decided),
        _comments(positive, decided),
        caveat=gettext("Of the comments that read clearly one way."),
        key="read_as_positive",
    )


def read_as_unclear(count: int, total: int) -> Figure:
    """The share that could be meant either way."""
    return all_counted(
        gettext("Unclear"),
        formatting.share(count / total),
        n=_comments(count, total),
        caveat=gettext("Could be meant either way."),
        key="read_as_unclear",
    )


def not_scored(count: int, total: int, reasons: Sequence[str]) -> Figure:
    """The share that no estimate can be made of, and why."""
    why = " ".join(reasons) or gettext("The software could read them all.")
    n, share = _comments(count, total), formatting.share(count / total)
    return all_counted(gettext("Not scored"), share, n=n, caveat=why, key="not_scored")


def _comments(part: int, whole: int) -> str:
    return gettext("%(part)s comments", part=formatting.part_of(part, whole))
