"""Scorecards to and from the JSON in which they are stored; formats of earlier versions too.

What an earlier version did not store yet gets its default; what none of ours reads is left alone.
"""

from collections.abc import Mapping
from datetime import date
from functools import partial
from operator import is_
from typing import Any

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from portal.scorecard.answers import (
    Difference,
    Lever,
    Levers,
    PlatformLever,
    Rating,
    Reputation,
    Score,
)
from portal.scorecard.records import Coverage, Flag, Habits

Plain = Mapping[str, Any]

# Where the stored name is not the one of the field.
LIMITS = {"low": "stars_low", "high": "stars_high"}
POINTS = {"points": "score", "points_low": "score_low", "points_high": "score_high"}
NAMES: dict[type, dict[str, str]] = {
    Rating: LIMITS,
    Score: LIMITS | POINTS,
    Difference: {"stars": "effect_stars"},
    PlatformLever: {"stars": "effect_stars"},
    Levers: {"all": "levers", "largest": "levers_largest"},
    Flag: {"name": "flag"},
}


def _converter() -> Converter:
    made = Converter(detailed_validation=False)
    made.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    made.register_unstructure_hook(date, date.isoformat)
    made.register_structure_hook(Lever, lambda plain, _: _lever(plain, made))
    made.register_unstructure_hook(Lever, lambda lever: _plain_lever(lever, made))
    for kind, names in NAMES.items():
        renamed: Any = {field: override(rename=name) for field, name in names.items()}
        is_it = partial(is_, kind)  # and not one that is made of it
        made.register_structure_hook_func(is_it, make_dict_structure_fn(kind, made, **renamed))
        made.register_unstructure_hook_func(is_it, make_dict_unstructure_fn(kind, made, **renamed))
    return made


def _lever(plain: Plain, by: Converter) -> Lever:
    """Its numbers stand beside its name, and are none where it is hidden."""
    platform = plain.get("platform")
    return Lever(
        name=plain["lever"],
        own=None if plain["reason_hidden"] else by.structure(plain, Difference),
        reason_hidden=plain["reason_hidden"],
        chance_largest=plain.get("chance_largest"),
        platform=by.structure(platform, PlatformLever) if platform else None,
    )


def _plain_lever(lever: Lever, by: Converter) -> dict[str, Any]:
    own = by.unstructure(lever.own) or dict.fromkeys(("effect_stars", "low", "high"))
    return own | {
        "lever": lever.name,
        "reason_hidden": lever.reason_hidden,
        "chance_largest": lever.chance_largest,
        "platform": by.unstructure(lever.platform),
    }


_STORED = _converter()


def read_lever(plain: Plain) -> Lever:
    """One lever."""
    return _STORED.structure(plain, Lever)


def read_levers(plain: Plain) -> Levers:
    """Levers that stand beside other figures; without those that older releases did not store."""
    return _STORED.structure(plain, Levers)


def to_plain(found: object) -> Any:
    """A scorecard, or a part of one, as JSON is made of it."""
    plain = _STORED.unstructure(found)
    return plain | plain["levers"] if isinstance(found, Reputation) else plain


def read_reputation(plain: Plain | None) -> Reputation | None:
    """What was stored of answers; None where nothing is shown."""
    if not plain:
        return None
    return _STORED.structure({**plain, "levers": plain}, Reputation)


def read_habits(plain: Plain | None) -> Habits | None:
    """What was stored of the employer's habits; None before they were counted."""
    return _STORED.structure(plain, Habits) if plain else None


def read_coverage(plain: Plain | None) -> Coverage | None:
    """What was stored of who was asked; None before it was counted."""
    return _STORED.structure(plain, Coverage) if plain else None


def read_rating(plain: Plain) -> Rating:
    """The point of a release on the trend line."""
    return _STORED.structure(plain, Rating)
