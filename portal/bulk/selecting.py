"""Who of a selection an action is for, and why the others are left out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa

from portal import emails, hiring, outbox
from portal.bulk.plans import MAILS, WRITES, Action, Plan, key_of, letter_of
from portal.extensions import db
from portal.language import marked
from portal.letters import LETTERS_FOR
from portal.models import Application, Candidate, Decision, EmailState, Employer
from portal.terms import Locale, Outcome

MOST = 20_000  # at once
ASKED_AT_ONCE = 5_000  # parameters of one statement
Value = TypeVar("Value")
HAS_OFFER = (Outcome.HIRED, Outcome.OFFER_DECLINED)


class Why(StrEnum):
    """Why somebody is left out; the first that holds is said."""

    GONE = "gone"
    WITHDREW = "withdrew"
    TOLD = "told"
    LEAVING = "leaving"
    UNSURE = "unsure"
    UNDECIDED = "undecided"
    DECIDED = "decided"
    OFFER = "offer"
    ACTIVE = "active"
    NO_LETTER = "no_letter"
    NO_ADDRESS = "no_address"
    DEAD_ADDRESS = "dead_address"
    NO_REPLY = "no_reply"
    ANOTHER = "another"


REASONS = {
    Why.GONE: marked("Nothing more is recorded of this person."),
    Why.WITHDREW: marked("They withdrew: nothing is owed."),
    Why.TOLD: marked("They were told already."),
    Why.LEAVING: marked("An email with news is on its way to them."),
    Why.UNSURE: marked("An email with news may or may not have arrived: ask them."),
    Why.UNDECIDED: marked("There is no decision yet."),
    Why.DECIDED: marked("There is a decision already: tell them of it."),
    Why.OFFER: marked("They hold an offer from you for another role: call."),
    Why.ACTIVE: marked("They are still in the running for another role: call."),
    Why.NO_LETTER: marked("There is no letter for this outcome: tell them by another way."),
    Why.NO_ADDRESS: marked("No email address is known: call."),
    Why.DEAD_ADDRESS: marked("Earlier mail to this address did not arrive: call."),
    Why.NO_REPLY: marked("There is no address yet that replies could go to: see the settings."),
    Why.ANOTHER: marked("One letter per person: theirs is about another role of this selection."),
}


@dataclass(frozen=True)
class Person:
    """One application of a selection: what an action needs to know of it. `decision_id`: of the
    decision that stands."""

    id: int
    candidate_id: int
    email: str | None
    locale: Locale
    outcome: Outcome | None
    is_told: bool
    is_waiting: bool
    is_leaving: bool
    is_blank: bool
    decision_id: int | None


@dataclass
class Selection:
    """Whom an action is for, in the order of the desk; `groups`: how many get which words.

    `decisions`: by application, the decision that stands; what was looked at is about that one.
    """

    go: list[int] = field(default_factory=list)
    decisions: dict[int, int | None] = field(default_factory=dict)
    left: list[tuple[int, Why]] = field(default_factory=list)
    groups: dict[str, int] = field(default_factory=dict)

    @property
    def reasons(self) -> dict[Why, int]:
        """How many are left out for each reason."""
        return {why: n for why in Why if (n := sum(one is why for _, one in self.left))}


def find_ids(employer: Employer, wanted: hiring.Filter) -> list[int]:
    """All that WANTED finds, the most urgent first; MOST + 1 where they are more."""
    found = sa.select(Application.id).where(*wanted.clauses(employer))
    return list(db.session.scalars(found.order_by(*hiring.URGENT).limit(MOST + 1)))


def select(
    employer: Employer, ids: Sequence[int], plan: Plan, beside: Collection[int] = ()
) -> Selection:
    """Whom of EMPLOYER's applications IDS the PLAN is for. Changes nothing.

    BESIDE: other applications of the same selection, which the action is for as well.
    """
    places = {number: place for place, number in enumerate(ids)}
    people = sorted(_people(employer, ids), key=lambda person: places[person.id])
    elsewhere = _elsewhere(employer, people, beside) if _rejects(plan, people) else {}
    dead = _dead(employer, people) if plan.action in MAILS else set()
    unsure = _unsure(people) if plan.action in WRITES else set()
    has_reply_to = emails.find_reply_to(employer) is not None
    selection, written_to = Selection(), set[int]()
    for person in people:
        outcome = person.outcome or plan.outcome
        why = _why_not(person, plan)
        if why is None and person.id in unsure:
            why = Why.UNSURE
        if why is None and plan.action in MAILS:
            why = _why_no_letter(person, plan, outcome, elsewhere, dead)
            if not has_reply_to:
                why = Why.NO_REPLY
            elif why is None and person.candidate_id in written_to:
                why = Why.ANOTHER
        if why:
            selection.left.append((person.id, why))
            continue
        selection.go.append(person.id)
        selection.decisions[person.id] = person.decision_id
        if plan.action in WRITES:
            written_to.add(person.candidate_id)
            key = key_of(letter_of(plan, outcome), person.locale)
            selection.groups[key] = selection.groups.get(key, 0) + 1
    return selection


def _parts(values: Iterable[Value], size: int = ASKED_AT_ONCE) -> Iterator[list[Value]]:
    everything = list(values)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]


def _people(employer: Employer, ids: Sequence[int]) -> Iterator[Person]:
    columns: tuple[Any, ...] = (
        Application.id,
        Application.candidate_id,
        Candidate.email,
        Candidate.locale,
        Application.outcome,
        Application.told_on.is_not(None),
        Application.is_waiting,
        Application.news_leaves_at.is_not(None),
        Candidate.blanked_on.is_not(None),
        Decision.id,
    )
    stands = sa.and_(Decision.application_id == Application.id, Decision.ended_at.is_(None))
    for some in _parts(ids):
        found = sa.select(*columns).join(Application.candidate).outerjoin(Decision, stands)
        found = found.where(Application.employer_id == employer.id, Application.id.in_(some))
        for row in db.session.execute(found):
            yield Person(*row)


def _why_not(person: Person, plan: Plan) -> Why | None:
    """Why what is recorded of PERSON rules the action out."""
    outcome, action = person.outcome, plan.action
    if person.is_blank:
        return Why.GONE
    if outcome is Outcome.WITHDRAWN:
        return Why.WITHDREW
    if person.is_told:
        return Why.TOLD
    decides = action in (Action.DECIDE, Action.DELAY) or (action is Action.TELL and plan.outcome)
    if decides and outcome is not None and outcome is not plan.outcome:
        return Why.DECIDED
    if action is Action.DECIDE and outcome is not None:
        return Why.DECIDED
    if person.is_leaving and action is not Action.LINK:
        return Why.LEAVING
    if outcome is None and plan.outcome is None and action in (Action.TELL, Action.TOLD):
        return Why.UNDECIDED
    return None


def _why_no_letter(
    person: Person,
    plan: Plan,
    outcome: Outcome | None,
    elsewhere: dict[int, Why],
    dead: set[str],
) -> Why | None:
    if plan.action is Action.TELL and outcome is not None and not LETTERS_FOR[outcome]:
        return Why.NO_LETTER
    if outcome is Outcome.REJECTED and person.candidate_id in elsewhere:
        return elsewhere[person.candidate_id]
    if person.email is None:
        return Why.NO_ADDRESS
    return Why.DEAD_ADDRESS if person.email in dead else None


def _rejects(plan: Plan, people: Sequence[Person]) -> bool:
    return plan.action is Action.TELL and any(
        (one.outcome or plan.outcome) is Outcome.REJECTED for one in people
    )


def _elsewhere(
    employer: Employer, people: Sequence[Person], beside: Collection[int]
) -> dict[int, Why]:
    """Who of PEOPLE holds an offer of the employer, or is in the running for another role."""
    selected = {one.id for one in people} | set(beside)
    has_offer = Application.outcome.in_(HAS_OFFER)
    is_open = sa.and_(Application.outcome.is_(None), Application.is_waiting)
    found: dict[int, set[Why]] = defaultdict(set)
    for some in _parts({one.candidate_id for one in people}):
        rows = sa.select(Application.id, Application.candidate_id, Application.outcome).where(
            Application.employer_id == employer.id,
            Application.candidate_id.in_(some),
            sa.or_(has_offer, is_open),
        )
        for number, candidate_id, outcome in db.session.execute(rows):
            if outcome is not None or number not in selected:
                found[candidate_id].add(Why.OFFER if outcome else Why.ACTIVE)
    return {number: min(whys, key=list(Why).index) for number, whys in found.items()}


def _dead(employer: Employer, people: Sequence[Person]) -> set[str]:
    addresses = {one.email for one in people if one.email}
    return {
        address
        for some in _parts(addresses, ASKED_AT_ONCE // 2)
        for address in outbox.find_dead(some, employer.id)
    }


def _unsure(people: Sequence[Person]) -> set[int]:
    """Of whom nobody knows whether an email with the decision has arrived."""
    return {
        number
        for some in _parts(one.id for one in people if one.outcome)
        for number, state in hiring.list_troubles(some).items()
        if state is EmailState.UNKNOWN
    }
