"""One employer's published figures as its public page shows them.

It must never decide what may be shown of answers: that is settled in `reputation`. Only counts of
the employer's own records are held back here, so that a public page never speaks of one or two
people.
"""

from typing import Any

from markupsafe import Markup

from portal import figures, formatting
from portal.figures import Chart, Figure
from portal.language import gettext
from portal.models import SkipReason
from portal.reputation import Dashboard
from portal.scorecard import Coverage, Habits, Reputation

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
    """Told within 3 and 7 days, and never told: each with interval and count."""
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
    return _counted(counts, floor)


def _counted(counts: dict[str, int], floor: int) -> list[tuple[str, str]]:
    """Words and counts, the highest first; none is named below the floor, none is left at zero."""
    few = gettext("fewer than %(floor)s", floor=floor)
    return [
        (words, formatting.count(n) if n >= floor else few)
        for words, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if n
    ]


def coverage_charts(coverage: Coverage, floor: int) -> list[tuple[str, Chart]]:
    """Decided and told; asked and answered: with their titles, no count below the floor."""

    def counted(label: str, count: int, of: int | None = None) -> figures.FunnelStep:
        return figures.FunnelStep(label, count if count >= floor else None, of)

    told = [
        counted(gettext("Decided"), coverage.decided),
        counted(gettext("Told"), coverage.told, coverage.to_be_told),
    ]
    asked = [
        counted(gettext("Asked for feedback"), coverage.invited),
        counted(gettext("Answered"), coverage.answered, coverage.invited),
    ]
    titles = {"told": gettext("Decided and told"), "asked": gettext("Asked and answered")}
    return [
        (titles[name], figures.coverage(f"coverage-{name}", titles[name], steps))
        for name, steps in (("told", told), ("asked", asked))
    ]


def asked_undecided(coverage: Coverage, floor: int) -> str | None:
    """How many of those asked have no decision on record: not among those decided upon."""
    count = coverage.undecided_invited
    return figures.asked_undecided(count, floor) if count else None


def who_withdrew(coverage: Coverage, floor: int) -> str | None:
    """How many of those decided upon had nothing to hear; None below the floor."""
    if coverage.withdrew < floor:
        return None
    said = gettext("%(count)s withdrew: there was nothing to tell them.")
    return said % {"count": formatting.count(coverage.withdrew)}


def _reason_words() -> dict[str, str]:
    return {
        SkipReason.NO_EMAIL: gettext("No email address known"),
        SkipReason.OWN_ADDRESS: gettext("An address of the employer’s own, or of this site"),
        SkipReason.DO_NOT_EMAIL: gettext("Asked not to be emailed"),
        SkipReason.OPTED_OUT: gettext("Opted out of survey mail"),
        SkipReason.SUPPRESSED: gettext("The address does not take mail"),
        SkipReason.RECENTLY_ASKED: gettext("Asked by this employer in the last 180 days"),
        SkipReason.ACTIVE_ELSEWHERE: gettext("Still in another process here"),
        SkipReason.RETRACTED: gettext("The decision was taken back"),
        SkipReason.TOO_OLD: gettext("Decided more than 60 days before it was recorded"),
        SkipReason.EMPLOYER_OFF: gettext("Sending was not switched on"),
        SkipReason.NO_SENDER: gettext("No sender was set up"),
        SkipReason.UNDELIVERED: gettext("The email did not arrive"),
        SkipReason.STALE: gettext("The email could not leave in time"),
    }


def reasons_not_asked(coverage: Coverage, floor: int) -> list[tuple[str, str]]:
    """Why the rest was not asked: (reason, how many), the most frequent first."""
    words = _reason_words()
    counts = {words.get(key, key): n for key, n in coverage.skipped.items()}
    if coverage.waiting:
        counts[gettext("Will be asked later")] = coverage.waiting
    return _counted(counts, floor)


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
