"""What a letter's placeholders stand for: of one person, or of somebody invented."""

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from portal import formatting, language
from portal.extensions import db
from portal.language import gettext
from portal.letters.filling import Placeholders
from portal.letters.reasons import Why, reason_in_words
from portal.letters.texts import LETTERS_FOR
from portal.models import Application, Candidate, Decision, Employer, Locale
from portal.terms import Letter, ReasonCode

# Invented, and so named that nobody takes them for somebody.
PEOPLE = {
    Locale.ENGLISH: ("Alex Sample", "Site manager"),
    Locale.FRENCH: ("Camille Dupont", "Chef de chantier"),
}


def placeholders(
    letter: Letter, application: Application, why: Why, next_on: date | None = None
) -> Placeholders:
    """What LETTER may name of APPLICATION, in the candidate's language. WHY: the decision's
    reason; NEXT_ON: the day that a "no decision yet" promises."""
    candidate = application.candidate
    role = application.requisition.title
    who = (candidate.name, role, application.employer, candidate.locale)
    return _values(letter, *who, why, next_on)


def sample_placeholders(
    letter: Letter, employer: Employer, locale: Locale, today: date
) -> Placeholders:
    """As placeholders(), for somebody to see how a letter reads: of EMPLOYER's newest candidate
    who reads LOCALE and of whom nothing else was decided, or of somebody invented. Reason and
    day are examples."""
    newest = _find_newest(letter, employer, locale)
    who = (newest.candidate.name, newest.requisition.title) if newest else PEOPLE[locale]
    with language.use(locale):
        why = Why(ReasonCode.SKILLS, next_step=gettext("You are welcome to apply again."))
    return _values(letter, *who, employer, locale, why, today + timedelta(days=7))


def _find_newest(letter: Letter, employer: Employer, locale: Locale) -> Application | None:
    others = [outcome for outcome, fitting in LETTERS_FOR.items() if letter not in fitting]
    decided_otherwise = sa.exists().where(
        Decision.application_id == Application.id,
        Decision.ended_at.is_(None),
        Decision.outcome.in_(others),
    )
    return db.session.scalar(
        sa.select(Application)
        .join(Application.candidate)
        .options(contains_eager(Application.candidate), joinedload(Application.requisition))
        .where(
            Application.employer_id == employer.id,
            Candidate.locale == locale,
            Candidate.blanked_on.is_(None),
            ~decided_otherwise,
        )
        .order_by(Application.id.desc())
        .limit(1)
    )


def _values(
    letter: Letter,
    candidate: str,
    role: str,
    employer: Employer,
    locale: Locale,
    why: Why,
    next_on: date | None,
) -> Placeholders:
    gives_reason, promises = letter is Letter.REJECTED, letter is Letter.DELAY
    with language.use(employer.written_in(locale)):
        return Placeholders(
            candidate=candidate,
            role=role,
            employer=employer.name,
            sender=gettext("The hiring team"),
            date=formatting.day(next_on) if promises and next_on else None,
            reason=reason_in_words(why) if gives_reason else "",
            next_step=why.next_step if gives_reason else "",
        )
