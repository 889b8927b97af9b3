"""What cannot be said of an employer yet, and why: never an empty space without words."""

from portal import figures
from portal.config import settings
from portal.language import gettext
from portal.models import ReleaseCadence
from portal.reputation import Dashboard

MIN_RELEASES_FOR_TREND = 2

Unsaid = list[tuple[str, str]]


def list_unsaid(board: Dashboard) -> Unsaid:
    """(what, why) for everything the overview leaves out."""
    said = _of_answers(board)
    if not (board.habits and board.habits.decided):
        why = gettext("No decision is recorded yet, or none has been counted yet.")
        said.append((gettext("your habits"), why))
    return said


def _of_answers(board: Dashboard) -> Unsaid:
    described, floor = board.reputation, board.floor
    if not described:
        why = gettext(
            "Answers are released together, %(cadence)s at most, once %(floor)s new ones wait; "
            "where nearly everybody has answered it takes a few more. How many wait is not shown: "
            "it would tell who has just answered.",
            cadence=_cadence(board.employer.release_every),
            floor=floor,
        )
        return [(gettext("score, opinions and trend"), why)]
    said: Unsaid = []
    if described.histogram is None:
        detail = settings().MIN_COMMENTS
        why = gettext("Shown from %(floor)s released answers on.", floor=detail)
        said.append((gettext("how the stars are spread"), why))
    if len(board.trend) < MIN_RELEASES_FOR_TREND:
        said.append((gettext("the trend"), gettext("It takes two releases of feedback.")))
    # The figures that stand nowhere on the page while they are missing.
    missing = (figures.change(described), figures.wave(described.wave))
    return said + [(one.label, f"{one.not_yet}.") for one in missing if one.not_yet]


def _cadence(cadence: ReleaseCadence) -> str:
    return {
        ReleaseCadence.DAY: gettext("once a day"),
        ReleaseCadence.WEEK: gettext("once a week"),
        ReleaseCadence.MONTH: gettext("once a month"),
    }[cadence]
