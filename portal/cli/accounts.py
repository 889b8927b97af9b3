"""flask employer … and flask user …: who is measured, and who may sign in."""

import sys

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from portal import accounts, credentials, employers, operating
from portal.cli.common import (
    employer_option,
    find_employer,
    json_option,
    needs_database,
    refuse,
    report,
)
from portal.extensions import db
from portal.models import Employer, Locale, Role, User, utcnow

employer_group = AppGroup("employer", help="Employers and their policy.")
even_last_owner_option = click.option(
    "--even-last-owner", is_flag=True, help="Although the employer is left without an owner."
)
user_group = AppGroup("user", help="People who can sign in.")


def _set(employer: Employer, texts: dict[str, str]) -> None:
    """Set TEXTS of EMPLOYER, all or none; ends the command at the first that does not fit."""
    for key in texts.keys() - employers.SETTINGS.keys():
        refuse(f"{key!r} is not a setting. Known are {', '.join(employers.SETTINGS)}.")
    employers.change_settings(employer, texts)


@employer_group.command("create")
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--timezone")
@click.option("--locale", type=click.Choice([locale.value for locale in Locale]))
@click.option("--industry")
@click.option("--country", metavar="CODE")
@click.option("--region", metavar="CODE")
@click.option("--postal-address")
@click.option("--reply-to", metavar="EMAIL")
@needs_database
def create_employer(slug: str, **facts: str | None) -> None:
    """Create the employer SLUG; made by the operator, it is approved to send mail."""
    if not operating.SLUG.fullmatch(slug):
        refuse(f"{slug!r}: a slug has small letters, digits and dashes, 64 at most")
    try:
        employer = operating.create_employer(slug, facts["name"] or "", utcnow())
    except operating.SlugTaken:
        refuse(f"There is already an employer {slug!r}.")
    _set(employer, {key: text for key, text in facts.items() if text is not None})
    db.session.commit()
    missing = [name for name in ("reply_to", "postal_address") if not getattr(employer, name)]
    hint = f" Before survey mail leaves in production, set {' and '.join(missing)}."
    click.echo(f"Created {slug}.{hint if missing else ''}")


@employer_group.command("set")
@click.argument("slug")
@click.argument("changes", nargs=-1, required=True, metavar="KEY=VALUE...")
@needs_database
def set_employer(slug: str, changes: tuple[str, ...]) -> None:
    """Change settings of the employer SLUG, all of them or none."""
    employer = find_employer(slug)
    wrong = [change for change in changes if "=" not in change]
    if wrong:
        known = ", ".join(employers.SETTINGS)
        refuse(f"{wrong[0]!r} is not like KEY=VALUE. Known keys are {known}.")
    pairs = dict(change.split("=", 1) for change in changes)
    _set(employer, pairs)
    db.session.commit()
    click.echo(f"Set {', '.join(pairs)} of {slug}.")


@employer_group.command("list")
@json_option
@needs_database
def list_employers(as_json: bool) -> None:
    """Every employer, with whether it is published and approved."""
    rows = [
        {
            "slug": employer.slug,
            "name": employer.name,
            "published": employer.is_published,
            "approved": employer.approved_at is not None,
        }
        for employer in db.session.scalars(sa.select(Employer).order_by(Employer.slug))
    ]
    lines = [
        f"{row['slug']}\t{row['name']}\t{'published' if row['published'] else 'not published'}"
        for row in rows
    ]
    report({"employers": rows}, as_json, "\n".join(lines) or "No employers yet.")


def _read_password(from_stdin: bool) -> str:
    if not from_stdin:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _find_user(email: str) -> User:
    return accounts.find_user(email) or refuse(f"There is no user {email!r}.")


@user_group.command("create")
@click.argument("email")
@click.option("--employer", "slug", metavar="SLUG")
@click.option("--role", type=click.Choice([role.value for role in Role]))
@click.option("--operator", is_flag=True, help="May run the installation.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@needs_database
def create_user(
    email: str, slug: str | None, role: str | None, operator: bool, password_stdin: bool
) -> None:
    """Create EMAIL, or let an existing user work for one more employer."""
    if operator is bool(slug or role) or bool(slug) is not bool(role):
        refuse("Give --employer SLUG and --role ROLE, or --operator alone.")
    employer = find_employer(slug) if slug else None
    user = accounts.find_user(email)
    if user is None:
        password = _read_password(password_stdin)
        employers = [employer] if employer else []
        user = accounts.create_user(email, password, is_operator=operator, employers=employers)
    elif operator:
        operating.make_operator(user)
    if employer and role:
        accounts.add_membership(user, employer, Role(role))
    db.session.commit()
    click.echo(f"{user.email} may now sign in.")


@user_group.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@needs_database
def change_password(email: str, password_stdin: bool) -> None:
    """Set a new password for EMAIL, end its sign-ins, and tell it by mail."""
    user = _find_user(email)
    credentials.change_password(user, _read_password(password_stdin))
    db.session.commit()
    click.echo(f"The password of {user.email} is changed.")


@user_group.command("address")
@click.argument("email")
@click.argument("new", metavar="NEW")
@needs_database
def change_address(email: str, new: str) -> None:
    """Let EMAIL sign in as NEW from now on; ends its sign-ins, and tells EMAIL by mail."""
    user = _find_user(email)
    address = accounts.read_address(new) or refuse(f"{new!r} is not an email address.")
    try:
        credentials.set_address(user, address)
    except credentials.AddressTaken:
        refuse(f"There is already a user {address}.")
    db.session.commit()
    click.echo(f"{email} is now {address}.")


@user_group.command("totp-off")
@click.argument("email")
@needs_database
def switch_totp_off(email: str) -> None:
    """Ask EMAIL for codes no more, as when app and recovery codes are lost; ends its sign-ins."""
    user = _find_user(email)
    if user.totp_sealed is None:
        refuse(f"{user.email} has not switched two-step sign-in on.")
    credentials.switch_off(user)
    db.session.commit()
    click.echo(f"The password alone signs {user.email} in.")


@user_group.command("role")
@click.argument("email")
@employer_option
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@even_last_owner_option
@needs_database
def change_role(email: str, slug: str, role: str, even_last_owner: bool) -> None:
    """Give EMAIL another role with an employer; it counts at once."""
    user, employer = _find_user(email), find_employer(slug)
    accounts.change_role(user, employer, Role(role), even_last_owner=even_last_owner)
    db.session.commit()
    click.echo(f"{user.email} is now {role} of {slug}.")


@user_group.command("remove")
@click.argument("email")
@employer_option
@even_last_owner_option
@needs_database
def remove_membership(email: str, slug: str, even_last_owner: bool) -> None:
    """EMAIL no longer works for an employer; it counts at once."""
    user, employer = _find_user(email), find_employer(slug)
    accounts.remove_membership(user, employer, even_last_owner=even_last_owner)
    db.session.commit()
    click.echo(f"{user.email} no longer works for {slug}.")


@user_group.command("deactivate")
@click.argument("email")
@even_last_owner_option
@needs_database
def deactivate_user(email: str, even_last_owner: bool) -> None:
    """Let EMAIL sign in no more; ends their sign-ins at once."""
    user = _find_user(email)
    accounts.deactivate(user, even_last_owner=even_last_owner)
    db.session.commit()
    click.echo(f"{user.email} can no longer sign in.")


@user_group.command("activate")
@click.argument("email")
@needs_database
def activate_user(email: str) -> None:
    """Let EMAIL sign in again, with the password they had."""
    user = _find_user(email)
    accounts.activate(user)
    db.session.commit()
    click.echo(f"{user.email} may sign in again.")
