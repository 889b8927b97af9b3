"""The comments page in words: what the software reads, how sure it is, and which words moved it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal import exports, formatting
from portal.config import settings
from portal.exports import PAGE_SIZE, CommentsPage, Part, ReadAs, ReadComment
from portal.models import Employer
from portal.sentiment.aspects import ASPECTS
from portal.statistics.survival import wilson_interval

Stat = dict[str, Any]  # arguments of the macro ui.stat

VERDICTS = {
    ReadAs.POS: ("Reads as positive", "good", "+"),
    ReadAs.NEG: ("Reads as negative", "bad", "−"),
    ReadAs.UNCLEAR: ("Unclear", "warn", "?"),
    ReadAs.NOT_SCORED: ("Not scored", "neutral", "–"),
    ReadAs.UNREAD: ("Not read yet", "neutral", "…"),
}
REASONS = {
    "language": "in a language the software does not read",
    "too_little_text": "too few words it knows",
    "empty": "no words",
}
ASPECT_NAMES = {
    "clarity": "Clarity",
    "fairness": "Fairness",
    "feedback": "Feedback",
    "informed": "Being kept informed",
    "preparedness": "Preparedness",
    "process_length": "Length of the process",
    "respect": "Respect",
    "timeliness": "Timeliness",
}
# How far a phrase moves the estimate, by its weight's size.
MUCH, SOME = 0.7, 0.35
MAX_PAGE = 100_000
MAX_WORDS = 4  # of one aspect in one comment; more would say no more


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what makes no sense is left out."""

    verdict: ReadAs | None
    aspect: str
    number: int

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Asked":
        verdict, aspect = query.get("reads", ""), query.get("about", "")
        number = query.get("page", "")
        return cls(
            ReadAs(verdict) if verdict in set(ReadAs) else None,
            aspect if aspect in ASPECTS else "",
            min(int(number), MAX_PAGE) if number.isascii() and number.isdigit() else 1,
        )

    def query(self) -> dict[str, str]:
        """The filters as they stand in an address."""
        filters = {"reads": self.verdict.value if self.verdict else "", "about": self.aspect}
        return {name: value for name, value in filters.items() if value}


def comment_facts(employer: Employer, asked: Asked) -> dict[str, Any]:
    """All that the page says of EMPLOYER's comments."""
    reading = exports.read_comments(employer, asked.verdict, asked.aspect, asked.number)
    return {
        "asked": asked,
        "reading": reading,
        "comments": [_shown(comment) for comment in reading.comments],
        "page_query": {"slug": employer.slug} | asked.query(),
        "floor": settings().MIN_COMMENTS,
        "first": (reading.number - 1) * PAGE_SIZE + 1,
        "stats": _stats(reading) if reading.total >= settings().MIN_ANSWERS else [],
        "aspects": _aspects(reading),
        "verdicts": _verdicts(reading),
        "waiting": None if reading.total else exports.availability(employer),
    }


def _verdicts(reading: CommentsPage) -> list[tuple[str, str]]:
    """The filter by verdict: only what there is, and what is asked for always."""
    return [
        (verdict.value, f"{label} ({formatting.count(reading.verdicts[verdict])})")
        for verdict, (label, _, _) in VERDICTS.items()
        if reading.verdicts[verdict] or verdict in (ReadAs.POS, ReadAs.NEG)
    ]


def _aspects(reading: CommentsPage) -> list[tuple[str, str, int, str]]:
    """(key, name, comments, share of all), most often spoken of first."""
    counted = sorted(ASPECT_NAMES, key=lambda name: (-reading.aspects[name], name))
    return [
        (name, ASPECT_NAMES[name], reading.aspects[name], _share(reading.aspects[name], reading))
        for name in counted
        if reading.aspects[name]
    ]


def _share(count: int, reading: CommentsPage) -> str:
    return formatting.share(count / reading.total)


# -- figures --------------------------------------------------------------------------------------


def _stats(reading: CommentsPage) -> list[Stat]:
    """Positive among the decided, and what stays undecided; never folded together."""
    return [_positive(reading), _part(reading, ReadAs.UNCLEAR), _not_scored(reading)]


def _positive(reading: CommentsPage) -> Stat:
    positive, negative = reading.verdicts[ReadAs.POS], reading.verdicts[ReadAs.NEG]
    decided, floor = positive + negative, settings().MIN_ANSWERS
    stat: Stat = {
        "label": "Read as positive",
        "caveat": "Of the comments that read clearly one way. Those who write, and let you read "
        "it, may think otherwise than the rest.",
    }
    if decided < floor:
        return stat | {"not_yet": f"Fewer than {floor} comments read clearly one way"}
    share = wilson_interval(positive, decided)
    return stat | {
        "value": formatting.share(share.share),
        "interval": formatting.share_interval(share.low, share.high),
        "n": f"{formatting.part_of(positive, decided)} comments",
    }


def _part(reading: CommentsPage, verdict: ReadAs) -> Stat:
    count = reading.verdicts[verdict]
    return {
        "label": VERDICTS[verdict][0],
        "value": _share(count, reading),
        "n": f"{formatting.part_of(count, reading.total)} comments",
        "caveat": "Could be meant either way, as far as the software can tell.",
    }


def _not_scored(reading: CommentsPage) -> Stat:
    unread = reading.verdicts[ReadAs.UNREAD]
    reasons = [
        f"{_capital(REASONS.get(reason, reason))}: {formatting.count(number)}"
        for reason, number in reading.reasons.most_common()
    ]
    if unread:
        reasons.append(f"Not read yet: {formatting.count(unread)}")
    stat = _part(reading, ReadAs.NOT_SCORED)
    count = reading.verdicts[ReadAs.NOT_SCORED] + unread
    return stat | {
        "value": _share(count, reading),
        "n": f"{formatting.part_of(count, reading.total)} comments",
        "caveat": f"{'. '.join(reasons)}." if reasons else "The software could read them all.",
    }


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


# -- one comment ----------------------------------------------------------------------------------


def _shown(comment: ReadComment) -> dict[str, Any]:
    label, tone, glyph = VERDICTS[comment.verdict]
    reason = REASONS.get(comment.reason or "")
    return {
        "month": comment.month,
        "parts": [_part_shown(part) for part in comment.parts],
        "moves": _moves(comment.parts),
        "badge": (f"{label}: {reason}" if reason else label, tone, glyph),
        "estimate": comment.estimate,
        "language": comment.language or "",
        "speaks_of": [
            (ASPECT_NAMES[name], words[:MAX_WORDS])
            for name, words in comment.aspects.items()
            if name in ASPECT_NAMES
        ],
    }


def _part_shown(part: Part) -> tuple[str, str, str]:
    """Text, direction ("up", "down" or none) and what a screen reader says before it."""
    if not part.weight:
        return part.text, "", ""
    return part.text, "up" if part.weight > 0 else "down", _moved(part.weight)


def _moves(parts: list[Part]) -> list[tuple[str, str, str]]:
    """The marked phrases, strongest first: text, direction, and how far they moved the estimate."""
    marked = sorted((part for part in parts if part.weight), key=lambda part: -abs(part.weight))
    return [_part_shown(part) for part in marked]


def _moved(weight: float) -> str:
    size = abs(weight)
    far = "a lot" if size >= MUCH else "somewhat" if size >= SOME else "a little"
    return f"{'raised' if weight > 0 else 'lowered'} the estimate {far}"
