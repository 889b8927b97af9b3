"""What commands share: one clear line on error, one JSON object where they report."""

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from portal import accounts, employers, hiring, reputation, schema
from portal.config import ConfigError
from portal.extensions import db, reading
from portal.models import Employer

Command = TypeVar("Command", bound=Callable[..., Any])

REFUSALS = (
    accounts.AccountRefused,
    hiring.ApplicationRefused,
    employers.SettingsRefused,
    ConfigError,
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
employer_option = click.option("--employer", "slug", required=True, metavar="SLUG")


def refuse(message: str) -> NoReturn:
    """End the command with MESSAGE as its one line of error."""
    raise click.ClickException(message)


def needs_database(command: Command) -> Command:
    """needs_schema(), and a SECRET_KEY that opens what is sealed in the database."""

    @functools.wraps(command)
    def with_key(*args: Any, **kwargs: Any) -> Any:
        with reading():
            reputation.check_key()
        db.session.rollback()
        return command(*args, **kwargs)

    return needs_schema(with_key)  # type: ignore[return-value]


def needs_schema(command: Command) -> Command:
    """Run COMMAND on a database that is there and up to date, or end with one clear line."""

    @functools.wraps(command)
    def checked(*args: Any, **kwargs: Any) -> Any:
        try:
            with reading():
                schema.require_current()
            return command(*args, **kwargs)
        except schema.SchemaOutdated as error:
            refuse(str(error))
        except REFUSALS as error:
            db.session.rollback()
            refuse(str(error))
        except sa.exc.OperationalError as error:
            db.session.rollback()
            refuse(f"The database cannot be used: {str(error.orig).strip().splitlines()[0]}")

    return with_appcontext(checked)  # type: ignore[return-value]


def find_employer(slug: str) -> Employer:
    """The employer called SLUG, or the end of the command."""
    employer = db.session.scalar(sa.select(Employer).where(Employer.slug == slug))
    return employer or refuse(f"There is no employer {slug!r}. `flask employer list` shows them.")


def find_target(output: str) -> Path:
    """OUTPUT's real path, so that a link stays a link; ends the command if no file can be there."""
    path = Path(output).resolve()
    if path.exists() and not path.is_file():
        refuse(f"{output} is not a file.")
    if not path.parent.is_dir():
        refuse(f"There is no folder {path.parent}.")
    return path


def report(result: dict[str, Any], as_json: bool, text: str) -> None:
    """Print RESULT as JSON, or TEXT for people."""
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else text)
