"""One action for everybody selected: who it is for, the letters, and starting it.

Nothing is changed before the last button; what a letter says is looked at before it leaves.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any, cast
from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal import bulk, closure, formatting, hiring, jobs, letters
from portal.bulk import Action, Plan, Selection
from portal.extensions import db
from portal.language import gettext, lazy_gettext, ngettext, translated
from portal.letters import LETTERS_FOR, Letter, LetterRefused, Text, Why
from portal.models import (
    Application,
    Channel,
    Employer,
    Feedback,
    Locale,
    Outcome,
    ReasonCode,
    Role,
    Run,
    utcnow,
)
from portal.signs import writable
from portal.web import forms
from portal.web.access import member
from portal.web.recruiter import composing, words
from portal.web.recruiter.delaying import A_WEEK
from portal.web.recruiter.desk import recruiter, step
from portal.web.recruiter.forms import AT_ONCE
from portal.web.recruiter.listing import asked_for, in_address
from portal.web.recruiter.many_forms import LETTER, ManyForm

TYPED_ABOVE = 30  # people; for more their number is typed, so that nobody sends it by a slip
SHOWN_LEFT = 20
HEADINGS = {
    Action.TELL: lazy_gettext("Tell by letter"),
    Action.DECIDE: lazy_gettext("Record a decision"),
    Action.TOLD: lazy_gettext("Note that you told them"),
    Action.DELAY: lazy_gettext("Give a new date"),
    Action.WITHDRAW: lazy_gettext("Note that they withdrew"),
    Action.LINK: lazy_gettext("Send the link to their own page"),
}


@dataclass
class Draft:
    """Everything that the page shows: whom it is for, and the letter of one of them."""

    plan: Plan
    selection: Selection
    at: int = 0
    person: Application | None = None
    letter: Text | None = None
    problem: str = ""
    last_leaves_at: datetime | None = None  # if they do not all leave at once

    @property
    def mark(self) -> str:
        """Of what was looked at: the people, and with a letter its words, reason and date."""
        if self.letter is None:
            return self.people
        plan = self.plan
        words = sorted(plan.texts.items())
        decisions = sorted(self.selection.decisions.items())  # each with the reason it gives
        what = (plan.action, plan.outcome, plan.why, plan.next_on)
        return f"{self.people}-{_hash(words, what, decisions)}"

    @property
    def people(self) -> str:
        """The part of the mark that is about whom it is for."""
        return _hash(self.selection.go)

    def differs_from(self, seen: str) -> bool:
        """Whether the people, or the words where there were any, are others than in SEEN."""
        people, _, words = seen.partition("-")
        return people != self.people or (words != "" and seen != self.mark)


def _hash(*said: object) -> str:
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


@recruiter.route("/e/<slug>/applications/many", methods=["GET", "POST"])
@member(Role.RECRUITER)
def many(employer: Employer) -> Response | str:
    """Do one thing with all that were selected on the desk."""
    now = utcnow()
    today = closure.local_day(employer, now)
    wanted = asked_for(today, request.form)
    back = url_for("recruiter.applications", slug=employer.slug, **in_address(wanted))
    asked = request.form.get("do", "")
    ids = _chosen(employer, wanted)
    if request.method != "POST" or asked not in list(Action) or not ids:
        if request.method == "POST":
            flash(gettext("Nobody was selected: tick somebody first."), "info")
        return redirect(back, 303)
    if len(ids) > bulk.MOST:
        most = formatting.count(bulk.MOST)
        said = gettext("That is more than %(most)s people. Narrow the list first.", most=most)
        flash(said, "warning")
        return redirect(back, 303)
    form = ManyForm()
    if step() == "send" and (begun := bulk.find_started(employer, _once(form))):
        return redirect(_page_of(begun, employer), 303)  # a second click, or the back button
    draft = _look(employer, ids, Action(asked), form, now)
    if step() == "send" and _may_go(form, draft):
        return _start(employer, ids, draft, form, back, now)
    return _show(employer, ids, wanted, draft, form, back)


def _chosen(employer: Employer, wanted: hiring.Filter) -> list[int]:
    """The applications that were ticked, or all that the list's filter finds."""
    if request.form.get("every"):
        return bulk.find_ids(employer, wanted)
    picked = request.form.getlist("pick")[: hiring.PAGE_SIZE * 2]
    numbers = [int(one) for one in picked if one.isascii() and one.isdigit() and len(one) < 10]
    return list(dict.fromkeys(numbers))


