"""The comments page: candidates' own words, and beneath them what the software reads in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from babel.support import LazyProxy

from portal import exports, figures, formatting
from portal.config import settings
from portal.exports import PAGE_SIZE, Availability, CommentsPage, Part, ReadAs, ReadComment
from portal.figures import Figure
from portal.language import gettext, lazy_gettext, ngettext
from portal.models import Employer


class Verdict(NamedTuple):
    """What a comment reads as: beneath its words, among the filters, and as a sign."""

    says: LazyProxy
    name: LazyProxy
    tone: str
    sign: str


VERDICTS = {
    ReadAs.POS: Verdict(lazy_gettext("Reads as positive"), lazy_gettext("Positive"), "good", "+"),
    ReadAs.NEG: Verdict(lazy_gettext("Reads as negative"), lazy_gettext("Negative"), "bad", "−"),
    ReadAs.UNCLEAR: Verdict(lazy_gettext("Reads as unclear"), lazy_gettext("Unclear"), "warn", "?"),
    ReadAs.NOT_SCORED: Verdict(
        lazy_gettext("Not scored"), lazy_gettext("Not scored"), "neutral", "–"
    ),
    ReadAs.UNREAD: Verdict(
        lazy_gettext("Not read yet"), lazy_gettext("Not read yet"), "neutral", "…"
    ),
}
REASONS = {
    "language": lazy_gettext("in a language the software does not read"),
    "too_little_text": lazy_gettext("too few words it knows"),
    "empty": lazy_gettext("no words"),
}
ASPECT_NAMES = {
    "clarity": lazy_gettext("Clarity"),
    "fairness": lazy_gettext("Fairness"),
    "feedback": lazy_gettext("Feedback"),
    "informed": lazy_gettext("Being kept informed"),
    "preparedness": lazy_gettext("Preparedness"),
    "process_length": lazy_gettext("Length of the process"),
    "respect": lazy_gettext("Respect"),
    "timeliness": lazy_gettext("Timeliness"),
}
# How far a phrase moves the estimate, by its weight's size: from there on, up and down.
MOVED = (
    (0.7, lazy_gettext("raised the estimate a lot"), lazy_gettext("lowered the estimate a lot")),
    (
        0.35,
        lazy_gettext("raised the estimate somewhat"),
        lazy_gettext("lowered the estimate somewhat"),
    ),
    (
        0.0,
        lazy_gettext("raised the estimate a little"),
        lazy_gettext("lowered the estimate a little"),
    ),
)
MAX_PAGE = 100_000
MAX_WORDS = 4  # of one aspect in one comment; more would say no more


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what makes no sense is left out."""

    verdict: ReadAs | None
    aspect: str
    number: int
    marks: bool

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Asked":
        verdict, aspect = query.get("reads", ""), query.get("about", "")
        return cls(
            ReadAs(verdict) if verdict in set(ReadAs) else None,
            aspect if aspect in ASPECT_NAMES else "",
            _page(query.get("page", "")),
            query.get("marks") == "1",
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.verdict or self.aspect)

    def query(self, **changes: Any) -> dict[str, str]:
        """With CHANGES, as it stands in an address; without the page's number."""
        asked = replace(self, **changes)
        query = {
            "reads": asked.verdict.value if asked.verdict else "",
            "about": asked.aspect,
            "marks": "1" if asked.marks else "",
        }
        return {name: value for name, value in query.items() if value}


def _page(text: str) -> int:
    """The page that TEXT names; cut first, as int() refuses thousands of digits."""
    if not (text.isascii() and text.isdigit()):
        return 1
    return min(int(text[: len(str(MAX_PAGE))]), MAX_PAGE)


@dataclass(frozen=True)
class Choice:
    """One way of narrowing the list, and how many comments it leaves."""

    label: str
    count: int
    query: Mapping[str, str]
    is_current: bool


class Stretch(NamedTuple):
    """A piece of a comment; `way` is "up" or "down" where it moved the estimate, `said` how far."""

    text: str
    way: str = ""
    said: str = ""


