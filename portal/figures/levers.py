"""Levers in words: what goes with better ratings, how surely; never that one makes the other."""

from dataclasses import replace
from typing import NamedTuple

from portal import formatting
from portal.figures.figure import Figure, from_answers, missing, star_difference
from portal.language import gettext, marked, ngettext
from portal.scorecard import Difference, Lever, Levers, PlatformLever
from portal.statistics.levers import (
    MAX_HALF_WIDTH_STARS,
    MIN_ANSWERS_EACH_SIDE,
    MIN_REJECTED_ANSWERS,
)


class _Contrast(NamedTuple):
    """What everybody would get, in full and in short, and the two groups that are compared."""

    name: str
    short: str
    these: str
    those: str


def _contrast(lever: str) -> _Contrast:
    return {
        "inform_3d": _Contrast(
            gettext("Everyone told within 3 days"),
            gettext("told within 3 days"),
            gettext("those told within 3 days"),
            gettext("told later"),
        ),
        "end_ghosting": _Contrast(
            gettext("Nobody left without an answer"),
            gettext("nobody left without an answer"),
            gettext("those told after 8 to 14 days"),
            gettext("never told"),
        ),
        "phone_all": _Contrast(
            gettext("Everyone told by phone"),
            gettext("told by phone"),
            gettext("those told by phone"),
            gettext("told in another way"),
        ),
        "feedback_all": _Contrast(
            gettext("Everyone told why"),
            gettext("told why"),
            gettext("those told why"),
            gettext("told without a reason"),
        ),
        "realistic_promises": _Contrast(
            gettext("Only promises that are kept"),
            gettext("promises that are kept"),
            gettext("those whose promised date was kept"),
            gettext("whose date was missed"),
        ),
    }[lever]


def lever_name(lever: str) -> str:
    """What a lever would be, in a few words."""
    return _contrast(lever).name


def is_clear(found: Difference) -> bool:
    """Whether the range, as it is shown, leaves out no difference."""
    signs = {formatting.signed(limit, 1)[0] for limit in (found.low, found.high)}
    return len(signs) == 1 and signs != {"0"}


def lever(found: Lever) -> Figure:
    """One lever of an employer."""
    words, own = _contrast(found.name), found.own
    if own is None:
        return missing(words.name, why_hidden(found.reason_hidden or ""))
    return replace(
        star_difference(words.name, own.stars, own),
        sentence=_sentence(OWN, own, these=words.these, those=words.those),
        verdict=None if is_clear(own) else no_clear_difference(),
        key=f"lever_{found.name}",
    )


# Without a clear difference, with higher stars, with lower ones.
OWN = (
    marked(
        "Among candidates you turned down, no clear difference shows between %(these)s and "
        "comparable candidates %(those)s (%(effect)s on your average, %(range)s)."
    ),
    marked(
        "Among candidates you turned down, %(these)s rated you higher than comparable candidates "
        "%(those)s. If the same pattern held for everybody, your average would be %(about)s higher "
        "(%(range)s)."
    ),
    marked(
        "Among candidates you turned down, %(these)s rated you lower than comparable candidates "
        "%(those)s. If the same pattern held for everybody, your average would be %(about)s lower "
        "(%(range)s)."
    ),
)
TOGETHER = (
    marked("%(who)s: no clear difference (%(effect)s on the average, %(range)s)."),
    marked(
        "%(who)s: if the same pattern held for everybody, the average would be %(about)s higher "
        "(%(range)s)."
    ),
    marked(
        "%(who)s: if the same pattern held for everybody, the average would be %(about)s lower "
        "(%(range)s)."
    ),
)


def _sentence(texts: tuple[str, str, str], found: Difference, **names: str) -> str:
    """The one of TEXTS that FOUND asks for; higher and lower are said without a sign."""
    unclear, higher, lower = texts
    if not is_clear(found):
        limits = formatting.signed_interval(found.low, found.high)
        return gettext(unclear, effect=_signed_stars(found.stars), range=limits, **names)
    low, high = sorted((abs(found.low), abs(found.high)))
    about = gettext("about %(stars)s", stars=formatting.stars_text(abs(found.stars)))
    text, limits = higher if found.stars > 0 else lower, formatting.stars_interval(low, high)
    return gettext(text, about=about, range=limits, **names)


def _signed_stars(stars: float) -> str:
    return f"{formatting.signed(stars)}{formatting.NBSP}{formatting.star_word(stars)}"


def signed_range(found: Difference) -> str:
    """ "+0.4 to +0.8", where a heading says already what it is."""
    return formatting.interval_short(formatting.signed(found.low), formatting.signed(found.high))


