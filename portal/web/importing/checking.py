"""The last look before an import: what is wrong, what will happen; then the worker's turn."""

import csv
import io
from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal import intake
from portal.candidate_files import FileRefused
from portal.extensions import db
from portal.language import gettext
from portal.models import Employer, FileState, Role, utcnow
from portal.web.access import member
from portal.web.importing import words
from portal.web.importing.pages import (
    FILE_PATH,
    examined_of,
    find,
    importing,
    next_step,
    page,
)

GOOD_ONLY = "good"
ALL = "all"


@importing.route(f"{FILE_PATH}/check")
@member(Role.RECRUITER)
def check(employer: Employer, file_id: int) -> Response | str:
    """What importing the file would do; or how far looking at it is."""
    file, plan = find(employer, file_id)
    if file.state is FileState.CHECKING:
        done, total = intake.progress_of(file)
        return render_template(
            "importing/checking.html", file=file, done=done, total=total, refreshes=True
        )
    examined = examined_of(file)
    here = page("check", employer, file)
    if examined is None or next_step(employer, file) != here:
        return redirect(next_step(employer, file), 303)
    return render_template(
        "importing/check.html",
        file=file,
        plan=plan,
        examined=examined,
        earlier=intake.find_earlier(employer.id, file.digest),
        meanings=words.MEANINGS,
        shown=intake.shown_places(examined),
    )


@importing.route(f"{FILE_PATH}/apply", methods=["POST"])
@member(Role.RECRUITER)
def apply(employer: Employer, file_id: int) -> Response:
    """Let a worker import it; a second click finds the same run."""
    file, _ = find(employer, file_id)
    examined = examined_of(file)
    if examined is None or next_step(employer, file) != page("check", employer, file):
        return redirect(next_step(employer, file), 303)
    is_good_only = request.form.get("rows") == GOOD_ONLY
    if not examined.good or (examined.bad and not is_good_only):
        return redirect(page("check", employer, file), 303)
    try:
        run = intake.start_import(file, utcnow(), is_good_only=is_good_only)
    except intake.AlreadyQueued as queued:
        db.session.rollback()
        flash(Markup("{}").format(gettext("This very file is being imported already.")), "info")
        return redirect(url_for("running.run", slug=employer.slug, run_id=queued.run.id), 303)
    db.session.commit()
    return redirect(url_for("running.run", slug=employer.slug, run_id=run.id), 303)


@importing.route(f"{FILE_PATH}/faults.csv")
@member(Role.RECRUITER)
def faults(employer: Employer, file_id: int) -> Response:
    """The rows that cannot be imported, as they stand in the file, with what is wrong beside."""
    file, plan = find(employer, file_id)
    try:
        with intake.open_checked(file, plan, employer, utcnow()) as checked:
            text = "".join(_lines(checked))
    except FileRefused:
        return redirect(next_step(employer, file), 303)
    name = file.name.rpartition(".")[0] or file.name
    answer = Response("\ufeff" + text, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}-errors.csv")
    return answer


def _lines(checked: intake.CheckedFile) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out)
    headers = checked.reading.columns.headers
    writer.writerow([*headers, gettext("Row"), gettext("Error")])
    for bad in intake.list_bad_rows(checked):
        said = [
            f"{headers[place]}: {message}" if place >= 0 else message
            for place, messages in sorted(bad.faults.items())
            for message in messages
        ]
        padded = [*bad.cells, *[""] * (len(headers) - len(bad.cells))][: len(headers)]
        writer.writerow([*padded, bad.number, "; ".join(said)])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