@dataclass(frozen=True)
class ShownComment:
    """Three layers: `words`; one line of `month`, `reads_as` and `speaks_of`; details.

    `estimate` is None where there is none. `evidence`: the words by which the comment is held to
    speak of each aspect.
    """

    words: Sequence[Stretch]
    month: date
    verdict: Verdict
    reads_as: str
    speaks_of: str
    estimate: int | None
    language: str
    moved: Sequence[Stretch]
    evidence: Sequence[tuple[str, Sequence[str]]]

    @property
    def is_unclear(self) -> bool:
        """Whether no side is taken: then a number would only seem to take one."""
        return self.verdict == VERDICTS[ReadAs.UNCLEAR]


@dataclass(frozen=True)
class Listed:
    """All that the page says. `nothing`: why the filters leave none, where they do; `waiting`:
    what is released, where nothing may be read yet."""

    asked: Asked
    reading: CommentsPage
    comments: Sequence[ShownComment]
    verdicts: Sequence[Choice]
    aspects: Sequence[Choice]
    stats: Sequence[Figure]
    count: str
    narrowed_to: str
    nothing: str
    switch: Mapping[str, str]
    floor: int
    waiting: Availability | None


def list_comments(employer: Employer, asked: Asked) -> Listed:
    """The page of EMPLOYER's comments that was ASKED for."""
    reading = exports.read_comments(employer, asked.verdict, asked.aspect, asked.number)
    return Listed(
        asked=asked,
        reading=reading,
        comments=[_shown(comment, asked.marks) for comment in reading.comments],
        verdicts=_verdicts(asked, reading),
        aspects=_aspects(asked, reading),
        stats=_stats(reading) if reading.total >= settings().MIN_ANSWERS else (),
        count=_count(reading, asked),
        narrowed_to=_narrowed_to(asked),
        nothing="" if reading.found else _nothing(asked),
        switch=asked.query(marks=not asked.marks) | _page_of(reading),
        floor=settings().MIN_COMMENTS,
        waiting=None if reading.total else exports.availability(employer),
    )


def _page_of(reading: CommentsPage) -> dict[str, str]:
    return {"page": str(reading.number)} if reading.number > 1 else {}


# -- filters --------------------------------------------------------------------------------------


def _verdicts(asked: Asked, reading: CommentsPage) -> list[Choice]:
    """What there is, filters or not, so that each keeps its place."""
    left = reading.verdicts_left
    found = [
        verdict for verdict in VERDICTS if reading.verdicts[verdict] or verdict is asked.verdict
    ]
    return [
        Choice(gettext("Everything"), left.total(), asked.query(verdict=None), not asked.verdict),
        *(
            Choice(
                str(VERDICTS[verdict].name),
                left[verdict],
                asked.query(verdict=verdict),
                verdict is asked.verdict,
            )
            for verdict in found
        ),
    ]


def _aspects(asked: Asked, reading: CommentsPage) -> list[Choice]:
    """The one most often spoken of first; a comment may speak of several."""
    total = reading.verdicts[asked.verdict] if asked.verdict else reading.total
    counts = reading.aspects
    found = [name for name in ASPECT_NAMES if counts[name] or name == asked.aspect]
    return [
        Choice(gettext("Anything"), total, asked.query(aspect=""), not asked.aspect),
        *(
            Choice(
                str(ASPECT_NAMES[name]),
                reading.aspects_left[name],
                asked.query(aspect=name),
                name == asked.aspect,
            )
            for name in sorted(found, key=lambda name: (-counts[name], name))
        ),
    ]


def _count(reading: CommentsPage, asked: Asked) -> str:
    """How many comments are listed, and in which order."""
    said = ngettext("%(num)s comment", "%(num)s comments", reading.found)
    if asked.is_narrowed:
        whole = formatting.count(reading.total)
        said = gettext("%(comments)s of %(total)s", comments=said, total=whole)
    if reading.pages > 1:
        first = (reading.number - 1) * PAGE_SIZE + 1
        said = gettext(
            "%(comments)s, %(first)s to %(last)s on this page",
            comments=said,
            first=formatting.count(first),
            last=formatting.count(first + len(reading.comments) - 1),
        )
    return gettext("%(comments)s. Newest months first, within each in no order.", comments=said)


