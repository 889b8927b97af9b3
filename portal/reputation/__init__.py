"""Batches, rollups and scorecards: the database side of `statistics`.

Everything that pages, exports and feeds show of answers is read from here.
"""

from portal.reputation.batches import Pool, live_batches, pools_of
from portal.reputation.floors import hold_floors
from portal.reputation.platform import FitCondition, fit_condition, refresh_platform
from portal.reputation.releases import (
    is_enough_waiting,
    last_releases,
    rebuild,
    release_batch,
    take_turn,
    withdraw_answer,
)
from portal.reputation.scorecards import (
    Dashboard,
    Directory,
    Listing,
    Trend,
    dashboard,
    find_public,
    list_public,
    refresh_habits,
    refresh_scorecard,
)

__all__ = [
    "Dashboard",
    "Directory",
    "FitCondition",
    "Listing",
    "Pool",
    "Trend",
    "dashboard",
    "find_public",
    "fit_condition",
    "hold_floors",
    "is_enough_waiting",
    "last_releases",
    "list_public",
    "live_batches",
    "pools_of",
    "rebuild",
    "refresh_habits",
    "refresh_platform",
    "refresh_scorecard",
    "release_batch",
    "take_turn",
    "withdraw_answer",
]