def _look(
    employer: Employer, ids: list[int], action: Action, form: ManyForm, now: datetime
) -> Draft:
    """FORM read as a plan, whom it is for, and one person's letter."""
    today = closure.local_day(employer, now)
    form.once.data = form.once.data or uuid4().hex
    form.leaves.data = form.leaves.data or AT_ONCE
    form.feedback.data = form.feedback.data or Feedback.NONE.value
    if not step():
        form.told_on.data = form.told_on.data or today
        if action is Action.DELAY:
            form.next_on.data = form.next_on.data or today + A_WEEK
    else:
        form.validate()
        form.demand(action, today)
    plan = _read(form, action)
    selection = bulk.select(employer, ids, plan)
    if plan.action in bulk.WRITES:
        plan = replace(plan, texts={key: _text(employer, key) for key in selection.groups})
        plan = replace(plan, send_at=composing.leaves_at(cast(Any, form), employer, now))
        composing.offer_time(cast(Any, form), today)
    draft = Draft(plan, selection)
    is_dated = plan.action is not Action.DELAY or plan.next_on
    if plan.action in bulk.WRITES and selection.go and is_dated:
        _preview(employer, draft, now)
    return draft


def _read(form: ManyForm, action: Action) -> Plan:
    code = forms.chosen(ReasonCode, form.reason_code)
    outcome = forms.chosen(Outcome, form.outcome)
    if action is Action.WITHDRAW:
        outcome = Outcome.WITHDRAWN
    writes = outcome is not None and bool(LETTERS_FOR[outcome]) and form.then.data == LETTER
    return Plan(
        action=Action.TELL if action is Action.DECIDE and writes else action,
        outcome=outcome if action in (Action.DECIDE, Action.WITHDRAW, Action.TELL) else None,
        why=Why(code, form.reason.data or "", form.next_step.data or ""),
        feedback=forms.chosen(Feedback, form.feedback) or Feedback.NONE,
        channel=forms.chosen(Channel, form.channel) or Channel.PHONE,
        told_on=form.told_on.data,
        next_on=form.next_on.data,
    )


def _text(employer: Employer, key: str) -> Text:
    """The words of one group: as they were typed, else as the letter is kept."""
    typed = (request.form.get(f"subject-{key}"), request.form.get(f"body-{key}"))
    if typed[0] is not None and typed[1] is not None:
        return Text(writable(typed[0]), writable(typed[1]))
    letter, _, locale = key.rpartition("-")
    return letters.current(employer, Letter(letter), Locale(locale))


def _preview(employer: Employer, draft: Draft, now: datetime) -> None:
    """The letter of the person that was asked for, as it will read."""
    at = request.form.get("look", "")
    last = len(draft.selection.go) - 1
    draft.at = min(int(at), last) if at.isascii() and at.isdigit() and len(at) < 7 else 0
    draft.person = hiring.find_application(employer, draft.selection.go[draft.at])
    try:
        draft.letter = bulk.letter_for(draft.person, draft.plan) if draft.person else None
    except LetterRefused as refused:
        draft.problem = str(refused)
    spread = bulk.spread(employer, draft.plan, last + 1, now)
    if (last_at := bulk.leaves_at(spread, last + 1)) != bulk.leaves_at(spread, 1):
        draft.last_leaves_at = last_at


