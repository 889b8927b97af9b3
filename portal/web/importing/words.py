"""What the fields and meanings of an import are called on its pages."""

from portal.candidate_files import Meaning
from portal.language import lazy_gettext

# In groups, as a list of choices shows them.
FIELDS = (
    (
        lazy_gettext("The person"),
        {
            "name": lazy_gettext("Name"),
            "first_name": lazy_gettext("First name"),
            "last_name": lazy_gettext("Last name"),
            "email": lazy_gettext("Email address"),
            "locale": lazy_gettext("Language they are written to in"),
            "external_id": lazy_gettext("Number of the application"),
        },
    ),
    (
        lazy_gettext("The role"),
        {
            "role": lazy_gettext("Role"),
            "department": lazy_gettext("Department"),
            "role_family": lazy_gettext("Kind of work"),
        },
    ),
    (
        lazy_gettext("How far they came"),
        {
            "stage": lazy_gettext("Stage"),
            "last_interview_on": lazy_gettext("Day of the last interview"),
            "promised_on": lazy_gettext("Day an answer was promised by"),
        },
    ),
    (
        lazy_gettext("What was decided"),
        {
            "outcome": lazy_gettext("What was decided"),
            "decided_on": lazy_gettext("Day of the decision"),
            "rejected_on": lazy_gettext("Day of the rejection"),
            "hired_on": lazy_gettext("Day of the hire"),
            "withdrawn_on": lazy_gettext("Day they withdrew"),
            "reason": lazy_gettext("Reason"),
        },
    ),
    (
        lazy_gettext("How they were told"),
        {
            "told_on": lazy_gettext("Day they were told"),
            "channel": lazy_gettext("How they were told"),
            "feedback": lazy_gettext("Whether reasons were given"),
        },
    ),
)
LABELS = {name: label for _, fields in FIELDS for name, label in fields.items()}
MEANINGS = {
    Meaning.REJECTED: lazy_gettext("Not chosen"),
    Meaning.HIRED: lazy_gettext("Hired"),
    Meaning.OFFER_DECLINED: lazy_gettext("Offer declined"),
    Meaning.WITHDRAWN: lazy_gettext("Withdrew"),
    Meaning.OPEN: lazy_gettext("No decision yet"),
    Meaning.IGNORE: lazy_gettext("Leave these rows out"),
}
