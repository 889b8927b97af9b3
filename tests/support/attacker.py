"""Somebody who keeps every figure ever shown of one employer, and combines them.

Each figure is laid down as the answers it was made from, read from the seals with the key; whether
that is true is checked with the value shown. What is left of a total without its parts is laid down
as well. Then linear algebra: no combination may depend on fewer answers than the floor.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations

import numpy as np
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from portal import exports, reputation, surveys
from portal.config import settings
from portal.exports import Export
from portal.extensions import db, limiter
from portal.models import Batch, Employer, OutcomeFact, SealedAnswer, ToldBucket
from portal.reputation import asked, figures
from portal.reputation.figures import Released
from portal.reputation.parts import BREAKDOWNS, Parts
from portal.reputation.periods import describe_periods
from portal.reputation.scorecards import latest_fit, prior_of
from portal.reputation.sums import Sums, count, open_sums, sealer
from portal.scorecard import to_plain
from portal.statistics.anonymity import PRIME, keeps_apart
from portal.statistics.flags import wave_check
from portal.statistics.score import WeightedCounts, posterior_score, widened
from portal.surveys import Answer, Consent
from tests.support.charts import check_charts
from tests.support.scorecards import as_stored

SHOWN_IN_ROWS = ("recommend", "overall")
COUNTED = ("told", "heard_how", "chased", "promise", "feedback")
SHARES = {"relationship": "resentment", "chased": "chased", "feedback": "no_reason"}
IS_DECIDED = (OutcomeFact.HIRED, OutcomeFact.OFFER_DECLINED, OutcomeFact.REJECTED)
LOST = -1  # words that are in no file again
MOST_OF_A_KIND = 3

Ids = frozenset[str]
Lines = Counter[tuple[str, ...]]


class Attacker:
    """`seen`: by what was asked, the answers behind every total ever shown; `detailed`: by the
    floor of rows, comments and the histogram.

    READ: what the software reads in words, as (label, language if that can be told).
    """

    def __init__(self, employer: Employer, read: Callable[[str], tuple[str, str | None]]) -> None:
        self.employer, self.read = employer, read
        self.seen: dict[str, set[Ids]] = defaultdict(set)
        self.detailed: dict[str, set[Ids]] = defaultdict(set)
        self.forgotten: set[int] = set()  # batches whose answers are no more
        self.gone: set[str] = set()  # keys of answers taken back
        self.words: dict[str, int | None] = {}  # key -> pool; None: they wait for one; LOST
        self.kept_out: dict[int, set[str]] = {}  # pool -> whose words were in a rare language
        self._told: dict[str, Answer] = {}  # as it was last seen before its release
        self._members: dict[int, tuple[Answer, ...]] = {}
        self._riders: dict[int, set[str]] = {}
        self._truth: dict[int, Sums] = {}
        self._pools: dict[int, tuple[int, ...]] = {}  # standing ones -> their batches
        self._lines: dict[int, Lines] = {}
        self._closed: set[int] = set()
        self._spoken: set[str] = set()  # in a pool before
        self._checked: tuple[object, ...] = ()
        self.happened: Counter[str] = Counter()

    def look(self) -> None:
        """Take down everything that is shown now."""
        live = reputation.live_batches(self.employer, with_sums=True)
        self._open_seals(live)
        pools = reputation.pools_of(live)
        self._follow_words(pools)
        self._look_at_card(live, pools)
        self._look_at_trend(live)
        self._look_at_rows(pools)
        self._look_at_counts(pools)
        self._look_at_comments(pools)

    def _take(self, what: str, answers: Iterable[Answer]) -> None:
        if ids := frozenset(one.key for one in answers):
            self.seen[what].add(ids)

    def _remain(self, what: str, whole: Iterable[Answer], *parts: Iterable[Answer]) -> None:
        """What is left of a total shown, when PARTS that are shown are taken away."""
        named = {one.key for part in parts for one in part}
        self._take(what, [one for one in whole if one.key not in named])

    def _read(self, export: Export) -> list[tuple[str, ...]]:
        """The rows of a file, as text."""
        rows = exports.read_rows(self.employer, export)
        return [tuple("" if cell is None else str(cell) for cell in row) for row in rows]

    # -- the truth --------------------------------------------------------------------------------

    def open_waiting(self) -> tuple[Answer, ...]:
        """What waits, with its words: once published, seals hold them no more."""
        waiting = surveys.open_batch(self.employer, None).answers
        for one in waiting:
            if one.is_withdrawn:
                self.gone.add(one.key)
            elif not one.was_public:
                self._told[one.key] = one
        return waiting

    def _open_seals(self, live: list[Batch]) -> None:
        """Who is in which release, as their seals say; who is forgotten was in it before."""
        self.open_waiting()
        held: dict[int, set[str]] = defaultdict(set)
        for key, batch_id in db.session.execute(
            sa.select(SealedAnswer.key, SealedAnswer.batch_id).where(
                SealedAnswer.employer_id == self.employer.id, SealedAnswer.batch_id.is_not(None)
            )
        ):
            held[batch_id].add(key)
        for batch in live:
            if batch.id not in self._members:
                opened = surveys.open_batch(self.employer, batch.id).answers
                self._members[batch.id] = tuple(one for one in opened if not one.is_withdrawn)
                self._riders[batch.id] = {one.key for one in opened if one.is_withdrawn}
                self._truth[batch.id] = self._count(batch)
            if not held[batch.id]:
                self.forgotten.add(batch.id)
                continue
            members = {one.key for one in self._members[batch.id]}
            assert held[batch.id] == members | self._riders[batch.id]
        assert held.keys() <= {batch.id for batch in live}

    def _count(self, batch: Batch) -> Sums:
        """What the release should add up to, by what it may count apart and who was asked."""
        stored = open_sums(batch, sealer())
        assert stored.reported.keys() <= {"told", "not_told", "other"}
        levels = {name: tuple(found) for name, found in stored.parts.items()}
        levels["recorded"] = tuple(stored.reported)
        parts = Parts(levels, tuple(stored.counts), stored.rejected > 0)
        return count(self._members[batch.id], parts, stored.asked)

    def _all(self, batches: Iterable[Batch]) -> list[Answer]:
        return [one for batch in batches for one in self._members[batch.id]]

    def _pure(self, batches: Iterable[Batch]) -> list[Batch]:
        """Those in which nobody had been public before, as the attacker knows."""
        return [
            batch
            for batch in batches
            if not any(one.key in self._before(batch) for one in self._members[batch.id])
        ]

    def _before(self, batch: Batch) -> set[str]:
        return {
            one.key
            for other, members in self._members.items()
            if other < batch.id
            for one in members
        }

    def _pooled(self, pools: Iterable[reputation.Pool]) -> list[Answer]:
        return self._all(batch for pool in pools for batch in self._pure(pool.batches))

    def _counts(self, batch: Batch, question: str) -> bool:
        return question in self._truth[batch.id].counts

    def _asked(self, question: str, batches: Iterable[Batch]) -> list[Answer]:
        """Who answered QUESTION in the BATCHES that count it."""
        counting = [batch for batch in batches if self._counts(batch, question)]
        return [one for one in self._all(counting) if question in one.answers]

    def _levels(self, batch: Batch, dimension: str) -> set[str]:
        """What BATCH is broken down into: parts that today's floor would not allow are none."""
        truth = self._truth[batch.id]
        if dimension in BREAKDOWNS:
            parts = truth.parts.get(dimension, {})
            is_large = all(sum(stars) >= settings().MIN_ANSWERS for stars in parts.values())
            return set(parts) if is_large else set()
        return set(truth.reported if dimension == "recorded" else truth.parts.get(dimension, ()))

    def _behind(self, dimension: str, level: str, batches: Iterable[Batch]) -> list[Answer]:
        """The answers of LEVEL in the releases that were broken down by DIMENSION."""
        return [
            one
            for batch in batches
            if level in (named := self._levels(batch, dimension))
            for one in self._members[batch.id]
            if is_in(one, dimension, level, named)
        ]

    # -- the scorecard ----------------------------------------------------------------------------

    def _look_at_card(self, live: list[Batch], pools: Sequence[reputation.Pool]) -> None:
        shown = as_stored(reputation.dashboard(self.employer).reputation)
        everybody = self._all(live)
        if not shown:
            assert len(everybody) < settings().MIN_ANSWERS
            return
        assert shown["answers"] == len(everybody)
        for what in SHOWN_IN_ROWS:  # score, what-if: all of them
            self._take(what, everybody)
            self._remain(what, everybody, self._pooled(pools))
        ways = [("heard_how", one) for one in shown["heard_how"].values()]
        for question, figure in (
            *((question, shown[key]) for question, key in SHARES.items()),
            *ways,
        ):
            behind = self._asked(question, live)
            assert figure["answers"] == len(behind)
            self._take(question, behind)
            self._look_at_open(question, live, pools)
        for dimension, levels in shown["dimensions"].items():
            self._look_at_breakdown(dimension, levels, live)
        self._look_at_periods(shown, live)
        self._look_at_agreement(shown["agreement"], live)
        self._look_at_wave(shown["wave"], live)
        rejected = [
            one
            for batch in live
            if self._truth[batch.id].rejected
            for one in self._members[batch.id]
            if one.facts.outcome is OutcomeFact.REJECTED
        ]
        assert shown["lever_answers"] == len(rejected) // 10 * 10
        self._take("levers", rejected)
        self._look_at_histogram(shown["histogram"], live, pools)
        self._look_at_kept_out(shown["kept_out"], pools)
        assert shown["held_back"] == live[-1].held_back
        now = (shown["as_of"], [batch.id for batch in live], shown)
        if now != self._checked:  # made anew since: who was asked is still as it was then
            self._check_weighted(shown, live)
            self._checked = now

    def _look_at_open(self, question: str, live: list[Batch], pools: Iterable) -> None:
        """Answers in all less those to QUESTION: how many left it open, where it is counted."""
        what = f"{question} left open"
        counting = [batch for batch in live if self._counts(batch, question)]
        self._take(what, self._all(counting))
        self._remain(what, self._all(live), self._all(counting))
        pooled = self._pooled(pools)
        self._remain(what, self._all(counting), pooled)
        self._remain(question, self._asked(question, live), pooled)

    def _look_at_breakdown(self, dimension: str, levels: dict, live: list[Batch]) -> None:
        named = []
        for level, figure in levels.items():
            behind = self._behind(dimension, level, live)
            check_stars(behind, figure)
            self._take("overall", behind)
            named.append(behind)
        everybody = self._all(live)
        self._remain("overall", everybody, *named)
        if "other" in levels:
            apart = [self._behind(dimension, level, live) for level in levels if level != "other"]
            self._remain("overall", everybody, *apart)

    def look_at_periods(self, dimension: str) -> None:
        """Take down the total, and what the card says of periods and of DIMENSION's groups."""
        live = reputation.live_batches(self.employer, with_sums=True)
        self._open_seals(live)
        shown = as_stored(reputation.dashboard(self.employer).reputation)
        self._take("overall", self._all(live))
        self._look_at_breakdown(dimension, shown["dimensions"][dimension], live)
        self._look_at_periods(shown, live, (dimension,))
        for question in ("relationship", "chased"):
            self._take(question, self._asked(question, live))

    def _look_at_periods(
        self, shown: dict, live: list[Batch], dimensions: Sequence[str] = BREAKDOWNS
    ) -> None:
        """Unions of whole releases, each of today's floor, and so what two of them differ by."""
        today = date.fromisoformat(shown["as_of"])
        for period in shown["periods"]:
            since = today - timedelta(days=period["days"])
            recent = [one for one in live if one.released_on > since]
            found = period["figures"]
            self.happened[f"period {period['why_off'] or 'shown'}"] += 1
            if not found:
                why = "all" if recent == live else "few" if recent else "none"
                assert period["why_off"] == why
                continue
            assert 0 < len(recent) < len(live)
            some = [one for one in recent if one.answers >= settings().MIN_ANSWERS]
            self._look_at_period(found, some, dimensions)

    def _look_at_period(self, found: dict, some: list[Batch], dimensions: Sequence[str]) -> None:
        everybody = self._all(some)
        assert (found["answers"], found["releases"]) == (len(everybody), len(some))
        for what in SHOWN_IN_ROWS:
            self._take(what, everybody)
        for question, key in (("relationship", "resentment"), ("chased", "chased")):
            if found[key]:
                behind = self._asked(question, some)
                assert found[key]["answers"] == len(behind)
                self._take(question, behind)
        for dimension in dimensions:
            self._look_at_breakdown(dimension, levels := found["dimensions"][dimension], some)
            self.happened["group in a period"] += bool(levels)

    def _look_at_agreement(self, shown: dict | None, live: list[Batch]) -> None:
        if shown is None:
            return
        whole = [one for one in live if {"told", "not_told"} <= self._levels(one, "recorded")]
        for level, names, batches in (
            ("told", ("both", "recorded_only"), live),
            ("not_told", ("reported_only", "neither"), whole),
        ):
            behind = self._behind("recorded", level, batches)
            said = Counter(one.answers["told"] for one in behind)
            assert shown[names[0]] == said["offer"] + said["not_chosen"]
            assert shown[names[1]] == said["no"]
            self._take("told", behind)
        self._take("told", self._behind("recorded", "told", whole))  # kappa

    def _look_at_wave(self, shown: dict | None, live: list[Batch]) -> None:
        sides = [self._behind("wave", side, live) for side in ("before", "after")]
        for behind in sides:
            self._take("overall", behind)
        self._remain("overall", self._all(live), *sides)
        found = wave_check(*(powers_by_cell(behind) for behind in sides))
        assert (shown is None) is (found is None)
        if shown and found:
            parts = found.value, found.low, found.high
            assert [shown[name] for name in ("difference", "low", "high")] == [
                pytest.approx(round(part, 1)) for part in parts
            ]

    def _look_at_histogram(self, shown: list[int] | None, live: list[Batch], pools) -> None:
        pooled = self._pooled(pools)
        assert (shown is not None) is (len(pooled) >= settings().MIN_COMMENTS)
        if shown:
            assert shown == stars_of(pooled)
            self.detailed["overall"].add(frozenset(one.key for one in pooled))

    def _look_at_kept_out(self, shown: int, pools: Sequence[reputation.Pool]) -> None:
        """How many words stay out for their language: who else could have written in one."""
        kept = [self.kept_out[pool.number] for pool in pools]
        told = frozenset().union(*(ids for ids in kept if len(ids) >= settings().MIN_ANSWERS))
        assert shown == len(told)
        if told:
            self.seen["kept out"].add(told)

    def _check_weighted(self, shown: dict, live: list[Batch]) -> None:
        """Score, NPS, shares, what-if and change: from these releases and nothing else."""
        truth = [
            Released(one.released_on, len(self._members[one.id]), self._truth[one.id])
            for one in live
        ]
        today, prior = date.fromisoformat(shown["as_of"]), prior_of(latest_fit())
        weighing = figures.weighing_of_releases(truth, asked.read_invited(self.employer), today)
        answers, posterior = figures.rate(weighing, prior)
        expected = {
            "answers": answers,
            "score": to_plain(figures.as_shown(posterior)),
            "nps": to_plain(figures.nps_of(weighing)),
            "resentment": to_plain(weighing.share("relationship", figures.RESENTFUL)),
            "chased": to_plain(weighing.share("chased", figures.CHASERS)),
            "no_reason": to_plain(weighing.share("feedback", figures.NO_REASON)),
            "heard_how": {
                way: to_plain(weighing.share("heard_how", (way,))) for way in figures.HEARD
            },
            "what_if": to_plain(figures.what_if(weighing, answers, posterior)),
            "change": to_plain(figures.change_since(truth, today - figures.RECENT)),
            "periods": as_stored(list(describe_periods(truth, today, prior))),
        }
        assert {name: shown[name] for name in expected} == expected
        if shown["change"]:
            recent = [one for one in live if one.released_on > today - figures.RECENT]
            self._take("overall", self._all(recent))
            self._remain("overall", self._all(live), self._all(recent))

    # -- the trend and the files ------------------------------------------------------------------

    def _look_at_trend(self, live: list[Batch]) -> None:
        rows = self._read(Export.SCORECARDS)
        prior = prior_of(latest_fit())
        expected = []
        for batch in live:
            point = figures.rate_batch(self._truth[batch.id], prior)
            stars = [str(one) for one in (point.stars, point.low, point.high)]
            expected.append((str(len(self._members[batch.id])), *stars))
            self._take("overall", self._members[batch.id])
        assert [row[2:] for row in rows] == expected

    def _look_at_rows(self, pools: Sequence[reputation.Pool]) -> None:
        """Lines of whole releases that were all fresh; never in another mixture, never again."""
        rows = self._read(Export.ROWS)
        standing = {pool.number for pool in pools}
        assert not standing & self._closed
        self._closed |= self._lines.keys() - standing
        for pool in pools:
            members = self._pooled([pool])
            lines = Counter(rows[: len(members)])
            del rows[: len(members)]
            assert lines == self._expected_lines(
                pool, Counter(line[4] for line in lines.elements())
            )
            assert lines == self._lines.setdefault(pool.number, lines)
            for what in SHOWN_IN_ROWS:
                self.detailed[what].add(frozenset(one.key for one in members))
                self._remain(what, self._all(pool.batches), members)
            if self._shows_ties(pool):
                self._take("relationship", self._asked("relationship", self._pure(pool.batches)))
        assert rows == []

    def _expected_lines(self, pool: reputation.Pool, labels: Counter[str]) -> Lines:
        """LABELS: as they are shown; each stands for as many as the floor asks."""
        assert all(shown >= settings().MIN_ANSWERS for shown in labels.values())
        expected = Lines()
        for batch in self._pure(pool.batches):
            for one in self._members[batch.id]:
                label = self._label(one.key)
                ties = one.answers.get("relationship", "")
                expected[
                    pool.month,
                    str(one.answers["recommend"]),
                    str(one.stars),
                    str(ties) if self._shows_ties(pool) else "",
                    label if label in labels else "not_shown",
                ] += 1
        return expected

    def _shows_ties(self, pool: reputation.Pool) -> bool:
        """Only where all its releases count them: else a line would tell its release."""
        return all(self._counts(batch, "relationship") for batch in self._pure(pool.batches))

    def _label(self, key: str) -> str:
        words = self._told[key].words
        return self.read(words)[0] if words else "not_scored"

    def _look_at_counts(self, pools: Sequence[reputation.Pool]) -> None:
        rows = self._read(Export.COUNTS)
        for pool in pools:
            batches = self._pure(pool.batches)
            members = self._all(batches)
            for question in COUNTED:
                counting = [batch for batch in batches if self._counts(batch, question)]
                behind = self._asked(question, batches)
                said = Counter(str(one.answers[question]) for one in behind)
                expected = {"not_shown": ""}
                if behind:
                    options = surveys.newest_survey()[question].options
                    expected = {option: str(said[option]) for option in options}
                    expected["no_answer"] = str(len(members) - len(behind))
                lines = rows[: len(expected)]
                del rows[: len(expected)]
                assert {line[:3] for line in lines} == {(pool.month, str(len(members)), question)}
                assert {line[3]: line[4] for line in lines} == expected
                self._take(question, behind)
                self._take(f"{question} left open", self._all(counting))
                self._remain(f"{question} left open", members, self._all(counting))
        assert rows == []

    # -- words ------------------------------------------------------------------------------------

    def _readable(self, one: Answer) -> bool:
        told = self._told[one.key]
        return bool(told.words) and told.consent in (Consent.EMPLOYER, Consent.PUBLIC)

    def _follow_words(self, pools: Sequence[reputation.Pool]) -> None:
        """Where the words of each should be by now."""
        standing = {pool.number for pool in pools}
        for number in self._pools.keys() - standing:
            taken_back = db.session.scalars(
                sa.select(Batch.id).where(
                    Batch.id.in_(self._pools.pop(number)), Batch.withdrawn_on.is_not(None)
                )
            )
            there = LOST if self.forgotten & set(taken_back) else None
            for key, pool in self.words.items():
                if pool == number:
                    self.words[key] = there
        self.words = {key: pool for key, pool in self.words.items() if key not in self.gone}
        for pool in pools:
            if pool.number not in self._pools:
                self._publish(pool)

    def lose_waiting_words(self) -> None:
        """With an answer that is forgotten while it waits go all words that wait."""
        self.words = {key: LOST if pool is None else pool for key, pool in self.words.items()}

    def lose_words_with(self, keys: Iterable[str]) -> None:
        """A forgotten answer was taken back: the words of its whole release go, wherever."""
        wanted = set(keys)
        for batch_id in self.forgotten:
            members = {one.key for one in self._members[batch_id]}
            if members & wanted:
                for key in members & self.words.keys():
                    self.words[key] = LOST

    def _publish(self, pool: reputation.Pool) -> None:
        """A new pool: the words of its answers, and those that waited, but for rare languages."""
        self._pools[pool.number] = tuple(batch.id for batch in pool.batches)
        members = [one for one in self._all(pool.batches) if one.key not in self._spoken]
        returning = [key for key, number in self.words.items() if number is None]
        speaking = [*(one.key for one in members if self._readable(one)), *returning]
        language = {key: self.read(self._told[key].words)[1] for key in speaking}
        counts = Counter(name for name in language.values() if name)
        commonest = max(counts, key=lambda name: (counts[name], name), default=None)
        rare = {
            key
            for key in speaking
            if 0 < counts[language[key]] < settings().MIN_ANSWERS and language[key] != commonest
        }
        self.kept_out[pool.number] = rare
        for key in speaking:
            self.words[key] = LOST if key in rare else pool.number
        # Whoever spoke here for the first time may be any of those who did.
        self.detailed["comment"].add(frozenset(one.key for one in members))
        self._spoken |= {one.key for one in members}

    def _look_at_comments(self, pools: Sequence[reputation.Pool]) -> None:
        months = {pool.number: pool.month for pool in pools}
        expected = Counter(
            (months[number], surveys.redact(self._told[key].words))
            for key, number in self.words.items()
            if number is not None and number != LOST
        )
        assert Counter(self._read(Export.COMMENTS)) == expected
        public = [
            key
            for key, number in self.words.items()
            if number in months and self._told[key].consent is Consent.PUBLIC
        ]
        if shown := reputation.dashboard(self.employer).reputation:
            assert shown.published == len(public)

    # -- the sum of it ----------------------------------------------------------------------------

    def isolated(self) -> Iterator[str]:
        """What was asked about which some combination depends on fewer answers than allowed."""
        floor, high = settings().MIN_ANSWERS, settings().MIN_COMMENTS
        for what in self.seen.keys() | self.detailed.keys():
            if not stay_apart(self.seen[what] | self.detailed[what], floor):
                yield what
        for what, copies in self.detailed.items():
            if not stay_apart(copies, high):
                yield f"details of {what}"
            for older, newer in combinations(copies, 2):  # lines that can be laid side by side
                apart = (older - newer, newer - older, older & newer)
                if any(0 < len(lines) < high for lines in apart):
                    yield f"lines of {what}"


