"""What a release would do if it were asked for now, as far as may be known before.

Opens no seal and reads no comment. It says "enough" or "too few", never how many, nor of how many
who were asked: looked at again and again that would date each answer, or say that everybody has
answered. This tells no more than asking for a release.
"""

from enum import StrEnum

from portal.config import settings
from portal.models import Employer
from portal.reputation import asked
from portal.reputation.releases import at_most, count_waiting, last_release


class Forecast(StrEnum):
    """What would come of a release."""

    UNREADABLE = "unreadable"  # a seal opens with no key: nothing would be released
    TOO_FEW = "too_few"  # in all, or in four of five who were asked
    ENOUGH = "enough"


def forecast(employer: Employer) -> Forecast:
    """What a release of EMPLOYER would do; three statements.

    Answers that were taken back, or public before, are only known from within their seals: with
    many of these even ENOUGH may turn out too few.
    """
    if employer.seal_trouble:
        return Forecast.UNREADABLE
    waiting, floor = count_waiting(employer), settings().MIN_ANSWERS
    most = at_most(asked.count_open_links(employer, last_release(employer)), waiting)
    return Forecast.ENOUGH if min(waiting, most) >= floor else Forecast.TOO_FEW
