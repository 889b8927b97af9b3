"""Somebody who keeps every figure ever shown of one employer, and combines them.

Each figure is laid down as the answers it was made from; whether that is true is checked with the
value shown. Then linear algebra: no combination may depend on fewer answers than the floor.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from portal import exports, reputation
from portal.config import settings
from portal.exports import Export
from portal.extensions import db
from portal.models import Batch, Employer, OutcomeFact, Response, Told, ToldBucket
from portal.reputation.scorecards import latest_fit, prior_of
from portal.statistics.anonymity import keeps_apart
from portal.statistics.score import WeightedCounts, posterior_score

SHOWN_IN_ROWS = ("recommend", "overall")
QUESTIONS = {
    "told": "told",
    "heard_how": "heard_how",
    "chased": "chased",
    "promise": "promise",
    "feedback": "feedback",
}
IS_DECIDED = (OutcomeFact.HIRED, OutcomeFact.OFFER_DECLINED, OutcomeFact.REJECTED)

Ids = frozenset[str]


class Attacker:
    """`seen`: by what was asked, the answers behind every total ever shown; `detailed`: by the
    floor of rows, comments and the histogram."""

    def __init__(self, employer: Employer) -> None:
        self.employer = employer
        self.seen: dict[str, set[Ids]] = defaultdict(set)
        self.detailed: dict[str, set[Ids]] = defaultdict(set)

    def look(self) -> None:
        """Take down everything that is shown now."""
        answers = db.session.scalars(
            sa.select(Response).where(Response.employer_id == self.employer.id)
        ).all()
        by_batch: dict[int, list[Response]] = defaultdict(list)
        for one in answers:
            if one.batch_id:
                by_batch[one.batch_id].append(one)
        live = reputation.live_batches(self.employer, with_groups=True)
        self._look_at_card(live, by_batch)
        self._look_at_trend(live, by_batch)
        self._look_at_files(live, by_batch)

    def _take(self, what: str, answers: list[Response]) -> None:
        if answers:
            self.seen[what].add(frozenset(one.key for one in answers))

    def _read(self, export: Export) -> list[tuple[str, ...]]:
        """The rows of a file, as text."""
        rows = exports.read_rows(self.employer, export)
        return [tuple("" if cell is None else str(cell) for cell in row) for row in rows]

    # -- the scorecard ----------------------------------------------------------------------------

    def _look_at_card(self, live: list[Batch], by_batch: dict[int, list[Response]]) -> None:
        shown = reputation.dashboard(self.employer).reputation
        everybody = [one for batch in live for one in by_batch[batch.id]]
        if not shown:
            assert len(everybody) < settings().MIN_ANSWERS
            return
        assert shown["answers"] == len(everybody)
        self._take("overall", everybody)  # score, what-if, change: all of them, or whole releases
        self._take("recommend", everybody)
        for question, key in (("relationship_after", "resentment"), ("chased", "chased")):
            asked = self._asked(question, live, by_batch)
            assert shown[key]["answers"] == len(asked)
            self._take(question, asked)
        for dimension, levels in shown["dimensions"].items():
            for level, figure in levels.items():
                behind = self._behind(dimension, level, live, by_batch)
                check_stars(behind, figure)
                self._take("overall", behind)
        self._look_at_agreement(shown["agreement"], live, by_batch)
        for side in ("before", "after"):
            self._take("overall", self._behind("wave", side, live, by_batch))
        rejected = [
            one
            for batch in live
            if batch.groups["rejected"]
            for one in by_batch[batch.id]
            if one.outcome is OutcomeFact.REJECTED
        ]
        assert shown["lever_answers"] == len(rejected) // 10 * 10
        self._take("levers", rejected)
        if shown["histogram"]:
            pooled = self._pooled(live, by_batch)
            assert shown["histogram"] == stars_of(pooled)
            self.detailed["overall"].add(frozenset(one.key for one in pooled))

    def _asked(self, question, live, by_batch) -> list[Response]:
        return [
            one
            for batch in live
            if question in batch.groups["questions"]
            for one in by_batch[batch.id]
            if getattr(one, question) is not None
        ]

    def _behind(self, dimension, level, live, by_batch) -> list[Response]:
        """The answers of LEVEL in the releases that were broken down by DIMENSION."""
        return [
            one
            for batch in live
            if level in batch.groups.get(dimension, {})
            for one in by_batch[batch.id]
            if is_in(one, dimension, level, set(batch.groups[dimension]))
        ]

    def _look_at_agreement(self, shown, live, by_batch) -> None:
        if shown is None:
            return
        for level, names in (
            ("told", ("both", "recorded_only")),
            ("not_told", ("reported_only", "neither")),
        ):
            behind = self._behind("recorded", level, live, by_batch)
            said = Counter(one.told for one in behind)
            assert shown[names[0]] == said[Told.OFFER] + said[Told.NOT_CHOSEN] or level != "told"
            assert shown[names[1]] == said[Told.NOT_TOLD] or level != "told"
            self._take("told", behind)

    # -- the trend and the files ------------------------------------------------------------------

    def _look_at_trend(self, live, by_batch) -> None:
        rows = self._read(Export.SCORECARDS)
        assert [row[2] for row in rows] == [str(len(by_batch[batch.id])) for batch in live]
        for batch in live:
            self._take("overall", by_batch[batch.id])

    def _pooled(self, live, by_batch) -> list[Response]:
        return [
            one
            for pool in reputation.pools_of(live)
            for batch in pool.batches
            for one in by_batch[batch.id]
        ]

    def _look_at_files(self, live, by_batch) -> None:
        rows = self._read(Export.ROWS)
        pooled = self._pooled(live, by_batch)
        assert Counter(row[1:3] for row in rows) == Counter(
            (str(one.recommend), str(one.overall)) for one in pooled
        )
        counts = self._read(Export.COUNTS)
        at = 0
        for pool in reputation.pools_of(live):
            members = self._pooled(list(pool.batches), by_batch)
            for what in (*SHOWN_IN_ROWS, "comment"):
                self.detailed[what].add(frozenset(one.key for one in members))
            ties = self._asked("relationship_after", pool.batches, by_batch)
            self._take("relationship_after", ties)
            for question in QUESTIONS:
                lines = []
                while at < len(counts) and counts[at][2] == question:
                    lines.append(counts[at])
                    at += 1
                asked = self._asked(question, pool.batches, by_batch)
                said = Counter(getattr(one, question).value for one in asked)
                assert {
                    line[3]: int(line[4])
                    for line in lines
                    if line[3] not in ("no_answer", "not_shown") and line[4] != "0"
                } == said
                self._take(question, asked)
        assert at == len(counts)
        ties_shown = sum(row[3] != "" for row in rows)
        assert ties_shown == len(
            self._asked(
                "relationship_after",
                [batch for pool in reputation.pools_of(live) for batch in pool.batches],
                by_batch,
            )
        )

    # -- the sum of it ----------------------------------------------------------------------------

    def isolated(self) -> Iterator[str]:
        """What was asked about which some combination depends on fewer answers than allowed."""
        floors = ((self.seen, settings().MIN_ANSWERS), (self.detailed, settings().MIN_COMMENTS))
        for kept, floor in floors:
            for what, totals in kept.items():
                if not keeps_apart(list(totals), floor):
                    yield what
        for what, copies in self.detailed.items():  # whose lines can be laid beside each other
            for older, newer in combinations(copies, 2):
                apart = (older - newer, newer - older, older & newer)
                if any(0 < len(lines) < settings().MIN_COMMENTS for lines in apart):
                    yield f"lines of {what}"


class Visitor(Attacker):
    """The same, with an account: files come over HTTP, and every page that can be reached is read.

    No page may count answers that are not the whole of some figure known already.
    """

    def __init__(self, employer: Employer, client: FlaskClient) -> None:
        super().__init__(employer)
        self.client, self.pages = client, set()

    def _read(self, export: Export) -> list[tuple[str, ...]]:
        path = str(export).replace("feedback-", "feedback/")
        response = self.client.get(f"/e/{self.employer.slug}/{path}.csv")
        assert response.status_code == 200
        return [tuple(row) for row in csv.reader(io.StringIO(response.text.lstrip("\ufeff")))][1:]

    def look(self) -> None:
        super().look()
        sizes = {
            len(total)
            for kept in (self.seen, self.detailed)
            for ids in kept.values()
            for total in ids
        }
        for path, text in self._all_pages():
            counted = {int(number) for number in re.findall(r"from (\d+) answers?\b", text)}
            assert counted <= sizes, (path, counted - sizes)
            self.pages.add(path)

    def _all_pages(self) -> Iterator[tuple[str, str]]:
        """Every page of the employer that links lead to, and its words."""
        here = (f"/e/{self.employer.slug}/", f"/employers/{self.employer.slug}")
        to_read, read = list(here), set()
        while to_read:
            path = to_read.pop()
            read.add(path)
            response = self.client.get(path)
            if response.mimetype != "text/html":
                continue
            page = BeautifulSoup(response.text, "html.parser")
            yield path, " ".join(page.get_text(" ").split())
            for link in page.select("a[href]"):
                there = str(link["href"]).partition("#")[0].partition("?")[0]
                is_page = "." not in there.rpartition("/")[2]
                if (
                    is_page
                    and there.startswith(here)
                    and there not in read
                    and there not in to_read
                ):
                    to_read.append(there)


def is_in(one: Response, dimension: str, level: str, named: set[str]) -> bool:
    """Whether ONE is in LEVEL of DIMENSION, where levels not NAMED are together in "other"."""
    if dimension == "recorded" and one.told is None:
        return False
    own = level_of(one, dimension)
    return (own if own in named else "other") == level


def level_of(one: Response, dimension: str) -> str:
    if dimension == "wave":
        return "after" if one.is_after_reminder else "before"
    if dimension == "recorded":
        if one.outcome not in IS_DECIDED:
            return "other"
        return "not_told" if one.told_bucket is ToldBucket.NEVER else "told"
    return getattr(one, dimension).value


def stars_of(answers: list[Response]) -> list[int]:
    counts = Counter(one.overall for one in answers)
    return [counts[star] for star in range(1, 6)]


def check_stars(behind: list[Response], figure: dict) -> None:
    """FIGURE is what the answers BEHIND it make."""
    assert figure["answers"] == len(behind)
    counts = WeightedCounts(tuple(stars_of(behind)), len(behind))
    expected = posterior_score(counts, prior_of(latest_fit()))
    assert figure["stars"] == pytest.approx(expected.stars)
