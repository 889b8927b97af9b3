"""Who is behind a figure of the habits page, by name, with what can be done for each next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel.support import LazyProxy

from portal import closure, formatting, hiring, reputation
from portal.language import gettext, lazy_gettext, ngettext
from portal.models import ERASED, Application, Employer, utcnow
from portal.reputation import HabitGroup

NAMES: dict[HabitGroup, LazyProxy] = {
    HabitGroup.SPOKEN: lazy_gettext("Told by phone or in person"),
    HabitGroup.WRITTEN: lazy_gettext("Told by email or letter"),
    HabitGroup.PORTAL: lazy_gettext("Told in your application portal"),
    HabitGroup.NOT_TOLD: lazy_gettext("Not told"),
    HabitGroup.PROMISE_KEPT: lazy_gettext("Told by the promised date"),
    HabitGroup.PROMISE_BROKEN: lazy_gettext("Not told by the promised date"),
    HabitGroup.NO_PROMISE: lazy_gettext("Were promised no date"),
    HabitGroup.SPECIFIC: lazy_gettext("Told why, specifically"),
    HabitGroup.GENERAL: lazy_gettext("Told why, in general"),
    HabitGroup.NO_REASON: lazy_gettext("Told without a reason"),
}
TOLD_WITHIN = {group: days for days, group in reputation.TOLD_WITHIN.items()}
LATE_AFTER = {group: days for days, group in reputation.LATE_AFTER.items()}


def group_name(group: HabitGroup) -> str:
    """GROUP as the head of its list."""
    if days := TOLD_WITHIN.get(group):
        return gettext("Told within %(days)s", days=formatting.days(days))
    if days := LATE_AFTER.get(group):
        return gettext("Not told within %(days)s", days=formatting.days(days))
    return str(NAMES[group])


@dataclass(frozen=True)
class Row:
    """One candidate; `told`: on which day, or how long they have waited for it."""

    application: Application
    name: str
    told: str
    can_be_told: bool
    next_step: str


@dataclass(frozen=True)
class People:
    """One page of a list. `counted`: what the figure has, where the list has another number."""

    group: HabitGroup
    name: str
    caption: str
    rows: Sequence[Row]
    page: hiring.Page
    counted: int | None
    counted_at: datetime | None


def list_people(employer: Employer, group: HabitGroup, number: int) -> People:
    """Page NUMBER of EMPLOYER's candidates in GROUP, as of the day its figures were counted."""
    board, today = reputation.dashboard(employer), closure.local_day(employer, utcnow())
    habits = board.habits
    page = reputation.list_group(employer, group, habits.as_of if habits else today, number)
    counted = reputation.count_groups(habits).get(group) if habits else None
    return People(
        group=group,
        name=group_name(group),
        caption=_caption(page),
        rows=[_row(application, today) for application in page.applications],
        page=page,
        counted=None if counted == page.total else counted,
        counted_at=board.as_of,
    )


def _caption(page: hiring.Page) -> str:
    said = ngettext("%(num)s candidate", "%(num)s candidates", page.total)
    if page.pages > 1:
        first = (page.number - 1) * hiring.PAGE_SIZE + 1
        said = gettext(
            "%(candidates)s, %(first)s to %(last)s on this page",
            candidates=said,
            first=formatting.count(first),
            last=formatting.count(first + len(page.applications) - 1),
        )
    return gettext("%(candidates)s. Who can still be told first.", candidates=said)


def _row(application: Application, today: date) -> Row:
    decided_on, told_on = application.decided_on or today, application.told_on
    name = _name(application)
    if told_on:
        after = formatting.days(max(0, (told_on - decided_on).days))
        day = formatting.day(told_on, style="medium")
        told = gettext("%(day)s, after %(days)s", day=day, days=after)
        return Row(application, name, told, False, gettext("Nothing to do"))
    if application.candidate.is_blank:
        return Row(application, name, gettext("Never"), False, gettext("Can no longer be told"))
    waited = formatting.days((today - decided_on).days)
    told = gettext("Waiting for %(days)s", days=waited)
    return Row(application, name, told, True, gettext("Tell them"))


def _name(application: Application) -> str:
    """The candidate's name, or why there is none any more."""
    candidate = application.candidate
    if not candidate.is_blank:
        return candidate.shown_name
    return gettext("Erased") if candidate.name == ERASED else gettext("Name removed")
