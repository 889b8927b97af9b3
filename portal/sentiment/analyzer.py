"""One comment in, one honest estimate out: the TextBlob analyzer of this product.

This is the only file that loads `textblob` (slow: only the worker and the command line import
it). It must never know Flask, the database, or what happens to the estimate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from textblob.base import CONTINUOUS, BaseSentimentAnalyzer
from textblob.en import sentiment as textblob_lexicon

from portal.sentiment.language import LanguageTeller
from portal.sentiment.polarity import WordValue
from portal.sentiment.resources import Resources, checksum, load_resources, read_data, version
from portal.sentiment.results import Calibration, Phrase, Sentiment
from portal.sentiment.scoring import estimate, is_blank, is_too_little, not_scored, read
from portal.sentiment.spellings import meant_words
from portal.sentiment.tokens import Tokens, is_empty, tokenise

__all__ = [
    "Calibration",
    "CommunicationAnalyzer",
    "LexiconChanged",
    "Phrase",
    "Sentiment",
    "analyze",
    "version",
]

LANGUAGES = ("en", "fr")


class LexiconChanged(RuntimeError):
    """The installed textblob has another lexicon than the one the shipped numbers belong to."""


def analyze(
    text: str, language: str | None = None, calibration: Calibration | None = None
) -> Sentiment:
    """Estimate how satisfied the writer of `text` is; the same input gives the same output.

    `language` is the language the survey was shown in (None: told from the text);
    `calibration` an installation's own correction. No string makes it raise; time is linear.
    Raises LexiconChanged when textblob is not the pinned version.
    """
    if is_empty(text):
        return not_scored("empty", language, version())
    spoken = _teller().settle(text, language)
    resources = _resources(spoken if spoken in LANGUAGES else "en")
    tokens = tokenise(text, resources.language)
    reading = read(tokens, resources)
    if spoken not in LANGUAGES and not is_blank(reading):
        return not_scored("language", spoken, version())
    if is_too_little(reading, _letters(tokens), resources):
        return not_scored("too_little_text", spoken, version())
    return estimate(text, reading, resources, calibration, version())


def _letters(tokens: Tokens) -> list[str]:
    return [word for word in tokens.words if word[0].isalpha()]


class CommunicationAnalyzer(BaseSentimentAnalyzer):
    """`analyze` in the shape TextBlob expects: `TextBlob(text, analyzer=...).sentiment`."""

    kind = CONTINUOUS

    def __init__(self, language: str | None = None, calibration: Calibration | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.language = language
        self.calibration = calibration

    def analyze(self, text: str, keep_assessments: bool = False) -> Sentiment:
        """The module's `analyze`; phrases are always kept, so `keep_assessments` is ignored."""
        return analyze(str(text), self.language, self.calibration)


def text_features(text: str, language: str) -> dict[str, float]:
    """The features of `text` that the model of `language` is trained on and scores with."""
    return read(tokenise(text, language), _resources(language)).features


@cache
def _resources(language: str) -> Resources:
    return load_resources(language, _textblob_values() if language == "en" else {})


@cache
def _teller() -> LanguageTeller:
    """What tells languages apart, by the words each of ours knows; made at the first text."""
    return LanguageTeller(
        {name: _resources(name).known.union(meant_words(name)) for name in LANGUAGES}
    )


def _textblob_values() -> dict[str, WordValue]:
    """TextBlob's own lexicon, checked against the one the shipped numbers were made with."""
    path = Path(textblob_lexicon.path)
    expected = read_data("version.json")["textblob_lexicon"]
    if checksum(path) != expected:
        raise LexiconChanged(f"{path} is not the lexicon of textblob 0.20.1: reinstall the pin")
    if not dict.__len__(textblob_lexicon):
        textblob_lexicon.load()
    return {word: _word_value(by_part) for word, by_part in dict.items(textblob_lexicon)}


def _word_value(by_part: Mapping[str | None, Sequence[float]]) -> WordValue:
    polarity, subjectivity, intensity = by_part[None]
    return WordValue(polarity, subjectivity, intensity if "RB" in by_part else 1.0)
