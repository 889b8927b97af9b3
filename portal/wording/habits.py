"""How an employer treats candidates, in words: its own records, and what candidates say of them.

Nobody is addressed: the same words stand on the employer's pages, in public and in reports.
"""

from __future__ import annotations

from collections.abc import Sequence

from portal import formatting
from portal.language import gettext, ngettext
from portal.statistics.survival import GHOST_LINE, GhostRate, Verdict
from portal.wording.figure import Figure, Plain, Tone, decisions, missing, share_of, shown

NEVER_DAYS = 30


def told_within(told: Plain, days: int, decided: int | None, *, is_followed: bool = True) -> Figure:
    """The share told within DAYS (Kaplan–Meier). TOLD: share, low, high.

    decided: the decisions behind it; None where the text says so already.
    is_followed: whether any decision was watched for that long.
    """
    label = gettext("Told within %(days)s", days=formatting.days(days))
    if not is_followed:
        return missing(label, gettext("No decision is that old yet"))
    return share_of(label, told, None if decided is None else decisions(decided))


def waiting(told: Sequence[tuple[int, float]], half_by: int | None) -> str:
    """The curve in a sentence. TOLD: (day, share told by it); half_by: when half were told."""
    shares = gettext("; ").join(
        gettext(
            "%(label)s: %(figure)s",
            label=formatting.days(day),
            figure=formatting.share(share),
        )
        for day, share in told
    )
    said = gettext("Told within %(shares)s.", shares=shares)
    return f"{said} {median(half_by, told[-1][0])}"


def median(days: int | None, followed: int) -> str:
    """When half of the candidates have been told."""
    if days is None:
        return gettext(
            "More than half of the candidates are not told by day %(day)s.", day=followed
        )
    if days == 0:
        return gettext("Half of the candidates are told on the day of the decision.")
    return gettext(
        "Half of the candidates are told within %(days)s of the decision.",
        days=formatting.days(days),
    )


def no_curve(followed: int, horizon: int) -> str:
    """Why the curve is not drawn yet."""
    return gettext(
        "The curve is drawn to day %(horizon)s; decisions have been followed to day %(followed)s "
        "so far.",
        horizon=horizon,
        followed=followed,
    )


# -- never told -----------------------------------------------------------------------------------


def ghost_rate(rate: Plain, days: int, least: int = 1) -> Figure:
    """The share not told within DAYS: 14 is late or never, 30 is never, held against the article.

    RATE: share, low, high, n, not_told. Fewer than LEAST decisions that old: not shown.
    """
    label = gettext("Not told within %(days)s", days=formatting.days(days))
    caveat = the_article() if days == NEVER_DAYS else None
    if rate["n"] < max(least, 1):
        few = gettext("Too few decisions are that old yet")
        why = few if least > 1 else gettext("No decision is that old yet")
        return missing(label, why, caveat=caveat)
    n = decisions_of(rate["not_told"], int(rate["n"]))
    if days != NEVER_DAYS:
        return share_of(label, rate, n)
    verdict, tone = _against_article(rate)
    return share_of(label, rate, n, verdict=verdict, tone=tone, caveat=caveat)


def decisions_of(part: int, whole: int) -> str:
    """ "20 of 134 decisions"."""
    of_all = formatting.part_of(part, whole)
    return gettext("%(part)s decisions", part=of_all)


def _against_article(rate: Plain) -> tuple[str, Tone]:
    line = formatting.share(GHOST_LINE)
    words: dict[str, tuple[str, Tone]] = {
        "below": (gettext("Below the article’s %(line)s", line=line), "good"),
        "above": (gettext("Above the article’s %(line)s", line=line), "bad"),
        "unclear": (
            gettext("Cannot be told apart from the article’s %(line)s", line=line),
            "neutral",
        ),
    }
    return words[_side(rate)]


def _side(rate: Plain) -> Verdict:
    """The side of the article's line on which the whole range lies."""
    return GhostRate(
        rate["share"], rate["low"], rate["high"], rate["n"], rate["not_told"]
    ).against()


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


def asked_undecided(count: int, floor: int) -> str:
    """How many were asked though nothing is decided about them; below FLOOR not how many."""
    if count < floor:
        return gettext(
            "Fewer than %(floor)s of those asked have no decision on record; they are not among "
            "those decided upon.",
            floor=floor,
        )
    return gettext(
        "%(count)s of those asked have no decision on record; they are not among those decided "
        "upon.",
        count=formatting.count(count),
    )


