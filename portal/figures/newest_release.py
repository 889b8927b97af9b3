"""What changed with the newest release: its answers against those of the one before."""

from __future__ import annotations

from collections.abc import Sequence

from portal import formatting
from portal.figures.change import difference
from portal.figures.figure import Figure, missing
from portal.language import gettext
from portal.scorecard import Release, Reputation


def newest_release(reputation: Reputation | None, releases: Sequence[Release]) -> Figure:
    """The newest of RELEASES, oldest first, less the one before; each by its own answers."""
    label = gettext("Newest release against the one before")
    if len(releases) < 2:
        return missing(label, gettext("It takes two releases of feedback"))
    if reputation is None or reputation.newest is None:
        return missing(label, gettext("It is compared with the next release"))
    before, newest = releases[-2:]
    return difference(
        label,
        reputation.newest,
        key="newest_release",
        n=gettext(
            "%(newest)s answers on %(day)s, %(before)s before",
            newest=formatting.count(newest.answers),
            day=formatting.day(newest.released_on, style="medium"),
            before=formatting.count(before.answers),
        ),
        caveat=gettext(
            "The mean stars of the newest release alone, less those of the one before it, not "
            "drawn towards the middle. Other candidates answered; two releases are a small part of "
            "the score."
        ),
    )
