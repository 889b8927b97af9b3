"""Who did what: a page of its own, so that the desk is only what is next."""

from flask import render_template, request

from portal import hiring
from portal.models import Employer, Role
from portal.web.access import member
from portal.web.operator.words import ACTIONS
from portal.web.recruiter.desk import recruiter

LARGEST_ID = 2**31 - 1


@recruiter.route("/e/<slug>/activity")
@member(Role.RECRUITER)
def activity(employer: Employer) -> str:
    """What the team, files and candidates did, the newest first."""
    before = request.args.get("before", 0, type=int)
    is_later = 0 < before <= LARGEST_ID
    entries, older = hiring.list_activity(employer, before if is_later else None)
    return render_template(
        "recruiter/activity.html", entries=entries, older=older, is_later=is_later, actions=ACTIONS
    )
