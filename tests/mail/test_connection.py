"""The session with the relay: encrypted, checked, timed and kept."""

import shutil
import ssl
import subprocess
from types import SimpleNamespace

import pytest
import time_machine

from portal import outbox
from portal.extensions import db
from portal.models import EmailState, utcnow
from portal.transport import Phase, connect
from tests.conftest import missing
from tests.mail.conftest import configure, fresh, go, states
from tests.mail.relay import CUT, Relay
from tests.support.factory import PASSWORD

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MESSAGE = b"Subject: x\r\n\r\n.a dot\r\n"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Two certificates that vouch for themselves: for 127.0.0.1, and for another name."""
    if not shutil.which("openssl"):
        missing("openssl not found: install Debian's package openssl")
    folder = tmp_path_factory.mktemp("certificates")
    for name, subject in (("right", "IP:127.0.0.1"), ("wrong", "DNS:elsewhere.example")):
        command = (
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj"
            f" /CN={name} -addext subjectAltName={subject} -addext basicConstraints=CA:TRUE"
            f" -keyout {folder}/{name}.key -out {folder}/{name}.pem"
        )
        subprocess.run(command.split(), check=True, capture_output=True)
    return folder


@pytest.fixture
def secure(app, certificates):
    """Start a relay that has the certificate NAME and offers OFFERS."""
    started = []

    def start(name: str = "right", offers=("STARTTLS", "AUTH PLAIN"), **settings) -> Relay:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificates / f"{name}.pem", certificates / f"{name}.key")
        relay = Relay(tls=context, offers=offers)
        started.append(relay)
        values = {
            "MAIL_PORT": relay.port,
            "MAIL_USE_TLS": True,
            "MAIL_USERNAME": "heardback",
            "MAIL_PASSWORD": PASSWORD,
            "MAIL_CAFILE": str(certificates / "right.pem"),
            "MAIL_TIMEOUT": 2,
        }
        configure(app, **values | settings)
        return relay

    yield start
    for relay in started:
        relay.stop()


def paused() -> str | None:
    found = outbox.mail_condition(utcnow())
    db.session.rollback()
    return found.paused_at and found.reason


def test_a_certificate_that_we_trust_for_the_right_name_is_used(owe, secure):
    relay = secure()
    email = owe.email()
    outbox.deliver_next(go)
    assert fresh(email).state is EmailState.SENT
    assert [line.split()[0].upper() for line in relay.heard][:4] == [
        "EHLO",
        "STARTTLS",
        "EHLO",
        "AUTH",
    ]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("right", {"MAIL_CAFILE": ""}),  # signed by itself
        ("wrong", {}),
        ("wrong", {"MAIL_CAFILE": "wrong.pem"}),  # trusted, but for another name
        ("right", {"offers": ("AUTH PLAIN",)}),  # no STARTTLS
        ("right", {"MAIL_CAFILE": "missing.pem"}),
    ],
)
def test_without_a_verified_certificate_nothing_is_said(
    app, owe, secure, certificates, name, settings
):
    if settings.get("MAIL_CAFILE"):
        settings = {"MAIL_CAFILE": str(certificates / settings["MAIL_CAFILE"])}
    relay = secure(name, **settings)
    email = owe.email()
    outbox.deliver_next(go)
    assert (fresh(email).state, email.attempts) == (EmailState.QUEUED, 0)
    assert set(relay.said) <= {"EHLO", "STAR", "QUIT", "RSET"}
    assert relay.messages == []
    assert paused() == "tls no reply"
    assert not outbox.deliver_next(go)


def test_wrong_password_pauses_and_keeps_the_queue(owe, secure, caplog):
    relay = secure()
    relay.answers["AUTH"] = "535 5.7.8 no, me@relay.example"
    owe.emails(2)
    outbox.deliver_due(go)
    assert states() == {"queued": 2}
    assert paused() == "auth 535"
    assert f"(auth 535 at 127.0.0.1:{relay.port}: 5.7.8 no, <address>)" in caplog.messages[-1]
    relay.answers.clear()
    outbox.resume()
    db.session.commit()
    outbox.deliver_due(go)
    assert states() == {"sent": 2}


def test_a_relay_that_cannot_check_passwords_now_is_tried_later(owe, secure):
    relay = secure()
    relay.answers["AUTH"] = "454 4.7.0 temporary"
    email = owe.email()
    outbox.deliver_next(go)
    assert paused() is None
    relay.answers.clear()
    with time_machine.travel(outbox.mail_condition(utcnow()).delayed_until):
        db.session.rollback()
        outbox.deliver_next(go)
    assert fresh(email).state is EmailState.SENT


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        # Clear text to this computer itself is allowed.
        ({"MAIL_USE_TLS": False, "offers": ("AUTH PLAIN",)}, None),
        ({"offers": ("STARTTLS",)}, "auth 530"),
        ({"offers": ("STARTTLS", "AUTH GSSAPI")}, "auth 530"),
    ],
)
def test_a_password_is_only_given_where_it_is_safe(app, owe, secure, settings, reason):
    relay = secure(**settings)
    owe.email()
    outbox.deliver_next(go)
    assert paused() == reason
    assert relay.said["AUTH"] == (0 if reason else 1)


def test_a_password_in_clear_text_to_another_computer_is_refused(app, owe, secure, monkeypatch):
    relay = secure(MAIL_USE_TLS=False, offers=("AUTH PLAIN",))
    monkeypatch.setattr("portal.transport.is_loopback", lambda host: False)
    owe.email()
    outbox.deliver_next(go)
    assert relay.said["AUTH"] == 0
    assert paused() == "auth 530"


def test_tls_from_the_first_byte(app, owe, certificates):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / "right.pem", certificates / "right.key")
    relay = Relay(tls=context, is_tls_at_once=True)
    configure(
        app,
        MAIL_PORT=relay.port,
        MAIL_USE_SSL=True,
        MAIL_CAFILE=str(certificates / "right.pem"),
    )
    email = owe.email()
    outbox.deliver_next(go)
    assert fresh(email).state is EmailState.SENT
    configure(app, MAIL_CAFILE="")
    owe.email()
    outbox.deliver_next(go)
    assert paused() == "tls no reply"
    relay.stop()


def offer(connection, prepare=lambda: MESSAGE):
    return connection.send("cam@example.net", "b@heardback.example", prepare)


def test_a_connection_is_kept_and_renewed_after_100_messages(app, relay):
    with connect() as connection:
        for _ in range(101):
            assert offer(connection).is_sent
        assert connection.host.sock.gettimeout() == 2, "only the last word is waited for longer"
    assert relay.connections == 2
    assert relay.said["QUIT"] == 2
    assert relay.messages[0] == MESSAGE


def test_an_idle_connection_is_tried_before_it_is_used_and_an_old_one_renewed(
    app, relay, monkeypatch
):
    clock = SimpleNamespace(now=1000.0, monotonic=lambda: clock.now)
    monkeypatch.setattr("portal.transport.time", clock)
    with connect() as connection:
        offer(connection)
        clock.now += 31
        offer(connection)
        assert (relay.connections, relay.said["NOOP"]) == (1, 1)
        relay.answers["NOOP"] = [CUT]
        clock.now += 31
        assert offer(connection).is_sent
        assert relay.connections == 2
        clock.now += 301
        offer(connection)
        assert relay.connections == 3


def test_what_is_withheld_is_reset_and_what_breaks_is_passed_on(app, relay):
    with connect() as connection:
        assert offer(connection, lambda: None) is None
        assert offer(connection).is_sent
        assert relay.said["RSET"] == 1
        with pytest.raises(ZeroDivisionError):
            offer(connection, lambda: 1 / 0)
        assert offer(connection).is_sent
    assert relay.connections == 2
    assert len(relay.messages) == 2


@pytest.mark.parametrize(("size", "phase"), [(2_000, Phase.FINAL), (30_000_000, Phase.BODY)])
def test_a_wire_cut_in_the_text_is_only_noticed_where_the_text_is_long(app, relay, size, phase):
    """Short texts are in the system's hands at once: nobody can know what the relay got."""
    relay.answers["body"] = CUT
    with connect() as connection:
        outcome = offer(connection, lambda: b"x: y\r\n" * (size // 6))
    assert (outcome.phase, outcome.code) == (phase, None)


def test_a_session_that_cannot_be_reset_is_closed(app, relay):
    relay.answers["RCPT"] = ["550 5.1.1 no"]
    relay.answers["RSET"] = [CUT]
    with connect() as connection:
        assert offer(connection).code == 550
        assert offer(connection).is_sent
    assert relay.connections == 2


@pytest.mark.parametrize("said", ["what?", "x" * 10, "5 no", "55 no", "199 what", "600 no", "-50"])
def test_replies_that_are_not_smtp_are_no_replies(app, relay, said):
    relay.answers["RCPT"] = [said]
    relay.answers["final"] = [said]
    with connect() as connection:
        outcome = offer(connection)
        assert (outcome.phase, outcome.code) == (Phase.RCPT, None)
        outcome = offer(connection)
        assert (outcome.phase, outcome.code) == (Phase.FINAL, None)


@pytest.mark.parametrize("answers", [{"DATA": ["354 go\r\n354 on"]}, {"final": ["334 go"]}])
def test_a_reply_that_cannot_be_to_the_text_leaves_it_in_doubt(app, relay, answers):
    relay.answers.update(answers)
    with connect() as connection:
        outcome = offer(connection)
        assert (outcome.phase, outcome.code) == (Phase.FINAL, None)
        assert offer(connection).is_sent
    assert (len(relay.messages), relay.connections) == (2, 2), "replies may be out of step"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("<Cam@Example.net>: no such user", "<address>: no such user"),
        ("cam@xn--bcher-kva.example unknown", "<address> unknown"),
        ("cam@bücher.example unknown", "<address> unknown"),
        ('"cam roe"@example.net... unknown', "<address> unknown"),
        ("no mailto:cam@example.net, ann@example.net;", "no mailto:<address>, <address>;"),
        ("<cam@example.net> via cam=example.net@relay.example", "<address> via <address>"),
        (
            "see https://a.example/why?r=cam%40example.net&h=1",
            "see https://a.example/why?<address>&h=1",
        ),
        ("x" * 180 + " cam.roe@example.net", "x" * 180 + " <address>"),
        ("a\0b\x1b[31m\x85c", "a b [31m c"),
        ("#5.1.1", "#5.1.1"),
    ],
)
def test_relay_text_names_nobody_and_is_text(app, relay, said, kept):
    relay.answers["RCPT"] = [f"550 5.1.1 {said}"]
    with connect() as connection:
        assert offer(connection).text == f"5.1.1 {kept}"


def test_relay_text_is_cut_and_on_one_line(app, relay):
    relay.answers["RCPT"] = ["550-5.1.1 a\r\n550 5.1.1 " + "b" * 400]
    with connect() as connection:
        outcome = offer(connection)
    assert outcome.enhanced == "5.1.1"
    assert len(outcome.text) == 200
    assert "\n" not in outcome.text
