"""The questions, the answers, and what is read from their words."""

from portal.surveys.editions import (
    Change,
    Edition,
    EditionIncomplete,
    activate,
    compare_editions,
    current_edition,
    label_of,
    newest_edition,
)
from portal.surveys.questions_v1 import MAX_COMMENT, QUESTIONS, VERSION, Question
from portal.surveys.recalibration import (
    StarredComment,
    add_calibration,
    starred_comments,
    training_rows,
)
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
from portal.surveys.scoring import Analyzer, Reading, count_unread, rescore, score_pending

__all__ = [
    "MAX_COMMENT",
    "QUESTIONS",
    "VERSION",
    "AlreadyAnswered",
    "Analyzer",
    "AnswerReleased",
    "Answers",
    "Change",
    "Edition",
    "EditionIncomplete",
    "Question",
    "Reading",
    "StarredComment",
    "activate",
    "add_calibration",
    "change_response",
    "clean_comment",
    "compare_editions",
    "count_unread",
    "current_edition",
    "delete_response",
    "find_response",
    "label_of",
    "newest_edition",
    "rescore",
    "score_pending",
    "starred_comments",
    "submit_response",
    "training_rows",
]
