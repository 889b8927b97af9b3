"""Names of months and weekdays in English, French, German and Spanish, without accents. Data."""

from collections.abc import Sequence

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
    "monday lundi montag lunes",
    "tuesday mardi dienstag martes",
    "wednesday mercredi mittwoch miercoles",
    "thursday jeudi donnerstag jueves",
    "friday vendredi freitag viernes",
    "saturday samedi samstag sonnabend sabado",
    "sunday dimanche sonntag domingo",
)


def _beginnings(name: str, least: int) -> list[str]:
    return [name[:length] for length in range(min(least, len(name)), len(name) + 1)]


def _meant(names: Sequence[str], first: int, least: int) -> dict[str, set[int]]:
    """Every name and abbreviation in NAMES, of LEAST letters or more, and what it can mean."""
    meant: dict[str, set[int]] = {}
    for number, alike in enumerate(names, first):
        for name in alike.split():
            for short in _beginnings(name, least):
                meant.setdefault(short, set()).add(number)
    return meant


# Names of months that can mean one only; weekdays, Monday being 0, with all that they can mean.
MONTHS = {short: month for short, (month, *more) in _meant(_MONTHS, 1, 3).items() if not more}
WEEKDAYS = _meant(_WEEKDAYS, 0, 2)
