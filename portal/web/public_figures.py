"""One employer's published figures as a page shows them: words, intervals, charts.

It must never decide what may be shown: that is settled in `reputation`, whose plain values come in.
Only counts of the employer's own records are held back here, so that a public page never speaks
of one or two people.
"""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from portal import formatting, wording
from portal.config import settings
from portal.language import gettext
from portal.models import SkipReason
from portal.reputation import Dashboard, Trend
from portal.statistics.anonymity import OTHER
from portal.web import charts
from portal.web.charts import Chart
from portal.wording import Figure

TOLD_WITHIN_DAYS = (3, 7)
CURVE_DAYS = 30


def score_stat(board: Dashboard) -> Figure:
    """Stars with their interval, count and label; the score on 0–100 beside them."""
    return wording.score(board.reputation, board.floor)


def score_chart(reputation: dict[str, Any]) -> Chart:
    score = reputation["score"]
    return charts.score_line(
        "score",
        charts.Score(
            score["stars"], score["stars_low"], score["stars_high"], reputation["answers"]
        ),
    )


def opinion_stats(board: Dashboard) -> list[Figure]:
    """Candidate NPS and the share who had to ask for news."""
    described = board.reputation
    return [wording.nps(described), wording.chased(described, board.floor)]


def spread_chart(reputation: dict[str, Any]) -> Chart:
    return charts.histogram(
        "spread", reputation["histogram"], reputation["answers"], settings().MIN_COMMENTS
    )


def trend_chart(trend: Sequence[Trend]) -> Chart | None:
    """Stars by release; None while there is nothing to compare."""
    if len(trend) < 2:
        return None
    days = [release.released_on for release in trend]
    names = [formatting.month_short(day) for day in days]
    if len(set(names)) < len(names):  # weekly or daily releases
        names = [formatting.day(day, style="medium") for day in days]
    points = [
        charts.TrendPoint(
            name, release.stars, release.stars_low, release.stars_high, release.answers
        )
        for name, release in zip(names, trend, strict=True)
    ]
    return charts.trend("trend", points)


def group_charts(board: Dashboard, *, is_own: bool = False) -> list[tuple[str, Chart]]:
    """Stars by role, stage and time of asking with their titles, where the audit let them be told.

    is_own: for the employer's members, to whom its departments mean something.
    """
    held = board.reputation.get("dimensions") or {}
    titles = {
        "role_family": gettext("Stars by role"),
        "stage_group": gettext("Stars by stage reached"),
        "lane": gettext("Stars by when they were asked"),
    }
    if is_own:
        titles["department"] = gettext("Stars by department")
    answers = board.reputation["answers"]
    return [
        (
            title,
            charts.groups(dimension.replace("_", "-"), title, _groups(dimension, levels), answers),
        )
        for dimension, title in titles.items()
        if _tells_apart(levels := held.get(dimension) or {}, answers)
    ]


def _tells_apart(levels: dict[str, Any], answers: int) -> bool:
    """Whether some of all ANSWERS stand in one of LEVELS and others elsewhere."""
    return len(levels) > 1 or 0 < sum(one["answers"] for one in levels.values()) < answers


def _groups(dimension: str, levels: dict[str, Any]) -> list[charts.Group]:
    """By stars; what is left over comes last."""
    return [
        charts.Group(
            wording.group_name(dimension, level),
            found["stars"],
            found["low"],
            found["high"],
            found["answers"],
            is_rest=level == OTHER,
        )
        for level, found in sorted(
            levels.items(), key=lambda one: (one[0] == OTHER, -one[1]["stars"], one[0])
        )
    ]


# -- the employer's own records -------------------------------------------------------------------


def has_habits(board: Dashboard) -> bool:
    """Whether there are enough decisions to speak of habits rather than of people."""
    return int(board.habits.get("decided", 0)) >= board.floor


def is_followed(habits: dict[str, Any], days: int) -> bool:
    """Whether somebody was still watched after DAYS, or everybody had been told before."""
    curve = habits["curve"]
    followed = int(curve["followed_days"])
    return followed >= days or bool(curve["told"][followed] >= 1)


def habit_stats(board: Dashboard) -> list[Figure]:
    """Told within 3 and 7 days, and never told: each with interval and count."""
    stats = [told_stat(board.habits, days) for days in TOLD_WITHIN_DAYS]
    return [*stats, ghost_stat(board, board.floor)]


def told_stat(habits: dict[str, Any], days: int) -> Figure:
    """The share told within DAYS."""
    return wording.told_within(
        habits["told_by"][str(days)],
        days,
        habits["decided"],
        is_followed=is_followed(habits, days),
    )


def ghost_stat(board: Dashboard, least: int, days: int = wording.NEVER_DAYS) -> Figure:
    """The share not told within DAYS, from LEAST decisions on."""
    return wording.ghost_rate(board.habits["ghost"][str(days)], days, least)


