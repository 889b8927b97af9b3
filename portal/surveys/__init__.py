"""The questions, the answers, and what is read from their words."""

from portal.surveys.answers import (
    MOST_TURNS,
    AlreadyAnswered,
    AnswerReleased,
    Given,
    change_answer,
    find_answer,
    submit_answer,
)
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
from portal.surveys.questions import (
    MAX_COMMENT,
    Answers,
    Consent,
    Kind,
    Leaves,
    Question,
    Survey,
    Value,
    clean_comment,
)
from portal.surveys.reading import (
    Analyzer,
    Reader,
    add_readings,
    count_unread,
    keep_readings,
    read_next,
    reading_row,
)
from portal.surveys.recalibration import add_calibration, round_fit, starred_comments, training_rows
from portal.surveys.redaction import REMOVED, redact
from portal.surveys.sealing import (
    WITHOUT_WORDS,
    Answer,
    Facts,
    Opened,
    forget_waiting,
    lock_employer,
    open_answer,
    open_batch,
    read_stamps,
    reseal_group,
    seal_all,
    sealer,
    write_sealed,
)
from portal.surveys.versions import SURVEYS, all_questions, find_survey, newest_survey
