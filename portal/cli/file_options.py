"""How a file is to be read, as options say it: the same ones for import and analysis."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from portal import candidate_files

FIELD_NAMES = ", ".join(candidate_files.FIELDS)
FOR_ALL = candidate_files.FOR_ALL
MEANINGS = ", ".join(candidate_files.Meaning)
Command = TypeVar("Command", bound=Callable[..., Any])
PAIRS = {
    "--map": ("columns", "COLUMN=FIELD"),
    "--map-value": ("values", "COLUMN:VALUE=OUTCOME"),
    "--for-all": ("for_all", "FIELD=VALUE"),
}


def _pairs(option: str, said: str) -> Any:
    """An option that may be given again and again, each time with a pair."""
    name, metavar = PAIRS[option]
    return click.option(option, name, multiple=True, metavar=metavar, help=said)


OPTIONS = (
    _pairs(
        "--map",
        f"Which field a column holds: {FIELD_NAMES}; first_name and last_name; or ignore. "
        "#3 is the third column.",
    ),
    _pairs(
        "--map-value",
        f"What a value of the outcome's or stage's column means: {MEANINGS}.",
    ),
    _pairs("--for-all", f"What holds for every row that does not say it: {', '.join(FOR_ALL)}."),
    click.option(
        "--dates",
        type=click.Choice([order.value for order in candidate_files.Order]),
        help="How days such as 03/04/2026 are written, where the file itself does not tell.",
    ),
    click.option(
        "--told",
        type=click.Choice([answer.value for answer in candidate_files.ToldAnswer]),
        help="Were these candidates told? yes: on the day of the decision; "
        "column: on the day in the column told_on.",
    ),
    click.option("--sheet", metavar="NAME", help="Which sheet of a workbook."),
    click.option("--header-row", type=click.IntRange(1), help="Which row names the columns."),
    click.option("--encoding", metavar="NAME", help="How the text is encoded, as in cp1252."),
)


def plan_options(command: Command) -> Command:
    """Give COMMAND the options that `read_plan` takes."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def read_plan(
    columns: Sequence[str],
    values: Sequence[str],
    for_all: Sequence[str],
    dates: str | None,
    told: str | None,
    **choice: Any,
) -> candidate_files.Plan:
    """What the options say of the file. Raises FileRefused."""
    return candidate_files.Plan(
        candidate_files.SheetChoice(**choice),
        tuple(_split("--map", pair) for pair in columns),
        tuple(_split_value(said) for said in values),
        tuple(_split("--for-all", pair, last=False) for pair in for_all),
        candidate_files.Order(dates) if dates else None,
        candidate_files.ToldAnswer(told) if told else None,
    )


def _split(option: str, pair: str, *, last: bool = True) -> tuple[str, str]:
    """Both sides of the equals sign: of the LAST where the left one may hold others."""
    left, equals, right = pair.rpartition("=") if last else pair.partition("=")
    if not equals:
        raise candidate_files.FileRefused(f"{option} {pair!r} is not like {PAIRS[option][1]}.")
    return left, right


def _split_value(said: str) -> tuple[str, str, str]:
    left, meaning = _split("--map-value", said)
    column, colon, value = left.partition(":")
    if not colon:
        raise candidate_files.FileRefused(
            f"--map-value {said!r} is not like {PAIRS['--map-value'][1]}."
        )
    return column, value, meaning
