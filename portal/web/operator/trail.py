"""The audit trail: who did what, when, for which employer; to read, and to take away."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from flask import Flask, Response, current_app, render_template, request

from portal import accounts, audit, exports, operating
from portal.exports.files import BOM
from portal.extensions import db, let_write, reading
from portal.language import gettext
from portal.models import utcnow
from portal.operating import Edge, Entry, Trail
from portal.web.access import operator as operators_only
from portal.web.downloads import limit_downloads
from portal.web.forms import reject
from portal.web.operator import words
from portal.web.operator.desk import LARGEST_ID, operator
from portal.web.operator.forms import TrailForm

COLUMNS = ("at_utc", "action", "employer", "done_by", "about_person", "about_id", "detail")
MAX_ACTION = 64


def _asked() -> tuple[TrailForm, Trail | None]:
    """The form as it was filled in, and what it asks for; None if it cannot be answered."""
    form = TrailForm(request.args)
    form.action.choices = [("", gettext("All actions")), *words.choices()]
    if (action := form.action.data) and action not in words.ACTIONS:
        form.action.choices.append((action, action))
    form.validate()
    slug, address = form.employer.data, form.person.data
    employer = operating.find_by_slug(slug) if slug else None
    person = accounts.find_user(address) if address else None
    if slug and employer is None:
        reject(form.employer, gettext("There is no employer of this short name."))
    if address and person is None:
        reject(form.person, gettext("Nobody has an account with this address."))
    if form.errors:
        return form, None
    trail = Trail(
        employer.id if employer else None,
        person.id if person else None,
        (action or "")[:MAX_ACTION],
        form.first.data,
        form.last.data,
    )
    return form, trail


def _event_id(text: str) -> int:
    if not 0 <= (number := int(text)) <= LARGEST_ID:
        raise ValueError
    return number


@operator.route("/operator/trail")
@operators_only
def trail() -> str:
    """What was done, newest first."""
    form, wanted = _asked()
    before = request.args.get("before", type=_event_id)
    page = operating.read_trail(wanted, before) if wanted else None
    texts = {name: request.args.get(name, "").strip() for name in TrailForm.NAMES}
    return render_template(
        "operator/trail.html",
        form=form,
        filters={name: text for name, text in texts.items() if text},
        page=page,
        is_later=before is not None,
        actions=words.ACTIONS,
        details=words.details,
        page_has_errors=bool(form.errors),
    )


def _row(entry: Entry) -> list[exports.Cell]:
    event = entry.event
    return [
        event.at.isoformat(timespec="seconds"),
        event.action,
        entry.employer.slug if entry.employer else None,
        entry.who.email if entry.who else None,
        entry.about.email if entry.about else None,
        event.about_id,
        json.dumps(event.detail, ensure_ascii=False, sort_keys=True),
    ]


def _csv(rows: Iterable[Iterable[exports.Cell]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([exports.plain_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def _file(app: Flask, wanted: Trail) -> Iterator[str]:
    """The file piece by piece: however long the trail, little of it is in memory.

    Each piece is read in a context of its own, which is over before somebody waits for the next.
    """
    yield BOM + _csv([COLUMNS])
    edge: Edge | None = None
    while True:
        with app.app_context(), reading():
            entries = operating.read_chunk(wanted, edge)
            piece = _csv(map(_row, entries))
            edge = entries[-1].edge if entries else None
        if edge is None:
            return
        yield piece


@operator.route("/operator/trail.csv")
@limit_downloads
@operators_only
def trail_file() -> Response | tuple[str, int]:
    """The filtered trail as CSV; no file leaves without its own entry."""
    _, wanted = _asked()
    if wanted is None:
        return trail(), 400
    days = {"from": wanted.first, "to": wanted.last}
    detail = {key: day.isoformat() for key, day in days.items() if day}
    if wanted.action:
        detail["action"] = wanted.action
    let_write()
    audit.record("trail.downloaded", wanted.employer_id, wanted.user_id, **detail)
    db.session.commit()
    name = f"audit-trail-{utcnow():%Y-%m-%d}.csv"
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    answer = Response(_file(app, wanted), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
