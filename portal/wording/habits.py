"""How an employer treats candidates, in words: its own records, and what candidates say of them.

Nobody is addressed: the same words stand on the employer's pages, in public and in reports.
"""

from __future__ import annotations

from collections.abc import Sequence

from portal import formatting
from portal.statistics.survival import GHOST_LINE, GhostRate, Verdict
from portal.wording.voice import Figure, Plain, Tone, Voice

NEVER_DAYS = 30


def told_within(
    told: Plain, days: int, decided: int | None, *, is_followed: bool = True, locale: str = "en"
) -> Figure:
    """The share told within DAYS (Kaplan–Meier). TOLD: share, low, high.

    decided: the decisions behind it; None where the text says so already.
    is_followed: whether any decision was watched for that long.
    """
    voice = Voice(locale)
    label = voice.gettext("Told within %(days)s", days=formatting.days(days, locale))
    if not is_followed:
        return voice.missing(label, voice.gettext("No decision is that old yet"))
    return voice.share_of(label, told, None if decided is None else voice.decisions(decided))


def waiting(told: Sequence[tuple[int, float]], half_by: int | None, locale: str = "en") -> str:
    """The curve in a sentence. TOLD: (day, share told by it); half_by: when half were told."""
    voice = Voice(locale)
    shares = voice.gettext("; ").join(
        voice.gettext(
            "%(label)s: %(figure)s",
            label=formatting.days(day, locale),
            figure=formatting.share(share, locale),
        )
        for day, share in told
    )
    said = voice.gettext("Told within %(shares)s.", shares=shares)
    return f"{said} {median(half_by, told[-1][0], locale)}"


def median(days: int | None, followed: int, locale: str = "en") -> str:
    """When half of the candidates have been told."""
    voice = Voice(locale)
    if days is None:
        return voice.gettext(
            "More than half of the candidates are not told by day %(day)s.", day=followed
        )
    if days == 0:
        return voice.gettext("Half of the candidates are told on the day of the decision.")
    return voice.gettext(
        "Half of the candidates are told within %(days)s of the decision.",
        days=formatting.days(days, locale),
    )


def no_curve(followed: int, horizon: int, locale: str = "en") -> str:
    """Why the curve is not drawn yet."""
    return Voice(locale).gettext(
        "The curve is drawn to day %(horizon)s; decisions have been followed to day %(followed)s "
        "so far.",
        horizon=horizon,
        followed=followed,
    )


# -- never told -----------------------------------------------------------------------------------


def ghost_rate(rate: Plain, days: int, least: int = 1, locale: str = "en") -> Figure:
    """The share not told within DAYS: 14 is late or never, 30 is never, held against the article.

    RATE: share, low, high, n, not_told. Fewer than LEAST decisions that old: not shown.
    """
    voice = Voice(locale)
    label = voice.gettext("Not told within %(days)s", days=formatting.days(days, locale))
    caveat = the_article(locale) if days == NEVER_DAYS else None
    if rate["n"] < max(least, 1):
        few = voice.gettext("Too few decisions are that old yet")
        why = few if least > 1 else voice.gettext("No decision is that old yet")
        return voice.missing(label, why, caveat=caveat)
    n = decisions_of(rate["not_told"], int(rate["n"]), locale)
    if days != NEVER_DAYS:
        return voice.share_of(label, rate, n)
    verdict, tone = _against_article(voice, rate)
    return voice.share_of(label, rate, n, verdict=verdict, tone=tone, caveat=caveat)


def decisions_of(part: int, whole: int, locale: str = "en") -> str:
    """ "20 of 134 decisions"."""
    of_all = formatting.part_of(part, whole, locale)
    return Voice(locale).gettext("%(part)s decisions", part=of_all)


def _against_article(voice: Voice, rate: Plain) -> tuple[str, Tone]:
    line = formatting.share(GHOST_LINE, voice.locale)
    words: dict[str, tuple[str, Tone]] = {
        "below": (voice.gettext("Below the article’s %(line)s", line=line), "good"),
        "above": (voice.gettext("Above the article’s %(line)s", line=line), "bad"),
        "unclear": (
            voice.gettext("Cannot be told apart from the article’s %(line)s", line=line),
            "neutral",
        ),
    }
    return words[_side(rate)]


def _side(rate: Plain) -> Verdict:
    """The side of the article's line on which the whole range lies."""
    return GhostRate(
        rate["share"], rate["low"], rate["high"], rate["n"], rate["not_told"]
    ).against()


def beside_article(verdict: Verdict, locale: str = "en") -> str:
    """The verdict in a column that names the article's line already."""
    voice = Voice(locale)
    return {
        "below": voice.gettext("below"),
        "above": voice.gettext("above"),
        "unclear": voice.gettext("cannot be told apart"),
    }[verdict]


def the_article(locale: str = "en") -> str:
    """Whose figure the line is."""
    return Voice(locale).gettext(
        "%(line)s is what an article reports of job seekers in general; its survey could not be "
        "traced.",
        line=formatting.share(GHOST_LINE, locale),
    )


def asked_undecided(count: int, floor: int, locale: str = "en") -> str:
    """How many were asked though nothing is decided about them; below FLOOR not how many."""
    voice = Voice(locale)
    if count < floor:
        return voice.gettext(
            "Fewer than %(floor)s of those asked have no decision on record; they are not among "
            "those decided upon.",
            floor=floor,
        )
    return voice.gettext(
        "%(count)s of those asked have no decision on record; they are not among those decided "
        "upon.",
        count=formatting.count(count, locale),
    )


