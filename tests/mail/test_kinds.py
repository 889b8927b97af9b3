"""A kind of mail is one definition: here one that nothing else knows, to a user of the site."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import sqlalchemy as sa
from jinja2 import ChoiceLoader, FileSystemLoader

from portal import emails, jobs, outbox
from portal.emails import MailKind
from portal.extensions import db
from portal.mail_kinds import KINDS, label
from portal.models import (
    DataRequest,
    DataWish,
    Email,
    EmailState,
    Lane,
    Locale,
    Role,
    TeamInvitation,
    User,
    utcnow,
)
from portal.models.mail import ABOUT
from tests.mail.conftest import configure, fresh
from tests.web.staff import Person

SETTLED: list[tuple[str, EmailState]] = []
HELD: dict[str, str | datetime] = {}


def write(email: Email) -> bytes:
    user = db.session.get_one(User, email.user_id)
    values = {"name": user.email.partition("@")[0]}
    return emails.build(email, emails.from_site(), Locale.ENGLISH, values)


def last_look(email: Email, now: datetime) -> str | datetime | None:
    return HELD.get(email.to_address)


def settle(settled: Sequence[Email], now: datetime) -> None:
    SETTLED.extend((email.to_address, email.state) for email in settled)


TRIAL = MailKind(key="trial", label="A trial", write=write, last_look=last_look, settle=settle)


@pytest.fixture
def trial(app, monkeypatch) -> Iterator[MailKind]:
    """The kind, listed as the others are; its templates are in a folder of the tests."""
    SETTLED.clear()
    HELD.clear()
    here = FileSystemLoader(Path(__file__).with_name("templates"))
    monkeypatch.setattr(app.jinja_env, "loader", ChoiceLoader([app.jinja_env.loader, here]))
    monkeypatch.setitem(KINDS, TRIAL.key, TRIAL)
    configure(
        app,
        BASE_URL="https://heardback.example",
        OPERATOR_NAME="Northside Trust",
        OPERATOR_EMAIL="help@northside.example",
        MAIL_CONNECTIONS=1,
    )
    return TRIAL


def queue(user: User) -> Email:
    email = outbox.queue_email(
        "trial", user.email, user_id=user.id, employer_id=None, dedup_key=f"trial:{user.email}"
    )
    db.session.commit()
    return email


def test_a_kind_of_one_definition_is_sent_settled_and_shown(app, trial, make, relay):
    sent, failed, stopped, waiting = (queue(make.user(name)) for name in ("ada", "bob", "cy", "di"))
    HELD[stopped.to_address] = "changed"
    HELD[waiting.to_address] = later = utcnow() + timedelta(hours=3)
    relay.answers["refuse"] = [None, "554 5.6.0 no"]
    db.session.rollback()
    assert jobs.deliver() == 4
    states = [(fresh(email).state, email.reason) for email in (sent, failed, stopped, waiting)]
    assert states == [
        (EmailState.SENT, None),
        (EmailState.FAILED, "ours"),
        (EmailState.CANCELLED, "changed"),
        (EmailState.QUEUED, None),
    ]
    assert waiting.next_attempt_at == later
    (raw,) = relay.messages
    message = message_from_bytes(raw, policy=default)
    assert message["From"] == "Northside Trust <hello@heardback.example>"
    assert message["Reply-To"] == "help@northside.example"
    assert message["Subject"] == "A trial for ada"
    assert "List-Unsubscribe" not in message
    for part in ("plain", "html"):
        text = message.get_body((part,)).get_content()
        assert "Hello" in text
        assert "ada" in text
        assert "https://heardback.example" in text
    assert SETTLED == []
    assert jobs.settle(utcnow()) == 3
    assert jobs.settle(utcnow()) == 0
    assert [(email.to_address, email.state) for email in (sent, failed, stopped)] == SETTLED
    assert label("trial") == "A trial"
    page = Person(app).sign_in(make.user("otto")).get("/operator")
    (row,) = page.find(id="trouble-caption").parent.select("tbody tr")
    assert "A trial" in row.text
    assert "b•••@example.com" in row.text


def test_a_kind_that_a_worker_does_not_know_waits_and_holds_up_no_other(
    app, trial, make, relay, owe, monkeypatch, caplog
):
    unknown, known = queue(make.user("ada")), owe.email(lane=Lane.CHECK_IN)
    monkeypatch.delitem(KINDS, "trial")
    jobs.deliver()
    assert (fresh(unknown).state, unknown.attempts) == (EmailState.QUEUED, 1)
    assert fresh(known).state is EmailState.SENT
    assert "an error of ours" in caplog.text
    assert label("trial") == "trial"


def test_the_database_takes_each_kind_about_its_own_table_only(app, owe, make):
    invitation = owe.invitation(owe.employer())
    candidate_id = invitation.application.candidate_id
    request = DataRequest(
        employer_id=invitation.employer_id, candidate_id=candidate_id, wish=DataWish.SEE
    )
    db.session.add(request)
    db.session.flush()
    ada, ends_at = make.user("ada"), utcnow()
    asked = TeamInvitation(
        employer_id=invitation.employer_id, role=Role.VIEWER, invited_by=ada, ends_at=ends_at
    )
    db.session.add(asked)
    db.session.flush()
    rows = {
        **owe.about("notice", invitation),
        "invitation_id": invitation.id,
        "data_request_id": request.id,
        "team_invitation_id": asked.id,
        "user_id": ada.id,
    }
    for kind in (*KINDS, "trial"):
        own = next((column for column, kinds in ABOUT.items() if kind in kinds), "user_id")
        for given in [{}, rows, *({column: row} for column, row in rows.items())]:
            key = f"{kind}:{len(given)}:{min(given, default='')}"
            values = {"employer_id": None, "dedup_key": key} | given
            if list(given) == [own]:
                outbox.queue_email(kind, "cam@example.net", **values)
                continue
            with pytest.raises(sa.exc.IntegrityError), db.session.begin_nested():
                outbox.queue_email(kind, "cam@example.net", **values)
    with pytest.raises(sa.exc.IntegrityError):
        outbox.queue_email("trial", "a@b.example", user_id=999, employer_id=None, dedup_key="none")
    db.session.rollback()


def test_what_an_email_is_about_is_found_by_an_index(app):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the plan is read on SQLite")
    for column in (*ABOUT, "user_id"):
        one = f"SELECT id FROM email WHERE {column} = 1 AND kind = 'invite' AND state = 'sent'"
        plan = db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {one}")).one()[3]
        assert f"ix_email_{column}" in plan
