"""The value of a cell as text that says the same in every country."""

import datetime
from decimal import Decimal

HALF_A_SECOND = datetime.timedelta(milliseconds=500)

Cell = str | int | float | bool | datetime.date | datetime.time | datetime.timedelta


def text_of(value: Cell) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime.datetime):
        return moment_text(value)
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, datetime.time):
        return value.isoformat("seconds")
    return value.isoformat()


def number_text(value: float) -> str:
    """Whole numbers in full: most are identifiers."""
    if value == value // 1:
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return format(Decimal(f"{value:.15g}"), "f")  # as many digits as spreadsheets keep


def moment_text(value: datetime.datetime) -> str:
    """To the second, and never to another day."""
    rounded = value + HALF_A_SECOND
    whole = (rounded if rounded.date() == value.date() else value).replace(microsecond=0)
    return str(whole.date() if whole.time() == datetime.time() else whole)
