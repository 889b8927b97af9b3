"""The questions, the answers, and what is read from their words."""

from portal.surveys.questions_v1 import MAX_COMMENT, QUESTIONS, VERSION, Question
from portal.surveys.responses import (
    AlreadyAnswered,
    AnswerReleased,
    Answers,
    change_response,
    clean_comment,
    delete_response,
    find_response,
    submit_response,
)
from portal.surveys.scoring import Analyzer, Reading, score_pending

__all__ = [
    "MAX_COMMENT",
    "QUESTIONS",
    "VERSION",
    "AlreadyAnswered",
    "Analyzer",
    "AnswerReleased",
    "Answers",
    "Question",
    "Reading",
    "change_response",
    "clean_comment",
    "delete_response",
    "find_response",
    "score_pending",
    "submit_response",
]
