"""The one flow of deciding, telling and putting off: a form, the letter under it, what is done.

The page shows the letter as it will read. It comes back with all that was typed where something
is wrong, where the letter reads otherwise than it did when it was looked at, and where somebody
else was faster.
"""

from abc import ABC, abstractmethod
from datetime import date, datetime
from typing import Any, ClassVar

from flask import render_template, request
from werkzeug.wrappers import Response
from wtforms import Field

from portal import closure, hiring, letters
from portal.extensions import db
from portal.letters import Letter, Why
from portal.models import Application, Employer
from portal.web.forms import reject
from portal.web.recruiter import composing, words
from portal.web.recruiter.changes import changes_since
from portal.web.recruiter.composing import Draft
from portal.web.recruiter.desk import back_to, look_at, page_of, start_over, step
from portal.web.recruiter.forms import LetterForm

Answer = Response | str | tuple[str, int]


class Task(ABC):
    """What one of the forms is for."""

    template: ClassVar[str]
    form: LetterForm
    kind = "success"  # of what is said when it is done

    def __init__(self, application: Application, form: LetterForm, now: datetime) -> None:
        self.application, self.form, self.now = application, form, now
        self.employer: Employer = application.employer
        self.today = closure.local_day(self.employer, now)

    @property
    def is_written(self) -> bool:
        """Whether the form says that the letter goes."""
        return True

    @property
    def next_on(self) -> date | None:
        """The day that the letter promises."""
        return None

    @abstractmethod
    def begin(self) -> None:
        """Fill in what stands in the form when it is opened."""

    @abstractmethod
    def check(self) -> None:
        """Say at its field what else is wrong with a form that was sent."""

    @abstractmethod
    def letters(self) -> tuple[Letter, ...]:
        """The letters that can be written as things stand, the usual one first."""

    @abstractmethod
    def carry_out(self, draft: Draft | None) -> tuple[str, ...]:
        """Do it, with DRAFT if the letter goes; returns what to say of it.

        Raises hiring.DecisionChanged and hiring.DecisionRefused.
        """

    @abstractmethod
    def field_of(self, error: hiring.DecisionRefused) -> Field:
        """Where to say why it was refused."""

    def why(self) -> Why:
        """The reason that the letter gives."""
        return Why()

    def start_letter(self, letter: Letter) -> None:
        """Begin anew from LETTER."""
        composing.use_template(self.form, letter, self.application)

    def facts(self) -> dict[str, Any]:
        """What else the page speaks of."""
        return {}


def run(task: Task) -> Answer:
    """The answer to a request for TASK's page, or to its form."""
    form, seen = task.form, look_at(task.application).mark
    if request.method != "POST":
        form.seen.data = seen
        task.begin()
        return _show(task, _compose(task))
    if form.seen.data != seen:
        return _changed(task)
    form.validate()
    task.check()
    draft = _compose(task)
    if not task.is_written:
        form.forgive_letter()
    is_looking = step() == "look" or "use" in request.form
    is_held = task.is_written and not (draft and draft.may_leave)
    if form.errors or is_looking or is_held:
        return _show(task, draft)
    return _carry_out(task, draft)


def _compose(task: Task) -> Draft | None:
    """The letter, begun from a template the first time or when one is asked for."""
    form, options = task.form, task.letters()
    if not options:
        return None
    asked = request.form.get("use")
    if asked in options or form.letter.data not in options:
        task.start_letter(Letter(asked) if asked in options else options[0])
    letter = Letter(form.letter.data)
    values = letters.placeholders(letter, task.application, task.why(), task.next_on)
    return composing.look_over(form, task.application, values)


def _carry_out(task: Task, draft: Draft | None) -> Answer:
    try:
        said = task.carry_out(draft if task.is_written else None)
    except hiring.DecisionChanged:
        start_over()
        return _changed(task)
    except hiring.DecisionRefused as error:
        start_over()
        reject(task.field_of(error), str(error))
        return _show(task, draft)
    db.session.commit()
    return back_to(task.application, *said, kind=task.kind)


def _changed(task: Task) -> tuple[str, int]:
    """Nothing was kept: the page says what others did, with all that was typed."""
    changes = changes_since(task.application, task.form.seen.data)
    task.form.seen.data = look_at(task.application).mark
    return _show(task, _compose(task), changes), 409


def _show(task: Task, draft: Draft | None, changes: tuple[str, ...] = ()) -> str:
    form, application = task.form, task.application
    is_new = draft is not None and not draft.is_looked_at
    return render_template(
        task.template,
        form=form,
        application=application,
        draft=draft,
        templates=[(one.value, composing.LETTERS[one]) for one in task.letters()],
        is_just_in=hiring.is_just_in(application, task.now),
        outcomes=words.OUTCOMES,
        changes=changes,
        needs_look=step() == "send" and task.is_written and is_new and not form.errors,
        cancel=page_of(application),
        page_has_errors=bool(form.errors),
        **task.facts(),
    )
