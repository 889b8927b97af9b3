"""flask demo: the product on sample data, in one command.

The sample and its mail server are imported inside the commands: no other one needs them.
"""

import os
import shutil
import subprocess  # starts our own web and worker
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade

from portal.cli.common import refuse
from portal.cli.running import WORKER_COMMAND, run_together, web_command
from portal.config import INSTANCE, ROOT, settings
from portal.extensions import db
from portal.models import utcnow

HOST = "127.0.0.1"
FOLDER = "demo"
MAIL_PORT_ABOVE = 25  # the mailbox listens this far above the web port


def _environment(folder: Path, port: int) -> dict[str, str]:
    """The settings that make the demo: its own database, its own mailbox, this computer only."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MAIL_")}
    return kept | {
        "DEMO": "true",
        "BASE_URL": f"http://{HOST}:{port}",
        "DATABASE_URL": f"sqlite:///{folder / 'heardback.sqlite'}",
        "INSTANCE_PATH": str(folder),
        "MAIL_SERVER": HOST,
        "MAIL_PORT": str(port + MAIL_PORT_ABOVE),
        "MAIL_SENDER": "hello@heardback.example",
        "OPERATOR_NAME": "Heardback Demo",
        "OPERATOR_EMAIL": "operator@heardback.example",
        "RATELIMIT_STORAGE_URI": "memory://",
    }


@click.command("demo")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1024, 60000))
def run(port: int) -> None:
    """Start the product on sample data, with a mailbox instead of the world. Starts afresh."""
    from portal.demo.smtp import start_mailbox

    folder = settings_folder()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = _environment(folder, port)
    click.echo("Making the sample: four employers, up to eighteen months …")
    made = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "demo-seed"],
        env=environment,
        cwd=ROOT,
        check=False,
    )
    if made.returncode:
        refuse("The sample could not be made; the lines above say why.")
    try:
        mailbox = start_mailbox(folder / "mailbox", port + MAIL_PORT_ABOVE)
    except OSError as error:
        refuse(f"Port {port + MAIL_PORT_ABOVE} is taken ({error.strerror}): try another --port.")
    _print_addresses(port)
    try:
        raise SystemExit(run_together([web_command(HOST, port), WORKER_COMMAND], environment))
    finally:
        mailbox.stop()


def settings_folder() -> Path:
    """Where the demo keeps its things; made anew at each start."""
    return Path(os.environ.get("INSTANCE_PATH", INSTANCE)).absolute() / FOLDER


def _print_addresses(port: int) -> None:
    from portal.demo.seed import SHOWN_AT_START, SIGN_INS

    base = f"http://{HOST}:{port}"
    click.echo(
        f"\nHeardback is on {base}\n"
        f"  mailbox    {base}/mailbox   every email that leaves\n"
        f"  directory  {base}/employers\n"
        f"  sign in    {base}/sign-in   password {SHOWN_AT_START}"
    )
    for address, who in SIGN_INS:
        click.echo(f"    {address:30} {who}")
    click.echo("Stop with Ctrl-C. The next start begins afresh.\n")


@click.command("demo-seed", hidden=True)
@with_appcontext
def seed() -> None:
    """Migrate and fill the demo's database."""
    from portal.demo.seed import seed as fill

    if not settings().DEMO:
        refuse("This fills a database with invented people; `flask demo` calls it on its own.")
    upgrade()
    fill(utcnow())
    db.session.commit()
    db.session.remove()
