"""Rows as the first version left them, at the migration before departments: no model fits them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from portal import links
from portal.extensions import db

LAST_REVISION = "0005"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
MONDAY = date(2026, 9, 7)
VERSION = "old 1"
FACTS = (
    *("week", "cell", "outcome", "stage_group", "role_family", "told_bucket", "channel"),
    *("promise_fact", "was_given_feedback"),
)
QUESTIONS = ("told", "heard_how", "chased", "promise", "feedback", "relationship_after")
PARTS = {"role_family": ("engineering", "other"), "stage_group": ("screen", "final")}
EMAIL = "old.boss@example.org"


@dataclass
class Given:
    """One answer: the token of its link, and its row of `response`."""

    token: str
    row: dict[str, Any]
    score: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return self.score["label"] if self.score["status"] == "scored" else self.score["status"]


class FirstVersion:
    """Fills a database of LAST_REVISION by the tables as they stand there."""

    def __init__(self) -> None:
        db.session.remove()
        self._tables = sa.MetaData()
        self._tables.reflect(db.engine)
        self.count = 0

    def table(self, name: str) -> sa.Table:
        return self._tables.tables[name]

    def add(self, table: str, **values: Any) -> int:
        """A row of TABLE; its id, or whatever is its first key."""
        found = db.session.execute(sa.insert(self.table(table)).values(**values))
        return found.inserted_primary_key[0]

    def employer(self, slug: str, **values: Any) -> int:
        usual = {
            "slug": slug,
            "name": slug.title(),
            "timezone": "UTC",
            "locale": "en",
            "reply_to": f"people@{slug}.example",
            "postal_address": "1 Main Street",
            "survey_delay_days": 0,
            "check_in_after_days": 21,
            "inform_within_business_days": 10,
            "clock_preset": "own",
            "is_published": True,
            "send_window": "always",
            "release_every": "month",
            "approved_at": NOW,
            "created_at": NOW,
        }
        return self.add("employer", **usual | values)

    def answer(self, employer_id: int, batch_id: int | None = None, **varied: Any) -> Given:
        """The next answer, unlike the others; released if it is in a batch."""
        self.count += 1
        n, token = self.count, links.new_survey_token()
        is_told, words = n % 4 != 0, ("counted", "employer", "public")[n // 3 % 3]
        row = {
            "employer_id": employer_id,
            "key": links.answer_keys(token)[0],
            "survey_version": 1,
            "locale": "fr" if n % 7 == 0 else "en",
            "lane": "outcome" if is_told else "check_in",
            "is_after_reminder": n % 2 == 0,
            "recommend": n % 11,
            "overall": 1 + n % 5,
            "told": "not_chosen" if is_told else "no",
            "heard_how": "automatic" if is_told else None,
            "chased": (None, "no", "once")[n % 3],
            "promise": "missed" if n % 2 else "no_date",
            "feedback": "general" if is_told else None,
            "relationship": (None, "elsewhere", "may_grow")[n % 3],
            "comment": "" if n % 8 == 5 else f"{('Good', 'Bad', 'So')[n % 3]} {words} text {n}.",
            "words": words,
            "sentiment": None,
            "batch_id": batch_id,
            "is_released": batch_id is not None,
            "week": MONDAY + timedelta(weeks=n % 3),
            "cell": 0 if is_told else 2,
            "outcome": "rejected",
            "stage_group": ("screen", "final")[n % 2],
            "role_family": ("engineering", "other")[n % 2],
            "told_bucket": "4-7" if is_told else "never",
            "channel": ("phone", "written")[n % 2] if is_told else "none",
            "promise_fact": ("none", "kept", "broken")[n % 3],
            "was_given_feedback": n % 5 == 0,
        } | varied
        given = Given(token, row)
        self._score(given)
        if row["is_released"]:
            row["sentiment"] = given.label
        given.score["response_id"] = self.add("response", **row)
        columns = self.table("score").c  # words by aspect came with the last revision
        self.add("score", **{name: v for name, v in given.score.items() if name in columns})
        self.invite(employer_id, token, row, "answered")
        return given

    def _score(self, given: Given) -> None:
        comment = given.row["comment"]
        word = comment.partition(" ")[0]
        marked = {"text": word, "start": 0, "end": len(word)}
        reads = {"": "not_scored", "So": "unclear"}.get(word, "scored")
        p = None if reads == "not_scored" else 0.123456789
        given.score = {
            "version": VERSION,
            "calibration": "",
            "language": "en" if word else None,
            "status": reads,
            "reason": None if word else "empty",
            "label": {"": None, "Good": "pos"}.get(word, "neg"),
            "p": p,
            "q": p and 1 - p if word == "Good" else p,
            "phrases": [marked | {"weight": 0.5, "rule": None}] if reads == "scored" else [],
            "aspects": ["respect"] if word else [],
            "aspect_words": [marked | {"aspect": "respect"}] if word else [],
        }

    def invite(self, employer_id: int, token: str, facts: dict[str, Any], state: str) -> int:
        """Somebody who was asked, and whose link is TOKEN."""
        self.count += 1
        requisition = self.add(
            "requisition",
            employer_id=employer_id,
            title=f"Role {self.count}",
            role_family=facts["role_family"],
        )
        candidate = self.add(
            "candidate",
            employer_id=employer_id,
            name=f"Cam {self.count}",
            email=f"cam{self.count}@example.net",
            locale="en",
            is_contactable=True,
        )
        application = self.add(
            "application",
            employer_id=employer_id,
            candidate_id=candidate,
            requisition_id=requisition,
            stage="",
            stage_group=facts["stage_group"],
            stage_entered_on=facts["week"],
            created_at=NOW,
        )
        invitation = self.add(
            "invitation",
            employer_id=employer_id,
            application_id=application,
            lane=facts["lane"],
            state="invited",
            due_at=NOW,
            invited_at=NOW,
            last_mailed_at=NOW,
            is_reminded=facts["is_after_reminder"],
            fresh_links=0,
            answer_state=state,
            created_at=NOW,
            **{name: facts[name] for name in FACTS},
        )
        self.add(
            "invitation_token",
            invitation_id=invitation,
            token_hash=links.invitation_hashes(token)[0],
        )
        return invitation

    def batch(self, employer_id: int, number: int, **values: Any) -> int:
        """A release, whose answers are still to be given."""
        usual = {
            "employer_id": employer_id,
            "number": number,
            "released_on": date(2026, 9, 30) + timedelta(days=number),
            "answers": 0,
            "fresh": 0,
            "trend": {
                "stars": 3.14159265,
                "stars_low": 2.71828182,
                "stars_high": 3.99999999,
                "counts": [1.25, 0.5, 0.125, 0.0625, 2.5],
                "evidence": 4.43750001,
            },
            "pool": None,
        }
        return self.add("batch", **usual | values)

    def finish(self, batch_id: int, members: list[Given], *left_out: str) -> None:
        """Count MEMBERS into their batch, but for the questions LEFT_OUT."""
        batches = self.table("batch")
        groups = count_groups([given.row for given in members], left_out)
        counts = {"answers": len(members), "groups": groups}
        db.session.execute(sa.update(batches).where(batches.c.id == batch_id).values(counts))

    def sum_up(self) -> None:
        """Who was asked by week and cell, with sums of answers that go with the migration."""
        invitations = self.table("invitation")
        keys = [invitations.c[name] for name in ("employer_id", "week", "cell")]
        counted = sa.select(*keys, sa.func.count().label("n")).group_by(*keys)
        weeks = self.table("rollup_week").c
        others = [
            column.name
            for column in weeks
            if column.name not in ("employer_id", "week", "cell", "invited")
        ]
        for employer_id, week, cell, n in db.session.execute(counted).all():
            sums = dict.fromkeys(others, 3)
            where = {"employer_id": employer_id, "week": week, "cell": cell}
            self.add("rollup_week", **where, invited=n, **sums)


def count_groups(rows: list[dict[str, Any]], left_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """The integers of a release by part, as the first version kept them."""

    def stars(of: list[dict[str, Any]]) -> list[int]:
        found = Counter(row["overall"] for row in of)
        return [found[star] for star in range(1, 6)]

    def wave(of: list[dict[str, Any]]) -> list[list[int]]:
        cells = [[0, 0, 0] for _ in range(6)]
        for row in of:
            for power in range(3):
                cells[row["cell"]][power] += row["overall"] ** power
        return cells

    def told(of: list[dict[str, Any]]) -> list[int]:
        said = Counter(row["told"] for row in of)
        return [said["offer"] + said["not_chosen"], said["no"]]

    sides = {"before": False, "after": True}
    return {
        "stars": stars(rows),
        "questions": [name for name in QUESTIONS if name not in left_out],
        "rejected": sum(row["outcome"] == "rejected" for row in rows),
        "published": sum(row["words"] == "public" and row["comment"] != "" for row in rows),
        **{
            part: {level: stars([row for row in rows if row[part] == level]) for level in levels}
            for part, levels in PARTS.items()
        },
        "wave": {
            side: wave([row for row in rows if row["is_after_reminder"] is late])
            for side, late in sides.items()
        },
        "recorded": {
            "told": told([row for row in rows if row["told_bucket"] != "never"]),
            "not_told": told([row for row in rows if row["told_bucket"] == "never"]),
        },
    }
