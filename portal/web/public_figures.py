"""One employer's published figures as a page shows them: words, intervals, charts.

It must never decide what may be shown: that is settled in `reputation`, whose plain values come in.
Only counts of the employer's own records are held back here, so that a public page never speaks
of one or two people.
"""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from portal import formatting
from portal.models import SkipReason
from portal.reputation import Dashboard, Trend
from portal.web import charts
from portal.web.charts import Chart

Stat = dict[str, Any]  # arguments of the macro ui.stat

TOLD_WITHIN_DAYS = (3, 7)
GHOST_DAYS = "30"
CURVE_DAYS = 30


def _answers(count: int) -> str:
    return gettext("from %(n)s answers", n=formatting.count(count))


def _decisions(count: int) -> str:
    return gettext("%(n)s decisions", n=formatting.count(count))


def score_stat(reputation: dict[str, Any]) -> Stat:
    """Stars with their interval, count and label; the score on 0–100 beside them."""
    score = reputation["score"]
    is_early = reputation["label"] == "early"
    points = gettext(
        "%(score)s of 100 points, %(range)s.",
        score=formatting.score(score["score"]),
        range=formatting.score_interval(score["score_low"], score["score_high"]),
    )
    return {
        "label": gettext("Stars"),
        "value": formatting.stars(score["stars"]),
        "unit": gettext("of 5"),
        "interval": formatting.stars_interval(score["stars_low"], score["stars_high"]),
        "n": _answers(reputation["answers"]),
        "badge_text": gettext("Early: few answers so far") if is_early else None,
        "says": points,
        "caveat": gettext(
            "A recency-weighted average of everyone who was asked, drawn towards the middle while "
            "answers are few. It is not today’s level."
        ),
    }


def score_chart(reputation: dict[str, Any]) -> Chart:
    score = reputation["score"]
    return charts.score_line(
        "score",
        charts.Score(
            score["stars"], score["stars_low"], score["stars_high"], reputation["answers"]
        ),
    )


def opinion_stats(reputation: dict[str, Any], floor: int) -> list[Stat]:
    """Candidate NPS and the share who had to ask for news."""
    nps = reputation["nps"]
    stats = [
        {
            "label": gettext("Would suggest applying here"),
            "value": formatting.signed(nps["value"], 0),
            "unit": gettext("candidate NPS"),
            "interval": formatting.signed_interval(nps["low"], nps["high"], 0),
            "n": _answers(reputation["answers"]),
            "caveat": gettext(
                "From −100 to +100: those who answer 9 or 10 of 10, less those who answer 0 to 6. "
                "One question; it does not say why."
            ),
        }
    ]
    chased = reputation["chased"]
    asked: Stat = {
        "label": gettext("Had to ask for news"),
        "caveat": gettext(
            "In candidates’ own words, weighted to everyone who was asked for feedback."
        ),
    }
    if chased["shown"]:
        asked |= {
            "value": formatting.share(chased["share"]),
            "interval": formatting.share_interval(chased["low"], chased["high"]),
            "n": _answers(chased["answers"]),
        }
    else:
        asked["not_yet"] = gettext("Fewer than %(floor)s answered this question", floor=floor)
    return [*stats, asked]


def spread_chart(reputation: dict[str, Any]) -> Chart:
    return charts.histogram("spread", reputation["histogram"])


def trend_chart(trend: Sequence[Trend]) -> Chart | None:
    """Stars by release; None while there is nothing to compare."""
    if len(trend) < 2:
        return None
    names = [formatting.month_short(release.released_on) for release in trend]
    if len(set(names)) < len(names):  # weekly or daily releases
        names = [formatting.day(release.released_on, style="medium") for release in trend]
    points = [
        charts.TrendPoint(
            name, release.stars, release.stars_low, release.stars_high, release.answers
        )
        for name, release in zip(names, trend, strict=True)
    ]
    return charts.trend("trend", points)