# -- deciding, promising, saying why --------------------------------------------------------------


def decision_time(found: Plain | None) -> list[Figure]:
    """From last interview to decision: the day by which half, and nine in ten, were decided."""
    labels = (gettext("Half are decided within"), gettext("Nine in ten within"))
    if not found or not found["n"]:
        why = gettext("No decision has a last interview on record")
        return [missing(label, why) for label in labels]
    n = ngettext(
        "%(num)s decision with a last interview on record",
        "%(num)s decisions with a last interview on record",
        found["n"],
    )
    days = (found["median_days"], found["p90_days"])
    return [
        shown(label, formatting.days(day), interval=counted(), n=n)
        for label, day in zip(labels, days, strict=True)
    ]


def counted() -> str:
    """Stands where a range would stand, beside what is counted in full."""
    return gettext("counted in full, so without a range")


def promises(found: Plain | None) -> list[Figure]:
    """Whether a date was promised, and whether it was kept."""
    made, kept = gettext("Were promised a date"), gettext("Promised dates kept")
    if not found:
        why = gettext("No promise has been counted yet")
        return [missing(made, why), missing(kept, why)]
    return [_part(made, found["made"], found["made"] + found["not_made"]),
            _kept(kept, found)]  # fmt: skip


def _kept(label: str, found: Plain) -> Figure:
    due = found["kept"] + found["broken"]
    if not due:
        return missing(label, gettext("No promised date has come yet"))
    of_all = formatting.part_of(found["kept"], due)
    return share_of(
        label,
        found["kept_share"],
        gettext("%(part)s promises", part=of_all),
        caveat=gettext(
            "Told on or before the promised date. Dates still to come are left out; so is a date "
            "that was moved after it had passed."
        ),
    )


def _part(label: str, part: int, whole: int) -> Figure:
    """A share of the records themselves: no sample, no range."""
    if not whole:
        return missing(label, gettext("No decision is recorded yet"))
    return shown(
        label,
        formatting.share(part / whole),
        interval=counted(),
        n=decisions_of(part, whole),
    )


def told_why(found: Plain | None) -> Figure:
    """Of those told, the share who were told why. FOUND: none, general, specific."""
    label = gettext("Told why")
    if not found or not sum(found.values()):
        return missing(label, gettext("Nobody has been told yet"))
    return _part(label, found["general"] + found["specific"], sum(found.values()))


def feedback_names() -> dict[str, str]:
    """The kinds of feedback, the most helpful first."""
    return {
        "specific": gettext("Specific"),
        "general": gettext("In general"),
        "none": gettext("No reason given"),
    }


# -- the log and the candidates -------------------------------------------------------------------


def agreement(found: Plain | None, floor: int) -> Figure:
    """Of those recorded as told, the share who say they were not."""
    label = gettext("Recorded as told, but say they were not")
    denied: Plain = found["denied"] if found else {"share": None}
    if not found or denied["share"] is None or denied["n"] < floor:
        why = gettext("It takes %(floor)s answers of candidates recorded as told",
                            floor=floor)  # fmt: skip
        return missing(label, why)
    of_all = formatting.part_of(found["recorded_only"], int(denied["n"]))
    is_flagged = found["is_denied_flag"]
    return share_of(
        label,
        denied,
        gettext("%(part)s answers", part=of_all),
        verdict=gettext("Worth a second look") if is_flagged else None,
        tone="warn" if is_flagged else "neutral",
        caveat=gettext(
            "A few per cent are slips: an email not read, a call forgotten. It does not say who "
            "is right."
        ),
    )


def agreement_base(answers: int, of: int) -> str:
    """Which of all released answers stand beside the records."""
    return gettext(
        "%(part)s released answers: those of people with a decision, in releases where nobody can "
        "be worked out.",
        part=formatting.part_of(answers, of),
    )


def kappa(value: float | None) -> str:
    """How far log and candidates agree beyond chance; "" where that cannot be said."""
    if value is None:
        return ""
    return gettext(
        "Agreement beyond chance (Cohen’s kappa): %(kappa)s; 1 is full agreement, 0 is chance.",
        kappa=formatting.number(value, 2),
    )


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
