"""The commands: they say what they did, refuse in one line, and report as JSON."""

import contextvars
import gzip
import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import accounts, outbox, passwords
from portal.config import ROOT
from portal.extensions import db
from portal.models import (
    AuditEvent,
    Employer,
    Membership,
    Role,
    SignIn,
    User,
    utcnow,
)
from tests.mail.conftest import queue


@pytest.fixture
def run(app):
    """Run a command; its output if it ended as expected."""

    def call(*words, given=None, code=0):
        db.session.commit()
        runner = app.test_cli_runner()
        result = contextvars.Context().run(runner.invoke, args=list(words), input=given)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result.output

    return call


def test_an_employer_is_created_set_and_listed(run):
    run("employer", "create", "acme", "--name", "Acme Ltd", "--timezone", "Europe/Paris")
    run("employer", "set", "acme", "survey_delay_days=0", "send_window=always", "publish=true")
    acme = db.session.scalars(sa.select(Employer)).one()
    assert (acme.survey_delay_days, acme.send_window, acme.is_published) == (0, "always", True)
    assert acme.approved_at is not None
    listed = json.loads(run("employer", "list", "--json"))
    assert [row["slug"] for row in listed["employers"]] == ["acme"]


def test_domains_are_confirmed_by_the_operator_and_can_be_taken_back(run):
    run("employer", "create", "acme", "--name", "Acme")
    acme = db.session.scalars(sa.select(Employer)).one()
    assert acme.confirmed_domains == []
    run("employer", "set", "acme", "confirmed_domains=Acme.CO.uk, acme.example,acme.example")
    db.session.expire_all()
    assert acme.confirmed_domains == ["acme.co.uk", "acme.example"]
    nonsense = ("acme", "x@acme.example", "*.acme.example", "a b.example", "https://acme.example")
    others = ("gmail.com", "mail.Outlook.com", "co.uk", "acme.example,yahoo.fr")
    for refused in (*nonsense, *others):
        output = run("employer", "set", "acme", f"confirmed_domains={refused}", code=1)
        assert "confirmed_domains: " in output
        assert len(output.strip().splitlines()) == 1
    db.session.expire_all()
    assert acme.confirmed_domains == ["acme.co.uk", "acme.example"]
    run("employer", "set", "acme", "confirmed_domains=")
    db.session.expire_all()
    assert acme.confirmed_domains == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("employer", "create", "Ac me", "--name", "x"), "slug"),
        (("employer", "create", "acme", "--name", "x", "--timezone", "Mars"), "timezone"),
        (("employer", "create", "acme", "--name", "a\nb"), "name: Line breaks"),
        (("employer", "set", "nobody", "publish=true"), "nobody"),
        (("export", "feedback", "--employer", "nobody", "--format", "csv"), "nobody"),
        (("release",), "--employer"),
        (("user", "create", "x@example.com"), "--employer"),
        (("user", "password", "x@example.com", "--password-stdin"), "no user"),
    ],
)
def test_a_refusal_is_one_clear_line(run, words, named):
    output = run(*words, code=1)
    assert named in output
    assert len(output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "change",
    [
        "survey_delay_days=31",
        "survey_delay_days=１",
        "check_in_after_days=x",
        "send_window=9-5",
        "publish=maybe",
        "release_every=year",
        "reply_to=nobody",
        "colour=red",
        "nothing",
    ],
)
def test_a_wrong_setting_changes_nothing(run, change):
    run("employer", "create", "acme", "--name", "Acme")
    run("employer", "set", "acme", "survey_delay_days=3", change, code=1)
    assert db.session.scalars(sa.select(Employer)).one().survey_delay_days == 2


def test_a_user_gets_memberships_and_a_new_password(run):
    for slug in ("acme", "globex"):
        run("employer", "create", slug, "--name", slug)
    first = ("user", "create", "Ada@Example.com", "--employer", "acme", "--role", "owner")
    run(*first, "--password-stdin", given="a long password\n")
    run("user", "create", "ada@example.com", "--employer", "globex", "--role", "viewer")
    rows = db.session.scalars(sa.select(Membership).order_by(Membership.id)).all()
    assert [row.role for row in rows] == [Role.OWNER, Role.VIEWER]
    assert {row.user.email for row in rows} == {"ada@example.com"}
    run("user", "password", "ada@example.com", "--password-stdin", given="another password\n")
    short = run("user", "password", "ada@example.com", "--password-stdin", given="1\n", code=1)
    assert "8 to 128" in short
    assert accounts.find_user("ADA@example.com").password


@pytest.mark.parametrize(
    "password",
    [
        *("password1", "PassWord1", "ｐａｓｓｗｏｒｄ１", "1q2w3e4r5t"),  # many people's
        *("heardback2026", "!!Heardback!!"),
        *("acme-2026", "AcmeGmbH1", "a.c.m.e.1234"),
        *("ada.field1", "ada.field+x", "ada.field+x@example.com"),
    ],
)
def test_a_password_that_a_guesser_tries_first_is_refused(run, password):
    run("employer", "create", "acme", "--name", "Acme GmbH")
    new = ("user", "create", "ada.field+x@example.com", "--employer", "acme", "--role", "owner")
    said = run(*new, "--password-stdin", given=f"{password}\n", code=1)
    assert said.startswith(("Error: That password is among", "Error: The password must be more"))
    assert len(said.strip().splitlines()) == 1
    run(*new, "--password-stdin", given="acme ada heardback\n")
    mine = ("user", "password", "ada.field+x@example.com", "--password-stdin")
    run(*mine, given=f"{password}\n", code=1)


