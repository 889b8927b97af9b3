"""What every page of an import needs: its blueprint, the file, and which step is next."""

from flask import Blueprint, abort, url_for

from portal import intake
from portal.candidate_files import Plan
from portal.models import Employer, FileState, IntakeFile
from portal.web.form_limits import LARGER, FormLimits

importing = Blueprint("importing", __name__)

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
    """EMPLOYER's waiting file and its plan, or the same 404 as for one that does not exist."""
    file = intake.find_file(employer.id, file_id)
    if file is None or file.run_id is not None:
        abort(404)
    return file, Plan.from_json(file.plan)


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
