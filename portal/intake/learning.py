"""What was answered about a file, kept for the next of its kind: the same names of columns.

Whether these people were told is never kept: it is asked of every file.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from portal.candidate_files import Order, Plan
from portal.intake.files import heading_key, recall, remember


def remember_plan(employer_id: int, headers: Sequence[str], plan: Plan, now: datetime) -> None:
    """Offer what PLAN says of a file with HEADERS with the next one of the employer's."""
    named = _names(headers)
    learnt = {
        "columns": [[named[_place(column)], field] for column, field in plan.columns],
        "values": [[named[_place(column)], *said] for column, *said in plan.values],
        "for_all": [[name, text] for name, text in plan.for_all if name in ("name", "role")],
        "dates": plan.dates,
    }
    remember(employer_id, heading_key(headers), learnt, now)


def recall_plan(employer_id: int, headers: Sequence[str], plan: Plan) -> Plan:
    """PLAN with what the employer answered about the last file with HEADERS, in any order."""
    learnt: dict[str, Any] = recall(employer_id, heading_key(headers)) or {}
    places = {name: f"#{place + 1}" for place, name in enumerate(_names(headers))}
    dates = learnt.get("dates")
    return Plan(
        plan.choice,
        tuple((places[name], field) for name, field in learnt.get("columns", ())),
        tuple((places[name], text, said) for name, text, said in learnt.get("values", ())),
        tuple((name, text) for name, text in learnt.get("for_all", ())),
        Order(dates) if dates else None,
    )


def _names(headers: Sequence[str]) -> list[str]:
    """A name for each column by which it is found again: of several of one name, numbered."""
    seen: dict[str, int] = {}
    names = []
    for header in headers:
        key = " ".join(header.casefold().split())
        seen[key] = seen.get(key, 0) + 1
        names.append(f"{key}\n{seen[key]}")
    return names


def _place(column: str) -> int:
    return int(column.removeprefix("#")) - 1
