"""A year of one employer, and all that somebody sees of it who has the database and every account.

400 candidates as the sample draws them, 150 answers through links, five releases, and everything
that happens to answers in between. Nothing here opens a seal: what is true is kept from telling.
"""

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask

from portal import invitations, jobs, links, privacy, reputation, schema, surveys
from portal.demo.history import EmployerProfile, History
from portal.demo.people import OPTICS
from portal.extensions import db, limiter
from portal.models import (
    Employer,
    Invitation,
    InvitationState,
    InvitationToken,
    Locale,
    Role,
    RoleFamily,
    utcnow,
)
from tests.support.answers import answer
from tests.support.factory import PASSWORD, Make
from tests.support.forms import filled
from tests.support.pages import TOKEN
from tests.support.snapshots import Camera, Tables, compare

PEOPLE = 400
WAVES = (7, 8, 45, 40, 50)
FRENCH = 0.15
MANY_ENGINEERS = tuple(
    (f"Engineer {n}", RoleFamily.ENGINEERING, "Platform" if n else "Safety") for n in range(12)
)
PROFILE = EmployerProfile(
    "acme", "Acme", "Instruments", "UTC", OPTICS + MANY_ENGINEERS,
    decided_a_month=PEOPLE, ghosted=0.2, usual_days=6, phone=0.3, feedback=0.4, denied=0.05,
    quality=0.2,
)  # fmt: skip
ENGLISH_WORDS = (
    "They called me and told me why, the interview was friendly and well prepared. ",
    "I waited for three weeks and nobody wrote, which was rude and disappointing. ",
    "The role was explained clearly, though the second round felt rushed to me. ",
)
FRENCH_WORDS = (
    "On m’a appelée deux jours après l’entretien pour m’expliquer le refus avec soin. ",
    "J’ai dû relancer trois fois avant d’avoir une réponse, et c’est décevant. ",
)
# Every few words of a comment stands whose it is, so that any piece of it is found.
MARK = re.compile(rb"zqxj(\d{3})x")
# What stands in a seal, as it would stand there in clear.
SEALED_TEXTS = (
    *(b'"facts":[', b'"answers":{"', b'"lane":"', b'"overall":1', b'"overall":5'),
    *(b'"rejected","', b'"hired","', b'"withdrawn":true'),
)
LONG = 2000
Look = dict[str, bytes]


def mark(number: int) -> str:
    return f"zqxj{number:03d}x"


@dataclass
class Person:
    """Somebody who answered, with what is true of them."""

    number: int
    token: str
    invitation_id: int
    application_id: int
    locale: Locale
    wave: int
    sent: dict[str, Any]
    key: str = ""
    hidden: dict[str, Any] = field(default_factory=dict)  # their row's system columns at first

    @property
    def stars(self) -> int:
        return int(self.sent["overall"])


@dataclass(frozen=True)
class Event:
    """Something that happened, and what could be seen before it (if about somebody) and after."""

    name: str
    who: Person | None
    before: Tables
    after: Tables
    pages_before: Look
    pages_after: Look


