"""What was decided and told in a month, by the employer's own records."""

from __future__ import annotations

from portal import formatting
from portal.figures.figure import Figure, counted, missing, shown
from portal.language import gettext
from portal.scorecard import Month


def told_of_month(month: Month) -> Figure:
    """Of those decided on in MONTH, how many have been told by now."""
    label = gettext("Decided in %(month)s, told by now", month=formatting.month(month.first))
    if not month.decided:
        return missing(label, gettext("Nobody was decided on"))
    return shown(
        label,
        formatting.part_of(month.told, month.decided),
        interval=counted(),
        key="told_of_month",
        scope=f"{month.first:%Y-%m}",
    )