def told_chart(board: Dashboard) -> Chart | None:
    """How fast candidates are told; None while nobody has been followed for long enough."""
    habits = board.habits
    if not is_followed(habits, CURVE_DAYS):
        return None
    curve = habits["curve"]
    return charts.told_curve(
        "told", charts.ToldByDay(curve["told"], curve["low"], curve["high"], habits["decided"])
    )


def ghost_chart(board: Dashboard, least: int) -> Chart | None:
    """The share never told against the article's; None from fewer than LEAST decisions."""
    ghost = board.habits["ghost"][str(wording.NEVER_DAYS)]
    if ghost["n"] < max(least, 1):
        return None
    return charts.ghost_bar(
        "ghost",
        charts.GhostRate(
            ghost["share"], ghost["low"], ghost["high"], ghost["not_told"], int(ghost["n"])
        ),
    )


def ways_told(board: Dashboard) -> list[tuple[str, str]]:
    """How the decided candidates were told, in counts, the most frequent way first."""
    held = board.habits["channels"]
    counts = {
        gettext("By phone or in person"): held.get("phone", 0) + held.get("in_person", 0),
        gettext("By email or letter"): held.get("email", 0) + held.get("letter", 0),
        gettext("In the application portal"): held.get("portal", 0),
        gettext("Not told so far"): held.get("none", 0),
    }
    return _counted(counts, board.floor)


def _counted(counts: dict[str, int], floor: int) -> list[tuple[str, str]]:
    """Words and counts, the highest first; none is named below the floor, none is left at zero."""
    few = gettext("fewer than %(floor)s", floor=floor)
    return [
        (words, formatting.count(n) if n >= floor else few)
        for words, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if n
    ]


def coverage_charts(board: Dashboard) -> list[tuple[str, Chart]]:
    """Decided and told; asked and answered: with their titles, no count below the floor."""
    coverage, floor = board.coverage, board.floor

    def counted(label: str, key: str, of: int | None = None) -> charts.FunnelStep:
        count = int(coverage[key])
        return charts.FunnelStep(label, count if count >= floor else None, of)

    told = [
        counted(gettext("Decided"), "decided"),
        counted(gettext("Told"), "told", to_be_told(coverage)),
    ]
    asked = [
        counted(gettext("Asked for feedback"), "invited"),
        counted(gettext("Answered"), "answered", coverage["invited"]),
    ]
    titles = {"told": gettext("Decided and told"), "asked": gettext("Asked and answered")}
    return [
        (titles[name], charts.coverage(f"coverage-{name}", titles[name], steps))
        for name, steps in (("told", told), ("asked", asked))
    ]


def to_be_told(coverage: dict[str, Any]) -> int:
    """How many of those decided upon had something to hear."""
    # Scorecards of an earlier version do not know who withdrew.
    return int(coverage["decided"]) - int(coverage.get("withdrew", 0))


def asked_undecided(board: Dashboard) -> str | None:
    """How many of those asked have no decision on record: not among those decided upon."""
    count = board.coverage.get("undecided_invited", 0)
    if not count:
        return None
    return wording.asked_undecided(count, board.floor)


def who_withdrew(board: Dashboard) -> str | None:
    """How many of those decided upon had nothing to hear; None below the floor."""
    count = board.coverage.get("withdrew", 0)  # scorecards of an earlier version lack it
    if count < board.floor:
        return None
    said = gettext("%(count)s withdrew: there was nothing to tell them.")
    return said % {"count": formatting.count(count)}


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


def reasons_not_asked(board: Dashboard) -> list[tuple[str, str]]:
    """Why the rest was not asked: (reason, how many), the most frequent first."""
    words = _reason_words()
    counts = {words.get(key, key): n for key, n in board.coverage["skipped"].items()}
    if waiting := board.coverage["waiting"]:
        counts[gettext("Will be asked later")] = waiting
    return _counted(counts, board.floor)


# -- for machines and for words -------------------------------------------------------------------


def rating_data(name: str, url: str, reputation: dict[str, Any]) -> dict[str, Any]:
    """schema.org's EmployerAggregateRating of a score that is shown."""
    return {
        "@context": "https://schema.org/",
        "@type": "EmployerAggregateRating",
        "itemReviewed": {"@type": "Organization", "name": name, "url": url},
        "ratingValue": formatting.stars(reputation["score"]["stars"]),
        "bestRating": "5",
        "worstRating": "1",
        "ratingCount": reputation["answers"],
    }


def as_lines(text: str) -> Markup:
    """TEXT with its line breaks, its own writing direction kept to itself."""
    return Markup("<bdi>{}</bdi>").format(Markup("<br>").join(text.splitlines()))
