"""Every figure in words and drawn, in English and French: one module for each.

Typed scorecards go in; a `Figure` (value, range, count, sentence) or a `Chart` (drawing, table,
finding) comes out. Knows no request, no table, no page, and never decides what may be shown. No
word of it claims that one thing makes another.
"""

from portal.figures.agreement import agreement, agreement_base, kappa
from portal.figures.benchmarks import (
    beside_published,
    published_chart,
    published_rows,
    published_said,
)
from portal.figures.change import change, held_back, newest_release, wave, what_if
from portal.figures.comments import not_scored, read_as_positive, read_as_unclear
from portal.figures.coverage import (
    beside_coverage,
    coverage_charts,
    listed_counts,
    parts_of_all,
    reasons_not_asked,
    silent,
)
from portal.figures.effects import effects
from portal.figures.figure import (
    Figure,
    answers_or_more,
    as_of,
    counted,
    decisions,
    decisions_of,
    isolated,
)
from portal.figures.ghosting import NEVER_DAYS, beside_article, ghost_chart, ghost_rate, ghost_stat
from portal.figures.groups import group_chart, group_charts, group_name
from portal.figures.levers import (
    association,
    brief,
    doubtful,
    is_clear,
    largest_levers,
    lever,
    lever_name,
    named_largest,
    no_clear_difference,
    not_your_own,
    overlap,
    platform_lever,
    together,
    unranked_levers,
    unrecorded,
    why_hidden,
)
from portal.figures.one_habit import OneHabit, one_habit
from portal.figures.opinions import chased, nps, resentment
from portal.figures.others import others_chart, others_said
from portal.figures.people_waiting import people_waiting
from portal.figures.periods import (
    period_held,
    period_name,
    period_stats,
    periods_chart,
    why_no_groups,
    why_no_period,
)
from portal.figures.picture import picture
from portal.figures.practice import (
    by_phone,
    decision_time,
    feedback_names,
    flag,
    promises,
    told_of_month,
    told_why,
)
from portal.figures.score import no_score, score, score_chart, score_means
from portal.figures.spread import histogram
from portal.figures.star_row import star_row
from portal.figures.svg import Chart
from portal.figures.trend import trend_chart
from portal.figures.waiting import median_stat, no_curve, told_chart, told_stat, told_within