class Visitor(Attacker):
    """The same, with an account: files come over HTTP, and every page that can be reached is read.

    No page may count answers that are not the whole of some figure known already, and no chart may
    be drawn finer than the figures beside it.
    """

    def __init__(self, employer: Employer, read, client: FlaskClient) -> None:
        super().__init__(employer, read)
        self.client, self.pages, self.charts = client, set(), Counter()

    def _read(self, export: Export) -> list[tuple[str, ...]]:
        path = str(export).replace("feedback-", "feedback/")
        response = self.client.get(f"/e/{self.employer.slug}/{path}.csv")
        assert response.status_code == 200
        return [tuple(row) for row in csv.reader(io.StringIO(response.text.lstrip("\ufeff")))][1:]

    def look(self) -> None:
        limiter.reset()  # the visitor has the time to wait for it
        super().look()
        sizes = {
            len(total)
            for kept in (self.seen, self.detailed)
            for ids in kept.values()
            for total in ids
        }
        for path, page in self._all_pages():
            text = " ".join(page.get_text(" ").split())
            counted = {int(number) for number in re.findall(r"from (\d+) answers?\b", text)}
            assert counted <= sizes, (path, counted - sizes)
            self.pages.add(path)
            self.charts.update(check_charts(page))

    def _all_pages(self) -> Iterator[tuple[str, BeautifulSoup]]:
        """Every page of the employer that links lead to; of pages about one person, a few."""
        here = (f"/e/{self.employer.slug}/", f"/employers/{self.employer.slug}")
        to_read, known = list(here), set(here)
        kinds: Counter[str] = Counter()
        while to_read:
            path = to_read.pop()
            response = self.client.get(path)
            if response.mimetype != "text/html":
                continue
            page = BeautifulSoup(response.text, "html.parser")
            yield path, page
            for link in page.select("a[href]"):
                there, _, asked_for = str(link["href"]).partition("#")[0].partition("?")
                is_page = "." not in there.rpartition("/")[2]
                if asked_for.startswith("period="):  # what is shown is chosen in the address
                    there += f"?{asked_for}"
                if not is_page or not there.startswith(here) or there in known:
                    continue
                known.add(there)
                kind = re.sub(r"\d+", "0", there)
                kinds[kind] += 1
                if kinds[kind] <= MOST_OF_A_KIND:
                    to_read.append(there)


