"""Employers on the operator's pages: approved, paused, released, and what is theirs."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import hiring, jobs, outbox, reputation
from portal.extensions import db
from portal.letters import Text
from portal.mail_kinds import KINDS
from portal.models import (
    AuditEvent,
    Batch,
    Email,
    EmailState,
    Employer,
    Invitation,
    Membership,
    SkipReason,
    utcnow,
)
from portal.reputation import Forecast
from tests.support.answers import give_answers, leave_silent
from tests.support.factory import CHOSEN
from tests.support.statements import noting_statements
from tests.web.staff import Person, errors_of, flashes, main_form, words_of

LIST = "/operator/employers"
THREE_MONTHS = timedelta(days=91)


@pytest.fixture
def otto(cast, app):
    return Person(app).sign_in(cast.otto)


def audited(*actions: str) -> list[tuple[str, int | None]]:
    db.session.rollback()
    events = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id))
    return [(event.action, event.user_id) for event in events if event.action in actions]


def write_to(make, employer: Employer):
    """A decision's email to one of EMPLOYER's candidates, owed from now on."""
    application = make.decided(employer)
    decision = hiring.standing_decision(application)
    hiring.tell_now(application, decision, Text("News", "Dear Cam"), utcnow())
    db.session.commit()
    return application


def states() -> list[EmailState]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Email.state).order_by(Email.id)))


def rows_of(page) -> list[str]:
    return [" ".join(row.text.split()) for row in page.select("tbody tr")]


@pytest.mark.both
def test_employers_are_listed_found_and_narrowed(cast, make, otto):
    make.employer("new", approved_at=None, is_published=False)
    make.employer("calm", mail_paused_at=utcnow(), mail_pause_reason="x", is_published=False)
    acme, calm, globex, new = rows_of(otto.get(LIST))
    assert "Published" in acme
    assert "Mail paused" in calm
    assert "Globex" in globex
    assert "Waiting for approval –Not published none yet" in new
    for show, names in {
        "unapproved": ["New"],
        "approved": ["Acme", "Calm", "Globex"],
        "published": ["Acme", "Globex"],
        "paused": ["Calm"],
        "nonsense": ["Acme", "Calm", "Globex", "New"],
    }.items():
        page = otto.get(f"{LIST}?show={show}")
        assert [a.text for a in page.select("tbody th a")] == names, show
    assert [a.text for a in otto.get(f"{LIST}?q=LOB").select("tbody th a")] == ["Globex"]
    assert "Nothing found" in words_of(otto.get(f"{LIST}?q=%25"))
    assert otto.page.select_one(".section-nav [aria-current]").text.split() == ["Employers", "1"]


@pytest.mark.both
def test_the_list_costs_the_same_with_five_thousand_employers(cast, otto):
    def count() -> int:
        with noting_statements() as seen:
            otto.get(LIST)
        return len(seen)

    few = count()
    rows = [{"slug": f"e{n}", "name": f"E {n:04}"} for n in range(5000)]
    db.session.execute(sa.insert(Employer), rows)
    db.session.commit()
    assert count() == few
    assert few <= 8
    page = otto.get(f"{LIST}?page=101")
    assert "5,002 employers, by name" in words_of(page)
    assert len(page.select("tbody tr")) == 2


def test_an_employer_is_made_with_a_short_name_of_its_own(cast, otto):
    new = f"{LIST}/new"
    there = otto.submit(otto.get(new), {"name": "Acmé & Sons", "owner": "vera@example.com"})
    assert flashes(otto.get(there)) == ["Done: Acmé & Sons is added."]
    made = db.session.scalars(sa.select(Employer).where(Employer.slug == "acme-sons")).one()
    assert (made.name, made.approved_at is not None) == ("Acmé & Sons", True)
    owner = db.session.scalars(sa.select(Membership).where(Membership.employer_id == made.id)).one()
    assert (owner.user_id, owner.role.value) == (cast.vera.id, "owner")
    otto.submit(otto.get(new), {"name": "شركة", "slug": ""})
    assert db.session.scalar(sa.select(Employer.name).where(Employer.slug == "employer")) == "شركة"
    assert audited("employer.created") == [("employer.created", cast.otto.id)] * 2


def test_a_first_owner_without_an_account_is_invited_and_joins(cast, app, otto, smtp):
    there = otto.submit(otto.get(f"{LIST}/new"), {"name": "Initech", "owner": "Nora@example.com"})
    [said] = flashes(otto.get(there))
    assert "Nora@example.com gets an email with a link that works for 7 days." in said
    jobs.deliver()
    [mail] = [one for one in smtp if "Initech" in one["Subject"]]
    link = re.search(r"/invitation/\S+", mail.get_body(("plain",)).get_content())[0]
    nora = Person(app)
    form = nora.fill(nora.get(link), {"new_password": CHOSEN})
    assert nora.send("POST", link, data=form).status_code // 100 == 3
    owner = db.session.scalars(sa.select(Membership).where(Membership.role == "owner")).all()[-1]
    assert (owner.employer.slug, owner.user.email) == ("initech", "nora@example.com")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Enter the employer’s name."),
        ({"name": "x" * 201}, "Use at most 200 characters."),
        ({"name": "New", "slug": "Not Fit"}, "Use small letters, digits and dashes"),
        ({"name": "New", "slug": "acme"}, "Try acme-2."),
        ({"name": "New", "owner": "nobody"}, "Enter an email address like"),
    ],
)
def test_a_refused_employer_keeps_what_was_typed(cast, otto, typed, said):
    page = otto.submit(otto.get(f"{LIST}/new"), typed, status=200)
    (error,) = errors_of(page)
    assert said in error
    for name, text in typed.items():
        assert page.find(id=name)["value"] == text
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count(Employer.id))) == 2


def test_a_new_employers_mail_waits_for_the_approval_and_then_leaves(cast, make, otto, smtp):
    cast.acme.approved_at = None
    write_to(make, cast.acme)
    db.session.execute(sa.update(Email).values(expires_at=utcnow() - timedelta(days=9)))
    db.session.commit()
    jobs.deliver()
    outbox.sweep(KINDS, utcnow())
    assert (len(smtp), states()) == (0, [EmailState.QUEUED]), "it waits and does not go stale"
    here = f"{LIST}/{cast.acme.id}"
    assert "1 email waits." in words_of(otto.get(here))
    question = otto.get(f"{here}/approval")
    assert "Approve Acme ?" in words_of(question)
    assert "1 email waits and will leave." in words_of(question)
    other = Person(otto.client.application).sign_in(make.user("oscar"))
    late = other.get(f"{here}/approval")
    assert otto.submit(question) == here
    assert flashes(otto.get(here)) == ["Done: Acme is approved. 1 email waits and will leave."]
    other.submit(late)
    assert flashes(other.get(here)) == ["Note: It had been approved already."]
    assert main_form(otto.get(f"{here}/approval")) is None
    assert audited("employer.approved") == [("employer.approved", cast.otto.id)]
    jobs.deliver()
    assert (len(smtp), states()) == (1, [EmailState.SENT])


def test_paused_mail_waits_with_its_reason_and_leaves_when_resumed(cast, make, otto, smtp):
    here = f"{LIST}/{cast.acme.id}"
    write_to(make, cast.acme)
    write_to(make, cast.globex)
    refused = otto.submit(otto.get(f"{here}/pause"), status=200)
    assert errors_of(refused) == ["Enter the reason: the employer’s people read it."]
    otto.submit(refused, {"reason": "Call <us> first."})
    assert flashes(otto.get(here)) == ["Done: The email of Acme waits."]
    assert "Call <us> first." in words_of(otto.page)
    otto.submit(refused, {"reason": "Another."})
    assert flashes(otto.get(here)) == ["Note: Its email waited already."]
    jobs.deliver()
    db.session.execute(sa.update(Email).values(expires_at=utcnow() - timedelta(days=9)))
    db.session.commit()
    outbox.sweep(KINDS, utcnow())
    assert states() == [EmailState.QUEUED, EmailState.SENT]
    resume = otto.get(f"{here}/resume")
    otto.submit(resume)
    assert flashes(otto.get(here)) == [
        "Done: The email of Acme leaves again. 1 email waits and will leave."
    ]
    otto.submit(resume)
    assert flashes(otto.get(here)) == ["Note: Its email was not paused."]
    jobs.deliver()
    assert states() == [EmailState.SENT, EmailState.SENT]
    events = ("employer.mail_paused", "employer.mail_resumed")
    assert audited(*events) == [(event, cast.otto.id) for event in events]


@pytest.mark.both
def test_a_pause_between_claim_and_sending_holds_the_mail(cast, make, relay_pausing):
    write_to(make, cast.acme)
    relay_pausing(cast.acme.id)
    jobs.deliver()
    assert states() == [EmailState.QUEUED]


@pytest.fixture
def relay_pausing(app):
    """A relay that accepts the recipient only once the employer's mail was paused meanwhile."""
    from tests.mail.conftest import configure
    from tests.mail.relay import Relay

    relay = Relay()
    configure(app, MAIL_PORT=relay.port, MAIL_TIMEOUT=5)

    def pause(employer_id: int) -> None:
        def answer(_line: str) -> str:
            with app.app_context():
                paused = {"mail_paused_at": utcnow(), "mail_pause_reason": "x"}
                is_it = Employer.id == employer_id
                db.session.execute(sa.update(Employer).where(is_it).values(**paused))
                db.session.commit()
            return "250 2.1.5 ok"

        relay.answers["RCPT"] = answer

    yield pause
    relay.stop()


