"""Names of months and weekdays in English, French, German and Spanish, without accents. Data."""

_MONTHS = (
    "january janvier januar janner enero",
    "february fevrier februar feber febrero",
    "march mars marz maerz mrz marzo",
    "april avril abril",
    "may mai mayo",
    "june juin juni junio",
    "july juillet juli julio",
    "august aout agosto",
    "september septembre septiembre setiembre",
    "october octobre oktober octubre",
    "november novembre noviembre",
    "december decembre dezember diciembre",
)
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday"
    " lundi mardi mercredi jeudi vendredi samedi dimanche"
    " montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag"
    " lunes martes miercoles jueves viernes sabado domingo"
)


def _beginnings(name: str, least: int) -> list[str]:
    return [name[:length] for length in range(min(least, len(name)), len(name) + 1)]


def _months() -> dict[str, int]:
    """Every name and abbreviation of three letters or more that can mean one month only."""
    meant: dict[str, set[int]] = {}
    for month, names in enumerate(_MONTHS, 1):
        for name in names.split():
            for short in _beginnings(name, 3):
                meant.setdefault(short, set()).add(month)
    return {short: months.pop() for short, months in meant.items() if len(months) == 1}


MONTHS = _months()
WEEKDAYS = frozenset(short for name in _WEEKDAYS.split() for short in _beginnings(name, 2))
