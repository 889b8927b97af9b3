"""From the words of one comment to its estimate, with the resources of its language.

It must never know `textblob`, files, or which language it is scoring.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from portal.sentiment.aspects import find_aspects
from portal.sentiment.combination import About, Numbers
from portal.sentiment.features import features_of
from portal.sentiment.model import sigmoid
from portal.sentiment.polarity import Mark, Surroundings, Weighed, surroundings, weigh
from portal.sentiment.resources import Resources
from portal.sentiment.results import AspectWords, Calibration, Phrase, Sentiment
from portal.sentiment.rules import Hits
from portal.sentiment.tokens import CLAUSE, SENTENCE, Tokens

_STRONGEST_WORDS = 5
_LEAST_WORD = 0.1  # a weaker word alone decides nothing
_LONG = 40  # words
_FEW = 5  # words
_SHORT = 25  # words and marks
_A_SIDE = 0.4  # what one side must weigh to be heard
_SPEAKS_AGAINST = 0.3  # by so much the other side may weigh more
_TOPIC_STEEPNESS = 45.0


class ReadText(NamedTuple):
    """One text as the scorer sees it: words, rule hits, what they weigh, model features."""

    tokens: Tokens
    hits: Hits
    around: Surroundings
    weighed: Weighed
    features: dict[str, float]


def read(tokens: Tokens, resources: Resources) -> ReadText:
    """Rules, word values and features of one tokenised text; linear in its words."""
    hits = resources.rules.find(tokens.words)
    around = surroundings(tokens.words, resources.turns, hits.scope)
    weighed = weigh(tokens.words, hits.sentiment, resources.values, around)
    return ReadText(
        tokens, hits, around, weighed, features_of(tokens.words, hits.sentiment, around)
    )


def is_blank(reading: ReadText) -> bool:
    """Whether the comment only says that there is no comment ("n/a", "nothing to add")."""
    return any(hit.rule.family == "blank" for hit in reading.hits.sentiment)


def is_too_little(reading: ReadText, words: Sequence[str], resources: Resources) -> bool:
    """Fewer than three words we know and no rule hit, unless all that is there says much."""
    if is_blank(reading):
        return True
    if reading.weighed.rules_hit:
        return False
    known = sum(1 for word in words if word in resources.known)
    if known >= 3:
        return False
    return known < len(words) or reading.weighed.strongest < 0.5


def estimate(
    text: str,
    reading: ReadText,
    resources: Resources,
    calibration: Calibration | None,
    version: str,
) -> Sentiment:
    """The estimate for a text that has enough to score."""
    numbers, about = weighed_numbers(reading, resources)
    logit = resources.scalars.combination.log_odds(numbers, about)
    pivot = resources.scalars.pivot
    if calibration is not None:
        logit = calibration.slope * logit + calibration.intercept
        pivot = calibration.pivot
    q = sigmoid(logit - math.log(pivot / (1.0 - pivot)))
    weighed, aspect_words = reading.weighed, _aspect_words(text, reading)
    return Sentiment(
        polarity=2.0 * q - 1.0,
        subjectivity=min(1.0, weighed.subjectivity),
        status=_status(reading, q, about, resources),
        reason=None,
        label="pos" if q >= 0.5 else "neg",
        p=sigmoid(logit),
        q=q,
        score=round(100 * q),
        stars_estimate=round(1.0 + 4.0 * q, 1),
        phrases=_phrases(text, reading.tokens, weighed.marks),
        aspects=sorted({one["aspect"] for one in aspect_words}),
        language=resources.language,
        version=version,
        aspect_words=aspect_words,
    )


def not_scored(reason: str, language: str | None, version: str) -> Sentiment:
    """No estimate, and why."""
    return Sentiment(
        0.0, 0.0, "not_scored", reason, None, None, None, None, None, [], [], language, version, []
    )


def weighed_numbers(reading: ReadText, resources: Resources) -> tuple[Numbers, About]:
    """What the combination weighs: of one text, all that its words, rules and models say."""
    weighed, words = reading.weighed, reading.tokens.words
    voices = resources.model.read(reading.features)
    numbers = Numbers(
        general=voices.general,
        own=voices.own,
        praise=math.log1p(weighed.praise),
        blame=-math.log1p(weighed.blame),
        good_words=math.log1p(weighed.good_words),
        bad_words=-math.log1p(weighed.bad_words),
    )
    topics = sum(map(resources.topics.__contains__, words)) / max(_FEW, len(words))
    told = sigmoid(_TOPIC_STEEPNESS * (resources.scalars.topic_limit - topics))
    return numbers, About(told, sigmoid(voices.hiring), min(1.0, len(words) / _LONG))


def _status(reading: ReadText, q: float, about: About, resources: Resources) -> str:
    """Definite only where what was matched does not speak against it.

    Where neither rule nor word was matched the models must be sure, and the text on hiring.

    Praise must be likelier than blame (`unclear_to`, `unclear_from`): nice words are
    meant otherwise more often than bad ones.
    """
    weighed, scalars = reading.weighed, resources.scalars
    if not weighed.rules_hit and weighed.strongest < _LEAST_WORD:
        is_sure = not scalars.unsure_from < q < scalars.unsure_to
        is_on_hiring = about.hiring if resources.model.knows_hiring else about.told
        return "scored" if is_sure and is_on_hiring > 0.5 else "unclear"
    if scalars.unclear_from < q < scalars.unclear_to:
        return "unclear"
    good, bad = weighed.praise + weighed.good_words, weighed.blame + weighed.bad_words
    if (bad if q >= 0.5 else good) > (good if q >= 0.5 else bad) + _SPEAKS_AGAINST:
        return "unclear"
    return "unclear" if _has_two_sides(reading, good, bad) else "scored"


def _has_two_sides(reading: ReadText, good: float, bad: float) -> bool:
    """A short text that praises and blames about as much and never says which counts ("but")."""
    is_short = len(reading.tokens.words) <= _SHORT
    if not is_short or min(good, bad) < _A_SIDE or 2.0 * min(good, bad) < max(good, bad):
        return False
    return all(emphasis == 1.0 for emphasis in reading.around.emphasis)


def _phrases(text: str, tokens: Tokens, marks: Sequence[Mark]) -> list[Phrase]:
    """Every rule hit and the strongest words, in text order."""
    single = sorted((m for m in marks if m.rule is None), key=lambda m: (-abs(m.weight), m.first))
    shown = [m for m in marks if m.rule is not None] + single[:_STRONGEST_WORDS]
    return [_phrase(text, tokens, mark) for mark in _apart(shown)]


def _apart(marks: Sequence[Mark]) -> list[Mark]:
    """MARKS in text order, each from the word that turned it: "not friendly" lowers, as one phrase.

    Words that one "not" turned are one phrase; nothing is marked twice.
    """
    apart: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: mark.first):
        first, before = mark.first - mark.turned, apart[-1] if apart else None
        if before and first < before.last and (before.weight < 0) == (mark.weight < 0):
            strongest = max(before, mark, key=lambda one: abs(one.weight))
            apart[-1] = strongest._replace(first=before.first, last=mark.last)
        else:
            apart.append(mark._replace(first=max(first, before.last if before else 0)))
    return apart


def _phrase(text: str, tokens: Tokens, mark: Mark) -> Phrase:
    """MARK as a stretch of TEXT; without the comma or full stop that some rules look at too."""
    last = mark.last
    while last > mark.first + 1 and tokens.words[last - 1] in (SENTENCE, CLAUSE):
        last -= 1
    start, end = _place(tokens, mark.first, last)
    weight = round(mark.weight, 4)
    return Phrase(text=text[start:end], start=start, end=end, weight=weight, rule=mark.rule)


def _aspect_words(text: str, reading: ReadText) -> list[AspectWords]:
    words: list[AspectWords] = []
    for first, last, aspect in find_aspects(reading.hits.sentiment, reading.hits.aspects):
        start, end = _place(reading.tokens, first, last)
        words.append(AspectWords(aspect=aspect, text=text[start:end], start=start, end=end))
    return words


def _place(tokens: Tokens, first: int, last: int) -> tuple[int, int]:
    return tokens.places[first].start(), tokens.places[last - 1].end()
