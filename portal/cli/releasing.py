"""flask release, scores and answers: publishing answers, checking sums, giving up seals."""

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from portal import jobs, reputation, schema
from portal.cli.common import (
    employer_option,
    find_employer,
    json_option,
    needs_database,
    needs_schema,
    refuse,
    report,
)
from portal.extensions import db
from portal.models import Employer, utcnow
from portal.seals import SealBroken

scores_group = AppGroup("scores", help="The sums of releases, and scorecards.")
answers_group = AppGroup("answers", help="The sealed answers.")


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
    """Make sums and scorecards again from the answers that are still held."""
    now = utcnow()
    differences: list[str] = []
    for employer in _all_employers():
        try:
            differences += reputation.rebuild(employer, now, check=check)
        except SealBroken:
            db.session.rollback()
            differences.append(f"{employer.slug}: not looked at: a seal opens with no key")
        db.session.commit()
    done = "No differences." if not differences else "\n".join(differences)
    report({"differences": differences, "changed": not check}, as_json, done)
    if check and differences:
        raise SystemExit(1)


@answers_group.command("discard")
@employer_option
@click.option("--yes", is_flag=True, help="Do not ask first.")
@json_option
@needs_schema
def discard(slug: str, yes: bool, as_json: bool) -> None:
    """Give up the answers and releases of an employer that no key opens any more, for good.

    First look for the key they were sealed with: as SECRET_KEY_FALLBACKS it opens them again. If
    it is lost, do this for every employer: then the site starts anew under another key.
    """
    employer = find_employer(slug)
    if not yes:
        told = _sentence(reputation.find_broken(employer))
        db.session.rollback()  # SQLite's write lock is not held while somebody thinks
        click.confirm(f"{slug}: {told} Give them up for good?", abort=True, err=True)
    broken = reputation.discard_broken(find_employer(slug), utcnow())
    db.session.commit()
    schema.clear_log()
    found = {"answers": len(broken.answers), "releases": broken.releases}
    report(found, as_json, f"{slug}: given up: {_sentence(broken)}")


def _sentence(broken: reputation.Broken) -> str:
    releases = ", ".join(map(str, broken.releases)) or "none"
    return f"{len(broken.answers)} answers; releases concerned: {releases}."