def test_the_list_of_common_passwords_is_long_and_none_is_refused_for_its_length_anyway():
    words = gzip.decompress(passwords.COMMON.read_bytes()).decode().splitlines()
    assert len(words) > 10_000
    assert all(word == word.casefold() and 8 <= len(word) <= 128 for word in words)


@pytest.mark.long
def test_the_list_is_read_only_once_a_password_is_set():
    code = (
        "from portal import create_app, passwords; create_app(); "
        "print(passwords._common.cache_info().misses)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.strip() == b"0"


@pytest.fixture
def acme(run):
    """Ada owns it, Remy is its recruiter."""
    run("employer", "create", "acme", "--name", "Acme")
    for name, role in (("ada", "owner"), ("remy", "recruiter")):
        new = ("user", "create", f"{name}@example.com", "--employer", "acme", "--role", role)
        run(*new, "--password-stdin", given="a long password\n")


def standing(name: str) -> int:
    """How many sign-ins of NAME stand."""
    db.session.rollback()
    query = sa.select(sa.func.count(SignIn.id)).join(User).where(SignIn.ended_at.is_(None))
    return db.session.scalar(query.where(User.email == f"{name}@example.com"))


def sign_in(name: str) -> str:
    secret = accounts.start_sign_in(accounts.find_user(f"{name}@example.com"))
    db.session.commit()
    return secret


def roles() -> dict[str, str]:
    db.session.rollback()
    rows = db.session.scalars(sa.select(Membership)).all()
    return {row.user.email.partition("@")[0]: row.role.value for row in rows}


def test_a_user_is_deactivated_and_activated_again(run, acme):
    secret = sign_in("remy")
    run("user", "deactivate", "remy@example.com")
    remy = accounts.find_user("remy@example.com")
    assert (remy.active, standing("remy")) == (False, 0)
    run("user", "activate", "remy@example.com")
    assert accounts.find_user("remy@example.com").active
    assert accounts.find_signed_in(remy.fs_uniquifier, secret, utcnow()) is None, "ended for good"


def test_a_role_is_changed_and_a_membership_removed(run, acme):
    sign_in("remy")
    change = ("user", "role", "remy@example.com", "--employer", "acme", "--role")
    run(*change, "viewer")
    assert roles() == {"ada": "owner", "remy": "viewer"}
    run("user", "remove", "remy@example.com", "--employer", "acme")
    assert (roles(), standing("remy")) == ({"ada": "owner"}, 1), "each request asks for the role"
    assert "does not work for acme" in run(*change, "viewer", code=1)
    query = sa.select(AuditEvent).where(AuditEvent.action.startswith("membership."))
    log = [(row.action, row.detail) for row in db.session.scalars(query.order_by(AuditEvent.id))]
    assert log[-2:] == [
        ("membership.set", {"role": "viewer", "before": "recruiter"}),
        ("membership.removed", {"role": "viewer"}),
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("role", "ada@example.com", "--employer", "acme", "--role", "viewer"),
        ("remove", "ada@example.com", "--employer", "acme"),
        ("deactivate", "ada@example.com"),
    ],
    ids=lambda words: words[0],
)
def test_the_last_owner_goes_only_if_that_is_said(run, acme, words):
    sign_in("ada")
    assert "is the last owner of acme" in run("user", *words, code=1)
    assert (roles()["ada"], standing("ada")) == ("owner", 1)
    run("user", "role", "remy@example.com", "--employer", "acme", "--role", "owner")
    run("user", "deactivate", "remy@example.com")
    run("user", *words, code=1)  # an owner who cannot sign in is none
    run("user", *words, "--even-last-owner")
    assert roles().get("ada") != "owner" or not accounts.find_user("ada@example.com").active


def test_an_operator_is_created(run):
    run("user", "create", "otto@example.com", "--operator", "--password-stdin", given="x" * 64)
    assert accounts.find_user("otto@example.com").is_operator


def test_status_reports(run):
    found = json.loads(run("status", "--json"))
    assert found["migration_current"] is True
    assert found["queue"]["queued"] == 0
    assert (found["sending"], found["next_due"]) == ("running", None)
    said = run("status").splitlines()
    assert said[1].startswith("Mail: queued 0")
    assert said[2:4] == ["Nothing is due", "Sending: running"]


def test_status_says_why_mail_rests_and_when_the_next_leaves(run, app, make):
    due_at = utcnow() + timedelta(hours=3)
    queue("n", to="a@b.example", not_before=due_at)
    outbox.condition.back_off(utcnow())
    until = outbox.mail_condition(utcnow()).delayed_until
    said = run("status").splitlines()
    assert said[2] == f"Nothing is due; next at {due_at.isoformat()}"
    assert said[3] == f"Sending: relay does not answer, next try {until:%H:%M} UTC"
    found = json.loads(run("status", "--json"))
    assert found["next_due"] == due_at.isoformat()
    assert found["delayed_until"] == until.isoformat()
    outbox.pause("auth 535", utcnow(), "no")
    assert "Sending: paused: auth 535" in run("status")
    outbox.resume()
    app.config["HEARDBACK"] = replace(app.config["HEARDBACK"], MAIL_SERVER="")
    assert "Sending: no relay set" in run("status")


def test_release_says_when_there_is_too_little(run, make):
    make.employer()
    assert "too few" in run("release", "--employer", "acme")
    assert json.loads(run("release", "--all", "--json")) == {"released": {"acme": 0}}
    assert run("scores", "rebuild", "--check").strip() == "No differences."


def test_the_demo_never_fills_a_real_database(run):
    assert "invented people" in run("demo-seed", code=1)


def test_every_command_has_help(run, app):
    for name, command in app.cli.commands.items():
        assert "Usage" in run(name, "--help")
        for sub in getattr(command, "commands", {}):
            assert "Usage" in run(name, sub, "--help")
