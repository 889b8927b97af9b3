"""One mailbox, however its address is spelt; and mailboxes at which nobody is asked."""

import hmac

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from portal import hiring, invitations, links, outbox, privacy, seals
from portal.config import settings
from portal.extensions import db
from portal.hiring import ApplicationRefused
from portal.models import (
    Candidate,
    InvitationState,
    Role,
    SkipReason,
    SuppressionReason,
    mailbox_of,
    utcnow,
)
from portal.reputation.habits import NOT_ASKED_BY_EMPLOYER
from tests.support.statements import noting_statements

OPT_OUT = SuppressionReason.OPT_OUT
LOCAL = st.text('aZé+."ß', max_size=8)


def look() -> None:
    while invitations.send_due(utcnow()):
        db.session.commit()
    db.session.commit()
    db.session.expire_all()


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("Cam+x@Example.NET", "cam@example.net"),
        ("cam+a+b@example.net", "cam@example.net"),
        ("cam@sub+x.example", "cam@sub+x.example"),
        ("+news@example.net", "+news@example.net"),
        ('"a+b c"@example.net', '"a+b c"@example.net'),
        ("cam@straße.example", "cam@straße.example"),
    ],
)
def test_the_mailbox_of_an_address(address, mailbox):
    assert mailbox_of(address) == mailbox


@given(LOCAL, st.text("x+Y", max_size=3), st.sampled_from(["example.net", "EXAMPLE.net"]))
def test_the_form_is_one_for_all_spellings_and_stays_itself(local, tag, domain):
    address = f"{local}@{domain}"
    form = mailbox_of(address)
    assert mailbox_of(form) == form
    assert mailbox_of(address.upper()) == form
    assert form.endswith("@example.net")
    assert len(form) <= len(address) + local.count("ß")
    if local and not local.startswith(('"', "+")):
        assert mailbox_of(f"{local}+{tag}@{domain}") == form


@given(st.emails())
def test_every_address_we_take_has_a_mailbox_that_is_an_address(address):
    try:
        cleaned = hiring.clean_address(address)
    except ApplicationRefused:
        return
    mailbox = mailbox_of(cleaned)
    assert len(mailbox) <= 254
    assert mailbox.rpartition("@")[2] == cleaned.rpartition("@")[2]


def test_a_candidates_mailbox_follows_the_address(app, make):
    candidate = make.application(make.employer(), email="Cam+x@example.net").candidate
    assert candidate.mailbox == "cam@example.net"
    candidate.email = "Zoe@example.net"
    assert candidate.mailbox == "zoe@example.net"
    db.session.commit()
    privacy.erase_person("zoe@example.net")
    db.session.commit()
    left = db.session.execute(sa.select(Candidate.email, Candidate.mailbox)).one()
    assert tuple(left) == (None, None)


def test_one_mailbox_is_asked_once_in_180_days_by_one_employer(app, make):
    acme, globex = make.employer(), make.employer("globex")
    spellings = ("Cam+x@gmail.com", "cam@gmail.com", "cam+jobs@gmail.com", "camille@gmail.com")
    asked = [make.told(acme, email=address, role=f"Role {address}") for address in spellings]
    elsewhere = make.told(globex, email="cam@gmail.com")
    assert len({application.candidate_id for application in asked}) == 4
    look()
    found = [make.invitation(application) for application in (*asked, elsewhere)]
    assert [(one.state, one.skip_reason) for one in found] == [
        (InvitationState.QUEUED, None),
        (InvitationState.SKIPPED, SkipReason.RECENTLY_ASKED),
        (InvitationState.SKIPPED, SkipReason.RECENTLY_ASKED),
        (InvitationState.QUEUED, None),
        (InvitationState.QUEUED, None),
    ]


def test_an_opt_out_holds_for_every_spelling_and_can_be_taken_back(app, make):
    acme = make.employer()
    token = links.unsubscribe_url(acme.id, "Cam+jobs@example.net").rpartition("/")[2]
    wish = links.read_unsubscribe(token)
    invitations.opt_out(wish)
    db.session.commit()
    for spelling in ("cam@example.net", "CAM+x@example.net", "cam+jobs@example.net"):
        assert outbox.find_suppression(spelling, acme.id, is_survey=True) is OPT_OUT
    assert outbox.find_suppression("camille@example.net", acme.id, is_survey=True) is None
    invitations.opt_in(wish)
    assert outbox.find_suppression("cam@example.net", acme.id, is_survey=True) is None


