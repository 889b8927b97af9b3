"""Days of a whole file: in which order they are written, and each read in it; never guessed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from babel.dates import format_date

from portal.candidate_files.day_forms import Order, read_plain, readings
from portal.candidate_files.faults import FileRefused, show
from portal.language import conventions, gettext, lazy_gettext

IN_WORDS = {
    Order.DMY: lazy_gettext("day/month/year"),
    Order.MDY: lazy_gettext("month/day/year"),
    Order.YMD: lazy_gettext("year/month/day"),
}
# Years of two digits are taken for one of these, which applications are about, if any fits.
YEARS_BACK, YEARS_AHEAD = 10, 1
ALL = frozenset(Order)

# Days repeat and are remembered; moments seldom do, and most are read at a glance.
MOST_KNOWN = 20_000
LONGEST_DAY = 10

# The likely orders of a cell, those together that make the same day of it.
_Groups = frozenset[frozenset[Order]]
_Orders = tuple[_Groups, frozenset[Order]]
LocalDay = Callable[[datetime], date]


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A cell of a column of days."""

    row: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The order of every column of days."""

    orders: Mapping[str, Order]

    def of(self, column: str) -> Order:
        """The order of COLUMN; where nothing depends on it, any will do."""
        return self.orders.get(column, Order.YMD)


class Contradiction(FileRefused):
    """One column's days, or what was told of them, cannot all be right."""

    def __init__(self, first: Cell, second: Cell) -> None:
        super().__init__(
            gettext(
                "%(one)s in row %(row)s and %(other)s in row %(below)s are written in different "
                "orders: write all days as year-month-day",
                one=show(first.text),
                row=first.row,
                other=show(second.text),
                below=second.row,
            ),
            column=first.column,
        )
        self.cells = (first, second)


class ToldOtherwise(FileRefused):
    """The order that somebody told is not the one that the file shows."""

    def __init__(self, told: Order, shown: Cell) -> None:
        super().__init__(
            gettext(
                "%(text)s is not %(order)s, as %(told)s says",
                text=show(shown.text),
                order=IN_WORDS[told],
                told=told,
            ),
            shown.row,
            shown.column,
        )
        self.told, self.cell = told, shown


class Undecided(FileRefused):
    """A cell that is a different day in each order, and nothing in the file says which."""

    def __init__(self, cell: Cell, days: Mapping[Order, date]) -> None:
        could = gettext(" or ").join(f"{_in_words(day)} ({order})" for order, day in days.items())
        super().__init__(
            gettext(
                "%(text)s could be %(days)s, and nothing in the file says which: "
                "say it with --dates dmy, mdy or ymd, or write days as year-month-day",
                text=show(cell.text),
                days=could,
            ),
            cell.row,
            cell.column,
        )
        self.cell, self.readings = cell, dict(days)


def _in_words(day: date) -> str:
    return str(format_date(day, "d MMMM y", locale=conventions()))


class _Column:
    """The first cell of each kind: of those with the same likely orders, equal in the same ones."""

    def __init__(self) -> None:
        self.seen: dict[_Groups, Cell] = {}
        self.possible = ALL  # the orders that can read every cell, however far its year

    def see(self, groups: _Groups, possible: frozenset[Order], cell: tuple[int, str, str]) -> None:
        self.possible &= possible
        first = self.seen.get(groups)
        if first is None or cell[0] < first.row:
            self.seen[groups] = Cell(*cell)

    @property
    def first(self) -> Cell:
        return min(self.seen.values())

    @property
    def fits(self) -> frozenset[Order]:
        """The orders that are likely for every cell."""
        return ALL.intersection(*map(_union, self.seen))

    def contradiction(self) -> Contradiction:
        cells = sorted((cell, _union(groups)) for groups, cell in self.seen.items())
        for one, orders in cells:
            for other, others in cells:
                if one < other and not orders & others:
                    return Contradiction(one, other)
        return Contradiction(cells[0][0], cells[-1][0])

    def choose(self, common: frozenset[Order], told: Order | None) -> Order:
        """The order of this column, where the whole file's could be any of COMMON."""
        fits = self.fits
        fits = fits & common or fits
        if len(fits) == 1 or (told is None and fits and not self._open(fits)):
            return min(fits)
        if told:
            return told
        if not fits:
            raise self.contradiction()
        cell = min(self._open(fits))
        orders = (order for order in Order if order in fits)
        raise Undecided(
            cell, {order: read_day(cell.text, order, datetime.date) for order in orders}
        )

    def _open(self, fits: frozenset[Order]) -> list[Cell]:
        """Cells that are different days under FITS."""
        return [
            cell
            for groups, cell in self.seen.items()
            if sum(bool(group & fits) for group in groups) > 1
        ]


