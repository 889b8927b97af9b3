"""What is owed to an application's candidate, as it stands on the row: lists sort and count by it.

`keep_owed` is called wherever a fact changes that it follows from; `owe_anew` where a setting did.
"""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal import closure
from portal.extensions import db
from portal.models import Application, Email, EmailState, Employer, Notice

CHUNK = 200
ON_ITS_WAY = (EmailState.QUEUED, EmailState.SENDING)


def owed_facts(employer: Employer, known: closure.Known) -> dict[str, Any]:
    """What the row says of what is owed, while its person is there."""
    owed = closure.owed(employer, known)
    return {
        "is_waiting": closure.is_waiting(known),
        "owed_on": owed.on if owed else None,
        "owed_under": owed.under if owed else None,
    }


def keep_owed(application: Application) -> None:
    """Write what is owed on APPLICATION, from the facts that it has now."""
    facts = owed_facts(application.employer, application)
    if application.candidate.is_blank:
        facts = {"is_waiting": False, "owed_on": None, "owed_under": None}
    for name, value in facts.items():
        setattr(application, name, value)


def keep_leaving(ids: Collection[int]) -> None:
    """Write when the next email with news leaves, on the applications of IDS."""
    leaves_at = (
        sa.select(sa.func.min(Email.next_attempt_at))
        .join(Notice, Email.notice_id == Notice.id)
        .where(
            Notice.employer_id == Application.employer_id,
            Notice.application_id == Application.id,
            Email.state.in_(ON_ITS_WAY),
        )
        .scalar_subquery()
    )
    db.session.flush()
    db.session.execute(
        sa.update(Application).where(Application.id.in_(ids)).values(news_leaves_at=leaves_at),
        execution_options={"synchronize_session": False},
    )
    for one in db.session.identity_map.values():
        if isinstance(one, Application) and one.id in ids:
            db.session.expire(one, ["news_leaves_at"])


def ask_to_owe_anew(employer: Employer) -> None:
    """What EMPLOYER owes follows from other settings now: the first rows at once, the rest by the
    worker."""
    employer.owe_anew_after = 0
    _owe_anew(employer)


def owe_anew(most: int = CHUNK) -> int:
    """Work out anew what an employer owes that asked for it; how many rows it looked at, at
    most MOST and one.

    Call again, committing between, until 0.
    """
    employer = db.session.scalar(
        sa.select(Employer)
        .where(Employer.owe_anew_after.is_not(None))
        .order_by(Employer.id)
        .limit(1)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return _owe_anew(employer, most) + 1 if employer else 0


def _owe_anew(employer: Employer, most: int = CHUNK) -> int:
    found = db.session.scalars(
        sa.select(Application)
        .options(joinedload(Application.candidate))
        .where(
            Application.employer_id == employer.id,
            Application.is_waiting,
            Application.id > employer.owe_anew_after,
        )
        .order_by(Application.id)
        .limit(most)
        .with_for_update(of=Application)
    ).all()
    for application in found:
        keep_owed(application)
    employer.owe_anew_after = found[-1].id if len(found) == most else None
    return len(found)
