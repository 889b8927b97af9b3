"""The exports there are, and what each of their columns means: the data dictionary."""

from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Column:
    """A column's heading and, in words, what stands in it."""

    name: str
    meaning: str


_MONTH = Column("month", "Month (YYYY-MM) in which the answer's pool was released. Nothing finer.")


def _opinion(question: Question) -> Column:
    """The column of a question whose answers leave in rows."""
    if question.is_required:
        return Column(question.key, question.meaning)
    options = ", ".join(question.options)
    empty = "Empty: no answer, or too few of the same release answered this question."
    return Column(question.key, f"{question.meaning}: {options}. {empty}")


def _in_words(keys: Iterable[str]) -> str:
    *most, last = keys
    return f"{', '.join(most)} or {last}"


def dictionary() -> dict[Export, tuple[Column, ...]]:
    """Each file's columns, in order; those of the survey as its versions define them."""
    return _FILES | {
        Export.ROWS: (
            _MONTH,
            *(_opinion(question) for question in all_questions(Leaves.OPINION).values()),
            _SENTIMENT,
        ),
        Export.COUNTS: (
            _MONTH,
            Column("answers", "Answers in the pool that this count is a part of."),
            Column("question", f"{_in_words(all_questions(Leaves.COUNTED))}."),
            Column(
                "answer",
                "What was answered; no_answer: left open, not asked, or too few of the same "
                "release answered; not_shown: too few in every release, so nothing of it is "
                "counted here.",
            ),
            Column("count", "How many of the pool answered so; empty for not_shown."),
        ),
    }


_SENTIMENT = Column(
    "sentiment",
    "What the software read in the comment when it was released: pos, neg, unclear, or not_scored "
    "(no comment, or not readable); not_shown: too few of the pool read like that. A later version "
    "of the software does not change it.",
)
_FILES: dict[Export, tuple[Column, ...]] = {
    Export.COMMENTS: (
        _MONTH,
        Column(
            "comment",
            "The candidate's words, if the candidate allows you to read them. Email and web "
            "addresses and telephone numbers are replaced by [removed]. Reading is allowed, "
            "publishing is not: what may be published stands on your public page.",
        ),
    ),
    Export.CLOSURE: (
        Column("name", "The candidate's name."),
        Column("email", "The candidate's address; empty if none is known."),
        Column("role", "What the person applied for."),
        Column("department", "Your word for where that is; empty if none is known."),
        Column("stage", "How far the application came, in your words."),
        Column("last_interview_on", "Day of the last interview."),
        Column("outcome", "hired, offer_declined, rejected, withdrawn; empty: not decided."),
        Column("decided_on", "Day of the decision, in your time zone."),
        Column("told_on", "Day on which the candidate was told; empty: not told."),
        Column("channel", "phone, in_person, email, letter or portal; empty: not told."),
        Column("feedback", "Whether reasons were given: none, general, specific."),
        Column("promised_on", "Day by which news was promised; empty: no promise."),
        Column(
            "reason", f"Why the person was not chosen: {', '.join(ReasonCode)}; empty: not said."
        ),
        Column("news_asked_on", "Day on which the candidate last asked for news on their page."),
    ),
    Export.EVIDENCE: (
        Column("name", "The candidate's name, or what is left of it once it went."),
        Column("email", "The candidate's address; empty if none is known, or once it went."),
        Column("role", "What the person applied for."),
        Column("number", "Your own number for the application; empty if none is known."),
        Column("last_interview_on", "Day of the last interview."),
        Column("promised_on", "Day by which news was promised; empty: no promise."),
        Column("news_asked_on", "Day on which the candidate last asked for news on their page."),
        Column("kind", "decision or delay (“not decided yet”); empty: nothing was said so far."),
        Column(
            "outcome",
            "What was decided and is said by this line: hired, offer_declined, rejected, "
            "withdrawn; empty: not decided.",
        ),
        Column("decided_on", "Day of that decision, in your time zone."),
        Column("decision", "stands, replaced or taken_back; empty: not decided."),
        Column("told_on", "Day on which the candidate was told this; empty: not told."),
        Column("channel", "phone, in_person, email, letter or portal."),
        Column("known_by", "verified: Heardback sent it; recorded: somebody noted it."),
        Column("feedback", "Whether reasons were given: none, general, specific."),
        Column("by", "Who told, or noted it, by their address; empty: an import or a command."),
        Column(
            "owed_on",
            "Day by which news was owed when it was told, if it was, else is owed now; empty: "
            "nothing was owed (any more), or the telling came in with a file.",
        ),
        Column(
            "owed_under",
            "The clock by which: own (so many business days after the decision), ten_days (10 "
            "business days after it), ontario (45 days after the last interview), promise (the "
            "day that was promised).",
        ),
        Column("next_on", "Day by which a delay note promises news."),
        Column("subject", "Subject of the email; empty once the words went."),
        Column("words", "The email as it was sent; empty once the words went."),
        Column(
            "mail",
            "What became of the email: queued, sending, sent (the mail server took it), unknown, "
            "failed, cancelled, captured; empty: no email.",
        ),
        Column("accepted_at", "When the mail server took it (ISO 8601)."),
        Column(
            "delivery",
            "What came back: delayed, delivered, bounced_soft, blocked, bounced_hard, complained; "
            "empty: nothing came back.",
        ),
        Column("delivery_at", "When that came back (ISO 8601)."),
    ),
    Export.SCORECARDS: (
        Column("number", "Number of the release; a withdrawn release leaves a gap."),
        Column("released_on", "Day of the release, in your time zone."),
        Column("answers", "Answers released together."),
        Column("stars", "Stars of this release alone, 1 to 5, to a tenth."),
        Column("low", "Lower end of the 95 % range."),
        Column("high", "Upper end of the 95 % range."),
    ),
}