def _union(groups: _Groups) -> frozenset[Order]:
    return frozenset[Order]().union(*groups)


class DaysSeen:
    """All cells of all columns of days of one file: see each, then settle."""

    def __init__(self, today: date) -> None:
        self._years = range(today.year - YEARS_BACK, today.year + YEARS_AHEAD + 1)
        self._columns: dict[str, _Column] = {}
        self._known: dict[str, _Orders | None] = {}

    def see(self, column: str, row: int, text: str) -> None:
        """Take note of one cell."""
        orders = self._orders(text)
        if orders:
            if column not in self._columns:
                self._columns[column] = _Column()
            self._columns[column].see(*orders, (row, column, text))

    def _orders(self, text: str) -> _Orders | None:
        """The orders in which TEXT is likely to be written, in groups, and all that can read it.

        None if nothing depends on it.
        """
        if text in self._known:
            return self._known[text]
        if len(text) > LONGEST_DAY and read_plain(text):
            return None
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[text] = orders = self._weigh(text)
        return orders

    def _weigh(self, text: str) -> _Orders | None:
        days = readings(text)
        if not days or isinstance(days, datetime) or len(days) > len(set(days.values())) == 1:
            return None
        groups: dict[date, set[Order]] = {}
        for order in self._likely(text, days):
            groups.setdefault(days[order], set()).add(order)
        return frozenset(map(frozenset, groups.values())), frozenset(days)

    def _likely(self, text: str, days: Mapping[Order, date]) -> frozenset[Order]:
        """The orders of DAYS, less those that make a far year of two digits.

        Days that begin with a year of two digits are written with hyphens, or nothing else fits.
        """
        if Order.YMD not in days:
            return frozenset(days)
        recent = frozenset(order for order, day in days.items() if day.year in self._years)
        recent = recent or frozenset(days)
        return recent if "-" in text else (recent - {Order.YMD} or recent)

    def settle(self, told: Order | None = None) -> Settled:
        """The order of every column: one for the file, unless its columns show different ones.

        TOLD answers for columns that do not show theirs. Raises Contradiction, ToldOtherwise or,
        so that somebody can be asked, Undecided.
        """
        columns = sorted(self._columns.items(), key=lambda item: item[1].first)
        if told and all(told in column.possible for _, column in columns):
            return Settled({name: told for name, _ in columns})
        common = ALL.intersection(*(column.fits for _, column in columns))
        orders = {name: column.choose(common, told) for name, column in columns}
        if told and told not in orders.values():
            cells = (item for _, column in columns for item in column.seen.items())
            raise ToldOtherwise(
                told, min(cell for groups, cell in cells if told not in _union(groups))
            )
        return Settled(orders)


def read_day(text: str, order: Order, local_day: LocalDay) -> date:
    """The day TEXT stands for, numbers in ORDER. Raises ValueError in words.

    A written day is that day: neither a time, nor a zone, nor where the employer is moves it,
    because "2026-11-01T00:00:00Z" is how programs export the first of November, in Toronto and
    in Auckland. Only a bare count of seconds has no written day: at midnight UTC exactly it is
    a day counted in seconds, and else LOCAL_DAY says which day that moment was.
    """
    if len(text) > LONGEST_DAY and (day := read_plain(text)):
        return day
    found = readings(text)
    if isinstance(found, datetime):
        try:
            return found.date() if found.time() == time() else local_day(found)
        except (ValueError, OverflowError):
            found = None
    if found and order in found:
        return found[order]
    if found and len(set(found.values())) == 1 and len(found) > 1:
        return next(iter(found.values()))
    if found:
        raise ValueError(
            gettext(
                "%(text)s is not a day written %(order)s: write it as year-month-day, like "
                "2026-04-13",
                text=show(text),
                order=IN_WORDS[order],
            )
        )
    raise ValueError(
        gettext(
            "%(text)s is not a day: write it as year-month-day, like 2026-04-13", text=show(text)
        )
    )
