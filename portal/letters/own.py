"""An employer's own letters: the newest version of each is in force, two earlier ones are kept."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal import audit
from portal.extensions import db
from portal.language import gettext
from portal.letters.filling import LetterRefused, Text, clean
from portal.letters.texts import template
from portal.models import Employer, EmployerLetter, Locale
from portal.terms import Letter

KEPT = 2  # beside the one in force


class LetterChanged(Exception):
    """Somebody else changed the letter since the page was opened, or the version is gone."""


def _text(version: EmployerLetter | None, letter: Letter, locale: Locale) -> Text:
    if version is None or version.subject is None or version.body is None:
        return template(letter, locale)
    return Text(version.subject, version.body)


def current(employer: Employer, letter: Letter, locale: Locale) -> Text:
    """The letter in force, placeholders and all: EMPLOYER's own, or the shipped one."""
    return _text(next(iter(list_versions(employer, letter, locale)), None), letter, locale)


def list_versions(employer: Employer, letter: Letter, locale: Locale) -> list[EmployerLetter]:
    """The versions that are kept, the one in force first; none while nothing was ever changed.

    One without words stands for the shipped letter.
    """
    versions = (
        sa.select(EmployerLetter)
        .options(joinedload(EmployerLetter.written_by))
        .where(
            EmployerLetter.employer_id == employer.id,
            EmployerLetter.letter == letter,
            EmployerLetter.locale == locale,
        )
        .order_by(EmployerLetter.id.desc())
    )
    return list(db.session.scalars(versions))


def save_letter(
    employer: Employer, letter: Letter, locale: Locale, text: Text, seen: int, now: datetime
) -> None:
    """Put TEXT in force. SEEN: the id of the version the person saw (0: none was kept).

    Raises LetterRefused, and LetterChanged if another is in force by now.
    """
    text = clean(text.subject, text.body)
    if letter is Letter.DELAY and "{date}" not in text.body:
        raise LetterRefused(gettext("This letter promises a day: say which with {date}."))
    _put_in_force(employer, letter, locale, text, seen, now)
    audit.record("letter.changed", employer.id, letter=letter, locale=locale)


def restore_letter(
    employer: Employer, letter: Letter, locale: Locale, version_id: int, seen: int, now: datetime
) -> None:
    """Put a version that is kept in force again; raises LetterChanged."""
    versions = list_versions(employer, letter, locale)
    found = next((one for one in versions if one.id == version_id), None)
    if found is None:
        raise LetterChanged
    is_shipped = found.subject is None
    text = None if is_shipped else _text(found, letter, locale)
    _put_in_force(employer, letter, locale, text, seen, now)
    audit.record("letter.restored", employer.id, letter=letter, locale=locale)


def reset_letter(
    employer: Employer, letter: Letter, locale: Locale, seen: int, now: datetime
) -> None:
    """Put the shipped letter in force again; raises LetterChanged."""
    _put_in_force(employer, letter, locale, None, seen, now)
    audit.record("letter.reset", employer.id, letter=letter, locale=locale)


def _put_in_force(
    employer: Employer,
    letter: Letter,
    locale: Locale,
    text: Text | None,
    seen: int,
    now: datetime,
) -> None:
    db.session.flush()
    db.session.refresh(employer, with_for_update=True)  # who saves at once comes second
    versions = list_versions(employer, letter, locale)
    if seen != (versions[0].id if versions else 0):
        raise LetterChanged
    for old in versions[KEPT:]:
        db.session.delete(old)
    db.session.add(
        EmployerLetter(
            employer_id=employer.id,
            letter=letter,
            locale=locale,
            subject=text.subject if text else None,
            body=text.body if text else None,
            written_by_id=audit.acting_user_id(),
            created_at=now,
        )
    )
    db.session.flush()
