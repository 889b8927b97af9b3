"""The evidence record of one candidate, to be printed: what was owed, what was said, and how we
know. Changes nothing."""

from dataclasses import dataclass

from flask import render_template

from portal import closure, hiring
from portal.config import settings
from portal.language import lazy_gettext
from portal.models import (
    Application,
    Channel,
    Decision,
    Delivery,
    Email,
    EmailState,
    Employer,
    Feedback,
    Notice,
    Outcome,
    Role,
    utcnow,
)
from portal.web.access import member
from portal.web.recruiter.desk import PATH, find, people, recruiter

CLOCKS = {
    "own": lazy_gettext("your own promise after a decision"),
    "ten_days": lazy_gettext("10 business days after a decision"),
    "ontario": lazy_gettext("45 days after the last interview"),
    "promise": lazy_gettext("the day that was promised"),
}
OUTCOMES = {
    Outcome.REJECTED: lazy_gettext("Not chosen"),
    Outcome.HIRED: lazy_gettext("Hired"),
    Outcome.OFFER_DECLINED: lazy_gettext("Offer declined"),
    Outcome.WITHDRAWN: lazy_gettext("Withdrew"),
}
CHANNELS = {
    Channel.PHONE: lazy_gettext("By phone or video"),
    Channel.IN_PERSON: lazy_gettext("In person"),
    Channel.EMAIL: lazy_gettext("By email"),
    Channel.LETTER: lazy_gettext("By letter"),
    Channel.PORTAL: lazy_gettext("In your application portal"),
}
FEEDBACK = {
    Feedback.NONE: lazy_gettext("Without saying why."),
    Feedback.GENERAL: lazy_gettext("With reasons in general."),
    Feedback.SPECIFIC: lazy_gettext("With specific feedback."),
}
STATES = {
    EmailState.QUEUED: lazy_gettext("Waits to be sent"),
    EmailState.SENDING: lazy_gettext("Is being handed to the mail server"),
    EmailState.SENT: lazy_gettext("Handed to the mail server"),
    EmailState.UNKNOWN: lazy_gettext("The line broke at the last moment: it may have arrived"),
    EmailState.FAILED: lazy_gettext("Not sent"),
    EmailState.CANCELLED: lazy_gettext("Cancelled"),
    EmailState.CAPTURED: lazy_gettext("Kept in a file on the server: no mail server is set up"),
}
DELIVERIES = {
    Delivery.DELAYED: lazy_gettext("The receiving server is still trying"),
    Delivery.DELIVERED: lazy_gettext("Arrived in the mailbox"),
    Delivery.BOUNCED_SOFT: lazy_gettext("Came back for now"),
    Delivery.BLOCKED: lazy_gettext("Blocked by the receiving server"),
    Delivery.BOUNCED_HARD: lazy_gettext("Came back: there is no such address"),
    Delivery.COMPLAINED: lazy_gettext("Marked as spam by the candidate"),
}


@dataclass(frozen=True)
class Said:
    """One telling with its email, if it was one, and who told."""

    notice: Notice
    decision: Decision | None
    email: Email | None
    by: str | None


@recruiter.get(f"{PATH}/record")
@member(Role.RECRUITER)
def record(employer: Employer, application_id: int) -> str:
    """The page."""
    found, now = find(employer, application_id), utcnow()
    decisions, notices = hiring.list_history(found)
    who = people(decisions, notices)
    owed_on, owed_under = hiring.owed_now(found)
    return render_template(
        "recruiter/record.html",
        application=found,
        decisions=decisions,
        said=_said(found, decisions, notices, who),
        who=who,
        owed_on=owed_on,
        owed_under=owed_under,
        today=closure.local_day(employer, now),
        months=settings().KEEP_RECORD_MONTHS,
        clocks=CLOCKS,
        outcomes=OUTCOMES,
        channels=CHANNELS,
        feedback=FEEDBACK,
        states=STATES,
        deliveries=DELIVERIES,
    )


def _said(
    found: Application, decisions: list[Decision], notices: list[Notice], who: dict[int, str]
) -> list[Said]:
    """Every telling, oldest first."""
    by_notice = {email.notice_id: email for email in hiring.list_deliveries(found)}
    by_id = {decision.id: decision for decision in decisions}
    return [
        Said(
            notice,
            by_id.get(notice.decision_id or 0),
            by_notice.get(notice.id),
            who.get(notice.given_by or 0),
        )
        for notice in notices
    ]
