"""The record of telling against the candidates' word."""

from portal import formatting
from portal.figures.figure import Figure, missing, share_of
from portal.language import gettext
from portal.scorecard import Agreement


def agreement(found: Agreement | None, floor: int) -> Figure:
    """Of those recorded as told, the share who say they were not."""
    label = gettext("Recorded as told, but say they were not")
    if not found or found.denied.share is None or found.denied.n < floor:
        why = gettext(
            "It takes releases in which at least %(floor)s answers of people recorded as told can "
            "be counted apart",
            floor=floor,
        )
        return missing(label, why)
    of_all = formatting.part_of(found.recorded_only, int(found.denied.n))
    return share_of(
        label,
        found.denied,
        gettext("%(part)s answers", part=of_all),
        key="denied",
        verdict=gettext("Worth a second look") if found.is_denied_flag else None,
        tone="warn" if found.is_denied_flag else "neutral",
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
