"""What candidates would do after this: candidate NPS, ties, having to ask for news."""

from portal import formatting
from portal.figures.figure import Figure, from_answers, missing, share_of, shown
from portal.language import gettext
from portal.scorecard import Opinion, PeriodFigures, Reputation


def nps(reputation: Reputation | PeriodFigures) -> Figure:
    """Candidate NPS."""
    found = reputation.nps
    return shown(
        gettext("Would suggest applying here"),
        formatting.signed(found.value, 0),
        unit=gettext("candidate NPS"),
        interval=formatting.signed_interval(found.low, found.high, 0),
        n=from_answers(reputation.answers),
        key="candidate_nps",
        caveat=gettext(
            "From −100 to +100: those who answer 9 or 10 of 10, less those who answer 0 to 6. "
            "One question; it does not say why."
        ),
    )


def chased(reputation: Reputation | PeriodFigures, floor: int) -> Figure:
    """The share of candidates who had to ask for news."""
    return _share_of_answers(
        gettext("Had to ask for news"),
        reputation.chased,
        floor,
        gettext(
            "In candidates’ own words, weighted to everyone who was asked where groups are large "
            "enough."
        ),
        "had_to_ask",
    )


def resentment(reputation: Reputation | PeriodFigures, floor: int) -> Figure:
    """The share of candidates who turn elsewhere."""
    return _share_of_answers(
        gettext("Turn away after this"),
        reputation.resentment,
        floor,
        gettext(
            "Say of their ties with the employer that they go elsewhere, weighted to everyone who "
            "was asked where groups are large enough. What people say they do next is not what "
            "they do."
        ),
        "turn_away",
    )


def _share_of_answers(
    label: str, share: Opinion | None, floor: int, caveat: str, key: str
) -> Figure:
    if share and share.shown:
        return share_of(label, share, from_answers(share.answers), caveat=caveat, key=key)
    why = gettext("Too few answered this question, in this period or outside it")
    if share:
        why = gettext("Fewer than %(floor)s answered this question", floor=floor)
    return missing(label, why, caveat=caveat)
