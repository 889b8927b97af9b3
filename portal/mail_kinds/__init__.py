"""Every kind of mail: one definition in one file, its templates in templates/email/<language>/.

The outbox is handed KINDS and knows none of them by name.
"""

from portal.emails import MailKinds
from portal.mail_kinds import (
    address_changed,
    address_link,
    data_request,
    fresh_link,
    invite,
    letter_test,
    new_sign_in,
    notice,
    password_changed,
    password_link,
    reminder,
    second_factor,
    status_link,
    team_invitation,
)

# In the order in which the worker settles them: who was told is known before who is asked.
KINDS: MailKinds = {
    kind.key: kind
    for kind in (
        notice.KIND,
        invite.KIND,
        reminder.KIND,
        fresh_link.KIND,
        data_request.KIND,
        status_link.KIND,
        password_link.KIND,
        address_link.KIND,
        password_changed.KIND,
        address_changed.KIND,
        second_factor.KIND,
        new_sign_in.KIND,
        team_invitation.KIND,
        letter_test.KIND,
    )
}


def label(key: str) -> str:
    """What staff call mail of the kind KEY."""
    return str(KINDS[key].label) if key in KINDS else key
