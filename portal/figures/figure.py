"""The shape in which a figure leaves: value, range, count, sentence."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Literal

from portal import formatting
from portal.language import gettext, ngettext
from portal.scorecard import Difference, Wave
from portal.statistics.score import Estimate
from portal.statistics.survival import Share

# Around names of any script, so that theirs does not turn the words beside them about.
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
Tone = Literal["neutral", "accent", "good", "warn", "bad"]


def as_of(day: date | datetime | None, zone: str | tzinfo = UTC) -> str:
    """Of when a figure is."""
    return gettext("As of %(day)s", day=formatting.day(day, zone))


def isolated(name: str) -> str:
    """NAME, its writing direction kept to itself; nothing in it may end that."""
    return f"{ISOLATE}{formatting.unreordered(name)}{END_ISOLATE}"


@dataclass(frozen=True)
class Figure:
    """One figure in words. `value` is None where it cannot be shown; `not_yet` says why.

    `sentence` says all of it at once, for readers who see no page: charts, reports, files. `key`:
    which figure it is, the same on every page that shows it. `scope`: whose, or of which part.
    """

    label: str
    sentence: str
    value: str | None = None
    unit: str | None = None
    interval: str | None = None
    n: str | None = None
    verdict: str | None = None
    tone: Tone = "neutral"
    says: str | None = None
    caveat: str | None = None
    not_yet: str | None = None
    key: str = ""
    scope: str = ""


def shown(label: str, value: str, **more: Any) -> Figure:
    """A figure with what stands beside it. MORE: other fields of `Figure`."""
    found = Figure(label, "", value, **more)
    whole = f"{value} {found.unit}" if found.unit else value
    figure = ", ".join(filter(None, (whole, found.interval, found.n)))
    sentence = gettext("%(label)s: %(figure)s.", label=label, figure=figure)
    return replace(found, sentence=f"{sentence} {found.verdict}." if found.verdict else sentence)


def missing(label: str, why: str, **more: Any) -> Figure:
    """A figure that cannot be shown, and why: a sentence without its full stop."""
    sentence = gettext("%(label)s: cannot be said yet. %(why)s.", label=label, why=why)
    return Figure(label, sentence, not_yet=why, **more)


def from_answers(count: int) -> str:
    """ "from 86 answers"."""
    return ngettext("from %(num)s answer", "from %(num)s answers", count)


def decisions(count: int) -> str:
    """ "134 decisions"."""
    return ngettext("%(num)s decision", "%(num)s decisions", count)


def share_of(label: str, share: Share, n: str, **more: Any) -> Figure:
    """A share with its limits; equal limits mean that all are alike, which has no spread."""
    interval = gettext("all alike, so no range can be given")
    if share.low != share.high:
        interval = formatting.share_interval(share.low, share.high)
    return shown(label, formatting.share(share.share), interval=interval, n=n, **more)


def all_counted(label: str, value: str, **more: Any) -> Figure:
    """A figure of the records themselves: no sample, no range."""
    return shown(label, value, interval=counted(), **more)


def star_difference(
    label: str, value: float, limits: Estimate | Wave | Difference, **more: Any
) -> Figure:
    """Stars more, or fewer, with their limits."""
    interval = formatting.signed_interval(limits.low, limits.high)
    unit = formatting.star_word(value)
    return shown(label, formatting.signed(value), unit=unit, interval=interval, **more)


def answers_or_more(count: int) -> str:
    """ "from 80 answers or more", of a count that was rounded down."""
    return gettext("from %(n)s answers or more", n=formatting.count(count))


def decisions_of(part: int, whole: int) -> str:
    """ "20 of 134 decisions"."""
    return gettext("%(part)s decisions", part=formatting.part_of(part, whole))


def labelled(label: str, figure: str) -> str:
    """ "Answered: 20 of 30"."""
    return gettext("%(label)s: %(figure)s", label=label, figure=figure)


def counted() -> str:
    """Stands where a range would stand, beside what is counted in full."""
    return gettext("counted in full")
