"""Sending one candidate the link to their own page, on which they see what they were told."""

from flask import abort
from werkzeug.wrappers import Response

from portal import hiring
from portal.extensions import db
from portal.hiring import DecisionRefused
from portal.language import gettext
from portal.models import Employer, Role, utcnow
from portal.web.access import member
from portal.web.forms import ConfirmForm
from portal.web.recruiter.composing import is_sending
from portal.web.recruiter.desk import PATH, back_to, find, recruiter, start_over


@recruiter.post(f"{PATH}/status-link")
@member(Role.RECRUITER)
def send_status_link(employer: Employer, application_id: int) -> Response:
    """Owe the email; pressed twice on one day, there is one."""
    found, now = find(employer, application_id), utcnow()
    if not ConfirmForm().validate():
        abort(400)
    try:
        hiring.send_status_link(found, now)
    except DecisionRefused as refusal:
        start_over()
        return back_to(find(employer, application_id), str(refusal), kind="warning")
    db.session.commit()
    if not is_sending(employer, now):
        waits = gettext("The link to their own page waits: sending rests at the moment.")
        return back_to(found, waits)
    sent = gettext("The link to their own page is on its way. At most one leaves in a day.")
    return back_to(found, sent)