def _narrowed_to(asked: Asked) -> str:
    """The filters in words, for who does not see their lists."""
    verdict = VERDICTS[asked.verdict].name if asked.verdict else ""
    aspect = ASPECT_NAMES[asked.aspect] if asked.aspect else ""
    return " · ".join(str(name) for name in (verdict, aspect) if name)


def _nothing(asked: Asked) -> str:
    """Why the filters leave nothing."""
    verdict = VERDICTS[asked.verdict].name if asked.verdict else ""
    aspect = ASPECT_NAMES.get(asked.aspect, "")
    if verdict and aspect:
        return gettext(
            "There are comments under “%(verdict)s”, or about “%(aspect)s”, but none is both.",
            verdict=verdict,
            aspect=aspect,
        )
    return gettext("No comment you may read is under “%(name)s”.", name=verdict or aspect)


# -- figures --------------------------------------------------------------------------------------


def _stats(reading: CommentsPage) -> list[Figure]:
    """Positive among the decided, and what stays undecided; never folded together."""
    verdicts, total = reading.verdicts, reading.total
    unread = verdicts[ReadAs.UNREAD]
    return [
        figures.read_as_positive(
            verdicts[ReadAs.POS], verdicts[ReadAs.NEG], settings().MIN_ANSWERS
        ),
        figures.read_as_unclear(verdicts[ReadAs.UNCLEAR], total),
        figures.not_scored(verdicts[ReadAs.NOT_SCORED] + unread, total, _reasons(reading)),
    ]


def _reasons(reading: CommentsPage) -> list[str]:
    """Why comments are not scored, each as a sentence with its count."""
    counted = [(REASONS.get(name, name), count) for name, count in reading.reasons.most_common()]
    if unread := reading.verdicts[ReadAs.UNREAD]:
        counted.append((VERDICTS[ReadAs.UNREAD].name, unread))
    return [
        gettext(
            "%(reason)s: %(count)s.", reason=_capital(str(reason)), count=formatting.count(count)
        )
        for reason, count in counted
    ]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


# -- one comment ----------------------------------------------------------------------------------


def _shown(comment: ReadComment, marks: bool) -> ShownComment:
    stretches = [_stretch(part) for part in comment.parts]
    spoken = {name: words for name, words in comment.aspects.items() if name in ASPECT_NAMES}
    names = ", ".join(str(ASPECT_NAMES[name]).lower() for name in spoken)
    return ShownComment(
        words=stretches if marks else [Stretch("".join(part.text for part in comment.parts))],
        month=comment.month,
        reads_as=_reads_as(comment),
        verdict=VERDICTS[comment.verdict],
        speaks_of=gettext("Speaks of %(aspects)s", aspects=names) if names else "",
        estimate=comment.estimate,
        language=comment.language or "",
        moved=[
            _stretch(part)
            for part in sorted(comment.parts, key=lambda part: -abs(part.weight))
            if part.weight
        ],
        evidence=[
            (str(ASPECT_NAMES[name]), words[:MAX_WORDS]) for name, words in spoken.items() if words
        ],
    )


def _reads_as(comment: ReadComment) -> str:
    verdict, reason = VERDICTS[comment.verdict].says, REASONS.get(comment.reason or "")
    if not reason:
        return str(verdict)
    return gettext("%(verdict)s: %(reason)s", verdict=verdict, reason=reason)


def _stretch(part: Part) -> Stretch:
    """PART with the sign of what it means here, which is that of its weight."""
    if not part.weight:
        return Stretch(part.text)
    size, is_up = abs(part.weight), part.weight > 0
    raised, lowered = next(words for least, *words in MOVED if size >= least)
    return Stretch(part.text, "up" if is_up else "down", str(raised if is_up else lowered))
