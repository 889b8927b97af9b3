"""Server-rendered SVG charts that say what they show, in words, in a table and without colour.

Each function takes an id (unique on the page) and plain figures, and returns a `Chart`: `.svg`,
`.table`, `.finding`, and `.figure(title)`, which is all three as one `<figure>`.
"""

from portal.web.charts.effects import Effect, effects
from portal.web.charts.habits import (
    ARTICLE_SHARE,
    FunnelStep,
    GhostRate,
    ToldByDay,
    coverage,
    ghost_bar,
    parts_of_all,
    told_curve,
)
from portal.web.charts.ratings import (
    Benchmark,
    Group,
    Score,
    TrendPoint,
    groups,
    histogram,
    score_line,
    trend,
)
from portal.web.charts.svg import Chart

__all__ = [
    "ARTICLE_SHARE",
    "Benchmark",
    "Chart",
    "Effect",
    "FunnelStep",
    "GhostRate",
    "Group",
    "Score",
    "ToldByDay",
    "TrendPoint",
    "coverage",
    "effects",
    "ghost_bar",
    "groups",
    "histogram",
    "parts_of_all",
    "score_line",
    "told_curve",
    "trend",
]
