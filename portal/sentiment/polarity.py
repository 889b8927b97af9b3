"""Words and rule hits of one text weighed into one number, with the phrases that decided it.

It must never know where the word values come from, nor models or probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from portal.sentiment.rules import NEGATED_NEGATIVE, Hit
from portal.sentiment.tokens import CLAUSE, SENTENCE


class WordValue(NamedTuple):
    """What a word says: polarity -1..1, subjectivity 0..1, and by how much it strengthens."""

    polarity: float
    subjectivity: float
    intensity: float = 1.0


class Turns(NamedTuple):
    """The words that turn what follows: negations, contrasts, and what ends a negation."""

    negations: frozenset[str]
    ends_negation: frozenset[str]
    contrasts: frozenset[str]
    contrasts_after_pause: frozenset[str]
    concessions: frozenset[str]
    wishes: frozenset[str]
    never_denied: frozenset[str]
    stops_negation: frozenset[str]
    shapes_sentence: frozenset[str]

    @classmethod
    def of(cls, lists: Mapping[str, str]) -> Turns:
        """From word lists named like the first seven fields, words separated by spaces."""
        read = {name: frozenset(lists[name].split()) for name in cls._fields[:7]}
        stops = read["contrasts"] | {SENTENCE, CLAUSE}
        return cls(
            **read,
            stops_negation=stops,
            shapes_sentence=stops | read["contrasts_after_pause"],
        )


class Surroundings(NamedTuple):
    """Per word: what negates it, what says it was only wished for or promised, its clause's weight.

    The first two as the number of words back to the one that turns it; 0: nothing does.
    """

    negated: bytearray
    unreal: bytearray
    emphasis: list[float]


class Mark(NamedTuple):
    """A weighed stretch of words `first`..`last` (last not included).

    `turned`: its weight is the opposite of what it says, by a word so many before `first`; 0: no.
    """

    first: int
    last: int
    weight: float
    rule: str | None
    turned: int = 0


class Weighed(NamedTuple):
    """Sums of weights, each 0 or more: of rule hits, and of the words outside them."""

    praise: float
    blame: float
    good_words: float
    bad_words: float
    subjectivity: float
    marks: list[Mark]
    strongest: float
    rules_hit: int


_REACH = 4
_LONG_REACH = 8  # of a whole phrase that denies: "at no point did ..."
_REVERSED_WORD = -0.5
_REVERSED_RULE = -0.6
_BEFORE_CONTRAST = 0.5
_AFTER_CONTRAST = 1.5
_UNREAL_RULE = -0.3
_UNREAL_REACH = 8
_CLAUSE_OPENERS = frozenset((CLAUSE, "and", "et"))
_AS_PROMISED = frozenset(("as", "than", "like", "what", "comme", "que"))
_CONDITIONAL = frozenset(("would", "could", "should", "might", "wouldn't", "couldn't"))
_SILENT_FAMILIES = frozenset(("neutral", "blank"))


def weigh(
    words: Sequence[str],
    hits: Sequence[Hit],
    values: Mapping[str, WordValue],
    around: Surroundings,
) -> Weighed:
    """Weigh rule hits, then the words no rule has used, in text order; pure, linear."""
    marks = _rule_marks(hits, around)
    rules_hit = len(marks)
    praise = blame = 0.0
    for mark in marks:
        weight = mark.weight * around.emphasis[mark.last - 1]
        praise += max(0.0, weight)
        blame -= min(0.0, weight)
    used = _used_by(hits, len(words))
    good = bad = subjectivity = strongest = 0.0
    words_hit = 0
    for place, word in enumerate(words):
        value = values.get(word)
        if value is None or used[place]:
            continue
        words_hit += 1
        subjectivity += value.subjectivity
        polarity = _polarity_here(value, words, place, values, around.negated[place])
        if polarity < 0 or (polarity and not around.unreal[place]):
            weight = around.emphasis[place] * polarity
            good += max(0.0, weight)
            bad -= min(0.0, weight)
            strongest = max(strongest, abs(polarity))
            marks.append(Mark(place, place + 1, polarity, None, around.negated[place]))
    return Weighed(
        praise,
        blame,
        good,
        bad,
        subjectivity / words_hit if words_hit else 0.0,
        marks,
        strongest,
        rules_hit,
    )


def _used_by(hits: Sequence[Hit], size: int) -> bytearray:
    """Which of SIZE words belong to a rule's match already."""
    used = bytearray(size)
    for hit in hits:
        used[hit.first : hit.last] = b"\x01" * (hit.last - hit.first)
    return used


def is_unreal(hit: Hit, around: Surroundings) -> bool:
    """Whether `hit` is praise of something that was only promised or wished for."""
    return hit.rule.weight > 0 and around.unreal[hit.first] > 0


def _rule_marks(hits: Sequence[Hit], around: Surroundings) -> list[Mark]:
    """A hit under a negation says the opposite, less strongly ("not a rude person")."""
    marks: list[Mark] = []
    blamed = 0  # end of the last hit that blames
    for hit in hits:
        first, last, rule = hit
        if rule.family in _SILENT_FAMILIES:
            continue
        weight, turned = rule.weight, 0
        if _is_denied(hit, around, blamed):
            weight, turned = weight * _REVERSED_RULE, around.negated[first]
        elif is_unreal(hit, around):
            weight, turned = weight * _UNREAL_RULE, around.unreal[first]
        if rule.weight < 0:
            blamed = last
        marks.append(Mark(first, last, weight, rule.id, turned))
    return marks


