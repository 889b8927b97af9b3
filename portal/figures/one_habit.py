"""The one habit most worth looking at, with what goes with it; or why none can be named."""

from dataclasses import dataclass

from portal.figures import levers
from portal.figures.figure import Figure, answers_or_more, star_difference
from portal.figures.ghosting import ghost_stat
from portal.figures.practice import by_phone, promises, told_why
from portal.figures.waiting import told_stat
from portal.language import gettext
from portal.scorecard import Difference, Habits, Reputation


@dataclass(frozen=True)
class Worth:
    """A habit: the stars that go with it, and in a sentence how often it is kept so far."""

    stars: Figure
    so_far: str


@dataclass(frozen=True)
class OneHabit:
    """The habits that may be the largest lever, with a `verdict` on that; or else `why_none`."""

    habits: tuple[Worth, ...] = ()
    verdict: str = ""
    doubt: str = ""
    why_none: str = ""


def one_habit(reputation: Reputation | None, own: Habits | None) -> OneHabit:
    """What REPUTATION's levers name; OWN says how often it is done so far."""
    if reputation is None:
        return OneHabit(why_none=gettext("There is nothing to compare yet."))
    found = reputation.levers
    named = levers.named_largest(found)
    if not named:
        return OneHabit(why_none=_why_none(reputation))
    n, so_far = answers_or_more(reputation.lever_answers), _so_far(own) if own else {}
    worth = [
        Worth(_stars(one.name, stars, n), so_far.get(one.name, ""))
        for one, stars in found.shown
        if one.name in named
    ]
    verdict = gettext("Goes with the largest difference, most likely.")
    if len(worth) > 1:
        verdict = gettext("These cannot be told apart.")
    elif len(found.shown) == 1:
        verdict = gettext("No other lever can be shown to compare it with.")
    doubt = levers.doubtful() if reputation.records_are_denied else ""
    return OneHabit(tuple(worth), verdict, doubt)


def _stars(name: str, found: Difference, n: str) -> Figure:
    label, key = levers.lever_name(name), f"lever_{name}"
    return star_difference(label, found.stars, found, n=n, key=key)


def _so_far(own: Habits) -> dict[str, str]:
    """How often the habit of each lever is kept, as the page of habits says it."""
    return {
        "inform_3d": told_stat(own, 3).sentence,
        "end_ghosting": ghost_stat(own, 1).sentence,
        "phone_all": by_phone(own).sentence,
        "feedback_all": told_why(own.feedback).sentence,
        "realistic_promises": promises(own.promises)[1].sentence,
    }


def _why_none(reputation: Reputation) -> str:
    found = reputation.levers
    if found.shown:
        return gettext(
            "No clear difference shows between ways of telling (%(n)s).",
            n=answers_or_more(reputation.lever_answers),
        )
    reasons = [one.reason_hidden for one in found.hidden if one.reason_hidden]
    telling = [reason for reason in reasons if reason != "nothing_to_change"]
    if not reasons:
        return gettext("There is nothing to compare yet.")
    return f"{levers.why_hidden((telling or reasons)[0])}."
