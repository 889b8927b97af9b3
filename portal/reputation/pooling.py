"""What a pool publishes: lines and words, written at once, shuffled, joined by nothing.

Made before the release's transaction and written in it.
"""

import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from portal.config import settings
from portal.extensions import db
from portal.models import Employer, Opinion, Reading, TextLabel, Words, random_id
from portal.sentiment.language import ENOUGH_WORDS, is_mostly_latin
from portal.surveys import Answer, Consent, Leaves, Reader, add_readings, all_questions, reading_row

READABLE = (Consent.EMPLOYER, Consent.PUBLIC)
NOT_SHOWN = "not_shown"
LINES: Any = Opinion.__table__
WORDS: Any = Words.__table__
OTHER_SCRIPT = "other script"


@dataclass
class Published:
    """A pool to be: its answers as they will be sealed, its lines, its words and their readings.

    `rare`: ids of words that came back and stay out for good; `kept_out`: all that do.
    """

    number: int
    answers: list[Answer] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    words: list[dict[str, Any]] = field(default_factory=list)
    readings: list[dict[str, Any]] = field(default_factory=list)
    rare: list[int] = field(default_factory=list)
    kept_out: int = 0


def plan_pool(
    employer: Employer,
    number: int,
    answers: Sequence[Answer],
    lines: Collection[str],
    questions: Collection[str],
    reader: Reader,
) -> Published:
    """The pool NUMBER of ANSWERS, withdrawn ones among them, as READER reads them.

    LINES: keys of those that give a line, with these QUESTIONS.
    """
    pool = Published(number)
    standing = [one for one in answers if not one.is_withdrawn]
    pool.lines = _lines(number, [one for one in standing if one.key in lines], questions)
    given = [one for one in standing if one.words and one.consent in READABLE]
    readable = {one.key: reader.read(one.words) for one in given}
    spoken = {one.key: _language(readable[one.key].language, one.words) for one in given}
    back = _languages_of_returning(employer)
    rare = _rare([*spoken.values(), *back.values()])
    pool.rare = [words_id for words_id, language in back.items() if language in rare]
    pool.kept_out = len(pool.rare) + sum(language in rare for language in spoken.values())
    for one in answers:
        read, words_id = readable.get(one.key), one.words_id
        if read and spoken[one.key] not in rare:
            words_id = random_id()
            pool.words.append(_words_row(words_id, number, one, reader))
            pool.readings.append(reading_row(words_id, read, reader.edition))
        pool.answers.append(replace(one.without_words(), words_id=words_id))
    for rows in (pool.lines, pool.words, pool.readings):
        random.SystemRandom().shuffle(rows)
    return pool


def _words_row(words_id: int, number: int, one: Answer, reader: Reader) -> dict[str, Any]:
    return {
        "id": words_id,
        "employer_id": one.employer_id,
        "pool": number,
        "may_publish": one.consent is Consent.PUBLIC,
        "text": reader.text(one.words),
    }


def write_pool(employer: Employer, pool: Published, reader: Reader) -> None:
    """Publish POOL, and with it the words that were waiting for one."""
    if pool.rare:
        db.session.execute(sa.delete(Words).where(Words.id.in_(pool.rare)))
    db.session.execute(
        sa.update(Words)
        .where(Words.employer_id == employer.id, Words.pool.is_(None))
        .values(pool=pool.number)
        .execution_options(synchronize_session=False)
    )
    for table, rows in ((LINES, pool.lines), (WORDS, pool.words)):
        if rows:
            db.session.execute(sa.insert(table), rows)
    add_readings(pool.readings, reader.edition)


def _lines(
    number: int, answers: Sequence[Answer], questions: Collection[str]
) -> list[dict[str, Any]]:
    labels = _large_enough([one.label or TextLabel.NOT_SCORED for one in answers])
    return [
        {
            "id": random_id(),
            "employer_id": one.employer_id,
            "pool": number,
            "answers": {
                key: one.answers[key]
                for key in all_questions(Leaves.OPINION)  # in one order, whatever was asked
                if key in one.answers and key in questions
            },
            "label": label,
        }
        for one, label in zip(answers, labels, strict=True)
    ]


def _large_enough(labels: Sequence[TextLabel]) -> list[str]:
    """LABELS in which every word stands as often as the floor asks; the others are NOT_SHOWN.

    Anybody can have the comments of a pool read by the same software: a label that few have would
    lay a comment beside its row. The rarest go first, until together they are enough.
    """
    floor, hidden, left_out = settings().MIN_ANSWERS, set[TextLabel](), 0
    for label, count in sorted(Counter(labels).items(), key=lambda item: (item[1], item[0])):
        if count >= floor and not 0 < left_out < floor:
            break
        hidden.add(label)
        left_out += count
    return [NOT_SHOWN if label in hidden else label.value for label in labels]


def _rare(languages: Sequence[str | None]) -> set[str]:
    """Those of LANGUAGES that fewer than the floor write in, but for the commonest.

    Who was written to in a language is known to the employer. A text whose language nobody can
    tell, or of very few words, counts as one in the commonest.
    """
    counts = Counter(language for language in languages if language)
    commonest = max(counts, key=lambda name: (counts[name], name), default=None)
    floor = settings().MIN_ANSWERS
    return {name for name, count in counts.items() if count < floor and name != commonest}


def _language(language: str | None, text: str) -> str | None:
    """What TEXT is written in, as far as can be told; other scripts together are one language.

    LANGUAGE is a guess that falls back on the employer's language where there are few words.
    """
    if not is_mostly_latin(text):
        return OTHER_SCRIPT
    return language if len(text.split()) >= ENOUGH_WORDS else None


def _languages_of_returning(employer: Employer) -> dict[int, str | None]:
    """By id, the language of words that wait to come back."""
    rows = db.session.execute(
        sa.select(Words.id, Words.text, Reading.language)
        .outerjoin(Reading, Reading.words_id == Words.id)
        .where(Words.employer_id == employer.id, Words.pool.is_(None))
        .order_by(Reading.version)
    )
    return {words_id: _language(language, text) for words_id, text, language in rows}
