"""The sealed answer: all that was answered, with its coarse facts, in a row that tells nothing.

In clear stands only whose employer and which batch it is. No row is ever rewritten alone: a change
seals a whole group anew, so that copies of the database do not tell whose.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from portal.extensions import db, leaving_remains
from portal.models import (
    ChannelFact,
    Employer,
    Lane,
    Locale,
    OutcomeFact,
    PromiseFact,
    RoleFamily,
    SealedAnswer,
    StageGroup,
    TextLabel,
    ToldBucket,
)
from portal.seals import STAMP_BYTES, SealBroken, Sealer
from portal.surveys.questions import Answers, Consent, Kind, Survey
from portal.surveys.versions import find_survey

PURPOSE = "answers"
WITH_WORDS = 12 * 1024  # while its words wait; 2,000 emoji and everything else fit
WITHOUT_WORDS = 1024
GROUP = 200
CHUNK = 500

TABLE: Any = SealedAnswer.__table__  # its batch_id == None: those that wait
KINDS = (OutcomeFact, StageGroup, RoleFamily, ToldBucket, ChannelFact, PromiseFact)


@dataclass(frozen=True)
class Facts:
    """The coarse facts frozen when the invitation was sent (models.CoarseFacts)."""

    week: date
    cell: int
    outcome: OutcomeFact
    stage_group: StageGroup
    role_family: RoleFamily
    told_bucket: ToldBucket
    channel: ChannelFact
    promise_fact: PromiseFact
    was_given_feedback: bool
    department: str | None = None


@dataclass(frozen=True)
class Answer:
    """One opened answer. `answers` hold what was answered, by question; nothing tells by whom.

    `words_id`: the published copy of its words; `label`: what was read in them at the release.
    """

    key: str
    employer_id: int
    facts: Facts
    survey_version: int
    locale: Locale
    lane: Lane
    is_after_reminder: bool
    answers: Answers = field(default_factory=dict)
    was_public: bool = False
    is_withdrawn: bool = False
    label: TextLabel | None = None
    words_id: int | None = None

    @property
    def survey(self) -> Survey:
        return find_survey(self.survey_version)

    @property
    def stars(self) -> int:
        return int(self.answers["overall"])

    @property
    def words(self) -> str:
        """What was written; empty once it stands in a published copy, or is counted only."""
        return self._of(Kind.TEXT, "")

    @property
    def consent(self) -> Consent:
        return Consent(self._of(Kind.CONSENT, Consent.COUNTED))

    def _of(self, kind: Kind, default: str) -> str:
        keys = (one.key for one in self.survey.questions if one.kind is kind)
        return next((str(self.answers[key]) for key in keys if key in self.answers), default)

    def without_words(self) -> "Answer":
        asked = [one.key for one in self.survey.questions if one.kind is not Kind.TEXT]
        return replace(
            self, answers={key: self.answers[key] for key in asked if key in self.answers}
        )


def sealer() -> Sealer:
    """What seals and opens answers."""
    return Sealer(PURPOSE)


def place_of(employer_id: int, key: str) -> str:
    """Where a sealed answer may be opened, and nowhere else."""
    return f"answer {employer_id} {key}"


def seal_answer(answer: Answer, size: int, by: Sealer) -> bytes:
    """ANSWER as bytes of SIZE."""
    facts = [getattr(answer.facts, name) for name in Facts.__dataclass_fields__]
    told: dict[str, Any] = {
        "facts": [facts[0].isoformat(), *facts[1:]],
        "survey": answer.survey_version,
        "locale": answer.locale,
        "lane": answer.lane,
        "late": answer.is_after_reminder,
        "answers": answer.answers,
        "public": answer.was_public,
        "withdrawn": answer.is_withdrawn,
        "label": answer.label,
        "words": answer.words_id,
    }
    short = {name: value for name, value in told.items() if value not in (None, False)}
    text = json.dumps(short, ensure_ascii=False, separators=(",", ":")).encode()
    return by.seal(text, place_of(answer.employer_id, answer.key), size)


def open_answer(key: str, employer_id: int, sealed: bytes, by: Sealer) -> Answer:
    """What SEALED holds; raises SealBroken."""
    told = json.loads(by.open(sealed, place_of(employer_id, key)))
    week, cell, *rest = told["facts"]
    kinds: list[Any] = [kind(value) for kind, value in zip(KINDS, rest, strict=False)]
    return Answer(
        key=key,
        employer_id=employer_id,
        facts=Facts(date.fromisoformat(week), cell, *kinds, *rest[len(KINDS) :]),
        survey_version=told["survey"],
        locale=Locale(told["locale"]),
        lane=Lane(told["lane"]),
        is_after_reminder=told.get("late", False),
        answers=told["answers"],
        was_public=told.get("public", False),
        is_withdrawn=told.get("withdrawn", False),
        label=TextLabel(told["label"]) if "label" in told else None,
        words_id=told.get("words"),
    )


def lock_employer(employer_id: int) -> None:
    """Be the only one who rewrites answers of the employer; new ones still come in."""
    found = sa.select(Employer.id).where(Employer.id == employer_id)
    db.session.execute(found.with_for_update(key_share=True))


def reseal_group(changed: Answer, batch_id: int | None) -> None:
    """Write CHANGED, and with it every row of its group: its batch, or what waits.

    Of many rows those whose keys begin alike, GROUP or more. The caller holds the employer's lock.
    """
    group = sa.select(TABLE.c.key).where(
        TABLE.c.employer_id == changed.employer_id, TABLE.c.batch_id == batch_id
    )
    keys = _begin_alike(changed.key, db.session.scalars(group))
    by, rows = sealer(), []
    for key, sealed in db.session.execute(
        sa.select(TABLE.c.key, TABLE.c.sealed).where(TABLE.c.key.in_(keys)).order_by(TABLE.c.key)
    ):
        place = place_of(changed.employer_id, key)
        if key == changed.key:
            anew = seal_answer(changed, len(sealed), by)
        else:
            try:
                anew = by.seal(by.open(sealed, place), place, len(sealed))
            except SealBroken:
                continue  # `flask status` names it
        rows.append({"of": key, "anew": anew})
    write_sealed(rows)


def _begin_alike(key: str, keys: Iterable[str]) -> list[str]:
    """Of KEYS those that share with KEY as many first bits as at least GROUP of them do.

    Not by lot: the only row in each of several lots would be that of who changed again and again.
    """
    alike, bits = list(keys), 1
    while len(alike) >= GROUP:
        closer = [one for one in alike if _first_bits(one, bits) == _first_bits(key, bits)]
        if len(closer) < GROUP:
            break
        alike, bits = closer, bits + 1
    return alike


def _first_bits(key: str, bits: int) -> int:
    return int(key[:16], 16) >> (64 - bits)


def write_sealed(rows: Sequence[Mapping[str, Any]], batch_id: int | None = None) -> None:
    """Put the seals `anew` into the rows `of`, in the order of the keys; into the batch, if any."""
    anew = sa.update(TABLE).where(TABLE.c.key == sa.bindparam("of"))
    anew = anew.values(sealed=sa.bindparam("anew"))
    if batch_id is not None:
        anew = anew.values(batch_id=batch_id)
    if rows:
        with leaving_remains():
            db.session.execute(anew, sorted(rows, key=lambda row: row["of"]))


def insert_sealed(answers: Iterable[Answer], size: int, batch_id: int | None) -> None:
    """New rows for ANSWERS, in the order of their keys."""
    by = sealer()
    rows = [
        {"key": one.key, "employer_id": one.employer_id, "sealed": seal_answer(one, size, by)}
        for one in sorted(answers, key=lambda one: one.key)
    ]
    if rows:
        db.session.execute(sa.insert(TABLE).values(batch_id=batch_id), rows)


@dataclass(frozen=True)
class Opened:
    """Answers opened together; by key their seals' stamps and sizes; keys that do not open."""

    answers: tuple[Answer, ...]
    stamps: dict[str, bytes]
    sizes: dict[str, int]
    broken: tuple[str, ...]


