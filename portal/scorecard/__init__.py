"""One employer's figures as frozen types with units: what pages, files and reports read.

Pure: made by `reputation`, put into words and drawn by others. `stored` reads and writes them.
"""

from portal.scorecard.answers import (
    Agreement,
    Difference,
    GroupRating,
    Lever,
    Levers,
    Opinion,
    Period,
    PeriodFigures,
    PlatformLever,
    Rating,
    Release,
    Reputation,
    Score,
    Wave,
    WhatIf,
    WhyOff,
)
from portal.scorecard.records import (
    Coverage,
    Curve,
    DecisionTime,
    Feedback,
    Flag,
    Habits,
    Month,
    Promises,
    WaitingNow,
)
from portal.scorecard.stored import (
    Plain,
    read_coverage,
    read_habits,
    read_lever,
    read_levers,
    read_rating,
    read_reputation,
    to_plain,
)