def together(found: PlatformLever) -> str:
    """Whose a lever over all employers is."""
    who = ngettext("One employer", "All %(num)s employers together", found.employers)
    return who if found.answers is None else f"{who}, {from_answers(found.answers)}"


def platform_lever(found: PlatformLever) -> str:
    """One lever over all employers together."""
    return _sentence(TOGETHER, found, who=together(found))


def not_your_own() -> str:
    """Follows the platform's figure wherever it stands in for an employer's."""
    return gettext("This is not your own figure.")


def no_clear_difference() -> str:
    """The verdict on a range that holds zero."""
    return gettext("No clear difference")


def brief(label: str, found: Difference) -> str:
    """A lever in half a line, for a chart's description."""
    if not is_clear(found):
        return gettext("%(label)s: no clear difference.", label=label)
    return gettext(
        "%(label)s: about %(effect)s (%(range)s).",
        label=label,
        effect=_signed_stars(found.stars),
        range=signed_range(found),
    )


def largest_levers(found: Levers, *, is_own: bool) -> list[str]:
    """Which lever is the largest, or which may be; nothing if none of them is clear."""
    named = named_largest(found)
    largest = [lever.name for lever, _ in found.shown if lever.name in named]
    if not largest:
        return []
    if len(found.shown) == 1:
        return [gettext("No other lever can be shown to compare it with.")]
    apart = marked("These %(n)s cannot be told apart: %(levers)s. Any of them may be the largest.")
    if len(largest) == 2:
        apart = marked("These two cannot be told apart: %(levers)s. Either may be the larger.")
    said = gettext(apart, n=len(largest), levers=_shorts(largest))
    if len(largest) == 1:
        most_likely = gettext("Most likely the largest lever")
        if is_own:
            most_likely = gettext("Most likely your largest lever")
        said = _list(most_likely, largest)
    hidden = {one.reason_hidden for one in found.hidden} - {"nothing_to_change"}
    return [said, gettext("Only levers that can be shown are compared.")] if hidden else [said]


def unranked_levers(found: Levers) -> list[str]:
    """Which levers cannot be told apart, each with each, beyond what has been said already."""
    said, sentences = [set(named_largest(found))], []
    for names in sorted(found.not_told_apart, key=len, reverse=True):
        if any(set(names) <= others for others in said):
            continue
        said.append(set(names))
        listed = [lever.name for lever, _ in found.shown if lever.name in names]
        sentences.append(_list(gettext("Cannot be ranked"), listed))
    return sentences


def named_largest(found: Levers) -> tuple[str, ...]:
    """The lever, or those, that may be called the largest: one must be clear, and above zero."""
    named = [own for lever, own in found.shown if lever.name in found.largest]
    return found.largest if any(is_clear(own) and own.stars > 0 for own in named) else ()


def _list(label: str, names: list[str]) -> str:
    return gettext("%(label)s: %(figure)s.", label=label, figure=_shorts(names))


def _shorts(names: list[str]) -> str:
    return ", ".join(_contrast(name).short for name in names)


def unrecorded() -> str:
    """The caveat on tellings that are in no record."""
    return gettext("Tellings nobody recorded make these figures too small.")


def doubtful() -> str:
    """The caveat where candidates deny the record more often than slips explain."""
    return gettext(
        "More candidates than slips account for say they were not told, though the records say so: "
        "read these figures with doubt, they stand on the records."
    )


def why_hidden(reason: str) -> str:
    """Why a lever cannot be shown."""
    too_uncertain = gettext(
        "Too uncertain: the 95 %% range is wider than %(stars)s",
        stars=formatting.stars_text(2 * MAX_HALF_WIDTH_STARS),
    )
    return {
        "too_few_answers": gettext(
            "It takes %(n)s answers of candidates who were turned down", n=MIN_REJECTED_ANSWERS
        ),
        "answers_alike": gettext("All answers are alike: there is nothing to compare"),
        "nothing_to_change": gettext("By the records there is nothing to change"),
        "not_enough_variation": gettext(
            "Too few answers on one side of the comparison: it takes %(n)s on each",
            n=MIN_ANSWERS_EACH_SIDE,
        ),
    }.get(reason, too_uncertain)


def association() -> str:
    """The caveat that stands beside every lever."""
    return gettext(
        "This is an association, adjusted for stage, role family and quarter; it is not proof of "
        "cause."
    )


def overlap() -> str:
    """Why levers have no sum."""
    return gettext("Levers overlap: never add them up.")
