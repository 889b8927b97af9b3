"""The last look before an import: what is wrong, what will happen; then the worker's turn."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from flask import flash, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal import formatting, intake
from portal.candidate_files import FileRefused
from portal.exports.files import plain_cell
from portal.extensions import db
from portal.intake import CheckedFile, Examined
from portal.language import gettext, ngettext
from portal.models import Employer, FileState, Role, utcnow
from portal.web.access import member
from portal.web.importing.pages import (
    FILE_PATH,
    find,
    importing,
    is_about,
    mark,
    next_step,
    page,
    to_run,
)

GOOD_ONLY = "good"


@importing.route(f"{FILE_PATH}/check")
@member(Role.RECRUITER)
def check(employer: Employer, file_id: int) -> Response | str:
    """What importing the file would do; or how far looking at it is."""
    file, plan = find(employer, file_id)
    if file.state is FileState.CHECKING:
        done, total = intake.progress_of(file)
        return render_template("importing/checking.html", file=file, done=done, total=total)
    found = intake.found_in(file)
    if found is None or next_step(employer, file) != page("check", employer, file):
        return redirect(next_step(employer, file), 303)
    return render_template(
        "importing/check.html",
        file=file,
        mark=mark(file.plan),
        examined=found,
        title=_title(found),
        first_problem=_first_problem(found),
        happens=_happens(found),
        mail=_mail(employer, found),
        button=_button(found),
        earlier=intake.find_earlier_run(employer.id, file.digest),
        has_answers=bool(found.values or plan.told or plan.dates),
        shown=_shown(found),
    )


def _first_problem(found: Examined) -> str:
    said = str(found.first_fault) if found.first_fault else ""
    return said[:1].upper() + said[1:]


def _title(found: Examined) -> str:
    if not found.bad:
        return ngettext(
            "%(num)s row can be imported", "All %(num)s rows can be imported", found.rows
        )
    return ngettext(
        "%(num)s of %(rows)s rows cannot be imported",
        "%(num)s of %(rows)s rows cannot be imported",
        found.bad,
        rows=formatting.count(found.rows),
    )


def _button(found: Examined) -> str:
    if not found.bad:
        return ngettext("Import %(num)s candidate", "Import %(num)s candidates", found.good)
    return ngettext("Import the good row alone", "Import the %(num)s good rows alone", found.good)


def _happens(found: Examined) -> list[tuple[str, str]]:
    """What would be done, in numbers; what is none is not named."""
    counts = found.counts
    facts = [
        (gettext("New"), counts.get("new", 0)),
        (gettext("Changed"), counts.get("changed", 0)),
        (gettext("Known already, the same"), counts.get("same", 0)),
        (gettext("With a decision"), found.decided),
        (gettext("Of them told"), found.told),
        (gettext("No decision yet"), found.still_open),
        (gettext("Left out, as you said"), found.left_out),
    ]
    return [(label, formatting.count(number)) for label, number in facts if number]


def _mail(employer: Employer, found: Examined) -> Markup:
    """Who will be written to, and when."""
    asked = found.counts.get("invitations_planned", 0)
    if not asked:
        return Markup("{}").format(gettext("Nobody will be written to."))
    now = utcnow()
    first, last = (
        formatting.day(max(now, datetime.fromisoformat(found.counts[key])), employer.timezone)
        for key in ("asked_from", "asked_until")
    )
    who = ngettext(
        "%(num)s person will be asked by email how they were informed",
        "%(num)s people will be asked by email how they were informed",
        asked,
    )
    when = (
        gettext("on %(day)s.", day=first)
        if first == last
        else gettext("between %(first)s and %(last)s.", first=first, last=last)
    )
    return Markup("{}, {}").format(who, when)


def _shown(found: Examined) -> list[int]:
    """The columns to show of rows with faults: those with faults first of all, then the first."""
    faulty = {place for bad in found.bad_rows for place in bad.faults if place >= 0}
    return sorted(faulty | set(range(min(4, len(found.headers)))))


@importing.route(f"{FILE_PATH}/apply", methods=["POST"])
@member(Role.RECRUITER)
def apply(employer: Employer, file_id: int) -> Response:
    """Let a worker import it; a second click finds the same run."""
    file, _ = find(employer, file_id)
    found, here = intake.found_in(file), page("check", employer, file)
    is_only_good = request.form.get("rows") == GOOD_ONLY
    if found is None or next_step(employer, file) != here:
        return redirect(next_step(employer, file), 303)
    if not is_about(file.plan):
        flash(
            Markup("{}").format(
                gettext("The file has been read in another way meanwhile: look once more.")
            ),
            "warning",
        )
        return redirect(here, 303)
    if not found.good or (found.bad and not is_only_good):
        return redirect(here, 303)
    try:
        run = intake.begin(employer, file, utcnow(), is_only_good=is_only_good)
    except intake.AlreadyQueued as queued:
        run_id = queued.run.id
        db.session.rollback()
        flash(Markup("{}").format(gettext("This very file is being imported already.")), "info")
        return to_run(employer, run_id)
    db.session.commit()
    return to_run(employer, run.id)


@importing.route(f"{FILE_PATH}/errors.csv")
@member(Role.RECRUITER)
def faults(employer: Employer, file_id: int) -> Response:
    """The rows that cannot be imported, as they stand in the file, with what is wrong beside."""
    file, _ = find(employer, file_id)
    try:
        with intake.open_checked(employer, file, utcnow()) as checked:
            text = "".join(_lines(checked))
    except FileRefused:
        return redirect(next_step(employer, file), 303)
    name = file.name.rpartition(".")[0] or file.name
    answer = Response("\ufeff" + text, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}-errors.csv")
    return answer


def _lines(checked: CheckedFile) -> Iterator[str]:
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
        # The import takes the apostrophes away again.
        writer.writerow([*map(plain_cell, padded), bad.number, "; ".join(said)])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
