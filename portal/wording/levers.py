"""Levers in words: what goes with better ratings, how surely, and why some cannot be shown.

It must never say that one thing makes another.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal import formatting
from portal.statistics.levers import (
    MAX_HALF_WIDTH_STARS,
    MIN_ANSWERS_EACH_SIDE,
    MIN_REJECTED_ANSWERS,
)
from portal.wording.voice import Figure, Plain, Voice


@dataclass(frozen=True)
class _Contrast:
    """What everybody would get, and the two groups that are compared."""

    name: str
    these: str
    those: str


def _contrast(lever: str, voice: Voice) -> _Contrast:
    say = voice
    return {
        "inform_3d": _Contrast(
            say.gettext("Everyone told within 3 days"),
            say.gettext("those told within 3 days"),
            say.gettext("told later"),
        ),
        "end_ghosting": _Contrast(
            say.gettext("Nobody left without an answer"),
            say.gettext("those told after 8 to 14 days"),
            say.gettext("never told"),
        ),
        "phone_all": _Contrast(
            say.gettext("Everyone told by phone"),
            say.gettext("those told by phone"),
            say.gettext("told in another way"),
        ),
        "feedback_all": _Contrast(
            say.gettext("Everyone told why"),
            say.gettext("those told why"),
            say.gettext("told without a reason"),
        ),
        "realistic_promises": _Contrast(
            say.gettext("Only promises that are kept"),
            say.gettext("those whose promised date was kept"),
            say.gettext("whose date was missed"),
        ),
    }[lever]


def lever_name(lever: str, locale: str = "en") -> str:
    """What a lever would be, in a few words."""
    return _contrast(lever, Voice(locale)).name


def is_clear(found: Plain) -> bool:
    """Whether the range, as it is shown, leaves out no difference."""
    signs = {formatting.signed(found[limit], 1)[0] for limit in ("low", "high")}
    return len(signs) == 1 and signs != {"0"}


def lever(found: Plain, locale: str = "en") -> Figure:
    """One lever of an employer. FOUND: lever, effect_stars, low, high, reason_hidden."""
    voice = Voice(locale)
    words = _contrast(found["lever"], voice)
    if found["reason_hidden"]:
        return voice.missing(words.name, why_hidden(found["reason_hidden"], locale))
    return Figure(
        words.name,
        _own_sentence(voice, words, found),
        value=formatting.signed(found["effect_stars"], 1, locale),
        unit=formatting.star_word(found["effect_stars"], locale),
        interval=formatting.signed_interval(found["low"], found["high"], 1, locale),
        verdict=None if is_clear(found) else no_clear_difference(locale),
    )


def _own_sentence(voice: Voice, words: _Contrast, found: Plain) -> str:
    groups = {"these": words.these, "those": words.those}
    if not is_clear(found):
        return voice.gettext(
            "Among candidates you turned down, no clear difference shows between %(these)s and "
            "comparable candidates %(those)s (%(effect)s on your average, %(range)s).",
            **groups,
            effect=_signed_stars(found["effect_stars"], voice),
            range=formatting.signed_interval(found["low"], found["high"], 1, voice.locale),
        )
    figures = _size(voice, found)
    if found["effect_stars"] > 0:
        return voice.gettext(
            "Among candidates you turned down, %(these)s rated you higher than comparable "
            "candidates %(those)s. If the same pattern held for everybody, your average would be "
            "%(about)s higher (%(range)s).",
            **groups,
            **figures,
        )
    return voice.gettext(
        "Among candidates you turned down, %(these)s rated you lower than comparable "
        "candidates %(those)s. If the same pattern held for everybody, your average would be "
        "%(about)s lower (%(range)s).",
        **groups,
        **figures,
    )


def _size(voice: Voice, found: Plain) -> dict[str, str]:
    """ "about 0.6" and its range, both without sign: the sentence says higher or lower."""
    size = abs(found["effect_stars"])
    low, high = sorted((abs(found["low"]), abs(found["high"])))
    about = voice.gettext("about %(stars)s", stars=formatting.stars_text(size, voice.locale))
    return {"about": about, "range": formatting.stars_interval(low, high, voice.locale)}


def _signed_stars(stars: float, voice: Voice) -> str:
    signed = formatting.signed(stars, 1, voice.locale)
    return f"{signed}{formatting.NBSP}{formatting.star_word(stars, voice.locale)}"


def platform_lever(found: Plain, locale: str = "en") -> str:
    """One lever over all employers together.

    FOUND: effect_stars, low, high, employers, and answers where they are known.
    """
    voice = Voice(locale)
    who = voice.ngettext("One employer", "All %(num)s employers together", found["employers"])
    if found.get("answers") is not None:
        who = f"{who}, {voice.answers(found['answers'])}"
    if not is_clear(found):
        return voice.gettext(
            "%(who)s: no clear difference (%(effect)s on the average, %(range)s).",
            who=who,
            effect=_signed_stars(found["effect_stars"], voice),
            range=formatting.signed_interval(found["low"], found["high"], 1, locale),
        )
    figures = _size(voice, found) | {"who": who}
    if found["effect_stars"] > 0:
        return voice.gettext(
            "%(who)s: if the same pattern held for everybody, the average would be %(about)s "
            "higher (%(range)s).",
            **figures,
        )
    return voice.gettext(
        "%(who)s: if the same pattern held for everybody, the average would be %(about)s "
        "lower (%(range)s).",
        **figures,
    )


def not_your_own(locale: str = "en") -> str:
    """Follows the platform's figure wherever it stands in for an employer's."""
    return Voice(locale).gettext("This is not your own figure.")


def no_clear_difference(locale: str = "en") -> str:
    """The verdict on a range that holds zero."""
    return Voice(locale).gettext("No clear difference")


def about_equal(locale: str = "en") -> str:
    """Between two neighbours whose ranges overlap."""
    return Voice(locale).gettext("About equal")


def about_equal_to_next(locale: str = "en") -> str:
    """Of a lever whose range and that of the one below it overlap."""
    return Voice(locale).gettext("About equal to the next")


def brief(label: str, found: Plain, locale: str = "en") -> str:
    """A lever in half a line, for a chart's description. FOUND: effect_stars, low, high."""
    voice = Voice(locale)
    if not is_clear(found):
        return voice.gettext("%(label)s: no clear difference.", label=label)
    return voice.gettext(
        "%(label)s: about %(effect)s (%(range)s).",
        label=label,
        effect=_signed_stars(found["effect_stars"], voice),
        range=formatting.interval_short(
            formatting.signed(found["low"], 1, locale),
            formatting.signed(found["high"], 1, locale),
            locale,
        ),
    )


def why_hidden(reason: str, locale: str = "en") -> str:
    """Why a lever cannot be shown."""
    voice = Voice(locale)
    if reason == "too_few_answers":
        return voice.gettext(
            "It takes %(n)s answers of candidates who were turned down", n=MIN_REJECTED_ANSWERS
        )
    if reason == "nothing_to_change":
        return voice.gettext("By the records there is nothing to change")
    if reason == "not_enough_variation":
        return voice.gettext(
            "Too few answers on one side of the comparison: it takes %(n)s on each",
            n=MIN_ANSWERS_EACH_SIDE,
        )
    return voice.gettext(
        "Too uncertain: the 95 %% range is wider than %(stars)s",
        stars=formatting.stars_text(2 * MAX_HALF_WIDTH_STARS, locale),
    )


def association(locale: str = "en") -> str:
    """The caveat that stands beside every lever."""
    return Voice(locale).gettext(
        "This is an association, adjusted for stage, role family and quarter; it is not proof of "
        "cause."
    )


def overlap(locale: str = "en") -> str:
    """Why levers have no sum."""
    return Voice(locale).gettext("Levers overlap: never add them up.")
