"""The first step: a file, or a pasted table; and what has been imported before."""

import io
from typing import IO

from flask import flash, redirect, render_template, request, url_for
from flask_wtf.file import FileField
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from portal import accounts, intake, runs
from portal.candidate_files import FileRefused
from portal.extensions import db
from portal.language import gettext, lazy_gettext
from portal.models import Employer, Role, utcnow
from portal.web.access import member
from portal.web.forms import Form, reject
from portal.web.importing.pages import FILE_PATH, PATH, find, importing, next_step

PASTED = lazy_gettext("Pasted table")


class UploadForm(Form):
    """A file, or what was copied out of a spreadsheet."""

    file = FileField(lazy_gettext("File"))
    pasted = TextAreaField(lazy_gettext("Or paste the rows, with the line of column names"))


@importing.route(PATH, methods=["GET", "POST"])
@member(Role.RECRUITER)
def upload(employer: Employer) -> Response | str:
    """Take a file in; nothing is imported yet."""
    form = UploadForm()
    if request.method != "POST":
        return _page(employer, form)
    if not form.validate():
        return _page(employer, form)
    source, name = _source(form)
    if source is None:
        reject(form.file, gettext("Choose a file, or paste rows below."))
        return _page(employer, form)
    try:
        with source:
            file = intake.take_in(employer, name, source, utcnow())
    except FileRefused as refused:
        db.session.rollback()
        reject(form.file if form.file.data else form.pasted, str(refused.fault))
        return _page(employer, form)
    db.session.commit()
    return redirect(next_step(employer, file), 303)


def _source(form: UploadForm) -> tuple[IO[bytes] | None, str]:
    """What was handed in, and what it is called."""
    chosen: FileStorage | None = form.file.data
    if chosen and chosen.filename:
        return chosen.stream, chosen.filename.replace("\\", "/").rpartition("/")[2]
    text = form.pasted.data or ""
    if text.strip():
        return io.BytesIO(text.encode("utf-8")), str(PASTED)
    return None, ""


def _page(employer: Employer, form: UploadForm) -> str:
    page = runs.list_runs(employer.id, request.args.get("page", 1, type=int))
    waiting = intake.list_waiting(employer.id)
    who = {run.user_id for run in page.runs} | {file.user_id for file in waiting}
    return render_template(
        "importing/upload.html",
        form=form,
        page=page,
        waiting=[(file, next_step(employer, file)) for file in waiting],
        people=accounts.find_users({user_id for user_id in who if user_id}),
        page_has_errors=bool(form.errors),
    )


@importing.route(f"{FILE_PATH}/discard", methods=["POST"])
@member(Role.RECRUITER)
def discard(employer: Employer, file_id: int) -> Response:
    """Let go of a file that is not to be imported after all."""
    file, _ = find(employer, file_id)
    flash(
        Markup("{}").format(
            gettext("“%(name)s” was discarded; nothing of it was imported.", name=file.name)
        ),
        "success",
    )
    intake.drop_file(file)
    db.session.commit()
    return redirect(url_for("importing.upload", slug=employer.slug), 303)
