"""flask sentiment rescore and train: a new reading of all comments, and fitting it to own stars."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from portal import jobs, surveys
from portal.cli.common import json_option, needs_database, refuse, report
from portal.extensions import db, reading
from portal.models import utcnow
from portal.sentiment.calibration import LEAST_PER_SIDE, LEAST_ROWS, CalibrationResult, recalibrate
from portal.surveys import Change, Edition

Progress = Callable[[int, int], None]

# Answers come in while the last ones are read: those few are read in another round.
ROUNDS = 5


@contextmanager
def _progress(label: str) -> Iterator[Progress]:
    """A bar on standard error, for who sits at a terminal."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=hidden) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show


# -- rescore --------------------------------------------------------------------------------------


@click.command("rescore")
@click.option("--activate", is_flag=True, help="Then show every comment by the new reading.")
@json_option
@needs_database
def rescore(activate: bool, as_json: bool) -> None:
    """Read every comment with the installed version; what is shown stays until --activate.

    May be stopped at any time and begun again: it goes on where it was.
    """
    analyzer = jobs.load_analyzer()
    with reading():
        edition = surveys.newest_edition(analyzer.version)
        shown = surveys.current_edition()
    db.session.rollback()
    with _progress("Reading comments") as on_progress:
        read = jobs.rescore(analyzer, edition, on_progress)
        with reading():
            changes = surveys.compare_editions(shown, edition) if shown else []
        db.session.rollback()
        if activate:
            read += _activate(edition, on_progress)
    found = {
        "edition": edition._asdict(),
        "shown": shown._asdict() if shown else None,
        "read": read,
        **_changes(changes),
        "activated": activate,
    }
    report(found, as_json, "\n".join(_rescore_lines(found)))


def _activate(edition: Edition, on_progress: Progress) -> int:
    """Make EDITION the one shown; how many answers had to be read for that."""
    read = 0
    for _ in range(ROUNDS):
        try:
            surveys.activate(edition)
            db.session.commit()
            return read
        except surveys.EditionIncomplete:
            db.session.rollback()
            read += jobs.rescore(jobs.load_analyzer(), edition, on_progress)
    return refuse("Answers are released faster than they are read. Try again in a quiet hour.")


def _changes(changes: list[Change]) -> dict[str, Any]:
    moved = [change for change in changes if change.before is not change.after]
    return {
        "compared": sum(change.comments for change in changes),
        "changed": sum(change.comments for change in moved),
        "changes": [
            {
                "before": change.before.value,
                "after": change.after.value,
                "comments": change.comments,
            }
            for change in moved
        ],
    }


def _rescore_lines(found: dict[str, Any]) -> list[str]:
    lines = [f"{found['read']} texts read by {_name(Edition(**found['edition']))}."]
    if found["edition"] == found["shown"]:
        return [*lines, "It is the reading that pages show already."]
    lines += [f"{found['changed']} of {found['compared']} comments read otherwise than shown."]
    lines += [
        f"  {change['before']} to {change['after']}: {change['comments']}"
        for change in found["changes"]
    ]
    if found["activated"]:
        return [*lines, "Pages show the new reading now. No score and no file has changed."]
    return [*lines, "Nothing that is shown has changed. `--activate` changes it."]


def _name(edition: Edition) -> str:
    return f"{edition.version}{f', fit {edition.calibration}' if edition.calibration else ''}"


# -- train ----------------------------------------------------------------------------------------


@click.command("train")
@click.option("--dry-run", is_flag=True, help="Report, and keep nothing.")
@json_option
@needs_database
def train(dry_run: bool, as_json: bool) -> None:
    """Fit the estimates to the stars given on this site, and keep what predicts better.

    `rescore --activate` then uses the fit.
    """
    analyzer = jobs.load_analyzer()
    with reading():
        comments = surveys.starred_comments()
    db.session.rollback()
    with _progress("Reading comments") as on_progress:
        rows = surveys.training_rows(analyzer, comments, on_progress)
    satisfied = sum(is_satisfied for _, is_satisfied in rows)
    if len(rows) < LEAST_ROWS or min(satisfied, len(rows) - satisfied) < LEAST_PER_SIDE:
        refuse(
            f"Too few released answers with stars and a comment that can be read: {satisfied} of "
            f"4 or 5 stars and {len(rows) - satisfied} of 1 or 2. It takes {LEAST_ROWS}, at least "
            f"{LEAST_PER_SIDE} of each. Nothing was changed."
        )
    result = surveys.round_fit(recalibrate(rows))
    edition = None
    if result.calibration and not dry_run:
        edition = surveys.add_calibration(analyzer.version, result, utcnow().date())
        db.session.commit()
    found = _trained(result, edition, dry_run)
    report(found, as_json, "\n".join(_train_lines(found)))


def _trained(result: CalibrationResult, edition: Edition | None, is_dry_run: bool) -> Any:
    return {
        "kept": edition is not None,
        "reason": result.reason,
        "answers": result.rows,
        "log_loss_before": result.log_loss_before,
        "log_loss_after": result.log_loss_after,
        "calibration": result.calibration._asdict() if result.calibration else None,
        "edition": edition._asdict() if edition else None,
        "dry_run": is_dry_run,
    }


def _train_lines(found: dict[str, Any]) -> list[str]:
    lines = [
        f"{found['answers']} answers. Log-loss on answers not fitted on: "
        f"{found['log_loss_before']:.2f} before, {found['log_loss_after']:.2f} after."
    ]
    if found["calibration"] is None:
        return [*lines, f"Nothing is kept: {found['reason']}."]
    numbers = ", ".join(f"{name} {value:.2f}" for name, value in found["calibration"].items())
    if not found["kept"]:
        return [*lines, f"It would keep: {numbers}."]
    return [
        *lines,
        f"Kept as fit {found['edition']['calibration']}: {numbers}.",
        "Pages do not show it yet: `flask sentiment rescore --activate` does that.",
    ]
