"""Changing one's password."""

from portal import accounts, credentials
from portal.extensions import db
from portal.language import gettext
from portal.web.access import signed_in
from portal.web.account_forms import ChangePasswordForm
from portal.web.forms import reject
from portal.web.own_account.pages import (
    Page,
    done,
    knows_password,
    limit_present,
    own_account,
    person,
    secret,
    show,
)


@own_account.route("/account/password", methods=["GET", "POST"])
@signed_in
@limit_present
def password() -> Page:
    """Change it; whatever else is signed in has to sign in again."""
    form = ChangePasswordForm()
    if knows_password(form):
        try:
            credentials.change_password(person(), form.new_password.data or "", secret())
        except accounts.AccountRefused as refusal:
            reject(form.new_password, str(refusal))
        else:
            db.session.commit()
            return done(
                gettext("Your password is changed. Every other browser has to sign in again.")
            )
    return show("password", form, address=person().email)
