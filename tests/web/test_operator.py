"""The operator's first page: mail that rests, is held or is in doubt."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import outbox
from portal.extensions import db
from portal.models import AuditEvent, Email, EmailState, utcnow
from portal.outbox.condition import back_off
from portal.web.operator.mail import mask
from tests.mail.conftest import Owe
from tests.web.staff import Person, flashes, words_of

HERE = "/operator"


@pytest.fixture
def otto(cast, app):
    return Person(app).sign_in(cast.otto)


def email(employer, state: EmailState, kind="notice", **facts) -> Email:
    owe = Owe()
    row = outbox.queue_email(
        kind,
        "amina.diallo@example.net",
        **owe.about(kind, owe.invitation(employer)),
        employer_id=employer.id,
        dedup_key=f"{kind}:{state}:{facts}",
    )
    row.state = state
    for name, value in facts.items():
        setattr(row, name, value)
    db.session.commit()
    return row


def audited() -> list[tuple[str, int | None]]:
    db.session.expire_all()
    return [
        (event.action, event.user_id)
        for event in db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id))
        if event.action in ("mail.resumed", "email.resent")
    ]


def test_nobody_else_operates_the_site(cast, app, subtests):
    homes = {"ada": "/e/acme/", "remy": "/e/acme/", "vera": "/e/acme/", "olga": "/e/globex/"}
    for who, home in homes.items():
        with subtests.test(who=who):
            person = Person(app).sign_in(getattr(cast, who))
            person.get(HERE, status=404)
            for path in ("employers", "employers/1", "people", "people/1", "trail", "trail.csv"):
                person.get(f"{HERE}/{path}", status=404)
            for path in ("resume", "emails/1/resend", "employers/1/release"):
                person.post(f"{HERE}/{path}", status=404, token_from=home)
            assert not person.get(home).find("a", href=HERE)


def test_a_quiet_site_says_so(cast, otto):
    text = words_of(otto.get(HERE))
    assert "Mail flows" in text
    assert "Nothing needs you" in text
    assert "Nothing is due just now." in text


def test_paused_mail_is_explained_and_resumed(cast, otto):
    email(cast.acme, EmailState.QUEUED)
    outbox.pause("mail 535", utcnow(), "5.7.8 <script>no</script>")
    db.session.commit()
    page = otto.get(HERE)
    text = words_of(page)
    assert "Sending is paused" in text
    assert "5.7.8 <script>no</script>" in text
    assert "has been due since" in text
    assert "Email is paused" in page.select_one(".banner--warning").text
    assert otto.post(f"{HERE}/resume", token_from=HERE) == HERE
    page = otto.get(HERE)
    assert flashes(page)[0].startswith("Done: Sending resumes.")
    assert "Mail flows" in words_of(page)
    otto.post(f"{HERE}/resume", token_from=HERE)
    assert flashes(otto.get(HERE)) == ["Note: Sending was not paused."]
    assert audited() == [("mail.resumed", cast.otto.id)]


def test_mail_that_leaves_later_is_said_with_its_time(cast, otto):
    email(cast.acme, EmailState.QUEUED).next_attempt_at = utcnow() + timedelta(hours=9)
    db.session.commit()
    page = otto.get(HERE)
    assert "Nothing is due just now; the next leaves on" in words_of(page)
    assert page.select_one("#queue ~ p time")


def test_every_member_reads_that_mail_rests_and_nobody_else_does(cast, app):
    outbox.pause("mail 535", utcnow(), "no")
    db.session.commit()
    vera = Person(app).sign_in(cast.vera)
    assert "Nothing is lost" in vera.get("/e/acme/").select_one(".banner--warning").text
    assert Person(app).get("/").select_one(".banner--warning") is None


def test_a_relay_that_is_away_is_explained(cast, otto):
    back_off(utcnow())
    db.session.commit()
    page = otto.get(HERE)
    assert "Sending is delayed" in words_of(page)
    assert "Email is delayed" in page.select_one(".banner--warning").text


@pytest.mark.both
def test_the_queue_is_counted_by_state(cast, otto):
    for state in (EmailState.QUEUED, EmailState.SENT, EmailState.UNKNOWN, EmailState.FAILED):
        email(cast.acme, state)
    page = otto.get(HERE)
    stats = {row.dt.text: row.dd.text for row in page.select("#queue ~ .prose .facts > div")}
    assert stats == {
        "Waiting": "1",
        "Being sent": "0",
        "Sent": "1",
        "In doubt": "1",
        "Failed": "1",
        "Cancelled": "0",
        "Kept in files": "0",
    }


def test_mail_in_doubt_and_failed_is_listed_without_the_persons_address(cast, otto):
    email(cast.acme, EmailState.UNKNOWN, reason="no_reply")
    email(cast.globex, EmailState.FAILED, reason="refused", relay_text="550 go away")
    email(cast.acme, EmailState.UNKNOWN, kind="reminder")
    page = otto.get(HERE)
    failed, doubtful = page.find(id="trouble-caption").parent.select("tbody tr")
    assert "550 go away" in failed.text
    assert "Globex" in failed.text
    assert failed.form is None
    assert "In doubt" in doubtful.text
    assert "a•••@example.net" in doubtful.text
    assert "amina.diallo" not in str(page)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("amina@example.net", "a•••@example.net"),
        (None, "•••"),
        ('"a@b"@example.net', '"•••@example.net'),
    ],
)
def test_an_address_is_masked(address, shown):
    assert mask(address) == shown


def test_mail_in_doubt_is_sent_again_once_by_a_person(cast, otto):
    row = email(cast.acme, EmailState.UNKNOWN, reason="no_reply")
    path, message_id = f"{HERE}/emails/{row.id}/resend", row.message_id
    otto.post(path, token_from=HERE)
    assert "is sent again" in flashes(otto.get(HERE))[0]
    otto.post(path, token_from=HERE)
    assert flashes(otto.get(HERE)) == ["Note: That email is no longer in doubt."]
    row = db.session.scalars(sa.select(Email)).one()
    assert (row.state, row.message_id) == (EmailState.QUEUED, message_id)
    assert audited() == [("email.resent", cast.otto.id)]


@pytest.mark.both
def test_all_invitations_in_doubt_of_one_employer_are_sent_again_at_once(cast, otto):
    def invites(employer, count: int, state=EmailState.UNKNOWN) -> list[int]:
        facts = [{"reason": f"{employer.slug} {number}"} for number in range(count)]
        return [email(employer, state, "invite", **fact).id for fact in facts]

    mine = invites(cast.acme, 3)
    left = [*invites(cast.globex, 1), *invites(cast.acme, 1, EmailState.FAILED)]
    left.append(email(cast.acme, EmailState.UNKNOWN).id)
    erased = email(cast.acme, EmailState.UNKNOWN, "invite", to_address=None).id
    page = otto.get(HERE)
    assert "6 in all." in words_of(page)
    path = f"{HERE}/employers/{cast.acme.id}/invitations"
    assert page.find("a", href=path).text == "Send all 3 survey invitations of Acme in doubt again"
    page = otto.get(path)
    assert "Send 3 survey invitations again?" in words_of(page)
    assert "may arrive twice" in words_of(page)
    otto.submit(page)
    said = flashes(otto.get(HERE))[0]
    assert said.startswith("Done: 3 invitations of Acme are sent again, as the same messages")
    db.session.expire_all()
    states = {row.id: row.state for row in db.session.scalars(sa.select(Email))}
    assert {states[key] for key in mine} == {EmailState.QUEUED}
    assert EmailState.QUEUED not in {states[key] for key in (*left, erased)}
    otto.submit(page)
    assert flashes(otto.get(HERE)) == ["Note: No invitation is in doubt any more."]
    assert "No invitation is in doubt" in words_of(otto.get(path))
    events = db.session.scalars(
        sa.select(AuditEvent).where(AuditEvent.action == "invitations.resent")
    ).all()
    assert [(event.user_id, event.detail["count"]) for event in events] == [(cast.otto.id, 3)]


def test_more_than_the_page_lists_is_counted(cast, otto):
    for number in range(102):
        email(cast.acme, EmailState.FAILED, reason=f"ours {number}")
    assert "The newest 100 of 102." in words_of(otto.get(HERE))


def test_what_does_not_exist_is_404(cast, otto, subtests):
    for number in ("999", "99999999999999999999", "0"):
        with subtests.test(number=number):
            otto.post(f"{HERE}/emails/{number}/resend", status=404, token_from=HERE)
            for button in ("release", "invitations"):
                path = f"{HERE}/employers/{number}/{button}"
                otto.post(path, status=404, token_from=HERE)


@pytest.mark.both
def test_reminders_are_left_alone(cast, otto):
    row = email(cast.acme, EmailState.UNKNOWN, kind="reminder")
    otto.post(f"{HERE}/emails/{row.id}/resend", status=404, token_from=HERE)


def test_erased_persons_mail_cannot_be_sent_again(cast, otto):
    row = email(cast.acme, EmailState.UNKNOWN, to_address=None)
    otto.post(f"{HERE}/emails/{row.id}/resend", token_from=HERE)
    assert flashes(otto.get(HERE)) == ["Note: That email cannot be sent again."]


def test_mail_that_waits_for_an_employer_is_counted_and_is_not_overdue(cast, otto):
    email(cast.acme, EmailState.QUEUED)
    cast.acme.approved_at = None
    db.session.commit()
    text = words_of(otto.get(HERE))
    assert "1 email is held" in text
    assert "Nothing is due just now." in text