def stay_apart(totals: Collection[Ids], floor: int) -> bool:
    """Whether no linear combination of TOTALS depends on fewer answers than FLOOR."""
    return keeps_apart(independent(totals), floor)


def independent(totals: Iterable[Ids]) -> list[Ids]:
    """TOTALS that are no sum of the others: who has them has them all."""
    kept: list[Ids] = []
    rows: dict[int, dict[int, int]] = {}
    ordered = sorted(totals, key=lambda ids: (len(ids), sorted(ids)))
    place = {key: at for at, key in enumerate(sorted(frozenset().union(*ordered)))}
    for ids in ordered:
        left = {place[key]: 1 for key in ids}
        while left and (at := min(left)) in rows:
            row, factor = rows[at], left[at]
            for column, value in row.items():
                if changed := (left.get(column, 0) - factor * value) % PRIME:
                    left[column] = changed
                else:
                    left.pop(column, None)
        if left:
            scale = pow(left[at], -1, PRIME)
            rows[at] = {column: value * scale % PRIME for column, value in left.items()}
            kept.append(ids)
    return kept


def is_in(one: Answer, dimension: str, level: str, named: set[str]) -> bool:
    """Whether ONE is in LEVEL of DIMENSION, where levels not NAMED are together in "other"."""
    if dimension == "recorded" and "told" not in one.answers:
        return False
    own = level_of(one, dimension)
    return (own if own in named else "other") == level


