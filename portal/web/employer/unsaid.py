"""What cannot be said of an employer yet, and why: never an empty space without words."""

from portal.config import settings
from portal.models import ReleaseCadence
from portal.reputation import Dashboard

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
                f"Answers are released together, {cadence} at most, once {floor} new ones wait. "
                "How many wait is not shown: it would tell who has just answered.",
            )
        ]
    said: Unsaid = []
    if described["histogram"] is None:
        detail = settings().MIN_COMMENTS
        said.append(("How the stars are spread", f"Shown from {detail} released answers on."))
    if len(board.trend) < MIN_RELEASES_FOR_TREND:
        said.append(("The trend", "It takes two releases of feedback."))
    said += [
        (title, f"Fewer than {floor} have answered this question.")
        for key, title in (
            ("resentment", "Who turns away after this"),
            ("chased", "Who had to ask for news"),
        )
        if not described[key]["shown"]
    ]
    if described["prior"] == "default":
        said.append(
            (
                "How you compare with other employers here",
                "It takes ten employers with enough answers.",
            )
        )
    return said


def _of_records(board: Dashboard) -> Unsaid:
    habits = board.habits
    if not habits.get("decided"):
        return [("Your habits", "No decision is recorded yet, or none has been counted yet.")]
    said: Unsaid = []
    if not habits["ghost"]["30"]["n"]:
        said.append(("Who is never told", "No decision is 30 days old yet."))
    if habits["curve"]["followed_days"] < 30:
        followed = habits["curve"]["followed_days"]
        said.append(
            (
                "How fast candidates are told, as a curve",
                f"It is drawn to day 30; decisions have been followed to day {followed} so far.",
            )
        )
    return said
