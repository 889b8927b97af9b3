"""One employer's published figures as its public page shows them.

It must never decide what may be shown of answers: that is settled in `reputation`. Only counts of
the employer's own records are held back here, so that a public page never speaks of one or two
people.
"""

from typing import Any

from markupsafe import Markup

from portal import figures, formatting
from portal.figures import Figure
from portal.language import gettext
from portal.reputation import Dashboard
from portal.scorecard import Habits, Reputation

TOLD_WITHIN_DAYS = (3, 7)


def opinion_stats(reputation: Reputation, floor: int) -> list[Figure]:
    """Candidate NPS and the share who had to ask for news."""
    return [figures.nps(reputation), figures.chased(reputation, floor)]


# -- the employer's own records -------------------------------------------------------------------


def habits_of(board: Dashboard) -> Habits | None:
    """The habits, if there are enough decisions to speak of habits rather than of people."""
    habits = board.habits
    return habits if habits and habits.decided >= board.floor else None


def habit_stats(habits: Habits, floor: int) -> list[Figure]:
    """Told within 3 and 7 days, and not within 30: each with interval and count."""
    stats = [figures.told_stat(habits, days) for days in TOLD_WITHIN_DAYS]
    return [*stats, figures.ghost_stat(habits, floor)]


def ways_told(habits: Habits, floor: int) -> list[tuple[str, str]]:
    """How the decided candidates were told, in counts, the most frequent way first."""
    held = habits.channels
    counts = {
        gettext("By phone or in person"): held.get("phone", 0) + held.get("in_person", 0),
        gettext("By email or letter"): held.get("email", 0) + held.get("letter", 0),
        gettext("In the application portal"): held.get("portal", 0),
        gettext("Not told so far"): held.get("none", 0),
    }
    return figures.listed_counts(counts, floor, gettext("Other ways, or not told so far"))


# -- for machines and for words -------------------------------------------------------------------


def rating_data(name: str, url: str, reputation: Reputation) -> dict[str, Any]:
    """schema.org's EmployerAggregateRating of a score that is shown."""
    return {
        "@context": "https://schema.org/",
        "@type": "EmployerAggregateRating",
        "itemReviewed": {"@type": "Organization", "name": name, "url": url},
        "ratingValue": formatting.stars(reputation.score.stars),
        "bestRating": "5",
        "worstRating": "1",
        "ratingCount": reputation.answers,
    }


def as_lines(text: str) -> Markup:
    """TEXT with its line breaks, its own writing direction kept to itself."""
    return Markup("<bdi>{}</bdi>").format(Markup("<br>").join(text.splitlines()))
