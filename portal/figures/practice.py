"""Deciding, promising and saying why, by the employer's own records."""

from portal import formatting
from portal.figures.figure import Figure, all_counted, decisions_of, missing, share_of
from portal.language import gettext, ngettext
from portal.scorecard import DecisionTime, Feedback, Habits, Month, Promises


def decision_time(found: DecisionTime | None) -> list[Figure]:
    """From last interview to decision: the day by which half, and nine in ten, were decided."""
    half, nine_in_ten = gettext("Half are decided within"), gettext("Nine in ten within")
    if not found or not found.n:
        why = gettext("No decision has a last interview on record")
        return [missing(half, why), missing(nine_in_ten, why)]
    n = ngettext(
        "%(num)s decision with a last interview on record",
        "%(num)s decisions with a last interview on record",
        found.n,
    )
    median, p90 = formatting.days(found.median_days), formatting.days(found.p90_days)
    return [
        all_counted(half, median, n=n, key="half_decided_in"),
        all_counted(nine_in_ten, p90, n=n, key="nine_in_ten_decided_in"),
    ]


def promises(found: Promises | None) -> list[Figure]:
    """Whether a date was promised, and whether it was kept."""
    made, kept = gettext("Were promised a date"), gettext("Promised dates kept")
    if not found:
        why = gettext("No promise has been counted yet")
        return [missing(made, why), missing(kept, why)]
    decided = found.made + found.not_made
    return [_part(made, found.made, decided, "promised_a_date"), _kept(kept, found)]


def _kept(label: str, found: Promises) -> Figure:
    due = found.kept + found.broken
    if not due:
        return missing(label, gettext("No promised date has come yet"))
    return share_of(
        label,
        found.kept_share,
        gettext("%(part)s promises", part=formatting.part_of(found.kept, due)),
        key="promises_kept",
        caveat=gettext(
            "Told on or before the promised date. Dates still to come are left out; so is a date "
            "that was moved after it had passed."
        ),
    )


def _part(label: str, part: int, whole: int, key: str) -> Figure:
    if not whole:
        return missing(label, gettext("No decision is recorded yet"))
    share, n = formatting.share(part / whole), decisions_of(part, whole)
    return all_counted(label, share, n=n, key=key)


def by_phone(own: Habits) -> Figure:
    """The share of decisions told by phone or in person, counted in full."""
    told = own.channels.get("phone", 0) + own.channels.get("in_person", 0)
    decided = sum(own.channels.values())
    return _part(gettext("Told by phone or in person"), told, decided, "told_by_phone")


def told_why(found: Feedback | None) -> Figure:
    """Of those told, the share who were told why."""
    label = gettext("Told why")
    if not found or not found.told:
        return missing(label, gettext("Nobody has been told yet"))
    return _part(label, found.general + found.specific, found.told, "told_why")


def told_of_month(month: Month) -> Figure:
    """Of those decided on in MONTH, how many have been told by now."""
    label = gettext("Decided in %(month)s, told by now", month=formatting.month(month.first))
    if not month.decided:
        return missing(label, gettext("Nobody was decided on"))
    told = formatting.part_of(month.told, month.decided)
    return all_counted(label, told, key="told_of_month", scope=f"{month.first:%Y-%m}")


def feedback_names() -> dict[str, str]:
    """The kinds of feedback, the most helpful first."""
    return {
        "specific": gettext("Specific"),
        "general": gettext("In general"),
        "none": gettext("No reason given"),
    }


def flag(name: str) -> str:
    """A reason to look twice; nothing is changed in the figures for it."""
    if name == "cherry_picking":
        return gettext(
            "Some groups of candidates are invited to answer clearly more often than others. Who "
            "is not asked, and why, is counted where the score stands."
        )
    return gettext(
        "More candidates than slips usually account for say they were not told, though the "
        "records say they were."
    )
