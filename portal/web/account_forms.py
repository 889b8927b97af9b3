"""Forms about what people sign in with. The words of a refused password are the domain's."""

from typing import Any

from wtforms import EmailField, Field, PasswordField, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from portal import accounts
from portal.language import LANGUAGES, lazy_gettext
from portal.web.forms import Form, trimmed


def _is_address(_form: object, field: Field) -> None:
    """An address that could have an account, in the spelling in which it would."""
    address = accounts.read_address(field.data or "")
    if not address:
        raise ValidationError(str(lazy_gettext("Enter an email address, like name@example.com.")))
    field.data = address


def _present() -> PasswordField:
    return PasswordField(
        lazy_gettext("Your present password"),
        validators=[InputRequired(lazy_gettext("Enter your present password."))],
    )


class ForgottenForm(Form):
    """Whose password is forgotten."""

    email = EmailField(lazy_gettext("Email address"), filters=[trimmed], validators=[_is_address])


class NewPasswordForm(Form):
    """A new password, typed once: who mistypes it asks for another link."""

    new_password = PasswordField(
        lazy_gettext("New password"),
        description=lazy_gettext(
            "8 to 128 characters. Three or four words that have nothing to do with each other "
            "are good."
        ),
        validators=[InputRequired(lazy_gettext("Enter a new password."))],
    )


class ChangePasswordForm(NewPasswordForm):
    """A new password, by whoever knows the present one."""

    present = _present()


class PresentForm(Form):
    """Something to be done only by whoever knows the password."""

    present = _present()


class AddressForm(ForgottenForm, PresentForm):
    """A new address for the account."""


class CodeForm(Form):
    """A code of the app, or one of the recovery codes."""

    code = StringField(
        lazy_gettext("Code"),
        filters=[trimmed],
        validators=[
            InputRequired(lazy_gettext("Enter the code.")),
            Length(max=40, message=lazy_gettext("Enter the code.")),
        ],
    )


class SetUpForm(CodeForm, PresentForm):
    """The first code of an app that was just set up."""


class LanguageForm(Form):
    """The language of pages and mails; "" for what the browser asks for."""

    locale = RadioField(lazy_gettext("Language"))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.locale.choices = [
            *(SelectChoice(code, name) for code, name in LANGUAGES.items()),
            SelectChoice("", str(lazy_gettext("As your browser asks"))),
        ]