# -- deciding, promising, saying why --------------------------------------------------------------


def decision_time(found: Plain | None, locale: str = "en") -> list[Figure]:
    """From last interview to decision: the day by which half, and nine in ten, were decided."""
    voice = Voice(locale)
    labels = (voice.gettext("Half are decided within"), voice.gettext("Nine in ten within"))
    if not found or not found["n"]:
        why = voice.gettext("No decision has a last interview on record")
        return [voice.missing(label, why) for label in labels]
    n = voice.ngettext(
        "%(num)s decision with a last interview on record",
        "%(num)s decisions with a last interview on record",
        found["n"],
    )
    days = (found["median_days"], found["p90_days"])
    return [
        voice.shown(label, formatting.days(day, locale), interval=counted(locale), n=n)
        for label, day in zip(labels, days, strict=True)
    ]


def counted(locale: str = "en") -> str:
    """Stands where a range would stand, beside what is counted in full."""
    return Voice(locale).gettext("counted in full, so without a range")


def promises(found: Plain | None, locale: str = "en") -> list[Figure]:
    """Whether a date was promised, and whether it was kept."""
    voice = Voice(locale)
    made, kept = voice.gettext("Were promised a date"), voice.gettext("Promised dates kept")
    if not found:
        why = voice.gettext("No promise has been counted yet")
        return [voice.missing(made, why), voice.missing(kept, why)]
    return [_part(voice, made, found["made"], found["made"] + found["not_made"]),
            _kept(voice, kept, found)]  # fmt: skip


def _kept(voice: Voice, label: str, found: Plain) -> Figure:
    due = found["kept"] + found["broken"]
    if not due:
        return voice.missing(label, voice.gettext("No promised date has come yet"))
    of_all = formatting.part_of(found["kept"], due, voice.locale)
    return voice.share_of(
        label,
        found["kept_share"],
        voice.gettext("%(part)s promises", part=of_all),
        caveat=voice.gettext(
            "Told on or before the promised date. Dates still to come are left out; so is a date "
            "that was moved after it had passed."
        ),
    )


def _part(voice: Voice, label: str, part: int, whole: int) -> Figure:
    """A share of the records themselves: no sample, no range."""
    if not whole:
        return voice.missing(label, voice.gettext("No decision is recorded yet"))
    return voice.shown(
        label,
        formatting.share(part / whole, voice.locale),
        interval=counted(voice.locale),
        n=decisions_of(part, whole, voice.locale),
    )


def told_why(found: Plain | None, locale: str = "en") -> Figure:
    """Of those told, the share who were told why. FOUND: none, general, specific."""
    voice = Voice(locale)
    label = voice.gettext("Told why")
    if not found or not sum(found.values()):
        return voice.missing(label, voice.gettext("Nobody has been told yet"))
    return _part(voice, label, found["general"] + found["specific"], sum(found.values()))


def feedback_names(locale: str = "en") -> dict[str, str]:
    """The kinds of feedback, the most helpful first."""
    voice = Voice(locale)
    return {
        "specific": voice.gettext("Specific"),
        "general": voice.gettext("In general"),
        "none": voice.gettext("No reason given"),
    }


# -- the log and the candidates -------------------------------------------------------------------


def agreement(found: Plain | None, floor: int, locale: str = "en") -> Figure:
    """Of those recorded as told, the share who say they were not."""
    voice = Voice(locale)
    label = voice.gettext("Recorded as told, but say they were not")
    denied: Plain = found["denied"] if found else {"share": None}
    if not found or denied["share"] is None or denied["n"] < floor:
        why = voice.gettext("It takes %(floor)s answers of candidates recorded as told",
                            floor=floor)  # fmt: skip
        return voice.missing(label, why)
    of_all = formatting.part_of(found["recorded_only"], int(denied["n"]), locale)
    is_flagged = found["is_denied_flag"]
    return voice.share_of(
        label,
        denied,
        voice.gettext("%(part)s answers", part=of_all),
        verdict=voice.gettext("Worth a second look") if is_flagged else None,
        tone="warn" if is_flagged else "neutral",
        caveat=voice.gettext(
            "A few per cent are slips: an email not read, a call forgotten. It does not say who "
            "is right."
        ),
    )


def agreement_base(answers: int, of: int, locale: str = "en") -> str:
    """Which of all released answers stand beside the records."""
    return Voice(locale).gettext(
        "%(part)s released answers: those of people with a decision, in releases where nobody can "
        "be worked out.",
        part=formatting.part_of(answers, of, locale),
    )


def kappa(value: float | None, locale: str = "en") -> str:
    """How far log and candidates agree beyond chance; "" where that cannot be said."""
    if value is None:
        return ""
    return Voice(locale).gettext(
        "Agreement beyond chance (Cohen’s kappa): %(kappa)s; 1 is full agreement, 0 is chance.",
        kappa=formatting.number(value, 2, locale),
    )


def flag(name: str, locale: str = "en") -> str:
    """A reason to look twice; nothing is changed in the figures for it."""
    voice = Voice(locale)
    if name == "cherry_picking":
        return voice.gettext(
            "Some groups of candidates are invited to answer clearly more often than others. Who "
            "is not asked, and why, is counted where the score stands."
        )
    return voice.gettext(
        "More candidates than slips usually account for say they were not told, though the "
        "records say they were."
    )
