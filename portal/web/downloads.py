"""Files to take away: figures for every member; what is a line or words of one person, and the
closure log, for who works with candidates."""

from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from flask import Blueprint, Response, send_file

from portal import audit, exports
from portal import closure as clock
from portal.exports import Export, Format, Row
from portal.extensions import db, let_write, limiter, network
from portal.models import Employer, Role, utcnow
from portal.web.access import View, member

LIMIT = "30 per minute; 300 per hour"
KEPT_IN_MEMORY = 1024 * 1024
MIME_TYPES = {
    Format.CSV: "text/csv",
    Format.JSONL: "application/jsonl",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

blueprint = Blueprint("downloads", __name__, url_prefix="/e/<slug>")


def _whose_limit() -> str:
    """Per person, so that colleagues behind one address do not lock each other out."""
    user_id = audit.acting_user_id()
    return f"user {user_id}" if user_id else network()


limit_downloads = limiter.shared_limit(LIMIT, scope="downloads", key_func=_whose_limit)


def _written(export: Export, rows: Iterator[Row], form: Format) -> IO[bytes]:
    """A file that is gone once it is closed; what is small never touches the disk."""
    spooled = cast(IO[bytes], SpooledTemporaryFile(KEPT_IN_MEMORY))  # noqa: SIM115 (returned)
    exports.write_file(spooled, export, rows, form, with_bom=True)
    is_small = spooled.tell() <= KEPT_IN_MEMORY
    spooled.seek(0)
    if not is_small:
        return spooled
    with spooled:
        return BytesIO(spooled.read())


def _send(employer: Employer, export: Export, form: str) -> Response:
    """EXPORT as an attachment, whole before its first byte leaves, and noted: who takes what.

    With nothing to give it is the header alone, so that what reads the file finds its columns,
    and the name says so: a recruiter sees in the list of downloads why the file is empty.
    """
    rows = exports.read_rows(employer, export)
    first = next(rows, None)
    file = _written(export, rows if first is None else chain([first], rows), Format(form))
    day = "nothing-yet" if first is None else clock.local_day(employer, utcnow()).isoformat()
    let_write()
    audit.record("file.downloaded", employer.id, None, file=export.value, form=form)
    db.session.commit()
    return send_file(
        file,
        mimetype=MIME_TYPES[Format(form)],
        as_attachment=True,
        download_name=f"{employer.slug}-{export}-{day}.{form}",
        conditional=False,
        etag=False,
    )


def _file_at(path: str, role: Role) -> Callable[[View], View]:
    """A view of a file in each form, for members of ROLE, within the limit."""

    def decorate(view: Any) -> Any:
        limited = limit_downloads(member(role)(view))
        blueprint.get(f"{path}.<any(jsonl, xlsx):form>")(limited)
        return blueprint.get(f"{path}.csv", defaults={"form": "csv"})(limited)

    return decorate


@_file_at("/feedback/<any(rows, comments):part>", Role.RECRUITER)
def feedback(employer: Employer, part: str, form: str) -> Response:
    """Released answers, as soon as enough are together; PART is rows or comments."""
    return _send(employer, Export(f"feedback-{part}"), form)


@_file_at("/feedback/counts", Role.VIEWER)
def counts(employer: Employer, form: str) -> Response:
    """Released answers as counts over many."""
    return _send(employer, Export.COUNTS, form)


@_file_at("/closure", Role.RECRUITER)
def closure(employer: Employer, form: str) -> Response:
    """The employer's own records: who was decided about, and told when."""
    return _send(employer, Export.CLOSURE, form)


@_file_at("/evidence", Role.RECRUITER)
def evidence(employer: Employer, form: str) -> Response:
    """What was owed to whom under which clock, and what was said, by whom, in which words."""
    return _send(employer, Export.EVIDENCE, form)


@_file_at("/scorecards", Role.VIEWER)
def scorecards(employer: Employer, form: str) -> Response:
    """The history of releases."""
    return _send(employer, Export.SCORECARDS, form)
