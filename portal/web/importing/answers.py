"""What cannot be read off the file and is asked: what was decided, on which day, who was told."""

from collections.abc import Mapping
from datetime import date

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from portal import closure, intake
from portal.candidate_files import Meaning, Order, Plan, ToldAnswer, Value
from portal.candidate_files.columns import IGNORE
from portal.extensions import db
from portal.intake import Examined
from portal.language import gettext
from portal.models import Employer, IntakeFile, Role, utcnow
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

MOST_SHOWN = 40  # characters of a value in a sentence
Numbered = tuple[int, Value]


@importing.route(f"{FILE_PATH}/answers", methods=["GET", "POST"])
@member(Role.RECRUITER)
def answers(employer: Employer, file_id: int) -> Response | str:
    """Ask what only a person knows."""
    file, plan = find(employer, file_id)
    examined = intake.found_in(file)
    if examined is None or examined.problem:
        return redirect(next_step(employer, file), 303)
    if request.method != "POST":
        return _page(employer, file, plan, examined, {})
    problems = out_of_date(_asked(examined)) or _problems(employer, examined)
    if problems:
        return _page(employer, file, plan, examined, problems)
    intake.say(employer, file, _said(plan, examined), utcnow())
    db.session.commit()
    return redirect(next_step(employer, file), 303)


def _asked(examined: Examined) -> list[object]:
    """What the page asks about."""
    values = [[value.place, value.text] for value in examined.values]
    return [values, sorted(_overlooked(examined)), sorted(examined.order)]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _problems(employer: Employer, examined: Examined) -> dict[str, str]:
    """What is not answered, by the field of the form."""
    form, problems = request.form, {}
    for number, value in enumerate(examined.values):
        if form.get(f"value-{number}", "") not in list(Meaning):
            is_long = len(value.text) > MOST_SHOWN
            text = f"{value.text[:MOST_SHOWN].rstrip()}…" if is_long else value.text
            problems[f"value-{number}"] = gettext(
                "Say what “%(value)s” means.", value=text or gettext("(empty)")
            )
    for place in _overlooked(examined):
        if form.get(f"overlooked-{place}") not in ("yes", "no"):
            problems[f"overlooked-{place}"] = gettext("Say whether it tells what was decided.")
    return problems | _problems_of_all(employer, examined)


def _problems_of_all(employer: Employer, examined: Examined) -> dict[str, str]:
    """What is not answered of what is asked once for all rows."""
    form, problems = request.form, {}
    if examined.order and form.get("dates") not in list(Order):
        problems["dates"] = gettext("Say how the days are written.")
    if "decided-on" in form and (form["decided-on"] or _is_anybody_decided(examined)):
        day = _day(form.get("decided-on", ""))
        if day is None:
            problems["decided-on"] = gettext("Enter the day on which they were decided on.")
        elif day > closure.local_day(employer, utcnow()):
            problems["decided-on"] = gettext("Enter a day that is not in the future.")
    is_said = form.get("told") in (ToldAnswer.YES, ToldAnswer.NO) or examined.is_told_said
    if not is_said and _is_anybody_decided(examined):
        problems["told"] = gettext("Say whether they were told.")
    return problems


def _said(plan: Plan, examined: Examined) -> Plan:
    """PLAN with what was answered."""
    form = request.form
    for_all = dict(plan.for_all)
    if day := _day(form.get("decided-on", "")):
        for_all["decided_on"] = day.isoformat()
    told, dates = form.get("told"), form.get("dates")
    more = tuple(
        (f"#{place + 1}", "outcome" if form.get(f"overlooked-{place}") == "yes" else IGNORE)
        for place in _overlooked(examined)
    )
    return Plan(
        plan.choice,
        plan.columns + more,
        tuple(
            (f"#{value.place + 1}", value.text, form[f"value-{number}"])
            for number, value in enumerate(examined.values)
        )
        or plan.values,
        tuple(for_all.items()),
        Order(dates) if dates in list(Order) else plan.dates,
        ToldAnswer(told) if told in list(ToldAnswer) else plan.told,
    )


def _is_anybody_decided(examined: Examined) -> bool:
    """Whether what was answered says so of any row."""
    form, overlooked = request.form, _overlooked(examined)
    said = {form.get(f"value-{number}", "") for number in range(len(examined.values))}
    if said - {Meaning.OPEN, Meaning.IGNORE, ""}:
        return True
    if any(form.get(f"overlooked-{place}") == "yes" for place in overlooked):
        return True
    return examined.decided > 0 and not examined.values and not overlooked


def _overlooked(examined: Examined) -> dict[int, list[Value]]:
    """Columns that nobody reads, and yet seem to say what was decided, by their place."""
    found: dict[int, list[Value]] = {}
    for value in examined.overlooked:
        found.setdefault(value.place, []).append(value)
    return found


def _columns(examined: Examined) -> list[list[Numbered]]:
    """The values to say the meaning of, by their column; first those that nobody can guess."""
    found: dict[int, list[Numbered]] = {}
    for number, value in enumerate(examined.values):
        found.setdefault(value.place, []).append((number, value))
    return [sorted(one, key=lambda pair: bool(pair[1].likely)) for one in found.values()]


def _is_settled(plan: Plan, values: list[Numbered], problems: Mapping[str, str]) -> bool:
    """Whether what VALUES mean was said before, and is only shown for who wants to change it."""
    is_asked = any(value.is_asked for _, value in values)
    has_problem = any(f"value-{number}" in problems for number, _ in values)
    return bool(plan.values) and not is_asked and not has_problem


def _page(
    employer: Employer,
    file: IntakeFile,
    plan: Plan,
    examined: Examined,
    problems: Mapping[str, str],
) -> str:
    typed = request.form if is_about(_asked(examined)) else {}
    columns = _columns(examined)
    settled = [one for one in columns if _is_settled(plan, one, problems)]
    return render_template(
        "importing/answers.html",
        file=file,
        examined=examined,
        problems=problems,
        typed=typed,
        mark=mark(_asked(examined)),
        asked=[one for one in columns if one not in settled],
        settled=settled,
        overlooked=list(_overlooked(examined).items()),
        readings={order: date.fromisoformat(day) for order, day in examined.order.items()},
        asks_day=bool(examined.undated) or (not examined.has_days and bool(examined.values)),
        asks_told=not examined.is_told_said and (examined.decided > 0 or bool(examined.values)),
        told=typed.get("told", plan.told or ""),
        dates=typed.get("dates", plan.dates or ""),
        day=typed.get("decided-on", dict(plan.for_all).get("decided_on", "")),
        meanings=words.MEANINGS,
        ambiguous=examined.ambiguous_text,
        today=closure.local_day(employer, utcnow()),
        page_has_errors=bool(problems),
    )
