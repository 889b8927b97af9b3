"""What the operator types, and in which words it is refused."""

from typing import Any, ClassVar

from babel.support import LazyProxy
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from portal import accounts, operating
from portal.employers.domains import read_domains
from portal.employers.unfit import Unfit
from portal.language import gettext, lazy_gettext
from portal.web.forms import MAX_TEXT, Form, clean, trimmed

MAX_DOMAINS = 5000
TOO_LONG = Length(max=MAX_TEXT, message=lazy_gettext("Use at most 200 characters."))


class EmployerForm(Form):
    """A new employer."""

    name = StringField(
        lazy_gettext("Name"),
        filters=[trimmed],
        description=lazy_gettext("As candidates know it. It stands in emails."),
        validators=[DataRequired(lazy_gettext("Enter the employer’s name.")), clean()],
    )
    slug = StringField(
        lazy_gettext("Short name"),
        filters=[trimmed],
        description=lazy_gettext(
            "Stands in addresses and stays for good: small letters, digits and dashes. Left "
            "empty, it is made from the name."
        ),
        validators=[Optional()],
    )
    owner = EmailField(
        lazy_gettext("First owner’s email address"),
        filters=[trimmed],
        description=lazy_gettext(
            "Who has no account yet is sent an invitation. You can leave it empty."
        ),
        validators=[Optional()],
    )
    is_approved = BooleanField(
        lazy_gettext("Approve it now"),
        default=True,
        description=lazy_gettext("Otherwise its email waits until you do."),
    )

    def validate_slug(self, field: Field) -> None:
        """Fit for addresses; whether it is taken is known when it is made."""
        if not operating.SLUG.fullmatch(field.data):
            raise ValidationError(
                gettext("Use small letters, digits and dashes, 64 at most, like acme-france.")
            )

    def validate_owner(self, field: Field) -> None:
        """An address, of nobody who is kept out."""
        if not accounts.read_address(field.data):
            raise ValidationError(gettext("Enter an email address like ada@acme.example."))
        found = accounts.find_user(field.data)
        if found and not found.active:
            raise ValidationError(
                gettext("This account is deactivated. Let its user sign in again first.")
            )


class PauseForm(Form):
    """Why an employer's mail is to wait."""

    reason = StringField(
        lazy_gettext("Reason"),
        filters=[trimmed],
        description=lazy_gettext("The employer’s people read it. 200 characters at most."),
        validators=[
            DataRequired(lazy_gettext("Enter the reason: the employer’s people read it.")),
            clean(),
        ],
    )


class DomainsForm(Form):
    """Mail domains, one per line; `seen`: those that stood there when the page was made."""

    seen = HiddenField()
    domains = TextAreaField(
        lazy_gettext("Domains"),
        description=lazy_gettext("One per line, like acme.example."),
        validators=[
            Optional(),
            Length(max=MAX_DOMAINS, message=lazy_gettext("Use at most 5,000 characters.")),
        ],
    )
    found: tuple[str, ...] = ()

    def validate_domains(self, field: Field) -> None:
        """Each line a domain that is one organisation's."""
        wrong: list[str] = []
        found: list[str] = []
        for line in (field.data or "").replace(",", "\n").splitlines():
            try:
                found += read_domains(line)
            except Unfit as unfit:
                wrong.append(str(unfit))
        if wrong:
            raise ValidationError(" ".join(wrong))
        self.found = tuple(sorted(set(found)))


def _day(label: LazyProxy) -> DateField:
    wrong = lazy_gettext("Enter the day as year-month-day, like 2025-03-01.")
    return DateField(label, validators=[Optional()], invalid_value_message=wrong)


class TrailForm(Form):
    """What of the audit trail is wanted. A GET form: it changes nothing and has no token."""

    NAMES: ClassVar = ("employer", "person", "action", "first", "last")

    class Meta(Form.Meta):
        csrf = False

    employer = StringField(
        lazy_gettext("Employer’s short name"), filters=[trimmed], validators=[Optional(), TOO_LONG]
    )
    person = StringField(
        lazy_gettext("Done by (address)"), filters=[trimmed], validators=[Optional(), TOO_LONG]
    )
    action = SelectField(lazy_gettext("Action"), validate_choice=False)
    first = _day(lazy_gettext("First day"))
    last = _day(lazy_gettext("Last day"))

    def validate_last(self, field: Any) -> None:
        """Not before the first day."""
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(gettext("Enter a day that is not before the first."))
