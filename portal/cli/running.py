"""flask worker, serve and status: running the installation and looking at it."""

import os
import signal
import subprocess  # starts our own web server and worker
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

import click
import sqlalchemy as sa

from portal import jobs, outbox, reputation, schema
from portal.cli.common import json_option, needs_database, needs_schema, report
from portal.config import ROOT, ConfigError
from portal.extensions import db
from portal.mail_kinds import KINDS
from portal.models import Batch, Employer, utcnow

STOP_SECONDS = 28
FROM_CLI = "FLASK_RUN_FROM_CLI"


@click.command("worker")
@click.option("--until-idle", is_flag=True, help="Do all work that is due now, then exit.")
@click.option("--after-restore", is_flag=True, help="Run once after a backup was put back.")
@needs_database
def worker(until_idle: bool, after_restore: bool) -> None:
    """Send what is owed, score answers, release batches, until told to stop."""
    if after_restore:
        held = jobs.hold_after_restore(utcnow())
        click.echo(f"{held} emails may have gone already: they are in doubt and wait for you.")
        return
    if until_idle:
        jobs.run_until_idle()
        return
    jobs.start()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    click.echo("Working. Stop with Ctrl-C; the mail in hand is finished first.")
    _end(jobs.run_forever(stopping))


def _end(end: jobs.End) -> None:
    """End the process, with status 1 and a clear line if it was not told to."""
    if end.failed:
        message = (
            f"Error: the worker's loop for {' and '.join(end.failed)} failed, so all of it ends."
        )
        click.echo(message, err=True)
    if end.busy:
        click.echo(f"Not finished in time, and left to the next worker: {', '.join(end.busy)}.")
        sys.stdout.flush()
        # Python would wait for the threads that send mail; the database takes back what is open.
        os._exit(bool(end.failed))
    raise SystemExit(bool(end.failed))


def run_together(commands: Sequence[Sequence[str]], environment: dict[str, str]) -> int:
    """Run COMMANDS side by side until one ends or we are told to stop; then end them all."""
    running = [
        subprocess.Popen(command, env=environment, cwd=ROOT)  # noqa: S603 (our own commands)
        for command in commands
    ]
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.is_set() and all(process.poll() is None for process in running):
        stopping.wait(0.3)
    ended = [process.returncode for process in running if process.poll() is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
    return 0 if stopping.is_set() else (ended[0] or 1)


def web_command(host: str, port: int) -> list[str]:
    """The web server, a process of its own: not the command line, so it looks at the schema."""
    return [sys.executable, str(ROOT / "wsgi.py"), host, str(port)]


WORKER_COMMAND = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@needs_database
def serve(host: str, port: int) -> None:
    """Run web and worker on this machine."""
    db.session.remove()
    db.engine.dispose()
    click.echo(f"Heardback on http://{host}:{port}. Stop with Ctrl-C.")
    # Else wsgi.py would take itself for a command, which may run on an old schema.
    environment = {name: value for name, value in os.environ.items() if name != FROM_CLI}
    raise SystemExit(run_together([web_command(host, port), WORKER_COMMAND], environment))


def _look() -> dict[str, Any]:
    now = utcnow()
    fit = reputation.fit_condition()
    queue, condition = outbox.queue_depth(KINDS, now), outbox.mail_condition(now)
    return {
        "database": schema.backend(),
        "migration": schema.current_revision(),
        "migration_current": schema.is_current(),
        "queue": {state.value: count for state, count in queue.by_state.items()},
        "held_for_employers": queue.held,
        "oldest_due": _iso(queue.oldest_due_at),
        "next_due": _iso(queue.next_due_at),
        "sending": _sending(condition),
        "relay": condition.has_relay,
        "paused": condition.paused_at is not None,
        "pause_reason": condition.reason,
        "last_fit": _iso(fit.last),
        "fit_under_way": None if fit.done is None else {"done": fit.done, "of": fit.of},
        "delayed_until": _iso(condition.delayed_until),
        "key_trouble": _key_trouble(),
        "seals_broken": {
            employer.slug: employer.seal_trouble
            for employer in db.session.scalars(
                sa.select(Employer)
                .where(Employer.seal_trouble.is_not(None))
                .order_by(Employer.slug)
            )
        },
        "last_release": _iso(db.session.scalar(sa.select(sa.func.max(Batch.released_on)))),
    }


def _key_trouble() -> str | None:
    """What is wrong with SECRET_KEY, in the words in which web and worker refuse to start."""
    try:
        reputation.check_key()
    except ConfigError as error:
        return str(error)
    return None


def _sending(condition: outbox.MailCondition) -> str:
    """Whether mail flows, as the operator's page says it."""
    if condition.paused_at:
        return f"paused: {condition.reason}"
    if condition.delayed_until:
        return f"relay does not answer, next try {condition.delayed_until:%H:%M} UTC"
    return "running" if condition.has_relay else "no relay set"


def _due(found: dict[str, Any]) -> str:
    if found["oldest_due"]:
        return f"Oldest due: {found['oldest_due']}"
    return "Nothing is due" + (f"; next at {found['next_due']}" if found["next_due"] else "")


def _iso(value: Any) -> str | None:
    return value.isoformat() if value else None


def _under_way(found: dict[str, Any]) -> str:
    fit = found["fit_under_way"]
    return f"; under way, {fit['done']} of {fit['of']} employers" if fit else ""


@click.command("status")
@json_option
@needs_schema
def status(as_json: bool) -> None:
    """Queue depth by state, mail that needs a person, last release, database and migration."""
    found = _look()
    held = found["held_for_employers"]
    queue = ", ".join(f"{state} {count}" for state, count in found["queue"].items())
    lines = [
        f"Database: {found['database']}, migration {found['migration']}",
        f"Mail: {queue}",
        *([f"Held for employers not approved or paused: {held}"] if held else []),
        _due(found),
        f"Sending: {found['sending']}",
        f"Last release: {found['last_release'] or 'none yet'}",
        f"Last fit of levers: {found['last_fit'] or 'none yet'}{_under_way(found)}",
        *([found["key_trouble"]] if found["key_trouble"] else []),
        *(
            f"{slug}: no key opens {what}; nothing is released until one does, or "
            f"`flask answers discard --employer {slug}` gives them up"
            for slug, what in found["seals_broken"].items()
        ),
    ]
    report(found, as_json, "\n".join(lines))
