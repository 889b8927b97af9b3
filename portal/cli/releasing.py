"""flask release and flask scores: publishing answers, and checking the sums."""

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from portal import jobs, reputation
from portal.cli.common import find_employer, json_option, needs_database, refuse, report
from portal.extensions import db
from portal.models import Employer, utcnow

scores_group = AppGroup("scores", help="Rollups and scorecards.")


def _all_employers() -> list[Employer]:
    return list(db.session.scalars(sa.select(Employer).order_by(Employer.slug)))


@click.command("release")
@click.option("--employer", "slug", metavar="SLUG")
@click.option("--all", "everyone", is_flag=True, help="Every employer.")
@json_option
@needs_database
def release(slug: str | None, everyone: bool, as_json: bool) -> None:
    """Release now what may be released, and refresh scorecards."""
    if bool(slug) is everyone:
        refuse("Give either --employer SLUG or --all.")
    employers = [find_employer(slug)] if slug else _all_employers()
    released = jobs.release_now(employers, utcnow())
    lines = [
        f"{name}: {count} answers released."
        if count
        else f"{name}: nothing released; too few new answers are waiting."
        for name, count in released.items()
    ]
    report({"released": released}, as_json, "\n".join(lines) or "No employers yet.")


@scores_group.command("rebuild")
@click.option("--check", is_flag=True, help="Compare and change nothing; exit 1 if they differ.")
@json_option
@needs_database
def rebuild(check: bool, as_json: bool) -> None:
    """Make rollups and scorecards again from the released answers."""
    now = utcnow()
    differences: list[str] = []
    for employer in _all_employers():
        differences += reputation.rebuild(employer, now, check=check)
        db.session.commit()
    done = "No differences." if not differences else "\n".join(differences)
    report({"differences": differences, "changed": not check}, as_json, done)
    if check and differences:
        raise SystemExit(1)
