"""What is to be done with everybody selected, as a person chose it; kept with the run as JSON."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from portal.letters import LETTERS_FOR, Letter, Text, Why
from portal.terms import Channel, Feedback, Locale, Outcome, ReasonCode


class Action(StrEnum):
    """What can be done with a selection."""

    TELL = "tell"  # by letter; where an outcome is named, it is recorded first
    DECIDE = "decide"
    TOLD = "told"  # the employer has told them itself
    DELAY = "delay"  # a letter that says "not decided yet", with a new date
    WITHDRAW = "withdraw"  # they ended it
    LINK = "link"  # an email with the link to their own page


WRITES = (Action.TELL, Action.DELAY)  # letters, each looked at before it leaves
MAILS = (*WRITES, Action.LINK)


@dataclass(frozen=True)
class Plan:
    """ACTION and what it needs. `texts`: the letters' words by `key_of`, with placeholders.

    `send_at`: when the first letter leaves; `per_hour`: how many leave in an hour.
    """

    action: Action
    outcome: Outcome | None = None
    why: Why = field(default_factory=Why)
    texts: dict[str, Text] = field(default_factory=dict)
    feedback: Feedback = Feedback.NONE
    channel: Channel = Channel.PHONE
    told_on: date | None = None
    next_on: date | None = None
    send_at: datetime | None = None
    per_hour: int = 1

    def to_json(self) -> dict[str, Any]:
        """What `from_json` makes the same plan of."""
        found = {name: value for name, value in asdict(self).items() if value is not None}
        for name in ("told_on", "next_on", "send_at"):
            if name in found:
                found[name] = found[name].isoformat()
        return found


def from_json(kept: dict[str, Any]) -> Plan:
    """The plan of `Plan.to_json`."""
    made: dict[str, Any] = dict(kept)
    reads: dict[str, Any] = {
        "action": Action,
        "outcome": Outcome,
        "feedback": Feedback,
        "channel": Channel,
        "told_on": date.fromisoformat,
        "next_on": date.fromisoformat,
        "send_at": datetime.fromisoformat,
        "why": lambda why: Why(why["code"] and ReasonCode(why["code"]), **_words(why)),
        "texts": lambda texts: {key: Text(**text) for key, text in texts.items()},
    }
    for name, read in reads.items():
        if made.get(name) is not None:
            made[name] = read(made[name])
    return Plan(**made)


def _words(why: dict[str, str]) -> dict[str, str]:
    return {name: why[name] for name in ("details", "next_step")}


def letter_of(plan: Plan, outcome: Outcome | None) -> Letter:
    """Which letter PLAN writes to somebody about whom OUTCOME was decided."""
    if plan.action is Action.DELAY or outcome is None:
        return Letter.DELAY
    return LETTERS_FOR[outcome][0]


def key_of(letter: Letter, locale: Locale) -> str:
    """Under which the words of LETTER in LOCALE are kept."""
    return f"{letter}-{locale}"