def _is_denied(hit: Hit, around: Surroundings, blamed: int) -> bool:
    """Whether a negation turns `hit`; BLAMED is where the last blaming hit before it ends.

    A denial is no praise twice over: in "I heard nothing for two weeks" the "nothing" belongs to
    "heard nothing", so that "for two weeks" stays the complaint it is.
    """
    reach = around.negated[hit.first]
    if not reach or hit.rule.family == NEGATED_NEGATIVE:
        return False
    return hit.rule.weight > 0 or hit.first - reach >= blamed


def _polarity_here(
    value: WordValue,
    words: Sequence[str],
    place: int,
    values: Mapping[str, WordValue],
    is_negated: int,
) -> float:
    polarity = value.polarity
    if not polarity:
        return 0.0
    before = values.get(words[place - 1]) if place else None
    if before is not None and before.intensity != 1.0:
        polarity = max(-1.0, min(1.0, polarity * before.intensity))
    return polarity * _REVERSED_WORD if is_negated else polarity


def surroundings(words: Sequence[str], turns: Turns, scope: Sequence[Hit]) -> Surroundings:
    """What each word stands under, by single words and by the phrases found in SCOPE; linear.

    A negation reaches 4 words (a phrase that denies 8), never past a mark or contrast; one inside
    a phrase that affirms ("without a doubt") negates nothing. What a sentence says before its last
    "but" counts half, what follows one and a half; so with "although ..., ...".
    """
    by_family: dict[str, dict[int, int]] = {}
    for hit in scope:
        by_family.setdefault(hit.rule.family, {})[hit.first] = hit.last
    nothing: dict[int, int] = {}
    denying, affirming = by_family.get("denying", nothing), by_family.get("affirming", nothing)
    negated = _negated(words, turns, denying, affirming)
    for place, word in enumerate(words):
        if word in turns.never_denied:
            negated[place] = 0
    return Surroundings(
        negated,
        _unreal(words, turns, by_family.get("wishing", nothing)),
        _emphasis(words, turns, by_family.get("turning", nothing)),
    )


def _unreal(words: Sequence[str], turns: Turns, phrases: Mapping[int, int]) -> bytearray:
    """What follows "should", "promised", "would have" in the same clause; not "as promised"."""
    unreal = bytearray(len(words))
    reach = turned_by = last = 0
    before = ""
    for place, word in enumerate(words):
        if place in phrases:
            reach, turned_by, last = _UNREAL_REACH, place, phrases[place]
        if place < last:
            continue
        if reach:
            unreal[place] = place - turned_by
            reach = 0 if word in turns.stops_negation or word in _CLAUSE_OPENERS else reach - 1
        if word == "have":
            opens = before in _CONDITIONAL
        else:
            opens = word in turns.wishes and before not in _AS_PROMISED
        if opens:
            reach, turned_by = _UNREAL_REACH, place - (word == "have")
        before = word
    return unreal


def _negated(
    words: Sequence[str], turns: Turns, denying: Mapping[int, int], affirming: Mapping[int, int]
) -> bytearray:
    negated = bytearray(len(words))
    reach = turned_by = last = 0
    for place, word in enumerate(words):
        if place in denying:
            reach, turned_by, last = _LONG_REACH, place, denying[place]
        elif place in affirming:
            reach, last = 0, affirming[place]
        if place < last:
            continue
        if word in turns.negations:
            negated[place] = place - turned_by if reach else 0
            reach, turned_by = _REACH, place
        elif reach:
            if word in turns.stops_negation:
                reach = 0
            else:
                negated[place] = place - turned_by
                reach = 0 if word in turns.ends_negation else reach - 1
    return negated


def _emphasis(words: Sequence[str], turns: Turns, turning: Mapping[int, int]) -> list[float]:
    emphasis = [1.0] * len(words)
    start, turn = 0, -1
    for place, word in enumerate(words):
        if place in turning:
            turn = place
        if word not in turns.shapes_sentence:
            continue
        if word == SENTENCE:
            _emphasise(emphasis, start, turn, place)
            start, turn = place + 1, -1
        elif word == CLAUSE:
            if turn == -1 and _opens_concession(words, start, turns):
                turn = place
        elif _is_contrast(words, place, start, turns):
            turn = place
    _emphasise(emphasis, start, turn, len(words))
    return emphasis


def _is_contrast(words: Sequence[str], place: int, start: int, turns: Turns) -> bool:
    """A "but" anywhere; a "yet" only where a clause begins ("not yet" is none)."""
    word = words[place]
    if word in turns.contrasts_after_pause:
        return place > start and words[place - 1] in _CLAUSE_OPENERS
    return word in turns.contrasts


def _opens_concession(words: Sequence[str], start: int, turns: Turns) -> bool:
    return any(word in turns.concessions for word in words[start : start + 2])


def _emphasise(emphasis: list[float], start: int, turn: int, end: int) -> None:
    if turn < 0:
        return
    emphasis[start:turn] = [_BEFORE_CONTRAST] * (turn - start)
    emphasis[turn:end] = [_AFTER_CONTRAST] * (end - turn)
