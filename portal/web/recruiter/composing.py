"""Writing an email to a candidate: its words, how it reads, and when it leaves.

Nothing leaves that was not looked at: a text that was changed is shown once more, filled in.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import render_template
from markupsafe import Markup
from wtforms import Field

from portal import closure, emails, formatting, hiring, language, letters, outbox
from portal.config import settings
from portal.language import gettext
from portal.letters import Letter, LetterRefused, Placeholders, Text
from portal.models import Application, Channel, Employer, Locale, Outcome
from portal.web.forms import LATER, LetterForm, TellForm, reject
from portal.web.recruiter import words
from portal.web.recruiter.desk import page_of, step

MAX_AHEAD = timedelta(days=30)
LETTERS = {
    Letter.REJECTED: "Not chosen",
    Letter.HIRED: "Welcome: the role is theirs",
    Letter.OFFER: "An offer: details follow",
    Letter.DELAY: "No decision yet",
}


@dataclass(frozen=True)
class Draft:
    """An email as it stands: how it reads (None while it cannot be sent) and whose it is."""

    text: Text | None
    sender: str
    to: str
    reply_to: str
    is_looked_at: bool

    def may_leave(self, form: LetterForm) -> bool:
        """Whether the person asked to send what they have looked at, and nothing is wrong."""
        return step() == "send" and self.is_looked_at and not form.errors


def why_no_email(application: Application) -> str | None:
    """Why this candidate cannot be told by email; None if they can."""
    address = application.candidate.email
    if address is None:
        return "There is no email address for this candidate."
    if outbox.find_suppression(address, application.employer_id, is_survey=False):
        return "Earlier mail to this address did not arrive."
    if emails.find_reply_to(application.employer) is None:
        return "There is no address yet that replies could go to."
    return None


def placeholders(application: Application, next_on: date | None = None) -> Placeholders:
    """What a text may name in braces, in the candidate's language."""
    locale = application.candidate.locale
    with language.use(application.employer.written_in(locale)):
        sender = gettext("The hiring team")
        date_in_words = formatting.day(next_on) if next_on else None
    return Placeholders(
        candidate=application.candidate.name,
        role=application.requisition.title,
        employer=application.employer.name,
        sender=sender,
        date=date_in_words,
    )


def use_template(form: LetterForm, letter: Letter, locale: Locale) -> None:
    """Put the words of LETTER into FORM, placeholders and all."""
    text = letters.template(letter, locale)
    form.subject.data, form.body.data = text.subject, text.body


def look_over(form: LetterForm, application: Application, next_on: date | None = None) -> Draft:
    """FORM's email as the candidate would read it, marked as looked at from now on."""
    text = _fill(form, placeholders(application, next_on))
    mark = _mark(text)
    was_looked_at = text is not None and form.looked_at.data == mark
    form.looked_at.data = mark
    employer = application.employer
    team = emails.team_of(employer, application.candidate.locale)
    return Draft(
        text=text,
        sender=f"{team} <{settings().sender_address}>",
        to=application.candidate.email or "",
        reply_to=emails.find_reply_to(employer) or "",
        is_looked_at=was_looked_at,
    )


def _mark(text: Text | None) -> str:
    words = f"{text.subject}\0{text.body}" if text else ""
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def _fill(form: LetterForm, values: Placeholders) -> Text | None:
    """The text filled in, or None with the reasons at the fields that are to be changed."""
    form.require_letter()
    # One after the other, so that each field hears of its own mistakes.
    subject = _checked(form.subject, form.subject.data or "", "-", values)
    body = _checked(form.body, "-", form.body.data or "", values)
    if subject is None or body is None:
        return None
    return Text(subject.subject, body.body)


def _checked(field: Field, subject: str, body: str, values: Placeholders) -> Text | None:
    if field.errors:
        return None
    try:
        return letters.check_letter(subject, body, values)
    except LetterRefused as refusal:
        reject(field, str(refusal))
        return None


def leaves_at(form: TellForm, employer: Employer, now: datetime) -> datetime | None:
    """When the email is to leave; None for at once. A time that cannot be is said at the field."""
    if form.leaves.data != LATER or form.leaves_on.errors or form.leaves_at.errors:
        return None
    at = closure.local_moment(employer, form.leaves_on.data, form.leaves_at.data)
    if at <= now:
        here = formatting.moment(now, zone=employer.zone)
        reject(form.leaves_at, f"That time has passed: it is {here}.")
    elif at > now + MAX_AHEAD:
        reject(form.leaves_on, "Choose a day within the next 30 days.")
    return at


def told_before(application: Application, outcome: Outcome) -> Markup | None:
    """What to know before OUTCOME is written again to somebody who may have learnt it already."""
    earlier = hiring.find_telling(application, outcome)
    if earlier is None:
        return None
    again = Markup("This email tells them again.")
    if earlier.email or earlier.notice.channel is Channel.EMAIL:
        again = Markup("This is a second email.")
    if told_at := earlier.notice.told_at:
        day = closure.local_day(application.employer, told_at)
        return Markup("They were told this on {}. {}").format(formatting.day_tag(day), again)
    return Markup("An email that tells them this has left already. {}").format(again)


def show(
    form: LetterForm,
    application: Application,
    draft: Draft,
    templates: tuple[Letter, ...],
    **facts: object,
) -> str:
    """The page on which an email is looked over, changed and sent."""
    return render_template(
        "recruiter/letter.html",
        form=form,
        application=application,
        draft=draft,
        templates=[(letter.value, LETTERS[letter]) for letter in templates],
        outcomes=words.OUTCOMES,
        needs_another_look=step() == "send" and not draft.is_looked_at and not form.errors,
        cancel=page_of(application),
        page_has_errors=bool(form.errors),
        **facts,
    )
