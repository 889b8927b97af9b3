"""What others did to an application while somebody had a form open."""

from markupsafe import Markup

from portal import formatting, hiring
from portal.models import Application, Decision, Notice, NoticeKind
from portal.web.recruiter import words
from portal.web.recruiter.desk import people, read_mark


def changes_since(application: Application, mark: str | None) -> tuple[str, ...]:
    """What happened since the page with MARK was opened, in sentences."""
    decisions, notices = hiring.list_history(application)
    who = {None: "An import"} | people(decisions, notices)
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
    return tuple(said) or ("This page was opened before the last change.",)


def _decided(decision: Decision, who: str, application: Application) -> str:
    return Markup("<bdi>{}</bdi> recorded “{}”, decided on {}.").format(
        who,
        words.OUTCOMES[decision.outcome],
        formatting.day_tag(decision.decided_at, zone=application.employer.zone),
    )


def _taken_back(decision: Decision, application: Application) -> str:
    return Markup("“{}” was taken back on {}.").format(
        words.OUTCOMES[decision.outcome],
        formatting.time_tag(decision.ended_at, zone=application.employer.zone),
    )


def _noticed(notice: Notice, who: str, application: Application) -> str:
    at = formatting.time_tag(notice.created_at, zone=application.employer.zone)
    if notice.kind is NoticeKind.DELAY:
        did = Markup("wrote that there is no decision yet")
    elif notice.kind is NoticeKind.ATTEMPT:
        did = Markup("noted a call that left a message")
    elif notice.subject:
        did = Markup("wrote the email that tells the candidate")
    else:
        did = Markup("noted that the candidate was told {}").format(words.CHANNELS[notice.channel])
    return Markup("<bdi>{}</bdi> {} ({}).").format(who, did, at)