def open_batch(employer: Employer, batch_id: int | None) -> Opened:
    """Every answer of a batch; None: every one that waits, withdrawn ones too."""
    found: list[Answer] = []
    stamps: dict[str, bytes] = {}
    sizes: dict[str, int] = {}
    broken: list[str] = []
    by = sealer()
    for key, sealed in db.session.execute(
        sa.select(TABLE.c.key, TABLE.c.sealed)
        .where(TABLE.c.employer_id == employer.id, TABLE.c.batch_id == batch_id)
        .execution_options(yield_per=CHUNK)
    ):
        try:
            found.append(open_answer(key, employer.id, sealed, by))
            stamps[key], sizes[key] = sealed[:STAMP_BYTES], len(sealed)
        except SealBroken:
            broken.append(key)
    return Opened(tuple(found), stamps, sizes, tuple(broken))


def read_stamps(employer: Employer, batch_ids: Sequence[int]) -> dict[str, bytes]:
    """By key, what tells each seal that waits or is in one of the batches from every other.

    One question each: with "or" between them SQLite would go through all of the employer's.
    """
    stamps: dict[str, bytes] = {}
    for batch_id in (None, *batch_ids):
        found = sa.select(TABLE.c.key, sa.func.substr(TABLE.c.sealed, 1, STAMP_BYTES)).where(
            TABLE.c.employer_id == employer.id, TABLE.c.batch_id == batch_id
        )
        stamps |= dict(db.session.execute(found).all())
    return stamps


def seal_all(answers: Iterable[Answer], size: int | Mapping[str, int]) -> list[dict[str, Any]]:
    """What write_sealed() takes for ANSWERS, in one SIZE, or each in its own."""
    by = sealer()
    rows = []
    for one in answers:
        wanted = size if isinstance(size, int) else size[one.key]
        rows.append({"of": one.key, "anew": seal_answer(one, wanted, by)})
    return rows


def forget_waiting(employer: Employer, today: date, kept: timedelta) -> int:
    """Delete waiting answers whose decision week is older than KEPT; how many."""
    old = [one.key for one in open_batch(employer, None).answers if one.facts.week < today - kept]
    for start in range(0, len(old), CHUNK):
        keys = old[start : start + CHUNK]
        db.session.execute(sa.delete(TABLE).where(TABLE.c.key.in_(keys)))
    return len(old)
