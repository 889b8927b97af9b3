"""An employer's letter, sent to the owner who wants to see how it arrives; never to a candidate."""

from datetime import datetime

from portal import closure, emails, letters, outbox
from portal.emails import MailKind, Unwritable, one_line
from portal.extensions import db
from portal.language import lazy_gettext
from portal.letters import Letter, LetterRefused
from portal.models import Email, Employer, Locale, User, utcnow

KEY = "letter_test"


def owe(user: User, employer: Employer, letter: Letter, locale: Locale, now: datetime) -> None:
    """Owe USER the letter that is in force. Its key says which: an email's row holds no text."""
    outbox.queue_email(
        KEY,
        user.email,
        user_id=user.id,
        employer_id=employer.id,
        dedup_key=f"{KEY}:{letter}:{locale}:{user.id}:{now:%Y%m%d%H%M%S}",
    )


def write(email: Email) -> bytes:
    """The letter filled in as its preview is."""
    _, letter, locale, *_ = email.dedup_key.split(":")
    employer = db.session.get_one(Employer, email.employer_id)
    which = Letter(letter), Locale(locale)
    today = closure.local_day(employer, utcnow())
    values = letters.sample_placeholders(which[0], employer, which[1], today)
    try:
        text = letters.write_letter(*which, values, letters.current(employer, *which))
    except LetterRefused as refusal:
        raise Unwritable("changed") from refusal
    facts = {
        "notice_subject": one_line(text.subject, len(text.subject)),
        "body": text.body,
        "blocks": letters.blocks(text.body),
    }
    return emails.build(email, emails.from_employer(employer, which[1]), which[1], facts)


KIND = MailKind(
    key=KEY,
    label=lazy_gettext("A letter, to try it out"),
    write=write,
    is_repeatable=False,  # whoever wants another asks for it
)
