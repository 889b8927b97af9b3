"""flask person …: one person's data, handed out or erased, as they may ask for within a month."""

import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from portal import hiring, outbox, privacy, schema
from portal.cli.common import (
    find_employer,
    find_target,
    json_option,
    needs_database,
    refuse,
    report,
)
from portal.extensions import db, reading
from portal.models import Employer
from portal.privacy import Held

LEFT_HERE = "What they answered stays: it holds nothing by which it could be found."
FIRST = "If that is to go too, they take it back first, with the link in their survey email."
READERS = (
    "Somebody is reading the database: SQLite's log beside it still holds what was erased. "
    "It goes when the last program that uses the database ends, or with the next erasure."
)
SIGNS_IN = "The address also signs in here as a user. That is neither shown nor erased by this."

person_group = AppGroup("person", help="One candidate: their data, and whether mail reaches them.")
one_employer = click.option(
    "--employer", "slug", metavar="SLUG", help="What this one holds.  [default: all employers]"
)


def _read(email: str, slug: str | None) -> tuple[str, Employer | None]:
    return hiring.clean_address(email), find_employer(slug) if slug else None


def _nobody(email: str, slug: str | None) -> str:
    return f"Nobody {'of ' + slug if slug else 'here'} has the address {email}."


def _sentence(held: Held) -> str:
    counts = (
        (held.applications, "application"),
        (held.notices, "notice"),
        (held.emails, "email"),
    )
    words = (f"{count} {noun}{'s' * (count != 1)}" for count, noun in counts)
    return f"{held.employer}: {', '.join(words)}."


def _write(text: str, output: str) -> None:
    """TEXT as a file that only its owner reads: whole, or not at all."""
    path = find_target(output)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=".heardback-person-", delete=False
    ) as file:
        try:
            file.write(text)
            file.flush()
            os.replace(file.name, path)
        finally:
            Path(file.name).unlink(missing_ok=True)


@person_group.command("export")
@click.argument("email")
@one_employer
@click.option("--output", metavar="FILE", default="", help="Instead of standard output.")
@click.option("--json", "as_json", is_flag=True, help="On one line, for programs.")
@needs_database
def export_person(email: str, slug: str | None, output: str, as_json: bool) -> None:
    """Write everything that is held of the candidate EMAIL, as JSON that people can read.

    Their record at each employer, decisions, letters, emails, and what is kept under the
    scrambled form of the address. Never answers: nobody can find them from a person.
    A file made with --output is readable by you alone.
    """
    with reading():
        address, employer = _read(email, slug)
        found = privacy.export_person(address, employer)
    db.session.rollback()
    if not (found["records"] or found["stopped_mail"] or found["days_mailbox_refused"]):
        refuse(_nobody(address, slug))
    text = json.dumps(found, ensure_ascii=False, indent=None if as_json else 2)
    if output:
        _write(text + "\n", output)
    else:
        click.echo(text)


@person_group.command("erase")
@click.argument("email")
@one_employer
@click.option("--yes", is_flag=True, help="Do not ask first.")
@json_option
@needs_database
def erase_person(email: str, slug: str | None, yes: bool, as_json: bool) -> None:
    """Erase the candidate EMAIL: name, address, letters, free text, links; for good.

    Days, outcomes and the states of emails stay without the name, for the counts. Queued mail is
    cancelled. A scrambled form of the address stays, so that these employers send it no survey
    again.
    """
    address, employer = _read(email, slug)
    if not yes:
        _ask(address, employer)
    held = privacy.erase_person(address, employer)
    if not held:
        db.session.rollback()
        refuse(_nobody(address, slug))
    db.session.commit()
    is_clear = schema.clear_log()
    with reading():
        signs_in = privacy.signs_in(address)
    db.session.rollback()
    lines = ["Erased.", *(_sentence(one) for one in held), LEFT_HERE]
    lines += [READERS] * (not is_clear) + [SIGNS_IN] * signs_in
    result = {"erased": [asdict(one) for one in held], "log_cleared": is_clear}
    report(result | {"signs_in_as_user": signs_in}, as_json, "\n".join(lines))


@person_group.command("reachable")
@click.argument("email")
@needs_database
def reopen_mailbox(email: str) -> None:
    """Write to EMAIL again, for all employers: its mailbox works after all.

    For when a mail server said that it does not exist, or was full for a week. Who asked for no
    survey email still gets none. Email that was not sent meanwhile is not sent by itself.
    """
    address = hiring.clean_address(email)
    if not outbox.reopen_mailbox(address):
        db.session.rollback()
        refuse(f"No mail server has said here that {address} does not work.")
    db.session.commit()
    click.echo("Email goes to that address again. What did not leave is written anew at the desk.")


def _ask(address: str, employer: Employer | None) -> None:
    """Show what would go, and end the command unless a person says yes."""
    with reading():
        held = privacy.find_held(address, employer)
    db.session.rollback()
    if not held:
        refuse(_nobody(address, employer.slug if employer else None))
    for one in held:
        click.echo(_sentence(one), err=True)
    click.echo(f"{LEFT_HERE} {FIRST}", err=True)
    click.confirm(f"Erase {address} for good?", abort=True, err=True)
