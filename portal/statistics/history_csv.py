"""An export of past applications, with dates, as rows of the columns that are analysed.

The fields are those of `flask import`, and `rating`. It must never know what is computed from
them, nor read the clock: days are counted from the first of January of year 1.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from portal.statistics.moments import ROLE_FAMILIES

ONE_EMPLOYER = "all candidates"
# Of what the import takes; names, addresses and the rest are not looked at.
NEEDED = ("outcome", "decided_on")
COLUMNS = {
    "outcome": "hired, offer_declined, rejected, withdrawn; blank: still open, left out.",
    "decided_on": "Day of the decision, as in 2026-11-23.",
    "told_on": "Day the candidate was told; blank: not told.",
    "channel": "phone, in_person, email, letter or portal; blank: not known.",
    "feedback": "none, general or specific; blank: none.",
    "promised_on": "Day by which an answer was promised; blank: none was.",
    "stage": "How far the person came, in your own words.",
    "last_interview_on": "Day of the last interview; tells the stage where its words do not.",
    "role_family": f"{', '.join(ROLE_FAMILIES)}; anything else counts as other.",
    "employer_id": "Whose candidate; without this column all are one employer's.",
    "rating": "1 to 5 stars, of who answered a survey.",
    "reported_told": "0 or 1: the person says that they were told; blank: not asked.",
}
# Exports may write the time of day behind it.
DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T ][0-9]{2}:[0-9]{2}.*)?")
LONGEST = 30
FINAL_WORDS = ("final", "onsite", "on-site", "on site", "offer")
SCREEN_WORDS = ("screen", "applied", "application")
FEEDBACK = {"": "0", "none": "0", "no": "0", "general": "1", "specific": "1"}

Row = Mapping[str, str]


class HistoryRefused(ValueError):
    """A row cannot be taken as it stands; `column` names where."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column = column


def is_history(header: list[str]) -> bool:
    """Whether a file with this HEADER holds dates, as the import takes them."""
    return "decided_on" in header and "decision_day" not in header


def as_analysed(row: Row, today: date | None = None) -> dict[str, str] | None:
    """ROW in the columns that are analysed; None for an application still open.

    TODAY: nothing can have happened after it. Raises HistoryRefused.
    """
    if not row.get("outcome", ""):
        return None
    decided = _day(row, "decided_on")
    if decided is None:
        raise HistoryRefused("decided_on", "blank although there is an outcome")
    told, promised = _day(row, "told_on"), _day(row, "promised_on")
    for column, day in (("decided_on", decided), ("told_on", told)):
        if today and day and day > today:
            raise HistoryRefused(column, f"{day} is still to come")
    if told and told < decided:
        raise HistoryRefused("told_on", f"{told} is before the decision of {decided}")
    rating = row.get("rating", "")
    return {
        "employer_id": row.get("employer_id", "") or ONE_EMPLOYER,
        "decision_day": str(decided.toordinal()),
        "role_family": row.get("role_family", "").casefold(),
        "stage": _stage(row),
        "outcome": row["outcome"].casefold().replace(" ", "_"),
        "told_after_days": str((told - decided).days) if told else "",
        "channel": row.get("channel", "").casefold().replace(" ", "_") if told else "",
        "promise_made": "1" if promised else "",
        "promise_days": str(max(0, (promised - decided).days)) if promised else "",
        "promise_kept": "1" if promised and told and told <= promised else "",
        "feedback_given": _feedback(row) if told else "",
        "recorded_told": "1" if told else "0",
        "answered": "1" if rating else "0",
        "rating": rating,
        "reported_told": row.get("reported_told", "") or "?",
    }


def analysed_rows(
    header: list[str],
    rows: Iterator[list[str]],
    names: list[str],
    refuse: Callable[..., Exception],
    today: date | None = None,
) -> Iterator[list[str]]:
    """ROWS under NAMES, one for one; an empty list for what is left out.

    REFUSE(why, row, column) makes the error that names the place.
    """
    for number, cells in enumerate(rows, 2):
        given = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
        try:
            found = as_analysed(given, today)
        except HistoryRefused as error:
            raise refuse(str(error), number, error.column) from error
        yield [found[name] for name in names] if found else []


def quoted(text: str) -> str:
    """TEXT as an error names it: no more than its beginning."""
    return repr(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")


def _day(row: Row, column: str) -> date | None:
    text = row.get(column, "")
    if not text:
        return None
    try:
        if found := DAY.fullmatch(text):
            return date.fromisoformat(found[1])
    except ValueError:
        pass
    raise HistoryRefused(column, f"a day like 2026-11-23 is needed, not {quoted(text)}")


def _stage(row: Row) -> str:
    """How far the person came, from the employer's word for it, else from the interview."""
    words = row.get("stage", "").casefold()
    if any(word in words for word in FINAL_WORDS):
        return "final"
    if any(word in words for word in SCREEN_WORDS):
        return "screen"
    return "interview" if words or row.get("last_interview_on") else "screen"


def _feedback(row: Row) -> str:
    text = row.get("feedback", "").casefold()
    if text not in FEEDBACK:
        raise HistoryRefused("feedback", f"unknown value {quoted(text)}")
    return FEEDBACK[text]
