"""What others did to an application while somebody had a form open."""

from markupsafe import Markup

from portal import formatting, hiring
from portal.language import gettext
from portal.models import Application, Decision, Notice, NoticeKind
from portal.web.recruiter import words
from portal.web.recruiter.desk import people, read_mark
from portal.web.recruiter.saying import say


def changes_since(application: Application, mark: str | None) -> tuple[str, ...]:
    """What happened since the page with MARK was opened, in sentences."""
    decisions, notices = hiring.list_history(application)
    who = {None: gettext("An import")} | people(decisions, notices)
    seen_decision, seen_notice = read_mark(mark)
    said = [
        _decided(decision, who[decision.recorded_by], application)
        for decision in decisions
        if decision.id > seen_decision
    ]
    said += [
        _taken_back(decision, application)
        for decision in decisions
        if decision.id >= seen_decision and decision.is_retracted
    ]
    said += [
        _noticed(notice, who[notice.given_by], application)
        for notice in notices
        if notice.id > seen_notice
    ]
    return tuple(said) or (gettext("This page was opened before the last change."),)


def _decided(decision: Decision, who: str, application: Application) -> str:
    return say(
        gettext("%(who)s recorded “%(outcome)s”, decided on %(day)s."),
        who=_named(who),
        outcome=words.OUTCOMES[decision.outcome],
        day=formatting.day_tag(decision.decided_at, zone=application.employer.zone),
    )


def _taken_back(decision: Decision, application: Application) -> str:
    return say(
        gettext("“%(outcome)s” was taken back on %(when)s."),
        outcome=words.OUTCOMES[decision.outcome],
        when=formatting.time_tag(decision.ended_at, zone=application.employer.zone),
    )


def _noticed(notice: Notice, who: str, application: Application) -> str:
    if notice.kind is NoticeKind.DELAY:
        did = gettext("%(who)s wrote that there is no decision yet (%(when)s).")
    elif notice.kind is NoticeKind.ATTEMPT:
        did = gettext("%(who)s noted a call that left a message (%(when)s).")
    elif notice.subject:
        did = gettext("%(who)s wrote the email that tells the candidate (%(when)s).")
    else:
        did = gettext("%(who)s noted that the candidate was told %(how)s (%(when)s).")
    return say(
        did,
        who=_named(who),
        how=words.CHANNELS[notice.channel],
        when=formatting.time_tag(notice.created_at, zone=application.employer.zone),
    )


def _named(who: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(who)