def _may_go(form: ManyForm, draft: Draft) -> bool:
    """Whether the last button may do it; says at its field why not."""
    people = len(draft.selection.go)
    typed = "".join(sign for sign in form.typed.data or "" if sign.isdigit())
    if people > TYPED_ABOVE and typed != str(people):
        number = formatting.count(people)
        forms.reject(form.typed, gettext("Type %(number)s to go on.", number=number))
    if draft.problem:
        forms.reject(form.seen, draft.problem)
    seen = form.seen.data or ""
    if draft.plan.action in bulk.WRITES:
        is_seen = draft.letter is not None and seen == draft.mark
    else:  # one person can be chosen on the desk itself; all that a filter finds are looked at
        is_seen = not draft.differs_from(seen) if seen else not form.every.data
    return people > 0 and is_seen and not form.errors


def _start(
    employer: Employer, ids: list[int], draft: Draft, form: ManyForm, back: str, now: datetime
) -> Response:
    run = bulk.start(employer, ids, draft.plan, _once(form), now)
    db.session.commit()
    jobs.carry_few(run.id)
    page = _page_of(run, employer)
    db.session.refresh(run)
    done = run.counts.get("done", 0)
    if done < run.total:  # a worker is at it, or somebody is left: the page says who, and why
        return redirect(page, 303)
    more = Markup('<a href="{}">{}</a>').format(page, gettext("Line by line, and undo"))
    said = _said(bulk.from_json(run.plan), done, employer.zone)
    flash(Markup("{} {}").format(said, more), "success")
    return redirect(back, 303)


def _page_of(run: Run, employer: Employer) -> str:
    return url_for("running.run", slug=employer.slug, run_id=run.id)


def _once(form: ManyForm) -> str:
    """The name of the form that was sent: a second click is the same."""
    return hashlib.sha256((form.once.data or uuid4().hex).encode()).hexdigest()


def _said(plan: Plan, done: int, zone: tzinfo) -> str:
    number = formatting.count(done)
    leaves_at = bulk.leaves_at(plan, 1)
    if leaves_at is None:
        return ngettext(
            "Noted for one person.", "Noted for %(number)s people.", done, number=number
        )
    return ngettext(
        "One letter is written; it leaves on %(moment)s.",
        "%(number)s letters are written; the first leaves on %(moment)s.",
        done,
        number=number,
        moment=formatting.moment(leaves_at, zone=zone),
    )


def _show(
    employer: Employer,
    ids: list[int],
    wanted: hiring.Filter,
    draft: Draft,
    form: ManyForm,
    back: str,
) -> str:
    """The page on which it is looked over; its letters count as looked at from now on."""
    seen = form.seen.data or ""
    is_changed = step() == "send" and bool(seen) and draft.differs_from(seen)
    form.seen.data = draft.mark
    asked = Action(request.form["do"])
    left = draft.selection.left[:SHOWN_LEFT]
    return render_template(
        "recruiter/many.html",
        form=form,
        draft=draft,
        asked=asked,
        heading=HEADINGS[asked],
        people=len(draft.selection.go),
        picked=[] if request.form.get("every") else ids,
        args=in_address(wanted),
        back=back,
        left=[(translated(bulk.REASONS[why]), n) for why, n in draft.selection.reasons.items()],
        left_out=[
            (one, translated(bulk.REASONS[why]))
            for number, why in left
            if (one := hiring.find_applications(employer, [number]).get(number))
        ],
        groups=[(key, _group(key), n) for key, n in draft.selection.groups.items()],
        is_writing=draft.letter is not None or bool(draft.problem),
        outcome_words=words.OUTCOMES,
        is_changed=is_changed,
        typed_above=TYPED_ABOVE,
        page_has_errors=bool(form.errors),
    )


def _group(key: str) -> str:
    """Whose letter it is, in words."""
    letter, _, locale = key.rpartition("-")
    tongue = gettext("French") if locale == Locale.FRENCH else gettext("English")
    what = str(composing.LETTERS[Letter(letter)])
    return gettext("%(what)s, %(language)s", what=what, language=tongue)
