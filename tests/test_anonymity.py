"""Promise 1: in a dumped database nothing leads from a released answer to its invitation."""

import random
from datetime import date, datetime
from itertools import pairwise

import numpy as np
import sqlalchemy as sa

from portal import invitations, jobs, links, surveys
from portal.extensions import db
from portal.models import (
    CurrentEdition,
    Invitation,
    Lane,
    Locale,
    Response,
    Score,
    TextCalibration,
    utcnow,
)
from portal.models.base import UtcDateTime
from portal.surveys import Answers
from tests.support.readers import Reader, activate, rescore_by

ANSWERS = 200
LIMIT = 0.35  # 5 standard deviations of a rank correlation by chance at n = 200
SYSTEM = {
    "sqlite": ["rowid"],
    "postgresql": ["ctid::text", "xmin::text", "xmax::text", "cmin::text"],
}


def number(value):
    """VALUE as something to be ranked; hashes by their first digits, places by their parts."""
    if value is None:
        return -1.0
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return float(value.toordinal())
    if isinstance(value, str):
        if value.startswith("("):  # a place in PostgreSQL's file: (page,line)
            page, line = value.strip("()").split(",")
            return float(page) * 10_000 + float(line)
        if value.isdigit():
            return float(value)
        return float(int.from_bytes(value.encode()[:7].ljust(7, b"\0")))
    return float(len(str(value)))


def dump(table: str, key: str, where: str = "true") -> dict[object, dict[str, object]]:
    """Every column of TABLE's rows, the database's hidden ones too, by the column KEY."""
    hidden = ", ".join(
        f"{name} AS hidden_{i}" for i, name in enumerate(SYSTEM[db.engine.dialect.name])
    )
    query = f'SELECT *, {hidden} FROM "{table}" WHERE {where}'
    rows = db.session.execute(sa.text(query)).mappings().all()
    return {row[key]: dict(row) for row in rows}


def ranks(values) -> np.ndarray:
    """Average ranks: equal values tell nothing apart."""
    array = np.array([number(value) for value in values])
    order = array.argsort(kind="stable")
    result = np.empty(len(array))
    result[order] = np.arange(len(array), dtype=float)
    for value in np.unique(array):
        result[array == value] = result[array == value].mean()
    return result


def correlation(one, other) -> float:
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return abs(float(np.corrcoef(one, other)[0, 1]))


def answer_everybody(make, acme) -> dict[int, str]:
    """200 alike candidates answer in an order of their own; which response is whose."""
    tokens = [make.link(make.told(acme)) for _ in range(ANSWERS)]
    chance = random.Random(7)
    chance.shuffle(tokens)
    owners = {}
    for number_, token in enumerate(tokens):
        opened = invitations.open_invitation(token, utcnow())
        answers = Answers(
            recommend=chance.randrange(11),
            overall=chance.randrange(1, 6),
            comment="They called me quickly and told me why." if number_ % 3 else "",
        )
        surveys.submit_response(opened, answers, Locale.ENGLISH)
        owners[opened.invitation.id] = links.response_keys(token)[0]
        db.session.commit()
        if number_ == ANSWERS // 2:
            jobs.score(utcnow())  # half are read before the rest has answered
    return owners


def sides(owners):
    """Paired columns: what stands in released answers, and what stands around invitations."""
    responses = dump("response", "key")
    answers = [responses[key] for key in owners.values()]
    scores = dump("score", "response_id", "version != 'new 2'")
    rescored = dump("score", "response_id", "version = 'new 2'")
    invited, tokens = dump("invitation", "id"), dump("invitation_token", "invitation_id")
    applications, audits = dump("application", "id"), dump("audit_event", "about_id")
    people = [applications[invited[i]["application_id"]] for i in owners]
    candidates = dump("candidate", "id")
    given = {
        "response": answers,
        "score": [scores[answer["id"]] for answer in answers],
        "score of a rescore": [rescored[answer["id"]] for answer in answers],
    }
    known = {
        "invitation": [invited[i] for i in owners],
        "invitation_token": [tokens[i] for i in owners],
        "application": people,
        "candidate": [candidates[row["candidate_id"]] for row in people],
        "audit_event": [audits[row["id"]] for row in people],
    }
    return given, known


def test_nothing_leads_from_a_released_answer_to_its_invitation(app, make):
    acme = make.employer()
    owners = answer_everybody(make, acme)
    assert jobs.release_now([acme], utcnow()) == {"acme": ANSWERS}
    db.session.commit()
    activate(rescore_by(Reader("new 2")))
    check_columns(owners)
    check_neighbours(owners)
    check_values(owners)
    check_facts()


def check_columns(owners):
    """No column of an answer follows one of its invitation."""
    given, known = sides(owners)
    worst = []
    for table, rows in given.items():
        for column in rows[0]:
            one = ranks([row[column] for row in rows])
            for other_table, other_rows in known.items():
                for other in other_rows[0]:
                    other_ranks = ranks([row[other] for row in other_rows])
                    worst.append((correlation(one, other_ranks), table, column, other_table, other))
    assert len(worst) > 500
    assert max(worst)[0] < LIMIT, max(worst)


def check_neighbours(owners):
    """Order in blocks would escape a rank correlation: the distance of neighbours would not."""
    responses = dump("response", "key")
    in_order = sorted(responses, key=lambda key: responses[key]["id"])
    place = {key: index for index, key in enumerate(in_order)}
    steps = [abs(place[a] - place[b]) for a, b in pairwise(owners.values())]
    # at random a third of the length, give or take; in order 1
    assert 0.27 * ANSWERS < np.mean(steps) < 0.40 * ANSWERS


def check_values(owners):
    """No value that only an answer has stands in any other table."""
    secrets = {key[:12] for key in owners.values()}
    for table in sa.inspect(db.session.connection()).get_table_names():
        if table == "response":
            continue
        for row in db.session.execute(sa.text(f'SELECT * FROM "{table}"')):
            text = repr(tuple(row))
            assert not [secret for secret in secrets if secret in text], table


def check_facts():
    """What a response copies is coarse: alike candidates stay alike over all 200."""
    rows = db.session.execute(
        sa.select(Response.lane, Response.week, Response.cell, Response.told_bucket)
    ).all()
    assert len(set(rows)) == 1
    assert rows[0].lane is Lane.OUTCOME
    assert db.session.scalar(sa.select(sa.func.count(Invitation.id))) == ANSWERS


def test_a_response_has_no_time_and_no_way_to_a_person():
    keys = Response.__table__.foreign_keys
    assert {key.column.table.name for key in keys} == {"employer", "batch"}
    assert {key.column.table.name for key in Score.__table__.foreign_keys} == {"response"}
    for table in (TextCalibration, CurrentEdition):
        assert not table.__table__.foreign_keys
    for table in (Response, Score, TextCalibration, CurrentEdition):
        for column in table.__table__.columns:
            assert not column.name.endswith("_at")
            assert not isinstance(column.type, sa.DateTime | UtcDateTime)
