"""Batches, their sums and scorecards: the database side of `statistics`.

Everything that pages, exports and feeds show of answers is read from here.
"""

from portal.reputation.batches import Pool, find_pools, is_pure, live_batches, pool_sums, pools_of
from portal.reputation.behind import LATE_AFTER, TOLD_WITHIN, HabitGroup, count_groups, list_group
from portal.reputation.canary import check_key, hold_key
from portal.reputation.floors import hold_floors
from portal.reputation.forecasts import Forecast, forecast
from portal.reputation.habits import describe_months
from portal.reputation.periods import PERIOD_DAYS
from portal.reputation.platform import (
    FitCondition,
    fit_condition,
    keep_fit,
    plan_fit,
    refresh_platform,
)
from portal.reputation.rebuilding import rebuild
from portal.reputation.releases import (
    Overtaken,
    Release,
    SealsBroken,
    carry_out,
    count_waiting,
    end_turn,
    is_due,
    last_releases,
    list_due,
    plan_release,
    release_batch,
)
from portal.reputation.scorecards import (
    Dashboard,
    Listing,
    dashboard,
    find_public,
    list_public,
    list_stale,
    refresh_habits,
    refresh_scorecard,
)
from portal.reputation.withdrawals import (
    Broken,
    discard_broken,
    find_broken,
    find_forgotten,
    forget_answers,
    forget_waiting,
    list_waiting,
    may_be_forgotten,
    withdraw_answer,
)