class Story:
    """Lives through it. `leaks`: what stood in files without being published, by moment."""

    def __init__(self, app: Flask, make: Make, seed: int = 7) -> None:
        self.chance = random.Random(seed)
        self.app, self.make = app, make
        self.employer = make.employer("acme", is_published=True)
        self.users = {
            "owner": make.user("ada", self.employer, Role.OWNER),
            "operator": make.user("otto"),
        }
        self.camera = Camera()
        self.people: list[Person] = []
        self.events: dict[str, Event] = {}
        self.leaks: list[tuple[str, Any]] = []
        self.scanned = 0
        self.read: dict[int, tuple[bytes, set[bytes]]] = {}
        self.now = utcnow()
        self.clients = self._sign_in()
        self.silent = self._invite()

    # -- who there is -----------------------------------------------------------------------------

    def _sign_in(self) -> dict[str, Any]:
        clients = {"nobody": self.app.test_client()}
        for name, user in self.users.items():
            clients[name] = self.app.test_client()
            page = clients[name].get("/sign-in").text
            token = TOKEN.search(page)
            form = {"email": user.email, "password": PASSWORD, "csrf_token": token and token[0]}
            assert clients[name].post("/sign-in", data=form).status_code == 302
        return clients

    def _invite(self) -> list[tuple[str, Invitation, int]]:
        """400 candidates as the sample draws them, asked in an order of their own."""
        day = self.now.date()
        history = History(self.employer, PROFILE, self.chance, day)
        first, last = day - timedelta(days=120), day - timedelta(days=20)
        drawn = [history._draw(first, last) for _ in range(PEOPLE)]
        db.session.flush()
        for one in drawn:
            if self.chance.random() < FRENCH:
                one.application.candidate.locale = Locale.FRENCH
            if one.state is InvitationState.INVITED:
                db.session.add(history._email(one))
        db.session.commit()
        self.chance.shuffle(drawn)
        asked = [(self._link(one), one, history._stars(one.application)) for one in drawn]
        self.chance.shuffle(asked)
        return asked

    def _link(self, one: Invitation) -> str:
        """A link as if its email had just been sent; each in a transaction of its own."""
        if one.cell is None:
            invitations.freeze_facts(one, self.now, surveys.newest_survey().version)
        one.state, one.skip_reason = InvitationState.INVITED, None
        one.invited_at = one.invited_at or self.now
        one.last_mailed_at = self.now
        token = links.new_survey_token()
        digest = links.invitation_hashes(token)[0]
        db.session.add(InvitationToken(invitation_id=one.id, token_hash=digest))
        db.session.commit()
        return token

    def _sent(self, number: int, stars: int, locale: Locale) -> dict[str, Any]:
        chance = self.chance
        texts = FRENCH_WORDS if locale is Locale.FRENCH else ENGLISH_WORDS
        words = " ".join(f"{mark(number)} {chance.choice(texts)}" for _ in range(3))
        return {
            "recommend": chance.randrange(11),
            "overall": stars,
            "told": chance.choice(("no", "not_chosen")),
            "chased": chance.choice(("no", "once", "more")),
            "promise": chance.choice(("kept", "late", "no_date")),
            "relationship": chance.choice(("will_grow", "may_grow", "unchanged", "elsewhere")),
            "comment": words if chance.random() < 0.8 else "",
            "words": chance.choice(("counted", "employer", "public", "public")),
        }

    # -- what can be seen -------------------------------------------------------------------------

    def look(self, about: Iterable[Person]) -> Look:
        """Every page and file of every role; of candidates those that ABOUT are."""
        limiter.reset()
        here = "/e/acme"
        paths = {
            "nobody": ("/employers", "/employers/acme"),
            "operator": ("/operator",),
            "owner": (
                *(f"{here}/{name}" for name in ("", "levers", "comments", "feedback")),
                f"{here}/applications",
                *(f"{here}/feedback/{part}.csv" for part in ("rows", "counts", "comments")),
                f"{here}/closure.csv",
                f"{here}/scorecards.csv",
                *(f"{here}/applications/{one.application_id}" for one in about),
            ),
        }
        seen = {}
        for role, client in self.clients.items():
            for path in paths[role]:
                response = client.get(path)
                assert response.status_code in (200, 404), (path, response.status_code)
                seen[f"{role} {path}"] = TOKEN.sub("token", response.text).encode()
        return seen

    def scan(self, moment: str) -> None:
        """Search SQLite's files for what is not published now."""
        published = {
            int(found)
            for row in self.camera.last["words"].values()
            for found in MARK.findall(row["text"].encode())
        }
        for place, data in enumerate(self.camera.files()):
            self.scanned += 1
            found = self.read_file(place, data)
            marks = {int(number) for one in found for number in MARK.findall(one)}
            self.leaks += [(moment, number) for number in sorted(marks - published)]
            self.leaks += [(moment, one) for one in found if not MARK.fullmatch(one)]

    def read_file(self, place: int, data: bytes) -> set[bytes]:
        """What is looked for and stands in DATA; what is as it was is not read anew."""
        old, found = self.read.get(place, (b"", set()))
        start = max(0, len(old) - 100) if data.startswith(old) else 0
        found = set(found) if start else set()
        if data != old:
            found |= {one[0] for one in MARK.finditer(data, start)}
            found |= {one for one in SEALED_TEXTS if one in data[start:]}
        self.read[place] = data, found
        return found

    def happen(self, name: str, act: Callable[[], Any], who: Person | None = None) -> Event:
        """ACT, looked at from all sides: before it, if it is about WHO, and after it."""
        about = self.chance.sample(self.people, 2)
        before, pages = self.camera.last, {}
        if who:
            about = [who, *about]
            pages = self.look(about)
            before = self.camera.take()  # that files were taken is noted
        act()
        after = self.camera.take()
        self.scan(name)
        assert name not in self.events
        self.events[name] = Event(name, who, before, after, pages, self.look(about))
        return self.events[name]

    # -- what happens -----------------------------------------------------------------------------

    def answer_wave(self, wave: int, **varied: Callable[[int], Any]) -> list[Person]:
        """So many of the silent answer, one after the other; VARIED: by their place in the wave."""
        came = []
        for place in range(WAVES[wave]):
            token, invitation, stars = self.silent.pop()
            number, locale = len(self.people), invitation.application.candidate.locale
            sent = self._sent(number, stars, locale)
            sent |= {name: vary(place) for name, vary in varied.items() if vary(place) is not None}
            one = Person(
                number, token, invitation.id, invitation.application_id, locale, wave, sent
            )
            before = self.camera.last or self.camera.take()
            answer(token, locale, **sent)
            after = self.camera.take()
            (key,) = compare(before, after)["sealed_answer"].added  # the attacker knows whose
            one.key, one.hidden = key[0], after["sealed_answer"][key]
            self.scan(f"answer {number}")
            self.people.append(one)
            came.append(one)
        return came

    def release(self, number: int) -> Event:
        """By the worker's own way, a week after the one before."""
        self.now += timedelta(days=7)
        return self.happen(
            f"release {number}", lambda: jobs.release_now([self._employer()], self.now)
        )

    def change(self, one: Person, name: str) -> Event:
        one.sent |= {"overall": 6 - one.stars, "recommend": 1, "comment": f"{mark(one.number)} no"}
        form = {**one.sent, "change": "1"}
        return self._post(one, name, "", form)

    def withdraw(self, one: Person, name: str) -> Event:
        return self._post(one, name, "/withdraw", {})

    def _post(self, one: Person, name: str, path: str, form: dict[str, Any]) -> Event:
        def act() -> None:
            address = f"/s/{one.token}{path}"
            response = self.clients["nobody"].post(address, data=filled(address, form))
            assert response.status_code == 303, response.text

        return self.happen(name, act, one)

    def withdraw_forgotten(self, one: Person, name: str) -> Event:
        def act() -> None:
            opened = invitations.open_invitation(one.token, self.now)
            assert reputation.withdraw_answer(opened, self.now)
            db.session.commit()
            assert schema.clear_log()

        return self.happen(name, act, one)

    def erase(self, one: Person, name: str) -> Event:
        def act() -> None:
            invitation = db.session.get_one(Invitation, one.invitation_id)
            address = invitation.application.candidate.email
            assert privacy.erase_person(address or "", self._employer())
            db.session.commit()
            assert schema.clear_log()

        return self.happen(name, act, one)

    def forget(self) -> Event:
        """A year later."""
        self.now += timedelta(days=367)

        def act() -> None:
            assert jobs.forget(self.now)
            assert schema.clear_log()

        return self.happen("forgetting", act)

    def _employer(self) -> Employer:
        return db.session.get_one(Employer, self.employer.id)

    # -- what was published -----------------------------------------------------------------------

    def find(self, wave: int, does: Callable[[Person], bool]) -> Person:
        """Somebody of WAVE to whom nothing has happened yet and of whom DOES is true."""
        busy = {id(event.who) for event in self.events.values()}
        return next(
            one for one in self.people if one.wave == wave and id(one) not in busy and does(one)
        )

    def is_released(self, one: Person) -> bool:
        """Whether the lot has not left ONE for later."""
        return self.camera.last["sealed_answer"][one.key,]["batch_id"] is not None


