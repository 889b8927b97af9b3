"""What cannot be read off the file and is asked: what was decided, on which day, who was told."""

from collections.abc import Mapping
from datetime import date

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from portal import closure, intake
from portal.candidate_files import Meaning, Order, Plan, ToldAnswer
from portal.extensions import db
from portal.intake import Examined
from portal.language import gettext
from portal.models import Employer, IntakeFile, Role, utcnow
from portal.web.access import member
from portal.web.importing import words
from portal.web.importing.pages import FILE_PATH, examined_of, find, importing, next_step, page

MOST_ASKED = 200  # values on one page; a column with more holds no outcomes


@importing.route(f"{FILE_PATH}/answers", methods=["GET", "POST"])
@member(Role.RECRUITER)
def answers(employer: Employer, file_id: int) -> Response | str:
    """Ask what only a person knows."""
    file, plan = find(employer, file_id)
    examined = examined_of(file)
    if examined is None or examined.problem:
        return redirect(next_step(employer, file), 303)
    if request.method != "POST":
        return _page(employer, file, plan, examined, {})
    problems = _problems(employer, examined)
    if problems:
        return _page(employer, file, plan, examined, problems)
    intake.learn_answers(file, _said(plan, examined))
    db.session.commit()
    return redirect(page("check", employer, file), 303)


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
            problems[f"value-{number}"] = gettext(
                "Say what “%(value)s” means.", value=value.text or gettext("(empty)")
            )
    if examined.order and form.get("dates") not in list(Order):
        problems["dates"] = gettext("Say how the days are written.")
    if examined.undated or "decided-on" in form:
        day = _day(form.get("decided-on", ""))
        if day is None:
            problems["decided-on"] = gettext("Enter the day on which they were decided on.")
        elif day > closure.local_day(employer, utcnow()):
            problems["decided-on"] = gettext("Enter a day that is not in the future.")
    if examined.is_told_asked and form.get("told") not in (ToldAnswer.YES, ToldAnswer.NO):
        problems["told"] = gettext("Say whether they were told.")
    return problems


def _said(plan: Plan, examined: Examined) -> Plan:
    """PLAN with what was answered."""
    form = request.form
    for_all = dict(plan.for_all)
    if day := _day(form.get("decided-on", "")):
        for_all["decided_on"] = day.isoformat()
    told, dates = form.get("told"), form.get("dates")
    return Plan(
        plan.choice,
        plan.columns,
        tuple(
            (f"#{value.place + 1}", value.text, form[f"value-{number}"])
            for number, value in enumerate(examined.values)
        )
        or plan.values,
        tuple(for_all.items()),
        Order(dates) if dates in list(Order) else plan.dates,
        ToldAnswer(told) if told in list(ToldAnswer) else plan.told,
    )


def _page(
    employer: Employer,
    file: IntakeFile,
    plan: Plan,
    examined: Examined,
    problems: Mapping[str, str],
) -> str:
    typed = request.form if request.method == "POST" else {}
    return render_template(
        "importing/answers.html",
        file=file,
        examined=examined,
        problems=problems,
        typed=typed,
        told=typed.get("told", plan.told or ""),
        dates=typed.get("dates", plan.dates or ""),
        day=typed.get("decided-on", dict(plan.for_all).get("decided_on", "")),
        meanings=words.MEANINGS,
        today=closure.local_day(employer, utcnow()),
        page_has_errors=bool(problems),
    )