def level_of(one: Answer, dimension: str) -> str:
    if dimension == "wave":
        return "after" if one.is_after_reminder else "before"
    if dimension == "lane":
        return one.lane.value
    if dimension == "recorded":
        if one.facts.outcome not in IS_DECIDED:
            return "other"
        return "not_told" if one.facts.told_bucket is ToldBucket.NEVER else "told"
    return str(getattr(one.facts, dimension) or "other")


def stars_of(answers: Iterable[Answer]) -> list[int]:
    counts = Counter(one.stars for one in answers)
    return [counts[star] for star in range(1, 6)]


def powers_by_cell(answers: Iterable[Answer]) -> np.ndarray:
    """n, sum and sum of squares of the stars, by cell."""
    found = np.zeros((6, 3), np.int64)
    for one in answers:
        found[one.facts.cell] += (1, one.stars, one.stars**2)
    return found


def check_stars(behind: list[Answer], figure: dict) -> None:
    """FIGURE is what the answers BEHIND it make, rounded."""
    assert figure["answers"] == len(behind)
    counts = WeightedCounts(tuple(stars_of(behind)), len(behind))
    expected = widened(posterior_score(counts, prior_of(latest_fit())), len(behind))
    assert figure["stars"] == round(expected.stars, 1)
    assert figure["low"] == round(expected.stars_low, 1)
    assert figure["high"] == round(expected.stars_high, 1)
