"""The audit trail in words: the one place where an action becomes a sentence."""

from typing import Any

from babel.support import LazyProxy

from portal.language import gettext, lazy_gettext
from portal.mail_kinds import label
from portal.web.forms import CHANNELS, OUTCOMES
from portal.web.team import ROLES

# What was done; who did it stands beside it.
ACTIONS: dict[str, LazyProxy] = {
    "access.refused": lazy_gettext("Was refused a page"),
    "address.asked": lazy_gettext("Asked for another address"),
    "address.changed": lazy_gettext("Changed an address"),
    "address.dropped": lazy_gettext("Gave up a new address"),
    "answers.discarded": lazy_gettext("Gave up answers that no key opens"),
    "application.added": lazy_gettext("Added an application"),
    "application.phone_set": lazy_gettext("Changed a candidate’s telephone number"),
    "application.link_sent": lazy_gettext("Sent a candidate the link to their page"),
    "application.news_asked": lazy_gettext("A candidate asked for news"),
    "batch.released": lazy_gettext("Released answers"),
    "selection.started": lazy_gettext("Did one thing for many applications"),
    "selection.undone": lazy_gettext("Took back what was done for many applications"),
    "decision.recorded": lazy_gettext("Recorded a decision"),
    "decision.retracted": lazy_gettext("Took a decision back"),
    "email.resent": lazy_gettext("Sent an email again"),
    "employer.approved": lazy_gettext("Approved the employer"),
    "employer.created": lazy_gettext("Made the employer"),
    "employer.mail_paused": lazy_gettext("Paused the employer’s email"),
    "employer.mail_resumed": lazy_gettext("Resumed the employer’s email"),
    "employer.set": lazy_gettext("Changed settings of the employer"),
    "file.downloaded": lazy_gettext("Downloaded a file"),
    "import.applied": lazy_gettext("Imported a file"),
    "import.failed": lazy_gettext("An import stopped part-way"),
    "import.started": lazy_gettext("Began to import a file"),
    "import.undone": lazy_gettext("Undid an import"),
    "invitations.resent": lazy_gettext("Sent invitations in doubt again"),
    "letter.changed": lazy_gettext("Changed a letter to candidates"),
    "letter.reset": lazy_gettext("Went back to the shipped letter to candidates"),
    "letter.restored": lazy_gettext("Brought back an earlier letter to candidates"),
    "letter.tested": lazy_gettext("Sent themselves a letter to try it out"),
    "mail.paused": lazy_gettext("Sending paused"),
    "mail.resumed": lazy_gettext("Resumed sending"),
    "mail.reopened": lazy_gettext("Let email go again to an address that had not worked"),
    "membership.removed": lazy_gettext("Removed somebody from the employer"),
    "membership.set": lazy_gettext("Gave somebody a role"),
    "notice.attempted": lazy_gettext("Left a candidate a message"),
    "notice.queued": lazy_gettext("Wrote to a candidate"),
    "notice.recorded": lazy_gettext("Noted that a candidate was told"),
    "password.asked": lazy_gettext("Somebody forgot a password"),
    "password.link_owed": lazy_gettext("Was sent a link for a new password"),
    "password.refused": lazy_gettext("Gave a wrong password while signed in"),
    "person.erased": lazy_gettext("Erased a candidate"),
    "person.erasure_cancelled": lazy_gettext("Cancelled an erasure"),
    "person.erasure_planned": lazy_gettext("Asked for an erasure"),
    "person.exported": lazy_gettext("Took a candidate’s data out"),
    "person.retired": lazy_gettext("Removed names of candidates told long ago"),
    "release.asked": lazy_gettext("Asked for a release"),
    "requisition.changed": lazy_gettext("Changed a role that people apply for"),
    "requisition.closed": lazy_gettext("Closed a role that people apply for"),
    "requisition.filled": lazy_gettext("Filled a role that people apply for"),
    "requisition.opened": lazy_gettext("Opened a role again that people apply for"),
    "second_factor.codes_made": lazy_gettext("Made new recovery codes"),
    "second_factor.failed": lazy_gettext("Gave a wrong code at sign-in"),
    "second_factor.off": lazy_gettext("Switched two-step sign-in off"),
    "second_factor.on": lazy_gettext("Switched two-step sign-in on"),
    "second_factor.recovery_code_used": lazy_gettext("Used a recovery code"),
    "sentiment.activated": lazy_gettext("Switched to another reading of comments"),
    "sign_in.all_ended": lazy_gettext("Signed out everywhere"),
    "sign_in.ended": lazy_gettext("Signed out"),
    "sign_in.failed": lazy_gettext("Failed to sign in"),
    "sign_in.limited": lazy_gettext("Was stopped after too many tries to sign in"),
    "sign_in.started": lazy_gettext("Signed in"),
    "team.invitation_revoked": lazy_gettext("Revoked an invitation to the team"),
    "team.invited": lazy_gettext("Invited somebody to the team"),
    "team.invited_again": lazy_gettext("Sent an invitation to the team again"),
    "team.joined": lazy_gettext("Joined the team"),
    "trail.downloaded": lazy_gettext("Downloaded the audit trail"),
    "user.activated": lazy_gettext("Let somebody sign in again"),
    "user.created": lazy_gettext("Made an account"),
    "user.deactivated": lazy_gettext("Deactivated an account"),
    "user.locale_set": lazy_gettext("Chose a language"),
    "user.operator_ended": lazy_gettext("Ended somebody’s work as an operator"),
    "user.operator_made": lazy_gettext("Made somebody an operator"),
    "user.password_changed": lazy_gettext("Changed a password"),
}
DETAILS: dict[str, LazyProxy] = {
    "action": lazy_gettext("action"),
    "before": lazy_gettext("before"),
    "changes": lazy_gettext("settings"),
    "channel": lazy_gettext("how"),
    "count": lazy_gettext("how often"),
    "file": lazy_gettext("file"),
    "form": lazy_gettext("format"),
    "from": lazy_gettext("from"),
    "is_approved": lazy_gettext("approved at once"),
    "is_operator": lazy_gettext("operator"),
    "keys": lazy_gettext("settings"),
    "kind": lazy_gettext("kind"),
    "letter": lazy_gettext("letter"),
    "limit": lazy_gettext("limit"),
    "locale": lazy_gettext("language"),
    "outcome": lazy_gettext("decision"),
    "reason": lazy_gettext("reason"),
    "role": lazy_gettext("role"),
    "to": lazy_gettext("to"),
    "where": lazy_gettext("page"),
}
VALUES: dict[str, Any] = ROLES | {one.value: one.label for one in (*OUTCOMES, *CHANNELS)}
IN_WORDS = ("role", "before", "outcome", "channel")


def _value(key: str, value: Any) -> tuple[str, bool]:
    """VALUE for people, and whether those are words of ours."""
    if isinstance(value, bool):
        return (gettext("yes") if value else gettext("no")), True
    if key in IN_WORDS and value in VALUES:
        return str(VALUES[value]), True
    if key == "kind" and (said := label(str(value))) != value:
        return said, True
    if isinstance(value, list | dict):
        return ", ".join(map(str, value)), False
    return str(value), False


def details(detail: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Label and value of each part of an event's DETAIL, and whether the value is words of ours;
    what is not known here stands as it was written."""
    shown = ((key, value) for key, value in detail.items() if value not in (None, [], {}))
    return [(str(DETAILS.get(key, key)), *_value(key, value)) for key, value in shown]


def choices() -> list[tuple[str, str]]:
    """Every known action with its sentence, in the reader's alphabet."""
    known = [(key, str(said)) for key, said in ACTIONS.items()]
    return sorted(known, key=lambda one: one[1].casefold())
