"""The audit trail: in words, narrowed, page after page, and as a file."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from portal import audit, operating
from portal.config import ROOT
from portal.extensions import db
from portal.models import AuditEvent, utcnow
from portal.operating import Trail
from portal.web.operator.words import ACTIONS
from tests.support.statements import noting_statements
from tests.web.staff import Person, errors_of, words_of

HERE = "/operator/trail"
DAY = datetime(2025, 3, 1, tzinfo=UTC)


@pytest.fixture
def otto(cast, app):
    return Person(app).sign_in(cast.otto)


@pytest.fixture
def past(cast):
    """Three events of long ago, and none since but Otto's own."""
    db.session.execute(sa.delete(AuditEvent))
    rows = [
        ("membership.set", cast.acme.id, cast.ada.id, cast.remy.id, {"role": "viewer"}, 0),
        ("file.downloaded", cast.acme.id, cast.remy.id, None, {"file": "=1+1", "form": "csv"}, 1),
        ("robot.danced", cast.globex.id, None, 7, {"steps": [1, 2]}, 2),
    ]
    for action, employer_id, user_id, about_id, detail, days in rows:
        db.session.add(
            AuditEvent(
                action=action,
                employer_id=employer_id,
                user_id=user_id,
                about_id=about_id,
                detail=detail,
                at=DAY + timedelta(days=days),
            )
        )
    db.session.commit()


def rows_of(page) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.select("tbody tr")]


@pytest.mark.both
def test_it_reads_as_sentences_newest_first(cast, past, otto):
    signed_in, danced, downloaded, given = rows_of(otto.get(HERE))
    assert signed_in.startswith("Signed in otto@example.com –")
    assert danced.startswith("robot.danced steps: 1, 2 nobody signed in Globex")
    assert downloaded.startswith("Downloaded a file file: =1+1 format: csv remy@example.com Acme")
    assert given.startswith("Gave somebody a role remy@example.com role: Viewer ada@example.com")


@pytest.mark.both
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("employer=acme", ["Downloaded", "Gave"]),
        ("person=ADA@example.com", ["Gave"]),
        ("action=file.downloaded", ["Downloaded"]),
        ("action=robot.danced", ["robot.danced"]),
        ("first=2025-03-02&last=2025-03-02", ["Downloaded"]),
        ("last=2025-03-01", ["Gave"]),
        ("employer=globex&action=file.downloaded", []),
    ],
)
def test_it_is_narrowed(cast, past, otto, filters, found):
    page = otto.get(f"{HERE}?{filters}")
    assert [row.split()[0] for row in rows_of(page)] == found
    assert found or "Nothing found" in words_of(page)


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ("employer=nobody", "There is no employer of this short name."),
        ("person=nobody@example.com", "Nobody has an account with this address."),
        ("first=yesterday", "Enter the day as year-month-day"),
        ("first=2025-03-02&last=2025-03-01", "Enter a day that is not before the first."),
    ],
)
def test_a_filter_that_fits_nothing_is_said_at_its_field(cast, otto, filters, said):
    page = otto.get(f"{HERE}?{filters}")
    assert said in errors_of(page)[0]
    assert page.select("tbody tr") == []
    otto.get(f"{HERE}.csv?{filters}", status=400)


@pytest.mark.both
def test_a_number_of_no_event_begins_at_the_newest(cast, otto):
    for asked in (10**30, -1, "x"):
        assert rows_of(otto.get(f"{HERE}?before={asked}"))


