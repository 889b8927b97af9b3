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
    Email,
    Employer,
    Notice,
    Role,
    utcnow,
)
from portal.web import forms
from portal.web.access import member
from portal.web.recruiter import words
from portal.web.recruiter.desk import PATH, find, people, recruiter

CLOCKS = {
    "own": lazy_gettext("your own promise after a decision"),
    "ten_days": lazy_gettext("10 business days after a decision"),
    "ontario": lazy_gettext("45 days after the last interview"),
    "promise": lazy_gettext("the day that was promised"),
}
# As they stand alone in a line; in a sentence they are `words.CHANNELS`.
CHANNELS = {Channel(one.value): one.label for one in forms.CHANNELS}


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
        outcomes=words.OUTCOMES,
        channels=CHANNELS,
        feedback=words.FEEDBACK,
        states=words.STATES,
        deliveries=words.DELIVERIES,
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
