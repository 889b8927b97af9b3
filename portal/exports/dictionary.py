"""The exports there are, and what each of their columns means: the data dictionary."""

from collections.abc import Mapping
from enum import StrEnum

from portal.models import ReasonCode
from portal.surveys import Leaves, Question, all_questions


class Export(StrEnum):
    """One file an employer can take away."""

    ROWS = "feedback-rows"
    COUNTS = "feedback-counts"
    COMMENTS = "feedback-comments"
    CLOSURE = "closure"
    EVIDENCE = "evidence"
    SCORECARDS = "scorecards"


Columns = Mapping[str, str]  # in order, each heading and, in words, what stands below it

_MONTH = {"month": "Month (YYYY-MM) in which the answer's pool was released. Nothing finer."}
_SENTIMENT = {
    "sentiment": "What the software read in the comment when it was released: pos, neg, unclear, "
    "or not_scored (no comment, or not readable); not_shown: too few of the pool read like that. "
    "A later version of the software does not change it."
}


def dictionary() -> dict[Export, Columns]:
    """Each file's columns; those of the survey as its versions define them."""
    *most, last = all_questions(Leaves.COUNTED)
    opinions = all_questions(Leaves.OPINION)
    return _FILES | {
        Export.ROWS: _MONTH | {key: _opinion(opinions[key]) for key in opinions} | _SENTIMENT,
        Export.COUNTS: {
            **_MONTH,
            "answers": "Answers in the pool that this count is a part of.",
            "question": f"{', '.join(most)} or {last}.",
            "answer": "What was answered; no_answer: left open, not asked, or too few of the same "
            "release answered; not_shown: too few in every release, so nothing of it is "
            "counted here.",
            "count": "How many of the pool answered so; empty for not_shown.",
        },
    }


def _opinion(question: Question) -> str:
    """What stands in the column of a question whose answers leave in rows."""
    if question.is_required:
        return question.meaning
    options = ", ".join(question.options)
    empty = "Empty: no answer, or too few of the same release answered this question."
    return f"{question.meaning}: {options}. {empty}"


_FILES: dict[Export, Columns] = {
    Export.COMMENTS: {
        **_MONTH,
        "comment": "The candidate's words, if the candidate allows you to read them. Email and web "
        "addresses and telephone numbers are replaced by [removed]. Reading is allowed, "
        "publishing is not: what may be published stands on your public page.",
    },
    Export.CLOSURE: {
        "name": "The candidate's name.",
        "email": "The candidate's address; empty if none is known.",
        "role": "What the person applied for.",
        "department": "Your word for where that is; empty if none is known.",
        "stage": "How far the application came, in your words.",
        "last_interview_on": "Day of the last interview.",
        "outcome": "hired, offer_declined, rejected, withdrawn; empty: not decided.",
        "decided_on": "Day of the decision, in your time zone.",
        "told_on": "Day on which the candidate was told; empty: not told.",
        "channel": "phone, in_person, email, letter or portal; empty: not told.",
        "feedback": "Whether reasons were given: none, general, specific.",
        "promised_on": "Day by which news was promised; empty: no promise.",
        "reason": f"Why the person was not chosen: {', '.join(ReasonCode)}; empty: not said.",
        "news_asked_on": "Day on which the candidate last asked for news on their page.",
    },
    Export.EVIDENCE: {
        "name": "The candidate's name, or what is left of it once it went.",
        "email": "The candidate's address; empty if none is known, or once it went.",
        "role": "What the person applied for.",
        "number": "Your own number for the application; empty if none is known.",
        "last_interview_on": "Day of the last interview.",
        "promised_on": "Day by which news was promised; empty: no promise.",
        "news_asked_on": "Day on which the candidate last asked for news on their page.",
        "kind": "decision or delay (“not decided yet”); empty: nothing was said so far.",
        "outcome": "What was decided and is said by this line: hired, offer_declined, rejected, "
        "withdrawn; empty: not decided.",
        "decided_on": "Day of that decision, in your time zone.",
        "decision": "stands, replaced or taken_back; empty: not decided.",
        "told_on": "Day on which the candidate was told this; empty: not told.",
        "channel": "phone, in_person, email, letter or portal.",
        "known_by": "verified: Heardback sent it; recorded: somebody noted it.",
        "feedback": "Whether reasons were given: none, general, specific.",
        "by": "Who told, or noted it, by their address; empty: an import or a command.",
        "owed_on": "Day by which news was owed when it was told, if it was, else is owed now; "
        "empty: nothing was owed (any more), or the telling came in with a file.",
        "owed_under": "The clock by which: own (so many business days after the decision), "
        "ten_days (10 business days after it), ontario (45 days after the last interview), "
        "promise (the day that was promised).",
        "next_on": "Day by which a delay note promises news.",
        "subject": "Subject of the email; empty once the words went.",
        "words": "The email as it was sent; empty once the words went.",
        "mail": "What became of the email: queued, sending, sent (the mail server took it), "
        "unknown, failed, cancelled, captured; empty: no email.",
        "accepted_at": "When the mail server took it (ISO 8601).",
        "delivery": "What came back: delayed, delivered, bounced_soft, blocked, bounced_hard, "
        "complained; empty: not known.",
        "delivery_at": "When that came back (ISO 8601).",
    },
    Export.SCORECARDS: {
        "number": "Number of the release; a withdrawn release leaves a gap.",
        "released_on": "Day of the release, in your time zone.",
        "answers": "Answers released together.",
        "stars": "Stars of this release alone, 1 to 5, to a tenth.",
        "low": "Lower end of the 95 % range.",
        "high": "Upper end of the 95 % range.",
    },
}
