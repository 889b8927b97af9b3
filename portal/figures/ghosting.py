"""Who was not told within 30 days, beside the article's figure."""

from portal import formatting
from portal.figures import svg
from portal.figures.figure import Figure, Tone, decisions_of, missing, share_of
from portal.figures.svg import Chart, Table
from portal.language import gettext
from portal.scorecard import Habits
from portal.statistics.survival import GHOST_LINE, GhostRate, Verdict

NEVER_DAYS = 30


def ghost_rate(rate: GhostRate, days: int, least: int = 1) -> Figure:
    """The share not told within DAYS, from LEAST decisions on; 30 is held against the article."""
    label = gettext("Not told within %(days)s", days=formatting.days(days))
    caveat = _the_article() if days == NEVER_DAYS else None
    if rate.n < max(least, 1):
        few = gettext("Too few decisions are that old yet")
        why = few if least > 1 else gettext("No decision is that old yet")
        return missing(label, why, caveat=caveat)
    n, key = decisions_of(rate.not_told, int(rate.n)), f"not_told_in_{days}"
    if days != NEVER_DAYS:
        return share_of(label, rate, n, key=key)
    verdict, tone = _against_article(rate.against())
    return share_of(label, rate, n, verdict=verdict, tone=tone, caveat=caveat, key=key)


def _against_article(verdict: Verdict) -> tuple[str, Tone]:
    line = formatting.share(GHOST_LINE)
    if verdict == "below":
        return gettext("Below an article’s %(line)s", line=line), "good"
    if verdict == "above":
        return gettext("Above an article’s %(line)s", line=line), "bad"
    return gettext("Cannot be told apart from an article’s %(line)s", line=line), "neutral"


def beside_article(verdict: Verdict) -> str:
    """The verdict in a column that names the article's line already."""
    return {
        "below": gettext("below"),
        "above": gettext("above"),
        "unclear": gettext("cannot be told apart"),
    }[verdict]


def _the_article() -> str:
    return gettext(
        "%(line)s is what an article reports of job seekers in general; its survey could not be "
        "traced.",
        line=formatting.share(GHOST_LINE),
    )


def ghost_stat(habits: Habits, least: int, days: int = NEVER_DAYS) -> Figure:
    """The share not told within DAYS, from LEAST decisions on."""
    return ghost_rate(habits.ghost[days], days, least)


def ghost_chart(habits: Habits, least: int) -> Chart | None:
    """The share not told as a bar with its range; None from fewer than LEAST decisions."""
    rate = habits.ghost[NEVER_DAYS]
    if rate.share is None or rate.n < least:
        return None
    said = ghost_rate(rate, NEVER_DAYS)
    title, value = gettext("Not told within 30 days"), formatting.share(rate.share)
    article = gettext("an article: %(share)s", share=formatting.share(GHOST_LINE))
    parts = [
        svg.bar(1, 26, 30, "c-track"),
        svg.bar(rate.share, 26, 30, "c-bar-soft"),
        svg.rule(GHOST_LINE, 22, GHOST_LINE, 62, "c-reference"),
        svg.diamond(GHOST_LINE, 20),
        svg.text(article, GHOST_LINE, 16, look="c-reference-text", dx=10),
        svg.whisker(rate.low, rate.high, 41, "c-whisker-over", cap=5),
        svg.dot(rate.share, 41, "c-dot-over", radius=5),
        svg.above(value, rate.share, 76, look="c-strong c-halo c-said"),
    ]
    if rate.share > 0.16:
        parts.append(svg.text(formatting.share(0), 0, 76, look="c-quiet"))
    if rate.share < 0.8:
        parts.append(svg.text(formatting.share(1), 1, 76, look="c-quiet", anchor="end"))
    limits = formatting.interval_short(formatting.share(rate.low), formatting.share(rate.high))
    of_all = formatting.part_of(rate.not_told, int(rate.n))
    heads = [gettext("Figure"), gettext("Share"), formatting.range_heading(), gettext("Count")]
    rows = [
        [title, value, limits, of_all],
        [gettext("An article’s figure"), formatting.share(GHOST_LINE), "", ""],
    ]
    return svg.chart(
        "ghost",
        title,
        said.sentence,
        84,
        parts,
        Table(title, heads, rows),
        says=f"{said.verdict}.",
        n=said.n or "",
        is_record=True,
    )
