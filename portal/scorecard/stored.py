"""Scorecards to and from the JSON in which they are stored; formats of earlier versions too.

What an earlier version did not store yet gets its default; what none of ours reads is left alone.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from portal.scorecard.answers import Rating, Reputation, Score
from portal.scorecard.records import Coverage, Flag, Habits

Plain = Mapping[str, Any]

# Where the stored name is not the one of the field.
NAMES: dict[type, dict[str, str]] = {
    Rating: {"low": "stars_low", "high": "stars_high"},
    Score: {
        "low": "stars_low",
        "high": "stars_high",
        "points": "score",
        "points_low": "score_low",
        "points_high": "score_high",
    },
    Flag: {"name": "flag"},
}


def _converter() -> Converter:
    made = Converter(detailed_validation=False)
    made.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    made.register_unstructure_hook(date, date.isoformat)
    for kind, names in NAMES.items():
        renamed: Any = {field: override(rename=name) for field, name in names.items()}

        def is_it(other: Any, kind: type = kind) -> bool:
            return other is kind  # and not one that is made of it

        made.register_structure_hook_func(is_it, make_dict_structure_fn(kind, made, **renamed))
        made.register_unstructure_hook_func(is_it, make_dict_unstructure_fn(kind, made, **renamed))
    return made


_STORED = _converter()


def to_plain(found: object) -> Any:
    """A scorecard, or a part of one, as JSON is made of it."""
    return _STORED.unstructure(found)


def read_reputation(plain: Plain | None) -> Reputation | None:
    """What was stored of answers; None where nothing is shown."""
    return _STORED.structure(plain, Reputation) if plain else None


def read_habits(plain: Plain | None) -> Habits | None:
    """What was stored of the employer's habits; None before they were counted."""
    return _STORED.structure(plain, Habits) if plain else None


def read_coverage(plain: Plain | None) -> Coverage | None:
    """What was stored of who was asked; None before it was counted."""
    return _STORED.structure(plain, Coverage) if plain else None


def read_rating(plain: Plain) -> Rating:
    """The point of a release on the trend line."""
    return _STORED.structure(plain, Rating)
