"""Who was not told within 30 days, beside the article's figure."""

from __future__ import annotations

from portal import formatting
from portal.figures import svg
from portal.figures.figure import (
    Figure,
    Tone,
    decisions_of,
    missing,
    share_of,
)
from portal.figures.svg import Chart, Table
from portal.language import gettext
from portal.scorecard import Habits
from portal.statistics.survival import GHOST_LINE, GhostRate, Verdict

NEVER_DAYS = 30


def ghost_rate(rate: GhostRate, days: int, least: int = 1) -> Figure:
    """The share not told within DAYS: 14 is late or never, 30 is never, held against the article.

    Fewer than LEAST decisions that old: not shown.
    """
    label = gettext("Not told within %(days)s", days=formatting.days(days))
    caveat = the_article() if days == NEVER_DAYS else None
    if rate.n < max(least, 1):
        few = gettext("Too few decisions are that old yet")
        why = few if least > 1 else gettext("No decision is that old yet")
        return missing(label, why, caveat=caveat)
    n = decisions_of(rate.not_told, int(rate.n))
    if days != NEVER_DAYS:
        return share_of(label, rate, n, key=f"not_told_in_{days}")
    verdict, tone = _against_article(rate)
    key = f"not_told_in_{days}"
    return share_of(label, rate, n, verdict=verdict, tone=tone, caveat=caveat, key=key)


def _against_article(rate: GhostRate) -> tuple[str, Tone]:
    line = formatting.share(GHOST_LINE)
    words: dict[str, tuple[str, Tone]] = {
        "below": (gettext("Below the article’s %(line)s", line=line), "good"),
        "above": (gettext("Above the article’s %(line)s", line=line), "bad"),
        "unclear": (
            gettext("Cannot be told apart from the article’s %(line)s", line=line),
            "neutral",
        ),
    }
    return words[rate.against()]


def beside_article(verdict: Verdict) -> str:
    """The verdict in a column that names the article's line already."""
    return {
        "below": gettext("below"),
        "above": gettext("above"),
        "unclear": gettext("cannot be told apart"),
    }[verdict]


def the_article() -> str:
    """Whose figure the line is."""
    return gettext(
        "%(line)s is what an article reports of job seekers in general; its survey could not be "
        "traced.",
        line=formatting.share(GHOST_LINE),
    )


ARTICLE_SHARE = GHOST_LINE
"""Job seekers who never get a follow-up after an interview: the article’s figure."""


def ghost_bar(chart_id: str, data: GhostRate | None) -> Chart:
    """The share not told as a bar with its interval, against the article’s line."""
    if data is None or data.share is None:
        return svg.nothing(gettext("No decision is that old yet."))
    reference = ARTICLE_SHARE
    said = ghost_rate(data, NEVER_DAYS)
    label = gettext("the article: %(share)s", share=formatting.share(reference))
    parts = [
        svg.node("rect", x="0", y="26", width="100%", height="30", class_="c-track"),
        svg.node(
            "rect", x="0", y="26", width=svg.percent(data.share), height="30", class_="c-bar-soft"
        ),
        svg.rule(reference, 22, reference, 62, "c-reference"),
        svg.diamond(reference, 20),
        svg.beside(label, reference, 16, look="c-reference-text"),
        svg.whisker(data.low, data.high, 41, "c-whisker-over", cap=5),
        svg.dot(data.share, 41, "c-dot-over", radius=5),
        svg.above(formatting.share(data.share), data.share, 76, look="c-strong c-halo c-said"),
    ]
    if data.share > 0.16:
        parts.append(svg.text(formatting.share(0), 0, 76, look="c-quiet"))
    if data.share < 0.8:
        parts.append(svg.text(formatting.share(1), 1, 76, look="c-quiet", anchor="end"))
    title = gettext("Not told within 30 days")
    return svg.chart(
        chart_id,
        title,
        said.sentence,
        84,
        parts,
        _ghost_table(data),
        says=f"{said.verdict}.",
        n=said.n or "",
        is_record=True,
    )


def _ghost_table(data: GhostRate) -> Table:
    limits = formatting.interval_short(formatting.share(data.low), formatting.share(data.high))
    return Table(
        gettext("Not told within 30 days"),
        [gettext("Figure"), gettext("Share"), formatting.range_heading(), gettext("Count")],
        [
            [
                gettext("Not told within 30 days"),
                formatting.share(data.share),
                limits,
                formatting.part_of(data.not_told, int(data.n)),
            ],
            [gettext("The article’s figure"), formatting.share(ARTICLE_SHARE), "", ""],
        ],
    )


def ghost_stat(habits: Habits, least: int, days: int = NEVER_DAYS) -> Figure:
    """The share not told within DAYS, from LEAST decisions on."""
    return ghost_rate(habits.ghost[days], days, least)


def ghost_chart(habits: Habits, least: int) -> Chart | None:
    """That share against the article's; None from fewer than LEAST decisions."""
    rate = habits.ghost[NEVER_DAYS]
    return ghost_bar("ghost", rate) if rate.n >= max(least, 1) else None