@pytest.mark.both
def test_pages_lead_from_the_newest_to_the_oldest_once(cast, otto):
    db.session.execute(sa.delete(AuditEvent))
    at = utcnow()
    rows = [
        {"action": f"n.{n}", "at": at - timedelta(days=n // 7), "detail": {}} for n in range(120)
    ]
    db.session.execute(sa.insert(AuditEvent), rows)
    db.session.commit()
    seen, page = [], otto.get(HERE)
    while True:
        seen += [code.text for code in page.select("tbody th code")]
        older = page.select_one("a[rel=next]")
        if older is None:
            break
        page = otto.get(older["href"])
    assert sorted(seen) == sorted(f"n.{n}" for n in range(120))
    assert "Newest" in words_of(page)


@pytest.mark.both
def test_a_page_costs_the_same_wherever_it_is(cast, otto):
    def count(path: str) -> int:
        with noting_statements() as seen:
            otto.get(path)
        return len(seen)

    few = count(HERE)
    rows = [
        {"action": "file.downloaded", "employer_id": cast.acme.id, "user_id": cast.ada.id,
         "about_id": None, "detail": {}, "at": DAY + timedelta(minutes=n)}
        for n in range(2000)
    ]  # fmt: skip
    db.session.execute(sa.insert(AuditEvent), rows)
    db.session.commit()
    middle = db.session.scalar(sa.select(sa.func.max(AuditEvent.id))) - 1000
    assert count(HERE) == few
    assert count(f"{HERE}?before={middle}") == few + 1, "where the page begins"
    assert few <= 9


PLANS = [
    (Trail(), "at"),
    (Trail(employer_id=1), "employer_id"),
    (Trail(user_id=1), "user_id"),
    (Trail(action="file.downloaded"), "action"),
]


@pytest.mark.parametrize(("trail", "column"), PLANS, ids=lambda one: str(one)[:40])
def test_every_filter_has_its_index_and_sorts_nothing(cast, trail, column):
    with noting_statements() as seen:
        operating.read_trail(trail)
    statement = next(one for one in seen if "ORDER BY" in one)
    asked = statement.count("?")
    values = [1 if "id" in column else "file.downloaded"] * (asked - 2) + [51, 0]
    raw = db.session.connection().connection.dbapi_connection
    plan = " ".join(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", values))
    assert f"ix_audit_event_{column}" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.both
def test_the_filtered_trail_is_taken_away_and_that_is_noted(cast, past, otto):
    page = otto.get(f"{HERE}?employer=acme")
    link = page.find("a", string=re.compile("Download as CSV"))["href"]
    response = otto.send("GET", link, buffered=True)
    assert response.mimetype == "text/csv"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="audit-trail-')
    rows = list(csv.DictReader(io.StringIO(response.get_data(as_text=True).lstrip("\ufeff"))))
    assert rows[0].pop("action") == "trail.downloaded", "its own entry"
    assert [(row["action"], row["employer"], row["done_by"]) for row in rows[1:]] == [
        ("file.downloaded", "acme", "remy@example.com"),
        ("membership.set", "acme", "ada@example.com"),
    ]
    noted = db.session.scalars(
        sa.select(AuditEvent).where(AuditEvent.action == "trail.downloaded")
    ).one()
    assert (noted.user_id, noted.employer_id) == (cast.otto.id, cast.acme.id)
    assert "@" not in str(noted.detail)


def test_the_trail_of_one_action_is_taken_away(cast, past, otto):
    response = otto.send("GET", f"{HERE}.csv?action=file.downloaded", buffered=True)
    assert response.status_code == 200
    rows = list(csv.DictReader(io.StringIO(response.text.lstrip("\ufeff"))))
    assert [row["action"] for row in rows] == ["file.downloaded"]
    noted = db.session.scalars(
        sa.select(AuditEvent).where(AuditEvent.action == "trail.downloaded")
    ).one()
    assert noted.detail == {"action": "file.downloaded"}


@pytest.mark.both
def test_a_long_file_is_whole(cast, otto):
    rows = [{"action": f"n.{n}", "at": DAY, "detail": {"=x": "=y"}} for n in range(1201)]
    db.session.execute(sa.insert(AuditEvent), rows)
    db.session.commit()
    text = otto.send("GET", f"{HERE}.csv?last=2025-03-01", buffered=True).text
    lines = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert {line["action"] for line in lines} == {f"n.{n}" for n in range(1201)}
    assert len(lines) == 1201


def test_every_action_that_is_noted_has_its_sentence():
    pattern = re.compile(r"""(?:record|count|Event)\(\s*"([a-z_]+\.[a-z_]+)\"""")
    noted = {
        action
        for path in (ROOT / "portal").rglob("*.py")
        for action in pattern.findall(path.read_text(encoding="utf-8"))
    }
    assert len(noted) > 30
    assert noted - ACTIONS.keys() == set()


def test_an_owner_does_not_see_it(cast, app):
    audit.record("employer.set", cast.acme.id, keys=["name"])
    db.session.commit()
    Person(app).sign_in(cast.ada).get(f"{HERE}?employer=acme", status=404)
