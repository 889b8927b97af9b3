"""Changing the address of one's account: asked for here, confirmed by the link mailed there.

The link works only for whoever is signed in to the account: an address that was mistyped would
else hand the account to a stranger.
"""

from flask import after_this_request, request

from portal import credentials
from portal.extensions import db
from portal.language import gettext
from portal.models import utcnow
from portal.web import cookies
from portal.web.access import signed_in
from portal.web.account_forms import AddressForm
from portal.web.forms import ConfirmForm, reject
from portal.web.limits import limit_sends
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


@own_account.route("/account/address", methods=["GET", "POST"])
@signed_in
@limit_present
def address() -> Page:
    """Ask for another address; it is the same afterwards until that is confirmed."""
    form = AddressForm()
    if form.is_submitted() and form.validate() and form.email.data == person().email:
        reject(form.email, gettext("That is your address already."))
    elif knows_password(form):
        credentials.ask_for_address(person(), form.email.data or "", utcnow())
        db.session.commit()
        return done(
            gettext("We have sent a link to the new address. It changes once you confirm there.")
        )
    return show("address", form, address=person().email)


@own_account.post("/account/address/drop")
@signed_in
def drop() -> Page:
    """Keep the address after all."""
    credentials.drop_address(person())
    db.session.commit()
    return done(gettext("Your address stays as it is."))


@own_account.errorhandler(credentials.LinkUnknown)
def say_unknown(_error: credentials.LinkUnknown) -> Page:
    """A link that we did not make, or made for somebody else."""
    db.session.rollback()
    page, _ = show("address_link", state="unknown")
    return page, 404


@own_account.errorhandler(credentials.LinkStale)
def say_stale(error: credentials.LinkStale) -> Page:
    """A link that was good once."""
    db.session.rollback()
    page, _ = show("address_link", state="expired" if error.is_expired else "used")
    return page, 410


@own_account.route("/address/<token>", methods=["GET", "POST"], strict_slashes=False)
@signed_in
@limit_sends
def confirm(token: str) -> Page:
    """Confirm the new address. Opening the link changes nothing."""
    now = utcnow()
    user = credentials.open_link(credentials.ADDRESS, token, now)
    if user.id != person().id:
        raise credentials.LinkUnknown
    form = ConfirmForm()
    if form.validate_on_submit():
        try:
            credentials.confirm_address(token, now, secret())
        except credentials.AddressTaken:
            db.session.rollback()
            page, _ = show("address_link", state="taken")
            return page, 409
        db.session.commit()
        new = user.email
        after_this_request(lambda response: cookies.remember_browser(response, new))
        return done(gettext("Your address is changed. Sign in with the new one from now on."))
    values = {"new": user.new_email, "old": user.email, "action": request.path}
    return show("confirm_address", form, **values)
