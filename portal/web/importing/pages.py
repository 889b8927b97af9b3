"""What every page of an import needs: its blueprint, the file, and which step is next."""

import hashlib
import json

from flask import Blueprint, abort, redirect, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from portal import intake
from portal.candidate_files import Plan
from portal.language import gettext
from portal.models import Employer, FileState, IntakeFile
from portal.web.account import show_form_again
from portal.web.form_limits import LARGER, FormLimits
from portal.web.forms import OUT_OF_DATE, Form

importing = Blueprint("importing", __name__)
importing.register_error_handler(CSRFError, show_form_again)

PATH = "/e/<slug>/import"
FILE_PATH = f"{PATH}/<int(max=2147483647):file_id>"
# A file is larger than any form; a header may have hundreds of columns.
LARGEST_UPLOAD = 51 * 1024 * 1024
LARGEST_PASTE = 5 * 1024 * 1024
MOST_PARTS = 2_000


LARGER["importing.upload"] = FormLimits(LARGEST_UPLOAD, LARGEST_PASTE, parts=20)
LARGER["importing.columns"] = LARGER["importing.answers"] = FormLimits(
    1024 * 1024, 1024 * 1024, MOST_PARTS
)


def find(employer: Employer, file_id: int) -> tuple[IntakeFile, Plan]:
    """EMPLOYER's waiting file and its plan, or the same 404 as for one that does not exist.

    Who comes back to a file that is being imported is led to its run.
    """
    file = intake.find_file(employer.id, file_id)
    if file is None:
        abort(404)
    if file.run_id is not None:
        abort(to_run(employer, file.run_id))
    return file, Plan.from_json(file.plan)


def mark(shown: object) -> str:
    """What a form about SHOWN carries, so that it is not taken for an answer about anything else:
    the file may be read in another way by then, in another tab or by a colleague.
    """
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]


def is_about(shown: object) -> bool:
    """Whether the form that was sent is about SHOWN."""
    return request.form.get("mark") == mark(shown)


def out_of_date(shown: object) -> dict[str, str]:
    """Why the form that was sent cannot be taken at all, if so; it is to be about SHOWN."""
    if not Form().validate():
        return {"": str(OUT_OF_DATE)}
    if not is_about(shown):
        return {"": gettext("The file has been read in another way meanwhile: look once more.")}
    return {}


def to_run(employer: Employer, run_id: int) -> Response:
    """Lead to the run that imports a file."""
    return redirect(url_for("running.run", slug=employer.slug, run_id=run_id), 303)


def page(name: str, employer: Employer, file: IntakeFile) -> str:
    """The address of the step NAME."""
    return url_for(f"importing.{name}", slug=employer.slug, file_id=file.id)


def next_step(employer: Employer, file: IntakeFile) -> str:
    """The address of the first step that is not done."""
    return page(_next(file), employer, file)


def _next(file: IntakeFile) -> str:
    if file.state is FileState.CHECKING:
        return "check"
    plan, found = Plan.from_json(file.plan), intake.found_in(file)
    if not plan.columns or found is None or found.problem:
        return "columns"
    # What the words mean is seen by a person once, even where they are sure.
    is_new = bool(found.values) and not plan.values
    return "answers" if found.asks or is_new else "check"
