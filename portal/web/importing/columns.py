"""Which sheet, which header, and which column is what."""

from collections.abc import Mapping

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from portal import intake
from portal.candidate_files import FileRefused, Plan, SheetChoice
from portal.candidate_files.columns import IGNORE
from portal.extensions import db
from portal.intake import Peek
from portal.language import gettext
from portal.models import Employer, FileState, IntakeFile, Role, utcnow
from portal.web.access import member
from portal.web.importing import words
from portal.web.importing.pages import (
    FILE_PATH,
    find,
    importing,
    is_about,
    mark,
    next_step,
    out_of_date,
)

ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "mac-roman": "Mac",
}


@importing.route(f"{FILE_PATH}/columns", methods=["GET", "POST"])
@member(Role.RECRUITER)
def columns(employer: Employer, file_id: int) -> Response | str:
    """Say what each column holds; a guess stands there already."""
    file, plan = find(employer, file_id)
    if request.method != "POST" and file.state is FileState.CHECKED:
        found = intake.found_in(file)
        if found and found.problem:
            return _unreadable(file, plan, str(found.problem))
    try:
        with intake.peek(file, plan) as seen:
            if request.method != "POST":
                return _page(employer, file, plan, seen, _chosen(plan, seen), {})
            role = request.form.get("role-for-all", "").strip()
            if not is_about(_asked(seen)):  # the role is of all rows, whichever way they are read
                problems = out_of_date(_asked(seen))
                return _page(
                    employer, file, plan, seen, _chosen(plan, seen), problems, role or None
                )
            chosen = {
                guess.place: _known(request.form.get(f"column-{guess.place}", ""))
                for guess in seen.guesses
            }
            if problems := out_of_date(_asked(seen)) or _problems(seen, chosen, role):
                return _page(employer, file, plan, seen, chosen, problems, role)
            said = _said(plan, seen, chosen, role)
    except FileRefused as refused:
        return _unreadable(file, plan, str(refused.fault))
    intake.say(employer, file, said, utcnow())
    db.session.commit()
    return redirect(next_step(employer, file), 303)


@importing.route(f"{FILE_PATH}/sheet", methods=["POST"])
@member(Role.RECRUITER)
def choose_sheet(employer: Employer, file_id: int) -> Response:
    """Read another sheet, from another row, or in another encoding."""
    file, _ = find(employer, file_id)
    row = request.form.get("header-row", "", type=str).strip()
    choice = SheetChoice(
        sheet=request.form.get("sheet") or None,
        header_row=int(row) if row.isascii() and row.isdecimal() and len(row) < 7 else None,
        encoding=request.form.get("encoding") or None,
    )
    intake.choose(employer, file, choice, utcnow())
    db.session.commit()
    return redirect(next_step(employer, file), 303)


def _asked(seen: Peek) -> list[str]:
    """What the page asks about."""
    return [seen.sheet.chosen or "", *seen.sheet.headers]


def _known(name: str) -> str:
    return name if name in words.LABELS else ""


def _chosen(plan: Plan, seen: Peek) -> dict[int, str]:
    """What each column is by the plan, else by the guess; empty: nobody knows."""
    said = dict(plan.columns)
    if not said:
        return {guess.place: guess.field for guess in seen.guesses}
    chosen = {guess.place: said.get(f"#{guess.place + 1}", "") for guess in seen.guesses}
    return {place: "" if name == IGNORE else name for place, name in chosen.items()}


def _said(plan: Plan, seen: Peek, chosen: Mapping[int, str], role: str) -> Plan:
    """PLAN with what was chosen.

    A column whose name says nothing, and that nobody chose, is not mentioned: if it seems to say
    what was decided, that is asked.
    """
    pairs = tuple(
        (f"#{place + 1}", name or IGNORE)
        for place, name in sorted(chosen.items())
        if name or seen.guesses[place].is_known or (f"#{place + 1}", IGNORE) in plan.columns
    )
    fields = set(chosen.values())
    for_all: list[tuple[str, str]] = []
    if not fields & {"name", "first_name", "last_name"}:
        for_all.append(("name", ""))
    if "role" not in fields:
        for_all.append(("role", role))
    kept = [(name, text) for name, text in plan.for_all if name == "decided_on"]
    is_same = set(pairs) == set(plan.columns)
    return Plan(
        plan.choice,
        pairs,
        plan.values if is_same else (),
        (*for_all, *kept),
        plan.dates,
        plan.told,
    )


def _problems(seen: Peek, chosen: Mapping[int, str], role: str) -> dict[str, str]:
    """What keeps these columns from being read, by the field of the form."""
    problems: dict[str, str] = {}
    by_field: dict[str, list[int]] = {}
    for place, name in chosen.items():
        by_field.setdefault(name, []).append(place)
    for name, places in by_field.items():
        if len(places) > 1 and name not in ("", "outcome"):
            names = [seen.guesses[place].name for place in places]
            problems[f"column-{places[1]}"] = gettext(
                "“%(first)s” and “%(second)s” are both “%(field)s”: choose one of them.",
                first=names[0],
                second=names[1],
                field=words.LABELS[name],
            )
    if "email" not in by_field:
        place = next((at for at, cells in enumerate(seen.samples) if "@" in "".join(cells)), 0)
        problems[f"column-{place}"] = gettext("Say which column holds the email addresses.")
    if "role" not in by_field and not role:
        problems["role-for-all"] = gettext(
            "Say which column holds the role, or write the role that they all applied for."
        )
    return problems


def _page(
    employer: Employer,
    file: IntakeFile,
    plan: Plan,
    seen: Peek,
    chosen: Mapping[int, str],
    problems: Mapping[str, str],
    role: str | None = None,
) -> str:
    return render_template(
        "importing/columns.html",
        file=file,
        seen=seen,
        choice=plan.choice,
        chosen=chosen,
        problems=problems,
        role=role if role is not None else dict(plan.for_all).get("role", ""),
        mark=mark(_asked(seen)),
        groups=words.FIELDS,
        encodings=ENCODINGS,
        page_has_errors=bool(problems),
    )


def _unreadable(file: IntakeFile, plan: Plan, why: str) -> str:
    """The file cannot be read as it was chosen: another row or sheet may do."""
    return render_template(
        "importing/unreadable.html",
        file=file,
        why=why,
        choice=plan.choice,
        top=intake.first_rows(file, plan),
        encodings=ENCODINGS,
        page_has_errors=True,
    )