# -- the employer's own records -------------------------------------------------------------------


def has_habits(board: Dashboard) -> bool:
    """Whether there are enough decisions to speak of habits rather than of people."""
    return int(board.habits.get("decided", 0)) >= board.floor


def _is_followed(habits: dict[str, Any], days: int) -> bool:
    """Whether somebody was still watched after DAYS, or everybody had been told before."""
    curve = habits["curve"]
    followed = int(curve["followed_days"])
    return followed >= days or bool(curve["told"][followed] >= 1)


def habit_stats(board: Dashboard) -> list[Stat]:
    """Told within 3 and 7 days, and never told: each with interval and count."""
    habits = board.habits
    stats = [_told_stat(habits, days) for days in TOLD_WITHIN_DAYS]
    return [*stats, _ghost_stat(habits, board.floor)]


def _told_stat(habits: dict[str, Any], days: int) -> Stat:
    told = habits["told_by"][str(days)]
    stat: Stat = {
        "label": gettext("Told within %(days)s", days=formatting.days(days)),
        "n": _decisions(habits["decided"]),
    }
    if not _is_followed(habits, days):
        return stat | {"not_yet": gettext("No decision is that old yet")}
    stat["value"] = formatting.share(told["share"])
    if told["low"] == told["high"]:  # all told, or nobody: the estimate has no spread then
        return stat | {"interval": gettext("all alike, so no range can be given")}
    return stat | {"interval": formatting.share_interval(told["low"], told["high"])}


def _ghost_stat(habits: dict[str, Any], floor: int) -> Stat:
    ghost = habits["ghost"][GHOST_DAYS]
    line = formatting.share(charts.ARTICLE_SHARE)
    stat: Stat = {
        "label": gettext("Not told within %(days)s", days=formatting.days(int(GHOST_DAYS))),
        "caveat": gettext(
            "%(line)s is what an article reports of job seekers in general; its survey could not "
            "be traced.",
            line=line,
        ),
    }
    if ghost["n"] < floor:
        return stat | {"not_yet": gettext("Too few decisions are that old yet")}
    verdicts = {
        "below": (gettext("Below the article’s %(line)s", line=line), "good"),
        "above": (gettext("Above the article’s %(line)s", line=line), "bad"),
        "unclear": (gettext("Cannot be told apart from %(line)s", line=line), "neutral"),
    }
    words, tone = verdicts[ghost["verdict"]]
    of_all = formatting.part_of(ghost["not_told"], int(ghost["n"]))
    return stat | {
        "value": formatting.share(ghost["share"]),
        "interval": formatting.share_interval(ghost["low"], ghost["high"]),
        "n": gettext("%(part)s decisions", part=of_all),
        "badge_text": words,
        "tone": tone,
    }


def told_chart(board: Dashboard) -> Chart | None:
    """How fast candidates are told; None while nobody has been followed for long enough."""
    habits = board.habits
    if not _is_followed(habits, CURVE_DAYS):
        return None
    curve = habits["curve"]
    return charts.told_curve(
        "told", charts.ToldByDay(curve["told"], curve["low"], curve["high"], habits["decided"])
    )


def ghost_chart(board: Dashboard) -> Chart | None:
    ghost = board.habits["ghost"][GHOST_DAYS]
    if ghost["n"] < board.floor:
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


def coverage_chart(board: Dashboard) -> Chart:
    """Decided, told, asked, answered; no count below the floor."""
    coverage = board.coverage
    steps = (
        (gettext("Decided"), "decided"),
        (gettext("Told"), "told"),
        (gettext("Asked for feedback"), "invited"),
        (gettext("Answered"), "answered"),
    )
    return charts.coverage(
        "coverage",
        [
            charts.FunnelStep(label, count if (count := coverage[key]) >= board.floor else None)
            for label, key in steps
        ],
    )


def _reason_words() -> dict[str, str]:
    return {
        SkipReason.NO_EMAIL: gettext("No email address known"),
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