def test_an_opt_out_from_before_tags_were_ignored_holds_on(app, make):
    """Its key is of the address as it was then: case folded, with the tag."""
    acme, address = make.employer(), "Cam+jobs@example.net"
    former = b"cam+jobs@example.net"
    key = hmac.digest(seals.keys_for("suppression")[0], former, "sha256").hex()[:32]
    outbox.suppress_key(key, OPT_OUT, acme.id, "link")
    db.session.commit()
    assert outbox.find_suppression(address, acme.id, is_survey=True) is OPT_OUT
    application = make.told(acme, email=address)
    look()
    assert make.invitation(application).skip_reason is SkipReason.OPTED_OUT
    assert links.address_keys(address)[0] == links.address_keys("cam@example.net")[0] != key


def test_who_was_erased_is_known_by_every_spelling(app, make):
    acme = make.employer()
    outbox.suppress("cam@example.net", OPT_OUT, acme.id, outbox.ERASURE)
    db.session.commit()
    spellings = {"cam+a@example.net", "cam+b@example.net", "Cam@example.net"}
    keys = {one: links.address_keys(one) for one in (*spellings, "bob@example.net")}
    assert outbox.find_erased(keys, acme.id).keys() == spellings


@pytest.mark.parametrize(
    "address",
    [
        "remy@example.com",
        "Remy+me@example.com",
        "people@acme.example",
        "PEOPLE+x@acme.example",
        "anybody@acme-group.example",
        "anybody@mail.ACME-group.example",
    ],
)
def test_nobody_is_asked_at_an_address_of_the_employers_own(app, make, address):
    acme = make.employer(confirmed_domains=["acme-group.example"])
    make.user("remy", acme, Role.VIEWER)
    application = make.told(acme, email=address)
    assert make.invitation(application).skip_reason is SkipReason.OWN_ADDRESS, "when planning"


def test_an_address_that_has_become_the_employers_own_is_not_asked_when_due(app, make):
    acme = make.employer()
    remy, zoe, cam = (
        make.told(acme, email=address)
        for address in ("remy@example.com", "zoe@new.example", "cam@example.net")
    )
    assert make.invitation(remy).state is InvitationState.PLANNED
    make.user("remy", acme, Role.RECRUITER)
    acme.confirmed_domains = ["new.example"]
    db.session.commit()
    look()
    reasons = [make.invitation(one).skip_reason for one in (remy, zoe, cam)]
    assert reasons == [SkipReason.OWN_ADDRESS, SkipReason.OWN_ADDRESS, None]


def test_what_is_like_an_own_address_is_not_one(app, make):
    acme, globex = make.employer(confirmed_domains=["acme.co.uk"]), make.employer("globex")
    make.user("remy", globex, Role.OWNER)
    for address in ("cam@acme.example", "cam@notacme.co.uk", "cam@co.uk", "remy@example.com"):
        application = make.told(acme, email=address, role=address)
        assert make.invitation(application).skip_reason is None, address
    ours = make.told(acme, email=settings().sender_address.replace("@", "+x@"))
    assert make.invitation(ours).skip_reason is SkipReason.OWN_ADDRESS


def test_own_goes_before_what_anybody_has_said(app, make):
    """The employer has then left nobody out by hand: it is the software's own rule."""
    acme = make.employer()
    application = make.application(acme, email="people@acme.example")
    application.candidate.is_contactable = False
    outbox.suppress("people@acme.example", OPT_OUT, acme.id, "link")
    invitation = invitations.plan_invitation(application, utcnow())
    assert invitation.skip_reason is SkipReason.OWN_ADDRESS
    assert SkipReason.OWN_ADDRESS not in NOT_ASKED_BY_EMPLOYER


def test_members_are_read_once_however_many_are_due(app, make):
    acme = make.employer()
    for number in range(6):
        make.told(acme, role=f"Role {number}")
    with noting_statements() as statements:
        invitations.send_due(utcnow())
    assert len([one for one in statements if "membership" in one]) == 1