def test_an_invitation_held_for_too_long_is_not_sent(cast, make, smtp):
    cast.acme.mail_paused_at, cast.acme.mail_pause_reason = utcnow(), "x"
    application = make.told(cast.acme)
    jobs.invite(utcnow())
    assert states() == [EmailState.QUEUED]
    application.decided_at = utcnow() - THREE_MONTHS
    cast.acme.mail_paused_at = None
    db.session.commit()
    jobs.deliver()
    jobs.settle(utcnow())
    assert (len(smtp), states()) == (0, [EmailState.CANCELLED])
    assert db.session.scalars(sa.select(Invitation.skip_reason)).one() is SkipReason.TOO_OLD


def test_what_a_release_would_do_is_said_before(cast, make, otto):
    path = f"{LIST}/{cast.acme.id}/release"

    def shown() -> str:
        return words_of(otto.get(path))

    jobs.start()
    few = shown()
    assert "fewer than 5 answers wait" in few
    assert main_form(otto.page) is None
    give_answers(make, cast.acme, 5)
    assert shown() == few  # nobody may read here that all five have answered
    leave_silent(cast.acme, 1)
    db.session.commit()
    assert shown() == few
    give_answers(make, cast.acme, 1)
    enough = shown()
    assert "5 answers or more wait" in enough
    give_answers(make, cast.acme, 1)
    leave_silent(cast.acme, 3)
    db.session.commit()
    assert shown() == enough  # nor whether nearly everybody has
    otto.submit(otto.get(path))
    assert "Asked for" in flashes(otto.get(f"{LIST}/{cast.acme.id}"))[0]
    jobs.run_due(jobs.Worker(), jobs.JOBS)
    assert db.session.scalar(sa.select(Batch.answers)) == 7
    assert audited("release.asked") == [("release.asked", cast.otto.id)]
    cast.acme.seal_trouble = "3 answers"
    db.session.commit()
    assert "some answers open with no key" in shown()


