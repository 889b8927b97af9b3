"""One language's words, and the shape in which a figure leaves: value, range, count, sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any, Literal

from babel.support import Translations

from portal import formatting

CATALOGUES = Path(__file__).parents[1] / "translations"

Plain = dict[str, Any]
Tone = Literal["neutral", "accent", "good", "warn", "bad"]


@dataclass(frozen=True)
class Figure:
    """One figure in words. `value` is None where it cannot be shown; `not_yet` says why.

    `sentence` says all of it at once, for readers who see no page: charts, reports, files.
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


@lru_cache(maxsize=8)
def _catalogue(language: str) -> NullTranslations:
    """English is what is written in the code: a language without a catalogue reads as English."""
    return Translations.load(CATALOGUES, [language])


@dataclass(frozen=True)
class Voice:
    """The words of one locale."""

    locale: str = "en"

    def gettext(self, text: str, **values: object) -> str:
        """TEXT in this language, with VALUES put in."""
        said = _catalogue(self.locale[:2]).gettext(text)
        return said % values if values else said

    def ngettext(self, one: str, many: str, num: int) -> str:
        """ONE or MANY, as this language counts; `%(num)s` is the number with its grouping."""
        said = _catalogue(self.locale[:2]).ngettext(one, many, num)
        return said % {"num": formatting.count(num, self.locale)} if "%" in said else said

    def shown(
        self,
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
        sentence = self.gettext("%(label)s: %(figure)s.", label=label, figure=figure)
        if verdict:
            sentence += f" {verdict}."
        return Figure(label, sentence, value=value, interval=interval, n=n, verdict=verdict, **more)

    def missing(self, label: str, why: str, **more: Any) -> Figure:
        """A figure that cannot be shown, and why: a sentence without its full stop."""
        sentence = self.gettext("%(label)s: cannot be said yet. %(why)s.", label=label, why=why)
        return Figure(label, sentence, not_yet=why, **more)

    def answers(self, count: int) -> str:
        """ "from 86 answers"."""
        return self.ngettext("from %(num)s answer", "from %(num)s answers", count)

    def decisions(self, count: int) -> str:
        """ "134 decisions"."""
        return self.ngettext("%(num)s decision", "%(num)s decisions", count)

    def share_of(self, label: str, share: Plain, n: str | None, **more: Any) -> Figure:
        """A share with its limits; equal limits mean that all are alike, which has no spread."""
        interval = self.gettext("all alike, so no range can be given")
        if share["low"] != share["high"]:
            interval = formatting.share_interval(share["low"], share["high"], self.locale)
        value = formatting.share(share["share"], self.locale)
        return self.shown(label, value, interval=interval, n=n, **more)


def answers_or_more(count: int, locale: str = "en") -> str:
    """ "from 80 answers or more", of a count that was rounded down."""
    voice = Voice(locale)
    return voice.gettext("from %(n)s answers or more", n=formatting.count(count, locale))


def decisions(count: int, locale: str = "en") -> str:
    """ "134 decisions"."""
    return Voice(locale).decisions(count)
