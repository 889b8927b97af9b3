"""The survey's versions: new invitations get the newest, links already sent keep theirs."""

from portal.surveys import version_1, version_2
from portal.surveys.questions import Leaves, Question, Survey

SURVEYS: dict[int, Survey] = {
    survey.version: survey for survey in (version_1.SURVEY, version_2.SURVEY)
}


def newest_survey() -> Survey:
    """What is asked of who is invited now."""
    return SURVEYS[max(SURVEYS)]


def find_survey(version: int | None) -> Survey:
    """VERSION; the newest where an invitation does not say one yet."""
    return newest_survey() if version is None else SURVEYS[version]


def all_questions(*ways: Leaves) -> dict[str, Question]:
    """By key, every question of any version that may leave by one of WAYS, the newest wording."""
    found: dict[str, Question] = {}
    for _, survey in sorted(SURVEYS.items()):
        found |= {question.key: question for question in survey.leaving(*ways)}
    return found
