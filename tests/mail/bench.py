"""Messages a second of ours against stock Flask-Mail, in one run. Not a test.

Usage: [DELAY=0.02] python -m tests.mail.bench [MESSAGES] [ROUNDS] [sqlite|URL of PostgreSQL]
DELAY is how long the relay takes for each of its replies, in seconds.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import flask_mail
import sqlalchemy as sa
from flask_migrate import upgrade

from portal import outbox
from portal.extensions import db
from portal.models import Email, EmailState, InvitationToken
from tests.conftest import make_app
from tests.mail.conftest import Owe, configure, go

SINK = """
import os, sys
from tests.mail.relay import Relay
relay = Relay()
relay.delay = float(os.environ.get("DELAY", "0"))
print(relay.port, flush=True)
sys.stdin.read()
"""


CONNECTIONS = {f"ours, {number} connections": number for number in (4, 8)}


def per_second(count: int, work) -> float:
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def stock(app, count: int, body: str, html: str) -> None:
    with flask_mail.Mail(app).connect() as connection:
        for n in range(count):
            connection.send(
                flask_mail.Message(
                    subject="Your experience as a candidate at Acme",
                    sender=("Acme hiring team", "hello@heardback.example"),
                    recipients=[f"cam{n}@example.net"],
                    body=body,
                    html=html,
                )
            )


def requeue() -> None:
    db.session.execute(sa.delete(InvitationToken))
    db.session.execute(sa.update(Email).values(state=EmailState.QUEUED, sending_at=None))
    db.session.commit()


def one_connection() -> None:
    from portal.outbox.delivery import Courier
    from portal.transport import connect

    with connect() as connection:
        courier = Courier(go, connection)
        while courier.deliver_batch():
            pass


def main(count: int = 200, rounds: int = 5, database: str = "sqlite") -> None:
    sink = subprocess.Popen(
        [sys.executable, "-c", SINK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    port = int(sink.stdout.readline())
    folder = Path(tempfile.mkdtemp())
    url = f"sqlite:///{folder / 'bench.sqlite'}" if database == "sqlite" else database
    app = make_app(url, MAIL_SERVER="127.0.0.1", MAIL_PORT=port, INSTANCE_PATH=folder)
    app.config["MAIL_SUPPRESS_SEND"] = False
    with app.app_context():
        upgrade()
        configure(app, SURVEYS_PER_HOUR=1_000_000)
        owe = Owe()
        owe.emails(count, owe.employer())
        names = ("Flask-Mail", "ours", *CONNECTIONS)
        figures: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(rounds):
            figures["Flask-Mail"].append(
                per_second(
                    count, lambda: stock(app, count, "text é\n" * 120, "<p>text é</p>\n" * 600)
                )
            )
            requeue()
            figures["ours"].append(per_second(count, one_connection))
            for name, number in CONNECTIONS.items():
                configure(app, MAIL_CONNECTIONS=number)
                requeue()
                figures[name].append(per_second(count, lambda: outbox.deliver_due(go)))
        base = median(figures["Flask-Mail"])
        for name, values in figures.items():
            print(f"{name}: {median(values):.0f}/s, {median(values) / base:.2f} of Flask-Mail")
    sink.stdin.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), *sys.argv[3:])