def has_words(one: Person) -> bool:
    return bool(one.sent["comment"]) and one.sent["words"] == "public"


def has_long_words(one: Person) -> bool:
    return len(one.sent["comment"]) == LONG


def long_words(number: int) -> str:
    """2,000 signs that take more than a page of SQLite's."""
    piece = f"{mark(number)} they were kind ——————————————————————————————— "
    return (piece * (LONG // len(piece) + 1))[:LONG]


def tell(app: Flask, make: Make) -> Story:
    """All of it."""
    story = Story(app, make)
    story.camera.take()
    # relationship: all of the first release, too few of the second
    story.answer_wave(0)
    story.change(story.find(0, lambda one: one.stars != 3), "change before release 1")
    story.withdraw(story.find(0, has_words), "withdrawal before release 1")
    story.release(1)
    story.answer_wave(1, relationship=lambda place: "" if place > 2 else None)
    story.release(2)
    story.answer_wave(
        2,
        comment=lambda place: long_words(WAVES[0] + WAVES[1]) if place == 0 else None,
        words=lambda place: "public" if place == 0 else None,
    )
    story.change(
        story.find(2, lambda one: one.stars != 3 and not has_long_words(one)),
        "change before release 3",
    )
    story.withdraw(
        story.find(2, lambda one: has_words(one) and not has_long_words(one)),
        "withdrawal before release 3",
    )
    story.release(3)
    story.withdraw(story.find(2, has_long_words), "withdrawal after 3")
    story.answer_wave(3)
    story.withdraw(story.find(2, has_words), "withdrawal of a returning answer")
    story.release(4)
    story.erase(story.find(2, has_words), "erasure")
    story.answer_wave(4)
    story.release(5)
    story.withdraw(
        story.find(4, lambda one: has_words(one) and story.is_released(one)), "withdrawal after 5"
    )
    story.forget()
    story.withdraw_forgotten(story.find(1, has_words), "withdrawal of a forgotten answer")
    return story