def test_the_forecast_never_tells_how_many_wait(cast, make, otto):
    path = f"{LIST}/{cast.acme.id}/release"
    leave_silent(cast.acme, 20)
    db.session.commit()
    give_answers(make, cast.acme, 3)
    few = words_of(otto.get(path))
    give_answers(make, cast.acme, 1)
    assert words_of(otto.get(path)) == few
    give_answers(make, cast.acme, 1)
    enough = words_of(otto.get(path))
    give_answers(make, cast.acme, 3)
    assert words_of(otto.get(path)) == enough != few


@pytest.mark.both
def test_the_forecast_agrees_with_the_release(cast, make, subtests):
    leave_silent(cast.acme, 2)
    for count in (4, 1, 2, 3):
        give_answers(make, cast.acme, count)
        expected = reputation.forecast(cast.acme)
        planned = reputation.plan_release(cast.acme, utcnow(), jobs.load_analyzer())
        assert (planned is not None) is (expected is Forecast.ENOUGH), count
        db.session.rollback()


def test_confirmed_domains_are_checked_line_by_line(cast, otto):
    path = f"{LIST}/{cast.acme.id}/domains"
    page = otto.submit(
        otto.get(path), {"domains": "acme.example\ngmail.com\nno domain"}, status=200
    )
    assert "gmail.com" in errors_of(page)[0]
    assert "no domain" in errors_of(page)[0]
    assert page.find(id="domains").text == "acme.example\ngmail.com\nno domain"
    stale = otto.get(path)
    otto.submit(otto.get(path), {"domains": "Acme.example\r\n\r\nacme.test\r\n"})
    db.session.refresh(cast.acme)
    assert cast.acme.confirmed_domains == ["acme.example", "acme.test"]
    otto.submit(stale, {"domains": ""})
    assert "Somebody else has changed the domains" in flashes(otto.get(path))[-1]
    assert otto.page.find(id="domains").text == "acme.example\nacme.test"
    assert audited("employer.set") == [("employer.set", cast.otto.id)]


def test_who_works_for_it_is_listed(cast, otto):
    page = otto.get(f"{LIST}/{cast.acme.id}")
    assert [a.text for a in page.select("#members ~ div tbody a")] == [
        "ada@example.com",
        "remy@example.com",
        "vera@example.com",
    ]


@pytest.mark.both
def test_reading_changes_nothing(cast, otto):
    for path in ("", "/approval", "/pause", "/resume", "/release", "/domains", "/invitations"):
        otto.get(f"{LIST}/{cast.acme.id}{path}")
        otto.get(f"{LIST}/999{path}", status=404)
    assert audited("employer.approved", "release.asked", "employer.mail_paused") == []
