"""Changing settings: all of them or none, with a note of who changed what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from portal import audit, hiring, invitations
from portal.employers.places import why_not_in
from portal.employers.settings import SETTINGS, SettingsRefused, as_text, read_settings
from portal.extensions import db
from portal.models import AuditEvent, Employer, Lane, User

ACTION: Final = "employer.set"
# What says when people are asked: of whom, so that it is known how many a change is about.
PLANNED_BY: Final[dict[str, tuple[Lane, ...]]] = {
    "survey_delay_days": (Lane.OUTCOME,),
    "check_in_after_days": (Lane.CHECK_IN,),
    "send_window": (Lane.OUTCOME, Lane.CHECK_IN),
    "timezone": (Lane.OUTCOME, Lane.CHECK_IN),
}
# The log holds no address of a person: of these it says only that they changed.
NOT_LOGGED: Final = ("reply_to",)
# What says by when candidates are owed news.
OWED_BY: Final = ("clock_preset", "inform_within_business_days")


@dataclass(frozen=True)
class Change:
    """One setting before and after, as texts."""

    key: str
    old: str
    new: str


class SettingsChanged(Exception):
    """Somebody changed the same settings since the form was made; nothing was set."""


@dataclass(frozen=True)
class Meanwhile:
    """What somebody else changed while a form was open; `who` is None for the command line."""

    change: Change
    who: User | None


def change_settings(
    employer: Employer, texts: Mapping[str, str], *, seen: Mapping[str, str] | None = None
) -> list[Change]:
    """Set what TEXTS say of EMPLOYER; what changed by it.

    SEEN are the texts that the person saw. Raises SettingsChanged if one of them is no longer so,
    else SettingsRefused if any of TEXTS does not fit. Invitations that have not left are planned
    anew where the change says when people are asked.
    """
    if employer.id is not None:
        db.session.flush()
        db.session.refresh(employer, with_for_update={"key_share": True})
    if seen is not None and _differing(employer, seen):
        raise SettingsChanged
    values = read_settings(texts)
    _check_place(employer, values)
    before = {key: as_text(employer, key) for key in values}
    for key, value in values.items():
        setattr(employer, SETTINGS[key].column, value)
    after = {key: as_text(employer, key) for key in values}
    changes = [Change(key, before[key], after[key]) for key in values if before[key] != after[key]]
    if employer.id is not None and changes:
        _note(employer, changes)
    return changes


def _check_place(employer: Employer, values: dict[str, str | None]) -> None:
    country = values.get("country", employer.country)
    region = values.get("region", employer.region)
    if {"country", "region"} & values.keys() and (wrong := why_not_in(country, region)):
        raise SettingsRefused({"region": wrong})


def _note(employer: Employer, changes: list[Change]) -> None:
    detail = {one.key: None if one.key in NOT_LOGGED else [one.old, one.new] for one in changes}
    audit.record(ACTION, employer.id, changes=detail)
    if any(one.key in PLANNED_BY for one in changes):
        invitations.ask_to_plan_anew(employer)
    if any(one.key in OWED_BY for one in changes):
        hiring.ask_to_owe_anew(employer)


def _differing(employer: Employer, seen: Mapping[str, str]) -> list[Change]:
    now = {key: as_text(employer, key) for key in seen}
    return [Change(key, seen[key], now[key]) for key in seen if seen[key] != now[key]]


def list_meanwhile(employer: Employer, seen: Mapping[str, str]) -> list[Meanwhile]:
    """What is no longer as SEEN, and who changed it last."""
    return [Meanwhile(one, _who_changed(employer, one.key)) for one in _differing(employer, seen)]


def _who_changed(employer: Employer, key: str) -> User | None:
    events = db.session.execute(
        sa.select(AuditEvent.detail, User)
        .outerjoin(User, User.id == AuditEvent.user_id)
        .where(AuditEvent.employer_id == employer.id, AuditEvent.action == ACTION)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(20)
    )
    return next((user for detail, user in events if key in detail.get("changes", ())), None)


def count_affected(employer: Employer, keys: Iterable[str]) -> int:
    """How many invitations that have not left are planned by the settings KEYS."""
    lanes = {lane for key in keys for lane in PLANNED_BY.get(key, ())}
    return invitations.count_waiting(employer, lanes) if lanes else 0
