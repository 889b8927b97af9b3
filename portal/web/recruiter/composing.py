"""Writing an email to a candidate: its words, how it reads, and when it leaves.

Nothing leaves that was not looked at: a text that was changed is shown once more, filled in.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from markupsafe import Markup
from wtforms import Field

from portal import closure, emails, formatting, hiring, letters, outbox
from portal.config import settings
from portal.language import gettext, lazy_gettext
from portal.letters import Letter, LetterRefused, Placeholders, Text
from portal.models import Application, Channel, Employer, Outcome
from portal.web.forms import reject, within
from portal.web.recruiter.desk import step
from portal.web.recruiter.forms import LATER, LetterForm, TellForm
from portal.web.recruiter.saying import say

MAX_AHEAD = timedelta(days=30)
OFFERED_AT = time(9)
SATURDAY = 5
LETTERS = {
    Letter.REJECTED: lazy_gettext("Not chosen"),
    Letter.HIRED: lazy_gettext("Welcome: the role is theirs"),
    Letter.OFFER: lazy_gettext("An offer: details follow"),
    Letter.DELAY: lazy_gettext("No decision yet"),
}


@dataclass(frozen=True)
class Draft:
    """An email as it stands: how it reads (None while it cannot be sent) and whose it is.

    `was_shown`: some text of it was looked at; `is_looked_at`: this very one was.
    """

    text: Text | None
    sender: str
    to: str
    reply_to: str
    known: str
    was_shown: bool
    is_looked_at: bool

    @property
    def may_leave(self) -> bool:
        """Whether the person asked to send what they have looked at."""
        return step() == "send" and self.is_looked_at


def why_no_email(application: Application) -> str | None:
    """Why this candidate cannot be told by email; None if they can."""
    address = application.candidate.email
    if address is None:
        return gettext("There is no email address for this candidate.")
    if outbox.find_suppression(address, application.employer_id, is_survey=False):
        return gettext("Earlier mail to this address did not arrive.")
    if emails.find_reply_to(application.employer) is None:
        return gettext("There is no address yet that replies could go to.")
    return None


def use_template(form: LetterForm, letter: Letter, application: Application) -> None:
    """Put the words of LETTER, as it is in force, into FORM, placeholders and all."""
    text = letters.current(application.employer, letter, application.candidate.locale)
    form.letter.data, form.subject.data, form.body.data = letter.value, text.subject, text.body


def look_over(form: LetterForm, application: Application, values: Placeholders) -> Draft:
    """FORM's email as the candidate would read it, marked as looked at from now on."""
    text = fill(form, values)
    mark, seen = _mark(text), form.looked_at.data
    form.looked_at.data = mark
    employer = application.employer
    team = emails.team_of(employer, application.candidate.locale)
    return Draft(
        text=text,
        sender=f"{team} <{settings().sender_address}>",
        to=application.candidate.email or "",
        reply_to=emails.find_reply_to(employer) or "",
        known=letters.names_of(values),
        was_shown=bool(seen),
        is_looked_at=text is not None and seen == mark,
    )


def _mark(text: Text | None) -> str:
    words = f"{text.subject}\0{text.body}" if text else ""
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def fill(form: LetterForm, values: Placeholders) -> Text | None:
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


def offer_time(form: TellForm, today: date) -> None:
    """Fill in the next working morning where no time was asked for yet."""
    if form.leaves_on.raw_data or form.leaves_at.raw_data:
        return  # as it was typed, or emptied
    day = today + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    form.leaves_on.data, form.leaves_at.data = day, OFFERED_AT


def leaves_at(form: TellForm, employer: Employer, now: datetime) -> datetime | None:
    """When the email is to leave; None for at once. A time that cannot be is said at the field."""
    if form.leaves.data != LATER or form.leaves_on.errors or form.leaves_at.errors:
        return None
    at = closure.local_moment(employer, form.leaves_on.data, form.leaves_at.data)
    if at <= now:
        here = formatting.moment(now, zone=employer.zone)
        reject(form.leaves_at, gettext("That time has passed: it is %(now)s.", now=here))
    elif at > now + MAX_AHEAD:
        reject(form.leaves_on, within(MAX_AHEAD.days))
    return at


def is_sending(employer: Employer, now: datetime) -> bool:
    """Whether what EMPLOYER writes to candidates leaves just now."""
    return not employer.is_mail_resting and outbox.mail_condition(now).is_healthy


def leaves(name: Markup, employer: Employer, send_at: datetime | None, now: datetime) -> Markup:
    """When the email to NAME goes, as things stand."""
    if send_at:
        when = formatting.time_tag(send_at, zone=employer.zone)
        return say(gettext("The email to %(name)s leaves on %(when)s."), name=name, when=when)
    if is_sending(employer, now):
        return say(gettext("The email to %(name)s leaves now."), name=name)
    return say(gettext("The email to %(name)s waits: sending rests at the moment."), name=name)


def told_before(application: Application, outcome: Outcome) -> Markup | None:
    """What to know before OUTCOME is written again to somebody who may have learnt it already."""
    earlier = hiring.find_telling(application, outcome)
    if earlier is None:
        return None
    again = gettext("This email tells them again.")
    if earlier.email or earlier.notice.channel is Channel.EMAIL:
        again = gettext("This is a second email.")
    if told_at := earlier.notice.told_at:
        day = formatting.day_tag(closure.local_day(application.employer, told_at))
        return say(gettext("They were told this on %(day)s. %(again)s"), day=day, again=again)
    left = gettext("An email that tells them this has left already. %(again)s")
    return say(left, again=again)
