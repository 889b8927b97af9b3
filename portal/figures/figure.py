"""The shape in which a figure leaves: value, range, count, sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Literal

from portal import formatting
from portal.language import gettext, ngettext
from portal.statistics.survival import Share

Plain = Mapping[str, Any]
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


def shown(
    label: str,
    value: str,
    *,
    interval: str | None = None,
    n: str | None = None,
    verdict: str | None = None,
    **more: Any,
) -> Figure:
    """A figure with what stands beside it. MORE: other fields of `Figure`."""
    whole = f"{value} {more['unit']}" if more.get("unit") else value
    figure = ", ".join(part for part in (whole, interval, n) if part)
    sentence = gettext("%(label)s: %(figure)s.", label=label, figure=figure)
    if verdict:
        sentence += f" {verdict}."
    return Figure(label, sentence, value=value, interval=interval, n=n, verdict=verdict, **more)


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


def share_of(label: str, share: Share, n: str | None, **more: Any) -> Figure:
    """A share with its limits; equal limits mean that all are alike, which has no spread."""
    interval = gettext("all alike, so no range can be given")
    if share.low != share.high:
        interval = formatting.share_interval(share.low, share.high)
    value = formatting.share(share.share)
    return shown(label, value, interval=interval, n=n, **more)


def answers_or_more(count: int) -> str:
    """ "from 80 answers or more", of a count that was rounded down."""
    return gettext("from %(n)s answers or more", n=formatting.count(count))


def decisions_of(part: int, whole: int) -> str:
    """ "20 of 134 decisions"."""
    of_all = formatting.part_of(part, whole)
    return gettext("%(part)s decisions", part=of_all)


def counted() -> str:
    """Stands where a range would stand, beside what is counted in full."""
    return gettext("counted in full")
