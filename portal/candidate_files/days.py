"""Days as files write them. Nothing is guessed: a column whose order is unclear is refused."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum

from portal.candidate_files.faults import FileRefused, show

# A time may follow the day; only the day counts unless a zone says that it is another one here.
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?")
SLASHED = re.compile(
    r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})"
    r"(?:,? [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[AaPp][Mm])?)?"
)
EPOCH = re.compile(r"[0-9]{9,10}|[0-9]{12,13}")
MILLISECONDS = 10**11
NOT_A_DAY = "is not a day: write it as year-month-day, like 2026-04-13"

LocalDay = Callable[[datetime], date]


class DayOrder(StrEnum):
    """How a column writes its days, or what one cell says about that."""

    ISO = "year-month-day"
    EPOCH = "seconds since 1970"
    DAY_FIRST = "day/month/year"
    MONTH_FIRST = "month/day/year"
    EITHER = "day/month or month/day, two different days"
    BOTH = "day/month and month/day, the same day"


def _slashed(text: str, order: DayOrder) -> date | None:
    found = SLASHED.fullmatch(text)
    if not found:
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    day, month = (second, first) if order is DayOrder.MONTH_FIRST else (first, second)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _order_of(text: str) -> DayOrder | None:
    """What one cell says about the order of its column; None for what is no day at all."""
    if ISO.fullmatch(text):
        return DayOrder.ISO
    if EPOCH.fullmatch(text):
        return DayOrder.EPOCH
    day_first = _slashed(text, DayOrder.DAY_FIRST)
    month_first = _slashed(text, DayOrder.MONTH_FIRST)
    if day_first and month_first:
        return DayOrder.BOTH if day_first == month_first else DayOrder.EITHER
    if day_first:
        return DayOrder.DAY_FIRST
    return DayOrder.MONTH_FIRST if month_first else None


class DayColumn:
    """One column of days: see all its cells, then settle."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._first: dict[DayOrder, tuple[int, str]] = {}

    def see(self, row: int, text: str) -> None:
        """Take note of one cell."""
        order = _order_of(text)
        if order:
            self._first.setdefault(order, (row, text))

    def settle(self) -> DayOrder:
        """The one order that fits every day of the column; raises FileRefused if none is sure."""
        found = set(self._first)
        for order in (DayOrder.DAY_FIRST, DayOrder.MONTH_FIRST):
            if order in found and found <= {order, DayOrder.EITHER, DayOrder.BOTH}:
                return order
        if found <= {DayOrder.EITHER, DayOrder.BOTH} and DayOrder.EITHER in found:
            row, text = self._first[DayOrder.EITHER]
            raise FileRefused(
                f"{show(text)} could be day/month or month/day, and so could all the others: "
                "write them as year-month-day",
                row,
                self.name,
            )
        if len(found) > 1:
            places = [f"{show(text)} in row {row}" for row, text in self._first.values()]
            raise FileRefused(
                f"days are written in more than one way ({' and '.join(places[:3])}): "
                "write them all as year-month-day",
                column=self.name,
            )
        return found.pop() if found else DayOrder.ISO


def read_day(text: str, order: DayOrder, local_day: LocalDay) -> date:
    """The day TEXT stands for; LOCAL_DAY says which day a moment is. Raises ValueError."""
    day: date | None = None
    try:
        if order is DayOrder.EPOCH and EPOCH.fullmatch(text):
            seconds = int(text) / (1000 if int(text) >= MILLISECONDS else 1)
            day = local_day(datetime.fromtimestamp(seconds, UTC))
        elif order is DayOrder.ISO and ISO.fullmatch(text):
            moment = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
            day = local_day(moment) if moment.tzinfo else moment.date()
        elif order not in (DayOrder.EPOCH, DayOrder.ISO):
            day = _slashed(text, order)
    except (ValueError, OverflowError):
        day = None
    if day is None:
        raise ValueError(f"{show(text)} {NOT_A_DAY}")
    return day
