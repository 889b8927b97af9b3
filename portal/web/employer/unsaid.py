"""What cannot be said of an employer yet, and why: never an empty space without words."""

from portal import figures
from portal.config import settings
from portal.models import ReleaseCadence
from portal.reputation import Dashboard
from portal.scorecard import Reputation

CADENCE = {
    ReleaseCadence.DAY: "once a day",
    ReleaseCadence.WEEK: "once a week",
    ReleaseCadence.MONTH: "once a month",
}
MIN_RELEASES_FOR_TREND = 2

Unsaid = list[tuple[str, str]]


def list_unsaid(board: Dashboard) -> Unsaid:
    """(what, why) for everything the overview leaves out."""
    return [*_of_answers(board), *_of_records(board)]


def _of_answers(board: Dashboard) -> Unsaid:
    described, floor = board.reputation, board.floor
    if not described:
        cadence = CADENCE[board.employer.release_every]
        return [
            (
                "Score, opinions and trend",
                f"Answers are released together, {cadence} at most, once {floor} new ones wait; "
                "where nearly everybody has answered it takes a few more. "
                "How many wait is not shown: it would tell who has just answered.",
            )
        ]
    said: Unsaid = []
    if described.histogram is None:
        detail = settings().MIN_COMMENTS
        said.append(("How the stars are spread", f"Shown from {detail} released answers on."))
    if len(board.trend) < MIN_RELEASES_FOR_TREND:
        said.append(("The trend", "It takes two releases of feedback."))
    if not any(described.dimensions.values()):
        said.append(
            (
                "Stars by role, by stage and by department",
                f"Shown once each group has {floor} answers, and nothing can be worked out of the "
                "rest.",
            )
        )
    said += _missing(described)
    if described.prior == "default":
        said.append(
            (
                "How you compare with other employers here",
                "It takes ten employers with enough answers.",
            )
        )
    return said


def _missing(found: Reputation) -> Unsaid:
    """The figures that stand nowhere on the page while they are missing."""
    those = (figures.change(found.change), figures.wave(found.wave))
    return [(one.label, f"{one.not_yet}.") for one in those if one.not_yet]


def _of_records(board: Dashboard) -> Unsaid:
    if board.habits and board.habits.decided:
        return []
    return [("Your habits", "No decision is recorded yet, or none has been counted yet.")]
