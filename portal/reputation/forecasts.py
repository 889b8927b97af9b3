"""What a release would do if it were asked for now, as far as may be known before.

Opens no seal and reads no comment. It says "enough" or "too few", never how many: an exact number,
looked at again and again, would date each answer; this tells no more than asking for a release.
"""

from enum import StrEnum

from portal.config import settings
from portal.models import Employer
from portal.reputation import asked
from portal.reputation.releases import at_most, count_waiting, last_release


class Forecast(StrEnum):
    """What would come of a release."""

    UNREADABLE = "unreadable"  # a seal opens with no key: nothing would be released
    TOO_FEW = "too_few"
    TOO_FEW_BY_LOT = "too_few_by_lot"  # nearly everybody has answered, of too few who were asked
    SOME_BY_LOT = "some_by_lot"  # nearly everybody has answered: some would wait
    ENOUGH = "enough"


def forecast(employer: Employer) -> Forecast:
    """What a release of EMPLOYER would do; three statements.

    Answers that were taken back, or public before, are only known from within their seals: with
    many of these even ENOUGH may turn out too few.
    """
    if employer.seal_trouble:
        return Forecast.UNREADABLE
    waiting, floor = count_waiting(employer), settings().MIN_ANSWERS
    if waiting < floor:
        return Forecast.TOO_FEW
    most = at_most(asked.count_open_links(employer, last_release(employer)), waiting)
    if most < floor:
        return Forecast.TOO_FEW_BY_LOT
    return Forecast.SOME_BY_LOT if most < waiting else Forecast.ENOUGH
