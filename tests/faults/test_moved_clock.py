"""Row 19: web and worker whose clock is wrong, or is right on a day that is unlike others."""

import re
import subprocess
import sys
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from portal.extensions import db
from portal.models import Employer, utcnow
from tests.mail.conftest import states
from tests.support import commands
from tests.support.forms import filled
from tests.support.postgres import free_port
from tests.support.serving import served
from tests.web.candidates import FULL

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NEGATIVE = re.compile(r"[-−]\s?\d+ (second|minute|hour|day|week)|in \d+ (minute|hour)s?\b")
MOVED = {"+1 h": timedelta(hours=1), "-2 h": timedelta(hours=-2)}
# The night in which clocks go back (an hour comes twice), forward, and a day of leap years.
DAYS = ("2027-10-31T00:59:50+00:00", "2027-03-28T00:59:50+00:00", "2028-02-29T23:59:50+00:00")
ZONE = "Europe/Paris"


def command(moment: datetime | str, *what: str) -> list[str]:
    return [sys.executable, "-m", "tests.faults.moved_clock", str(moment), *what]


def set_zone(zone: str) -> None:
    db.session.execute(sa.update(Employer).values(timezone=zone))
    db.session.commit()
    db.session.remove()
    db.engine.dispose()


@pytest.mark.storm
@pytest.mark.parametrize("zone", [ZONE, "Mars/Phobos"])
@pytest.mark.parametrize("by", MOVED)
def test_row_19_a_link_is_good_by_a_clock_that_is_wrong(link, database_url, tmp_path, by, zone):
    set_zone(zone)
    port = free_port()
    web = command(utcnow() + MOVED[by], "web", "127.0.0.1", str(port))
    with served(tmp_path, web, port, DATABASE_URL=database_url) as site:
        assert site.ask(link).status == 200, "it has not expired"
        body = urlencode(filled(link, FULL))
        assert site.ask(link, "POST", body=body, headers=FORM).status == 303
        for path in ("/health", f"{link}/thanks", "/employers", "/employers/acme"):
            found = site.ask(path)
            assert found.status == 200, path
            assert not NEGATIVE.search(found.body.decode()), path


@pytest.mark.storm
@pytest.mark.parametrize("moment", DAYS)
def test_row_19_no_page_breaks_on_a_strange_day(link, database_url, tmp_path, moment):
    set_zone(ZONE)
    port = free_port()
    web = command(moment, "web", "127.0.0.1", str(port))
    with served(tmp_path, web, port, DATABASE_URL=database_url) as site:
        assert site.ask(link).status == 410, "a link of long ago: it has a page of its own"
        for path in ("/health", "/employers", "/employers/acme"):
            assert site.ask(path).status == 200, path


@pytest.mark.storm
@pytest.mark.parametrize("zone", [ZONE, "Mars/Phobos"])
def test_row_19_mail_leaves_once_whatever_the_clock_says(
    make, acme, relay, database_url, tmp_path, zone
):
    for _ in range(6):
        make.told(acme)
    set_zone(zone)
    settings = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(relay.port)}
    environ = commands.environment(database_url, tmp_path, **settings)
    now = utcnow()
    moments = [now + MOVED["-2 h"], now, now + MOVED["+1 h"], now, *DAYS]
    for moment in moments:
        found = subprocess.run(
            command(moment, "worker"),
            cwd=commands.ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert found.returncode == 0, found.stderr
        assert "failed" not in found.stderr, found.stderr
        db.session.rollback()
        if moment == moments[3]:
            assert states() == {"sent": 6}
            db.session.rollback()
    assert len(relay.recipients) == len(set(relay.recipients)) == 6
