"""An employer's letters to candidates: read, changed, tried out, brought back; by its owners."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import audit, closure, letters
from portal.extensions import db, limiter, network
from portal.language import LANGUAGES, gettext
from portal.letters import Letter, LetterChanged, LetterRefused, Placeholders, Text
from portal.mail_kinds import letter_test
from portal.models import Employer, Locale, Role, utcnow
from portal.web.access import member
from portal.web.forms import ConfirmForm, reject
from portal.web.recruiter import composing
from portal.web.recruiter.composing import LETTERS
from portal.web.recruiter.forms import LetterForm
from portal.web.settings.sections import PATH, settings_pages

Answer = Response | str | tuple[str, int]
TESTS = "10 per hour"
ONE = f"{PATH}/letters/<any({','.join(Letter)}):letter>/<any({','.join(LANGUAGES)}):language>"
NEWEST_VERSION = 2147483647


def _who_tests() -> str:
    return f"user {audit.acting_user_id() or network()}"


@settings_pages.route(f"{PATH}/letters", endpoint="letters")
@member(Role.OWNER)
def list_letters(employer: Employer) -> str:
    """Every letter, and whose words are in force."""
    shown = [
        (letter, title, [(tag, name, _in_force(employer, letter, tag)) for tag, name in named])
        for named in [LANGUAGES.items()]
        for letter, title in LETTERS.items()
    ]
    return render_template("settings/letters.html", letters=shown)


def _in_force(employer: Employer, letter: Letter, language: str) -> object:
    """When EMPLOYER wrote the words that are in force; None if they are the shipped ones."""
    versions = letters.list_versions(employer, letter, Locale(language))
    return versions[0].created_at if versions and versions[0].subject is not None else None


@settings_pages.route(ONE, endpoint="letter", methods=["GET", "POST"])
@member(Role.OWNER)
def change_letter(employer: Employer, letter: str, language: str) -> Answer:
    """Change a letter, and see how it reads."""
    which, form = (Letter(letter), Locale(language)), LetterForm()
    if request.method != "POST":
        text = letters.current(employer, *which)
        form.subject.data, form.body.data = text.subject, text.body
        form.seen.data = str(_newest(employer, *which))
        return _show(employer, *which, form)
    form.validate()
    read = composing.fill(form, _sample(employer, *which))
    if read is None or form.errors or request.form.get("step") == "look":
        return _show(employer, *which, form)
    text = Text(form.subject.data, form.body.data)
    try:
        letters.save_letter(employer, *which, text, _seen(form), utcnow())
    except LetterRefused as refusal:
        db.session.rollback()
        reject(form.body, str(refusal))
        return _show(employer, *which, form)
    except LetterChanged:
        db.session.rollback()
        return _changed(employer, *which, form)
    return _done(employer, *which, gettext("Saved: from now on this letter is the one in force."))


def _newest(employer: Employer, letter: Letter, locale: Locale) -> int:
    return next((one.id for one in letters.list_versions(employer, letter, locale)), 0)


def _seen(form: LetterForm | ConfirmForm) -> int:
    """The id of the version that was in force when the page was opened; -1 for what is not ours."""
    said = form.seen.data or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 11 else -1


def _sample(employer: Employer, letter: Letter, locale: Locale) -> Placeholders:
    today = closure.local_day(employer, utcnow())
    return letters.sample_placeholders(letter, employer, locale, today)


def _done(employer: Employer, letter: Letter, locale: Locale, said: str) -> Response:
    db.session.commit()
    flash(said, "success")
    return _back(employer, letter, locale)


def _back(employer: Employer, letter: Letter, locale: Locale) -> Response:
    page = url_for("settings.letter", slug=employer.slug, letter=letter, language=locale)
    return redirect(page, 303)


def _changed(
    employer: Employer, letter: Letter, locale: Locale, form: LetterForm
) -> tuple[str, int]:
    """Nothing was kept: the page says so, with all that was typed and what is in force now."""
    form.seen.data = str(_newest(employer, letter, locale))
    return _show(employer, letter, locale, form, is_changed=True), 409


def _show(
    employer: Employer,
    letter: Letter,
    locale: Locale,
    form: LetterForm,
    is_changed: bool = False,
) -> str:
    values = _sample(employer, letter, locale)
    read = None if form.errors else composing.fill(form, values)
    return render_template(
        "settings/letter.html",
        form=form,
        letter=letter,
        title=LETTERS[letter],
        shown=locale.value,
        language_name=LANGUAGES[locale],
        read=read,
        blocks=letters.blocks(read.body) if read else [],
        candidate=values.candidate,
        known=letters.names_of(values),
        versions=letters.list_versions(employer, letter, locale),
        in_force=letters.current(employer, letter, locale),
        shipped=letters.template(letter, locale),
        is_changed=is_changed,
        page_has_errors=bool(form.errors),
    )


@settings_pages.post(f"{ONE}/restore/<int(max={NEWEST_VERSION}):version_id>")
@member(Role.OWNER)
def restore_letter(employer: Employer, letter: str, language: str, version_id: int) -> Answer:
    """Put an earlier version in force again."""
    which = Letter(letter), Locale(language)
    form = ConfirmForm()
    try:
        letters.restore_letter(employer, *which, version_id, _seen(form), utcnow())
    except LetterChanged:
        return _nothing_done(employer, *which)
    return _done(employer, *which, gettext("The earlier version is in force again."))


@settings_pages.post(f"{ONE}/reset")
@member(Role.OWNER)
def reset_letter(employer: Employer, letter: str, language: str) -> Answer:
    """Put the shipped text in force again."""
    which = Letter(letter), Locale(language)
    try:
        letters.reset_letter(employer, *which, _seen(ConfirmForm()), utcnow())
    except LetterChanged:
        return _nothing_done(employer, *which)
    return _done(employer, *which, gettext("Our text is in force again."))


def _nothing_done(employer: Employer, letter: Letter, locale: Locale) -> Response:
    db.session.rollback()
    said = gettext("The letter changed while this page was open, and nothing was done. Look again.")
    flash(said, "warning")
    return _back(employer, letter, locale)


@settings_pages.post(f"{ONE}/test")
@limiter.limit(TESTS, key_func=_who_tests)
@member(Role.OWNER)
def test_letter(employer: Employer, letter: str, language: str) -> Answer:
    """Send the letter in force to whoever asks for it, and to nobody else."""
    which = Letter(letter), Locale(language)
    user = audit.signed_in_user()
    assert user is not None  # noqa: S101 (an owner)
    letter_test.owe(user, employer, *which, utcnow())
    audit.record("letter.tested", employer.id, letter=which[0], locale=which[1])
    said = gettext("The letter is on its way to %(address)s, as a test.", address=user.email)
    return _done(employer, *which, said)
