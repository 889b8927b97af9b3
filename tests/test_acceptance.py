"""The loop as an outsider walks it: the command line, HTTP and SMTP, and nothing of ours inside."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import date, timedelta

import psycopg
import pytest
from bs4 import BeautifulSoup

from portal.config import ROOT
from tests.support.postgres import free_port

LINK = re.compile(rb"http://127\.0\.0\.1:\d+/[^\s<>\"]+")
DECISION_WORDS = re.compile(
    r"\b(decision|decided|outcome|reject\w*|hired?|offer\w*|unfortunately|selected|result)\b",
    re.IGNORECASE,
)

COLUMNS = (
    *("external_id", "name", "email", "role", "stage", "last_interview_on"),
    *("outcome", "decided_on", "told_on", "channel"),
)


class Outsider:
    """Somebody with a shell, a browser and a mailbox."""

    def __init__(self, database_url, smtp, folder):
        self.port, self.smtp = free_port(), smtp
        self.database_url = database_url
        self.base = f"http://127.0.0.1:{self.port}"
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MAIL_", "COV_CORE"))
        } | {
            "DATABASE_URL": database_url,
            "INSTANCE_PATH": str(folder),
            "BASE_URL": self.base,
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(smtp.port),
        }

    def flask(self, *words, given=None, code=0):
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            env=self.environment,
            cwd=ROOT,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def start_web(self):
        self.web = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{self.port}"),
                *("--worker-class", "gthread", "--threads", "4", "--log-level", "error"),
            ],
            env=self.environment,
            cwd=ROOT,
        )
        for _ in range(100):
            try:
                return self.fetch("/health")
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the web server did not start")

    def fetch(self, path, data=None, method=None):
        """Status and text; no cookie jar, as a mail scanner or a phone has it."""
        url = path if path.startswith("http") else self.base + path
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        request = urllib.request.Request(url, body, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def dump(self):
        """Every row of every table."""
        if self.database_url.startswith("sqlite"):
            import sqlite3

            with sqlite3.connect(self.database_url.removeprefix("sqlite:///")) as connection:
                return list(connection.iterdump())
        with psycopg.connect(self.database_url) as connection:
            tables = connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            ).fetchall()
            return {
                name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"').fetchall()))
                for (name,) in tables
            }


@pytest.fixture
def outsider(database_url, smtp, tmp_path):
    person = Outsider(database_url, smtp, tmp_path)
    yield person
    person.web.terminate()
    person.web.wait(20)


def forty_candidates() -> str:
    """30 told, 6 decided but not told, 4 undecided; the last interview 30 days ago."""
    today = date.today()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for number in range(40):
        decided = today - timedelta(days=20) if number < 36 else ""
        told = today - timedelta(days=15) if number < 30 else ""
        writer.writerow(
            [
                f"A-{number}",
                f"Person {number}",
                f"person{number}@mail.example",
                "Engineer",
                "interview",
                today - timedelta(days=30),
                "rejected" if decided else "",
                decided,
                told,
                "phone" if told else "",
            ]
        )
    return out.getvalue()


def survey_link(message) -> str:
    found = re.search(r"http://\S+/s/[^\s?>]+", message.get_body(("plain",)).get_content())
    return found[0]


def normal(message) -> str:
    """A check-in mail without what may differ: name, role, token, address, date, Message-ID."""
    text = message.as_bytes(policy=message.policy.clone(max_line_length=0)).decode()
    text = message.get_body(("plain",)).get_content() + "".join(
        f"{name}: {value}\n"
        for name, value in message.items()
        if name not in ("To", "Date", "Message-ID")
    )
    text = re.sub(r"/[sud]/[a-z2-7]+", "/TOKEN", text)
    return re.sub(r"Person \d+", "NAME", text)


@pytest.mark.long
@pytest.mark.heavy
def test_the_loop(outsider, tmp_path):
    flask, smtp = outsider.flask, outsider.smtp
    flask("db", "upgrade")
    flask(
        *("employer", "create", "acme", "--name", "Acme", "--timezone", "Europe/Paris"),
        *("--postal-address", "1 Main Street", "--reply-to", "people@acme.example"),
    )
    flask(*("employer", "set", "acme", "survey_delay_days=0", "send_window=always", "publish=true"))
    flask(
        *("user", "create", "remy@acme.example", "--employer", "acme", "--role", "recruiter"),
        "--password-stdin",
        given="a long and quiet password\n",
    )
    file = tmp_path / "candidates.csv"
    file.write_text(forty_candidates(), encoding="utf-8")
    first = json.loads(
        flask("import", str(file), "--employer", "acme", "--told", "column", "--json")
    )
    assert (first["new"], first["errors"]) == (40, [])
    again = json.loads(
        flask("import", str(file), "--employer", "acme", "--told", "column", "--json")
    )
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 40)

    for _ in range(2):
        flask("worker", "--until-idle")
    assert len(smtp) == 40
    assert len({message["To"] for message in smtp}) == 40
    by_number = {int(re.search(r"person(\d+)@", message["To"])[1]): message for message in smtp}
    check_ins = [normal(by_number[number]) for number in range(30, 40)]
    assert len(set(check_ins)) == 1, "decided and undecided alike"
    assert not DECISION_WORDS.search(check_ins[0])

    outsider.start_web()
    before = outsider.dump()
    for raw in smtp.raw:
        for url in set(LINK.findall(raw.replace(b"=\r\n", b"").replace(b"=3D", b"="))):
            for method in ("GET", "HEAD"):
                status, _ = outsider.fetch(url.decode(), method=method)
                assert status == 200, url
    assert outsider.dump() == before, "a GET changed something"

    for number in range(4):
        answer(outsider, by_number[number], number)
    flask("release", "--employer", "acme")
    assert_nothing_shown(outsider)
    for number in range(4, 22):
        answer(outsider, by_number[number], number)
    flask("release", "--employer", "acme")
    status, page = outsider.fetch("/employers/acme")
    assert status == 200
    assert "AggregateRating" in page
    rows = list(
        csv.DictReader(
            io.StringIO(flask("export", "feedback", "--employer", "acme", "--format", "csv"))
        )
    )
    assert len(rows) == 22
    for row in rows:
        assert not re.search(r"Person|@|acme", " ".join(map(str, row.values())), re.IGNORECASE)
    assert flask("scores", "rebuild", "--check").strip() == "No differences."
    found = json.loads(flask("status", "--json"))
    assert found["queue"]["sent"] == 40
    assert found["migration_current"] is True


def answer(outsider, message, number) -> None:
    link = survey_link(message)
    status, page = outsider.fetch(link)
    assert status == 200
    form = BeautifulSoup(page, "html5lib").find("form", method="post")
    names = {field.get("name") for field in form.find_all(["input", "textarea"])}
    assert {"recommend", "overall", "told", "chased", "comment", "words"} <= names
    data = {
        "recommend": str(number % 11),
        "overall": str(1 + number % 5),
        "comment": "They called me and told me why." if number % 2 else "",
        "words": "public",
    }
    status, _ = outsider.fetch(link, data)
    assert status == 200


def assert_nothing_shown(outsider) -> None:
    for path in ("/employers/acme", "/employers"):
        status, page = outsider.fetch(path)
        assert status == 200
        assert "AggregateRating" not in page
        assert "stars" not in BeautifulSoup(page, "html5lib").get_text().lower() or "acme" in page
    rows = outsider.flask("export", "feedback", "--employer", "acme", "--format", "csv")
    assert len(list(csv.DictReader(io.StringIO(rows)))) == 0


@pytest.mark.parametrize(
    "path", ["/s/aaaaaaaaaaaaaaaaaaaaaaaaaa", "/s/%00", "/s/short", "/u/forged"]
)
def test_a_forged_link_is_not_found_and_says_so(browser, path):
    browser.get(path, status=404)
