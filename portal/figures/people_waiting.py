"""Who waits for an answer at this moment, by the employer's own records."""

from portal import formatting
from portal.figures.figure import Figure, shown
from portal.language import gettext, ngettext
from portal.scorecard import WaitingNow


def people_waiting(found: WaitingNow) -> Figure:
    """How many are decided on and not told, and since when the oldest waits."""
    label = gettext("Waiting for your answer")
    undecided = ""
    if found.undecided:
        undecided = " " + ngettext(
            "%(num)s more has no decision yet.",
            "%(num)s more have no decision yet.",
            found.undecided,
        )
    if not found.untold:
        said = gettext("Everybody you have decided on has been told.") + undecided
        return shown(label, gettext("Nobody"), says=said, tone="good", key="waiting")
    oldest = ngettext(
        "The decision is %(days)s old.",
        "The oldest decision is %(days)s old.",
        found.untold,
        days=formatting.days(found.oldest_days),
    )
    return shown(
        label,
        formatting.count(found.untold),
        unit=ngettext("person", "people", found.untold),
        says=oldest + undecided,
        tone="warn",
        key="waiting",
    )
