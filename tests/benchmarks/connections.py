"""How fast pages stay while one client holds 500 connections, by web server.

    python -m tests.benchmarks.connections [--only NAME] [--connections 500]

Each server runs the site on a fresh SQLite database. For ten seconds /health and a survey page are
asked for in turn; the table shows the slowest answer, or that none came within 10 s.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from flask_migrate import upgrade

from portal.cli.running import web_command
from portal.extensions import db
from tests.conftest import make_app
from tests.support.factory import Make
from tests.support.postgres import free_port
from tests.support.serving import ATTACKS, Served, attacked, served

SECONDS = 10
GIVE_UP = 10.0


def gunicorn(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "8"),
        *("--timeout", "60", "--log-level", "critical"),
    ]


def waitress(port: int) -> list[str]:
    words = "import sys, waitress, wsgi; waitress.serve(wsgi.app, listen=sys.argv[1], threads=8)"
    return [sys.executable, "-c", words, f"127.0.0.1:{port}"]


def waitress_polling(port: int) -> list[str]:
    words = (
        "import sys, waitress, wsgi; waitress.serve(wsgi.app, listen=sys.argv[1], threads=8, "
        "asyncore_use_poll=True, connection_limit=1000)"
    )
    return [sys.executable, "-c", words, f"127.0.0.1:{port}"]


def granian(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "wsgi:app", "--interface", "wsgi"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--blocking-threads", "8", "--no-ws", "--log-level", "critical"),
    ]


SERVERS = {
    "flask serve": lambda port: web_command("127.0.0.1", port),
    "gunicorn gthread, 2 x 8": gunicorn,
    "waitress as it comes": waitress,
    "waitress, poll, limit 1,000": waitress_polling,
    "granian, 8 threads": granian,
}


def make_site(folder: Path) -> tuple[str, str]:
    """A database with a candidate; its address, and the path of the candidate's survey."""
    url = f"sqlite:///{folder / 'site.sqlite'}"
    with make_app(url).app_context():
        upgrade()
        make = Make()
        path = f"/s/{make.link(make.told(make.employer()))}"
        db.session.remove()
        db.engine.dispose()
    return url, path


def slowest(site: Served, paths: tuple[str, ...]) -> str:
    """The slowest answer in milliseconds."""
    until, worst = time.monotonic() + SECONDS, 0.0
    while time.monotonic() < until:
        for path in paths:
            try:
                answer = site.ask(path, timeout=GIVE_UP)
            except OSError:
                return "none"
            if answer.status != 200:
                return str(answer.status)
            worst = max(worst, answer.seconds)
        time.sleep(0.1)
    return f"{worst * 1000:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=SERVERS)
    parser.add_argument("--connections", type=int, default=500)
    asked = parser.parse_args()
    print("| server | nobody | " + " | ".join(ATTACKS) + " |", flush=True)
    for name, command in SERVERS.items():
        if asked.only in (None, name):
            found = []
            for kind in ("nobody", *ATTACKS):
                with tempfile.TemporaryDirectory() as folder:
                    url, path = make_site(Path(folder))
                    port = free_port()
                    with served(Path(folder), command(port), port, DATABASE_URL=url) as site:
                        site.ask(path)
                        count = 0 if kind == "nobody" else asked.connections
                        with attacked(site, "idle" if not count else kind, count):
                            found.append(slowest(site, ("/health", path)))
            print(f"| {name} | " + " | ".join(found) + " |", flush=True)


if __name__ == "__main__":
    main()
