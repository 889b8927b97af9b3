"""Why somebody was not chosen: in a recruiter's list, and in a letter.

A letter says what the role asks for, never how others did: comparing people hurts, and helps
nobody to do better.
"""

from dataclasses import dataclass
from typing import Final

from babel.support import LazyProxy

from portal.language import lazy_gettext
from portal.models import Decision
from portal.terms import ReasonCode


@dataclass(frozen=True)
class Why:
    """A decision's reason. `details` stand in a letter beside a `code` only: without one they
    are the employer's own note."""

    code: ReasonCode | None = None
    details: str = ""
    next_step: str = ""


def why_of(decision: Decision | None) -> Why:
    """What DECISION says of its reason."""
    if decision is None:
        return Why()
    return Why(decision.reason_code, decision.reason, decision.next_step)


REASONS: Final[dict[ReasonCode, LazyProxy]] = {
    ReasonCode.SKILLS: lazy_gettext("A skill or qualification is missing"),
    ReasonCode.EXPERIENCE: lazy_gettext("Too little experience of what the role asks for"),
    ReasonCode.NEEDS: lazy_gettext("Somebody else was closer to what the role needs"),
    ReasonCode.FILLED: lazy_gettext("The role is filled"),
    ReasonCode.CHANGED: lazy_gettext("The role was closed or has changed"),
    ReasonCode.TERMS: lazy_gettext("Pay or terms"),
    ReasonCode.AVAILABILITY: lazy_gettext("Availability, place or right to work"),
    ReasonCode.UNFINISHED: lazy_gettext("A step was not completed"),
    ReasonCode.OTHER: lazy_gettext("Another reason"),
}
SENTENCES: Final[dict[ReasonCode, LazyProxy]] = {
    ReasonCode.SKILLS: lazy_gettext(
        "The role asks for a skill or qualification that we did not find in your application."
    ),
    ReasonCode.EXPERIENCE: lazy_gettext(
        "The role asks for more experience of this kind of work than we found in your application."
    ),
    ReasonCode.NEEDS: lazy_gettext("We decided by what the role needs most at this time."),
    ReasonCode.FILLED: lazy_gettext("The role has been filled."),
    ReasonCode.CHANGED: lazy_gettext(
        "The role has changed or was closed, and we are not filling it as it was advertised."
    ),
    ReasonCode.TERMS: lazy_gettext(
        "What we can offer in pay or terms is not what you are looking for."
    ),
    ReasonCode.AVAILABILITY: lazy_gettext(
        "The role has requirements of time, place or right to work that could not be met."
    ),
    ReasonCode.UNFINISHED: lazy_gettext(
        "A step of the application was not completed, so we could not go on."
    ),
}


def reason_in_words(why: Why) -> str:
    """WHY as a letter says it in the reader's language; empty where it gives no reason."""
    if why.code is None:
        return ""
    sentence = SENTENCES.get(why.code)
    if sentence is None:
        return why.details
    return " ".join(filter(None, (str(sentence), why.details)))
