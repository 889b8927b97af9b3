"""Files to take away: figures for every member; what is a line or words of one person, and the
closure log, for who works with candidates."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from flask import Blueprint, Response, send_file

from portal import audit, exports
from portal import closure as clock
from portal.exports import Cell, Export, Format
from portal.extensions import db, let_write, limiter, network
from portal.models import Employer, Role, utcnow
from portal.web.access import member

LIMIT = "30 per minute; 300 per hour"
KEPT_IN_MEMORY = 1024 * 1024
MIME_TYPES = {
    Format.CSV: "text/csv",
    Format.JSONL: "application/jsonl",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

PARTS = "<any(rows, comments):part>"
OTHER_FORMS = "<any(jsonl, xlsx):form>"

blueprint = Blueprint("downloads", __name__, url_prefix="/e/<slug>")


def _whose_limit() -> str:
    """Per person, so that colleagues behind one address do not lock each other out."""
    user_id = audit.acting_user_id()
    return f"user {user_id}" if user_id else network()


limit_downloads = limiter.shared_limit(LIMIT, scope="downloads", key_func=_whose_limit)


def _written(export: Export, rows: Iterator[Sequence[Cell]], form: Format) -> IO[bytes]:
    """A file that is gone once it is closed; what is small never touches the disk."""
    spooled = cast(IO[bytes], SpooledTemporaryFile(KEPT_IN_MEMORY))  # noqa: SIM115 (returned)
    exports.write_file(spooled, export, rows, form, with_bom=True)
    is_small = spooled.tell() <= KEPT_IN_MEMORY
    spooled.seek(0)
    if not is_small:
        return spooled
    with spooled:
        return BytesIO(spooled.read())


def _note(employer: Employer, export: Export, form: str) -> None:
    """Who takes which file: no file leaves without its row."""
    let_write()
    audit.record("file.downloaded", employer.id, None, file=export.value, form=form)
    db.session.commit()


def _send(employer: Employer, export: Export, form: str) -> Response:
    """EXPORT as an attachment, whole before its first byte leaves.

    With nothing to give it is the header alone, so that what reads the file finds its columns,
    and the name says so: a recruiter sees in the list of downloads why the file is empty.
    """
    rows = exports.read_rows(employer, export)
    first = next(rows, None)
    file = _written(export, rows if first is None else chain([first], rows), Format(form))
    day = "nothing-yet" if first is None else clock.local_day(employer, utcnow()).isoformat()
    name = f"{employer.slug}-{export}-{day}.{form}"
    _note(employer, export, form)
    return send_file(
        file,
        mimetype=MIME_TYPES[Format(form)],
        as_attachment=True,
        download_name=name,
        conditional=False,
        etag=False,
    )


@blueprint.get(f"/feedback/{PARTS}.csv", defaults={"form": "csv"})
@blueprint.get(f"/feedback/{PARTS}.{OTHER_FORMS}")
@limit_downloads
@member(Role.RECRUITER)
def feedback(employer: Employer, part: str, form: str) -> Response:
    """Released answers, as soon as enough are together; PART is rows or comments."""
    return _send(employer, Export(f"feedback-{part}"), form)


@blueprint.get("/feedback/counts.csv", defaults={"form": "csv"})
@blueprint.get(f"/feedback/counts.{OTHER_FORMS}")
@limit_downloads
@member(Role.VIEWER)
def counts(employer: Employer, form: str) -> Response:
    """Released answers as counts over many."""
    return _send(employer, Export.COUNTS, form)


@blueprint.get("/closure.csv", defaults={"form": "csv"})
@blueprint.get(f"/closure.{OTHER_FORMS}")
@limit_downloads
@member(Role.RECRUITER)
def closure(employer: Employer, form: str) -> Response:
    """The employer's own records: who was decided about, and told when."""
    return _send(employer, Export.CLOSURE, form)


@blueprint.get("/evidence.csv", defaults={"form": "csv"})
@blueprint.get(f"/evidence.{OTHER_FORMS}")
@limit_downloads
@member(Role.RECRUITER)
def evidence(employer: Employer, form: str) -> Response:
    """What was owed to whom under which clock, and what was said, by whom, in which words."""
    return _send(employer, Export.EVIDENCE, form)


@blueprint.get("/scorecards.csv", defaults={"form": "csv"})
@blueprint.get(f"/scorecards.{OTHER_FORMS}")
@limit_downloads
@member(Role.VIEWER)
def scorecards(employer: Employer, form: str) -> Response:
    """The history of releases."""
    return _send(employer, Export.SCORECARDS, form)
