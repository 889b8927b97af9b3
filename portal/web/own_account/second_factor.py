"""Two-step sign-in: an app set up by QR code or by hand, recovery codes, and the way out."""

import segno

from portal import credentials
from portal.extensions import db
from portal.language import gettext
from portal.models import utcnow
from portal.web.access import signed_in
from portal.web.account_forms import PresentForm, SetUpForm
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


def _picture(uri: str) -> str:
    """URI as a QR code: drawn here, so that nobody else sees the key in it. An SVG of numbers only:
    nothing of URI stands in it as text."""
    code = segno.make_qr(uri, error="m")
    return code.svg_inline(omitsize=True, svgclass=None, lineclass=None)


@own_account.route("/account/second-factor", methods=["GET", "POST"])
@signed_in
@limit_present
def second_factor() -> Page:
    """Set an app up; or, once that is done, what can be done about it."""
    user = person()
    if user.totp_sealed is not None:
        return show("second_factor_on", codes_left=credentials.count_codes(user))
    form = SetUpForm()
    if knows_password(form):
        codes = credentials.switch_on(user, secret(), form.code.data or "", utcnow())
        if codes:
            db.session.commit()
            return show("recovery_codes", codes=codes, is_new=True)
        reject(form.code, gettext("That code is not right. Enter the one that your app shows now."))
    setup = credentials.prepare(user, secret())
    return show("second_factor", form, picture=_picture(setup.uri), key=setup.key)


@own_account.route("/account/second-factor/codes", methods=["GET", "POST"])
@signed_in
@limit_present
def new_codes() -> Page:
    """Make recovery codes anew; those made before are worth nothing then."""
    if person().totp_sealed is None:
        return done(gettext("Two-step sign-in is off."), "info")
    form = PresentForm()
    if not knows_password(form):
        return show("new_codes", form, codes_left=credentials.count_codes(person()))
    codes = credentials.make_codes(person())
    db.session.commit()
    return show("recovery_codes", codes=codes, is_new=False)


@own_account.route("/account/second-factor/off", methods=["GET", "POST"])
@signed_in
@limit_present
def switch_off() -> Page:
    """Ask for codes no more."""
    if person().totp_sealed is None:
        return done(gettext("Two-step sign-in is off."), "info")
    form = PresentForm()
    if not knows_password(form):
        return show("second_factor_off", form)
    credentials.switch_off(person(), secret())
    db.session.commit()
    return done(
        gettext("Two-step sign-in is off. Every other browser has to sign in again."), "warning"
    )
