"""What a survey is: questions, each with its wording, its answers and how these may leave.

Form, storage, counts, files and their dictionary loop over a definition; none knows a question that
its figures do not need. Knows neither request nor database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from portal.models import Locale
from portal.signs import shows, writable

MAX_COMMENT = 2000
SCALE = tuple(str(number) for number in range(11))

Value = int | str
Answers = Mapping[str, Value]
Pair = tuple[str, str]  # English and French
NO_WORDS = ("", "")


class Kind(StrEnum):
    SCALE = "scale"  # 0 to 10
    STARS = "stars"  # 1 to 5
    CHOICE = "choice"
    TEXT = "text"
    CONSENT = "consent"  # a choice that says what may happen to the text


class Leaves(StrEnum):
    """How what was answered may leave: in rows, in counts, or by no figure at all."""

    OPINION = "opinion"
    COUNTED = "counted"
    NEVER = "never"


class Consent(StrEnum):
    """What may happen to the words; what the candidate did not choose is not allowed."""

    COUNTED = "counted"
    EMPLOYER = "employer"
    PUBLIC = "public"


@dataclass(frozen=True)
class Wording:
    """One question in one language; `options` in the order of the question's."""

    text: str
    hint: str = ""
    options: tuple[str, ...] = ()
    low_label: str = ""
    high_label: str = ""


@dataclass(frozen=True)
class Question:
    """`options`: every answer there is, in order; none for a text.

    `follows`: the question, and its answers, asked first. `meaning`: in English, for files.
    """

    key: str
    kind: Kind
    leaves: Leaves
    wording: Mapping[Locale, Wording]
    options: tuple[str, ...] = ()
    follows: tuple[str, tuple[str, ...]] | None = None
    is_required: bool = False
    meaning: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind in (Kind.SCALE, Kind.STARS)

    def is_asked(self, answers: Answers) -> bool:
        """Whether what this question follows from was answered so."""
        return self.follows is None or answers.get(self.follows[0]) in self.follows[1]


def ask(
    kind: Kind,
    leaves: Leaves,
    key: str,
    english: str,
    french: str,
    *options: tuple[str, str, str],
    hint: Pair = NO_WORDS,
    ends: tuple[Pair, Pair] = (NO_WORDS, NO_WORDS),
    follows: tuple[str, tuple[str, ...]] | None = None,
    is_required: bool = False,
    meaning: str = "",
) -> Question:
    """A question with its texts in both languages beside each other; OPTIONS begin with a value."""
    values = SCALE if kind is Kind.SCALE else tuple(value for value, *_ in options)
    question = Question(key, kind, leaves, {}, values, follows, is_required, meaning)
    texts = [option[1:] for option in options]
    return reword(question, english, french, *texts, hint=hint, ends=ends)


def reword(
    question: Question,
    english: str,
    french: str,
    *options: Pair,
    hint: Pair = NO_WORDS,
    ends: tuple[Pair, Pair] = (NO_WORDS, NO_WORDS),
) -> Question:
    """QUESTION as it is stored and counted, asked in other words; its OPTIONS' too, if given."""
    wording, texts = {}, {Locale.ENGLISH: english, Locale.FRENCH: french}
    for at, (locale, text) in enumerate(texts.items()):
        before = question.wording.get(locale)
        labels = tuple(option[at] for option in options) or (before.options if before else ())
        low, high = ends
        wording[locale] = Wording(text, hint[at], labels, low[at], high[at])
    return replace(question, wording=wording)


@dataclass(frozen=True)
class Survey:
    """One version; frozen once links of it were sent."""

    version: int
    questions: tuple[Question, ...]

    def __getitem__(self, key: str) -> Question:
        return next(question for question in self.questions if question.key == key)

    def leaving(self, *ways: Leaves) -> tuple[Question, ...]:
        """The questions whose answers may leave by one of WAYS."""
        return tuple(question for question in self.questions if question.leaves in ways)

    def read(self, sent: Mapping[str, str | int | None]) -> dict[str, Value]:
        """What was SENT, kept to what this survey asks; an empty answer is none.

        What follows only from another answer is dropped without it, and what may happen to words
        without words. Raises ValueError for a required question left out, or an answer that is not
        among its options.
        """
        answers: dict[str, Value] = {}
        has_words = False
        for question in self.questions:
            said = sent.get(question.key)
            text = "" if said is None else str(said)
            if question.kind is Kind.TEXT:
                text = clean_comment(text)[:MAX_COMMENT]
                has_words = bool(text)
            is_moot = question.kind is Kind.CONSENT and not has_words
            if not text or is_moot or not question.is_asked(answers):
                if question.is_required:
                    raise ValueError(f"{question.key} is not answered")
                continue
            if question.kind is not Kind.TEXT and text not in question.options:
                raise ValueError(f"{question.key} cannot be answered so")
            answers[question.key] = int(text) if question.is_number else text
        return answers


def clean_comment(text: str) -> str:
    """TEXT as it can be written, without space around it; empty if a reader would see nothing."""
    kept = writable(text).strip()
    return kept if shows(kept) else ""
