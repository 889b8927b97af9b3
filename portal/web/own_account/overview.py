"""The account at a glance: what may be changed, the language, and where one is signed in."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, session, url_for
from flask_security import logout_user

from portal import accounts, audit, credentials, formatting
from portal.extensions import db
from portal.language import gettext
from portal.models import Locale, SignIn, utcnow
from portal.web.access import signed_in
from portal.web.account_forms import LanguageForm
from portal.web.languages import set_language_of
from portal.web.own_account.pages import Page, done, own_account, person, secret, show


@dataclass(frozen=True)
class SignInRow:
    """One sign-in as its person may know it."""

    id: int
    browser: str
    started_at: datetime
    is_this: bool


def _sign_in_row(sign_in: SignIn) -> SignInRow:
    return SignInRow(
        id=sign_in.id,
        browser=formatting.browser(sign_in.browser, sign_in.system),
        started_at=sign_in.started_at,
        is_this=accounts.is_of(sign_in, secret()),
    )


def _page(form: LanguageForm) -> Page:
    user = person()
    rows = [_sign_in_row(sign_in) for sign_in in accounts.list_sign_ins(user, utcnow())]
    return show(
        "overview",
        form,
        user=user,
        has_second_factor=user.totp_sealed is not None,
        codes_left=credentials.count_codes(user),
        rows=sorted(rows, key=lambda row: not row.is_this),
    )


@own_account.route("/account")
@signed_in
def overview() -> Page:
    """Everything about one's own account."""
    return _page(LanguageForm(locale=person().locale or ""))


@own_account.post("/account/language")
@signed_in
def language() -> Page:
    """Read pages and mails in another language."""
    form = LanguageForm()
    if not form.validate_on_submit():
        return _page(form)
    user = person()
    user.locale = Locale(form.locale.data) if form.locale.data else None
    audit.record("user.locale_set", None, user.id)
    db.session.commit()
    set_language_of(user)
    return done(gettext("Pages and mails speak your language now."))


@own_account.post("/account/sign-ins/<int(max=2147483647):sign_in_id>/end")
@signed_in
def end_one(sign_in_id: int) -> Page:
    """Sign out elsewhere; what is not one's own, or has ended, stays as it is."""
    accounts.end_one_sign_in(person(), sign_in_id)
    db.session.commit()
    return done(gettext("That browser is signed out."))


@own_account.post("/account/sign-ins/end")
@signed_in
def end_all() -> Page:
    """Sign out everywhere, here too."""
    accounts.end_sign_ins(person())
    audit.record("sign_in.all_ended", None, person().id)
    db.session.commit()
    logout_user()
    session.pop("_flashes", None)  # "You are signed out" says too little
    flash(gettext("You are signed out everywhere."), "success")
    return redirect(url_for("security.login"), 303)
