"""The team: inviting, joining, roles, going; and every way in that must stay shut."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from portal import accounts, jobs, links, team
from portal.extensions import db
from portal.mail_kinds import team_invitation
from portal.models import (
    AuditEvent,
    Email,
    EmailState,
    Locale,
    Membership,
    Role,
    TeamInvitation,
    User,
    utcnow,
)
from portal.team import TeamInvitationState
from tests.support.factory import CHOSEN, PASSWORD
from tests.web.staff import Person, errors_of, flashes, words_of

HERE = "/e/acme/team"
DANA = "dana@example.com"
OWN = {"Sec-Fetch-Site": "same-origin"}  # what a browser says of a form of our own page


@pytest.fixture
def ada(cast, app) -> Person:
    return Person(app).sign_in(cast.ada)


def roles(slug: str = "acme") -> dict[str, str]:
    """Who works for the employer, and as what."""
    db.session.rollback()
    found = db.session.scalars(sa.select(Membership)).all()
    return {
        one.user.email.partition("@")[0]: one.role.value
        for one in found
        if one.employer.slug == slug
    }


def member_id(name: str, slug: str = "acme") -> int:
    db.session.rollback()
    found = accounts.find_membership(accounts.find_user(f"{name}@example.com"), slug)
    return found.id


def invite(cast, address: str = DANA, role: Role = Role.VIEWER, by: User | None = None) -> str:
    """The path of an invitation's link, as it is mailed."""
    invitation = team.invite(cast.acme, by or cast.ada, address, role, utcnow())
    path = path_of(invitation)
    db.session.commit()
    return path


def path_of(invitation: TeamInvitation) -> str:
    return urlsplit(links.team_invitation_url(invitation.id, invitation.ends_at)).path


def invitations() -> list[TeamInvitation]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(TeamInvitation).order_by(TeamInvitation.id)))


def emails() -> list[Email]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Email).order_by(Email.id)))


# -- inviting -------------------------------------------------------------------------------------


def test_an_owner_invites_and_the_new_colleague_joins(cast, ada, app, smtp):
    ada.post(HERE, {"email": " Dana@Example.com ", "role": "recruiter"})
    assert flashes(ada.get(HERE)) == [
        "Done: dana@example.com gets an email with a link that works for 7 days."
    ]
    assert "Ends on" in words_of(ada.page)
    jobs.deliver()
    (mail,) = smtp
    assert (mail["To"], mail["Reply-To"]) == (DANA, "ada@example.com")
    assert mail["Subject"] == "Join the team of Acme on Heardback"
    text = mail.get_body(("plain",)).get_content()
    assert "As a recruiter" in text
    path = urlsplit(re.search(r"http\S+/invitation/\S+", text)[0]).path
    dana = Person(app)
    assert "Join the team of Acme" in words_of(dana.get(path))
    assert roles().get("dana") is None, "a GET changes nothing"
    assert dana.post(path, {"new_password": CHOSEN}) == "/e/acme/applications"
    assert roles()["dana"] == "recruiter"
    assert "Welcome to the team." in flashes(dana.get("/e/acme/applications"))[0]
    assert [one.accepted_at is not None for one in invitations()] == [True]
    log = db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert [action for action in log if action.startswith("team.")] == [
        "team.invited",
        "team.joined",
    ]


@pytest.mark.parametrize("password", ["short", "password1", "!!acme2026", "dana@example.com", ""])
def test_a_new_colleagues_password_is_as_good_as_any(cast, app, password):
    path = invite(cast)
    dana = Person(app)
    page = dana.post(path, {"new_password": password}, status=422)
    assert len(errors_of(page)) == 1
    assert "dana" not in roles()
    assert accounts.find_user(DANA) is None


def test_the_words_of_a_refused_password_are_french_too(cast, app):
    path = invite(cast)
    dana = Person(app, headers={"Accept-Language": "fr"})
    page = dana.post(path, {"new_password": "kurz"}, status=422)
    assert "Le mot de passe doit avoir de 8 à 128" in words_of(page)


def test_who_has_an_account_signs_in_and_confirms(cast, app):
    path = invite(cast, cast.olga.email)
    olga = Person(app)
    page = olga.get(path)
    sign_in = page.main.find("a", string="Sign in")["href"]
    olga.post(path, {"password": PASSWORD}, status=403, token_from="/sign-in")
    form = olga.fill(olga.get(sign_in), {"email": cast.olga.email, "password": PASSWORD})
    assert olga.send("POST", olga.page.main.form["action"], data=form).location == path
    assert olga.submit(olga.get(path)) == "/e/acme/"
    assert (roles()["olga"], roles("globex")) == ("viewer", {"olga": "owner"})


def test_who_is_signed_in_as_somebody_else_signs_out_and_goes_on(cast, app):
    path = invite(cast, cast.olga.email)
    vera = Person(app).sign_in(cast.vera)
    page = vera.get(path)
    assert "You are vera@example.com here" in words_of(page)
    form = page.main.form
    assert vera.post(form["action"], status=302, token_from=path) == path
    assert "You have an account already" in words_of(vera.get(path))


def test_mail_speaks_the_persons_language_else_the_employers(cast, smtp):
    cast.acme.locale = Locale.FRENCH
    cast.olga.locale = Locale.ENGLISH
    invite(cast)
    invite(cast, cast.olga.email)
    jobs.deliver()
    assert sorted(mail["Subject"] for mail in smtp) == [
        "Join the team of Acme on Heardback",
        "Rejoignez l’équipe de Acme sur Heardback",
    ]


def test_it_goes_before_the_employer_is_approved_but_to_few(cast, ada, smtp):
    cast.acme.approved_at = None
    db.session.commit()
    for number in range(team.PER_HOUR_UNAPPROVED):
        ada.post(HERE, {"email": f"x{number}@example.com", "role": "viewer"})
    page = ada.post(HERE, {"email": DANA, "role": "viewer"}, status=409)
    assert "as many invitations as it may" in errors_of(page)[0]
    assert page.find(id="email")["value"] == DANA, "what was typed is kept"
    jobs.deliver()
    assert len(smtp) == team.PER_HOUR_UNAPPROVED


def test_what_speaks_against_an_invitation_is_said_at_the_field(cast, ada):
    for address, role, status, said in [
        ("vera@example.com", "owner", 409, "is on the team already"),
        (DANA, "viewer", 303, ""),
        ("DANA@example.com", "owner", 409, "is invited already"),
        ("nobody", "viewer", 200, "Enter an email address"),
        ("", "viewer", 200, "Enter an email address"),
        ("eve@example.com", "", 200, "Choose a role."),
        ("eve@example.com", "operator", 200, "Not a valid choice"),
    ]:
        page = ada.post(HERE, {"email": address, "role": role}, status=status)
        if said:
            (error,) = errors_of(page)
            assert said in error
            assert page.find(id="email")["value"].lower() == address.lower()
    assert [one.role for one in invitations()] == [Role.VIEWER]


def test_sent_again_the_old_link_is_dead_and_the_new_one_lasts_a_week(cast, ada, app):
    old = invite(cast)
    (invitation,) = invitations()
    invitation.ends_at -= timedelta(days=8)
    ended = path_of(invitation)
    db.session.commit()
    assert "Ended on" in words_of(ada.get(HERE))
    assert "has ended" in words_of(Person(app).get(ended, status=404))
    ada.post(f"{HERE}/invitations/{invitation.id}/resend", token_from=HERE)
    (invitation,) = invitations()
    new = path_of(invitation)
    assert invitation.ends_at > utcnow() + timedelta(days=6, hours=23)
    assert "no longer works" in words_of(Person(app).get(ended, status=404))
    assert "Join the team" in words_of(Person(app).get(new))
    assert old
    queued = [email for email in emails() if email.state is EmailState.QUEUED]
    assert len(queued) == 1


def test_revoked_the_mail_that_waits_stays_behind(cast, ada, app, smtp):
    path = invite(cast)
    (invitation,) = invitations()
    ada.post(f"{HERE}/invitations/{invitation.id}/revoke", token_from=HERE)
    assert "is revoked" in flashes(ada.get(HERE))[0]
    jobs.deliver()
    assert list(smtp) == []
    assert [email.state for email in emails()] == [EmailState.CANCELLED]
    assert "ask ada@example.com" in words_of(Person(app).get(path, status=404))
    ada.post(HERE, {"email": DANA, "role": "owner"})
    assert len(invitations()) == 2


@pytest.mark.both
def test_mail_that_is_claimed_already_looks_once_more(cast):
    invite(cast)
    (invitation,), (email,) = invitations(), emails()
    assert team_invitation.last_look(email, utcnow()) is None
    assert team_invitation.last_look(email, utcnow() + timedelta(days=7)) == "expired"
    invitation.revoked_at = utcnow()
    assert team_invitation.last_look(email, utcnow()) == "revoked"


@pytest.mark.parametrize(
    ("make_so", "status", "words"),
    [
        ("member", 403, "You are on this team already"),
        ("closed", 403, "Your account is deactivated"),
        ("cut", 404, "This link is not complete"),
        ("used", 404, "has been used"),
    ],
)
def test_each_dead_link_has_its_words(cast, app, make_so, status, words):
    path = invite(cast, cast.olga.email)
    if make_so == "member":
        accounts.add_membership(cast.olga, cast.acme, Role.VIEWER)
    elif make_so == "closed":
        accounts.deactivate(cast.olga, even_last_owner=True)
    elif make_so == "used":
        invitations()[0].accepted_at = utcnow()
    else:
        path = path[:-3]
    db.session.commit()
    page = Person(app).get(path, status=status)
    assert words in words_of(page)
    assert page.main.form is None


@pytest.mark.both
def test_addresses_are_not_kept_of_whom_nobody_waits_for(cast, smtp):
    invite(cast)
    invite(cast, "eve@example.com")
    jobs.deliver()
    later = utcnow() + team.LASTS + team.KEPT
    invitations()[1].ends_at = later
    db.session.commit()
    assert jobs.retire(later) == 1
    assert [one.address for one in invitations()] == [None, "eve@example.com"]
    assert [one.to_address for one in emails()] == [None, "eve@example.com"]
    assert team.state_of(invitations()[0], later) is TeamInvitationState.EXPIRED


# -- roles and going ------------------------------------------------------------------------------


def test_a_role_is_changed_and_counts_at_the_next_click(cast, ada, app):
    remy = Person(app).sign_in(cast.remy)
    remy.get("/e/acme/applications")
    page = ada.get(f"{HERE}/{member_id('remy')}")
    assert "It counts from their next click" in words_of(page)
    ada.submit(page, {"role": "viewer"})
    assert roles()["remy"] == "viewer"
    remy.get("/e/acme/")
    page = remy.get("/e/acme/applications", status=404)
    assert "Your role with Acme is: Viewer" in words_of(page)


def test_who_is_removed_keeps_other_employers_and_what_was_typed(cast, ada, app):
    accounts.add_membership(cast.remy, cast.globex, Role.VIEWER)
    db.session.commit()
    remy = Person(app).sign_in(cast.remy)
    path = "/e/acme/applications/new"
    token = remy.token(path)
    page = ada.get(f"{HERE}/{member_id('remy')}/remove")
    assert "remy@example.com will no longer see anything of Acme" in words_of(page)
    ada.submit(page)
    assert "remy" not in roles()
    typed = {"csrf_token": token, "name": "Cam Field", "role": "Nurse"}
    answer = remy.send("POST", path, data=typed, headers=OWN)
    assert answer.status_code == 404
    assert "no longer, on that team" in words_of(remy.page)
    assert "Cam Field" in words_of(remy.page)
    remy.get("/e/globex/")


def test_a_foreign_employer_looks_like_none(cast, ada):
    pages = [ada.get(f"/e/{slug}/team", status=404).main for slug in ("globex", "nobody")]
    assert pages[0] == pages[1]


def test_one_leaves_oneself(cast, app):
    vera = Person(app).sign_in(cast.vera)
    assert vera.get("/e/acme/").find("a", string="Leave this team")["href"] == "/e/acme/leave"
    assert vera.submit(vera.get("/e/acme/leave")) == "/e"
    assert "vera" not in roles()
    assert "You no longer work for Acme" in flashes(vera.get("/e"))[0]


@pytest.mark.parametrize("path", [f"{HERE}/{{}}", "/e/acme/leave"])
def test_the_last_owner_stays_and_reads_what_to_do(cast, ada, path):
    page = ada.get(path.format(member_id("ada")))
    assert "Invite another owner, or give a member that role" in words_of(page)
    assert page.main.form is None
    data = {"role": "viewer", "seen": "owner"}
    ada.post(path.format(member_id("ada")), data, status=409, token_from=HERE)
    assert roles()["ada"] == "owner"
    accounts.add_membership(cast.vera, cast.acme, Role.OWNER)
    accounts.deactivate(cast.vera, even_last_owner=False)  # an owner who cannot sign in is none
    db.session.commit()
    ada.post(path.format(member_id("ada")), data, status=409, token_from=HERE)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What CALLS return or raise, begun together, each as a request of its own."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [one.result() for one in [pool.submit(run, call) for call in calls]]


@pytest.fixture
def two_owners(cast, app) -> SimpleNamespace:
    """Ada and Bea, who own Acme, each with her browser and a token; and Bea's and Ada's ids."""
    bea = accounts.create_user("bea@example.com", PASSWORD)
    accounts.add_membership(bea, cast.acme, Role.OWNER)
    db.session.commit()
    people = {"ada": Person(app).sign_in(cast.ada), "bea": Person(app).sign_in(bea)}
    tokens = {name: person.token(HERE) for name, person in people.items()}
    ids = {name: member_id(name) for name in people}
    db.session.commit()

    def post(name: str, path: str, **data: str) -> int:
        form = data | {"csrf_token": tokens[name]}
        return people[name].client.post(path, data=form).status_code

    return SimpleNamespace(post=post, ids=ids)


@pytest.mark.both
@pytest.mark.parametrize("kind", ["demote each other", "remove each other", "both leave"])
def test_of_two_owners_who_go_at_once_one_stays(two_owners, kind):
    post, ids = two_owners.post, two_owners.ids
    suffix, data = ("", {"role": "viewer"}) if "demote" in kind else ("/remove", {"seen": "owner"})

    def go(name: str, other: str) -> int:
        if kind == "both leave":
            return post(name, "/e/acme/leave", seen="owner")
        return post(name, f"{HERE}/{ids[other]}{suffix}", **data)

    answers = at_once(lambda: go("ada", "bea"), lambda: go("bea", "ada"))
    assert list(roles().values()).count("owner") == 1
    assert sorted(answers) in ([303, 404], [303, 409])


@pytest.mark.both
def test_two_owners_who_invite_one_address_at_once_leave_one(two_owners):
    data = {"email": DANA, "role": "viewer"}
    answers = at_once(*(partial(two_owners.post, who, HERE, **data) for who in two_owners.ids))
    assert sorted(answers) == [303, 409]
    assert len(invitations()) == len(emails()) == 1


@pytest.mark.both
def test_a_form_sent_twice_at_once_makes_one_member(cast, app):
    path = invite(cast)
    people = [Person(app), Person(app)]
    tokens = [person.token(path) for person in people]
    db.session.commit()

    def send(place: int) -> int:
        data = {"csrf_token": tokens[place], "new_password": CHOSEN}
        return people[place].client.post(path, data=data).status_code

    answers = at_once(lambda: send(0), lambda: send(1))
    assert sorted(answers) in ([303, 303], [303, 404])
    assert roles()["dana"] == "viewer"
    assert db.session.scalar(sa.select(sa.func.count(User.id)).where(User.email == DANA)) == 1


# -- several employers ----------------------------------------------------------------------------


def test_who_works_for_several_switches_in_the_header(cast, app, make):
    for number in range(30):
        name = ["x" * 200, "محمد بن سلمان", f"Employer {number}"][number % 3]
        other = make.employer(f"other-{number}", name=name)
        accounts.add_membership(cast.vera, other, list(Role)[number % 3])
    db.session.commit()
    vera = Person(app).sign_in(cast.vera)
    page = vera.get("/e/acme/")
    links_there = page.select(".tenant-menu a")
    assert len(links_there) == 31
    (current,) = [link for link in links_there if link.get("aria-current")]
    assert current.get_text(" ", strip=True) == "Acme Viewer"
    assert Person(app).sign_in(cast.remy).get("/e/acme/").select(".tenant-menu") == []


# -- ways to become another employer's owner ------------------------------------------------------


class Attack:
    """What an attacker has: browsers of everybody who is not Acme's owner, ids and links."""

    def __init__(self, app, cast) -> None:
        self.app, self.cast = app, cast
        self.rex = accounts.create_user("rex@example.com", PASSWORD)
        accounts.add_membership(self.rex, cast.acme, Role.OWNER)
        db.session.commit()
        self.emails = {
            name: f"{name}@example.com" for name in ("olga", "remy", "vera", "otto", "rex")
        }
        self.ids = {name: member_id(name) for name in ("ada", "remy", "vera", "rex")}
        self.olga_id = member_id("olga", "globex")
        self.people: dict[str, Person] = {}

    def by(self, name: str) -> Person:
        if name not in self.people:
            user = SimpleNamespace(email=self.emails.get(name, f"{name}@example.com"))
            self.people[name] = Person(self.app).sign_in(user)
        return self.people[name]

    def post(self, name: str, path: str, token_from: str = "/e", **data: str) -> int:
        """The status; the token is a good one, of a page that NAME may open."""
        person = self.by(name)
        page = person.send("GET", token_from, follow_redirects=True).get_data(as_text=True)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        form = {"csrf_token": token} | data
        return person.send("POST", path, data=form).status_code

    def invite(self, address: str, role: Role = Role.OWNER, **options) -> str:
        db.session.rollback()
        return invite(self.cast, address, role, **options)

    def invitation_of_globex(self) -> TeamInvitation:
        db.session.rollback()
        cast = self.cast
        found = team.invite(cast.globex, cast.olga, "mole@example.com", Role.OWNER, utcnow())
        db.session.commit()
        return found

    def anonymous(self, path: str, **data: str) -> int:
        """POST as a visitor who chooses a password."""
        visitor = Person(self.app)
        form = {"csrf_token": visitor.token("/sign-in"), "new_password": CHOSEN}
        return visitor.send("POST", path, data=form | data).status_code


def foreign_slug_in_path(attack: Attack) -> int:
    return attack.post("olga", HERE, email="mole@example.com", role="owner")


def foreign_membership_id(attack: Attack) -> int:
    """Olga's own page, but the id of somebody at Acme."""
    return attack.post("olga", f"/e/globex/team/{attack.ids['vera']}", role="owner")


def own_membership_id_under_foreign_slug(attack: Attack) -> int:
    return attack.post("olga", f"{HERE}/{attack.olga_id}", role="owner")


def foreign_invitation_id(attack: Attack) -> int:
    attack.invite("mole@example.com")
    (invitation,) = invitations()
    return attack.post("olga", f"/e/globex/team/invitations/{invitation.id}/resend")


def token_of_another_employer(attack: Attack) -> int:
    """It opens its own employer; signed onto the id of Acme's it is none of ours."""
    attack.invite("mole@example.com")
    theirs = path_of(attack.invitation_of_globex())
    ours = path_of(invitations()[0])
    forged = ours[:-24] + theirs[-24:]
    return attack.anonymous(forged)


def token_made_up(attack: Attack) -> int:
    attack.invite("mole@example.com")
    return attack.anonymous("/invitation/" + "a" * 40)


def replayed_token(attack: Attack) -> int:
    path = attack.invite("mole@example.com", Role.VIEWER)
    assert attack.anonymous(path) == 303
    return attack.anonymous(path)


def replayed_token_after_being_removed(attack: Attack) -> int:
    path = attack.invite(attack.emails["olga"])
    assert attack.post("olga", path) == 303
    accounts.remove_membership(attack.cast.olga, attack.cast.acme, even_last_owner=False)
    db.session.commit()
    return attack.post("olga", path)


def expired_token(attack: Attack) -> int:
    attack.invite("mole@example.com")
    (invitation,) = invitations()
    invitation.ends_at -= team.LASTS
    path = path_of(invitation)
    db.session.commit()
    return attack.anonymous(path)


def revoked_token(attack: Attack) -> int:
    path = attack.invite("mole@example.com")
    team.revoke(attack.cast.acme, attack.cast.ada, invitations()[0].id, utcnow())
    db.session.commit()
    return attack.anonymous(path)


def token_of_an_owner_who_was_removed(attack: Attack) -> int:
    path = attack.invite("mole@example.com", by=attack.rex)
    team.remove(attack.cast.acme, attack.cast.ada, attack.ids["rex"])
    db.session.commit()
    return attack.anonymous(path)


def role_in_the_form_of_the_accept_page(attack: Attack) -> int:
    """The link is good, for a viewer; what is sent besides is not read."""
    path = attack.invite("mole@example.com", Role.VIEWER)
    assert attack.anonymous(path, role="owner", invitation_role="owner") == 303
    attack.emails["mole"] = "mole@example.com"
    login = Person(attack.app)
    form = {"email": "mole@example.com", "password": CHOSEN}
    login.post("/sign-in", form, status=302)
    return login.send("GET", HERE).status_code


def email_changed_in_the_form(attack: Attack) -> int:
    """Olga's invitation, accepted by somebody not signed in who names another address."""
    path = attack.invite(attack.emails["olga"])
    return attack.anonymous(path, email="mole@example.com", username="mole@example.com")


def accepted_by_another_who_is_signed_in(attack: Attack) -> int:
    return attack.post("vera", attack.invite("mole@example.com"), new_password=CHOSEN)


def without_csrf_token(attack: Attack) -> int:
    return attack.by("olga").send("POST", f"{HERE}/{attack.ids['vera']}").status_code


def viewer_posts_to_an_owners_route(attack: Attack) -> int:
    return attack.post("vera", f"{HERE}/{attack.ids['vera']}", role="owner")


def recruiter_posts_to_an_owners_route(attack: Attack) -> int:
    return attack.post("remy", HERE, email="mole@example.com", role="owner")


def page_left_open_by_a_removed_owner(attack: Attack) -> int:
    rex = attack.by("rex")
    token = rex.token(HERE)
    team.remove(attack.cast.acme, attack.cast.ada, attack.ids["rex"])
    db.session.commit()
    data = {"csrf_token": token, "email": "mole@example.com", "role": "owner"}
    return rex.send("POST", HERE, data=data).status_code


def page_left_open_by_a_demoted_owner(attack: Attack) -> int:
    rex = attack.by("rex")
    token = rex.token(HERE)
    team.change_role(attack.cast.acme, attack.cast.ada, attack.ids["rex"], Role.RECRUITER)
    db.session.commit()
    path = f"{HERE}/{attack.ids['rex']}"
    return rex.send("POST", path, data={"csrf_token": token, "role": "owner"}).status_code


def operator_who_is_no_member(attack: Attack) -> int:
    return attack.post("otto", HERE, "/operator", email="mole@example.com", role="owner")


def mass_assignment(attack: Attack) -> int:
    """From Globex's own form; the fields of Acme are not read, so Acme's page stays shut."""
    sent = attack.post(
        "olga", "/e/globex/team", email="mole@example.com", role="owner",
        employer_id=str(attack.cast.acme.id), employer="acme", slug="acme", id="1",
    )  # fmt: skip
    assert sent == 303
    return attack.anonymous(HERE)


def method_override(attack: Attack) -> int:
    path = f"{HERE}/{attack.ids['vera']}?_method=POST&role=owner"
    header = {"X-HTTP-Method-Override": "POST"}
    return attack.by("olga").send("GET", path, headers=header).status_code


def json_body(attack: Attack) -> int:
    body = {"email": "mole@example.com", "role": "owner"}
    return attack.by("olga").send("POST", HERE, json=body).status_code


def double_submit_of_ones_own_removal(attack: Attack) -> int:
    """Rex leaves, and the same form again."""
    assert attack.post("rex", "/e/acme/leave", HERE, seen="owner") == 303
    return attack.post("rex", "/e/acme/leave", seen="owner")


def not_signed_in_with_a_stolen_page(attack: Attack) -> int:
    """Somebody's ended sign-in: the cookie opens nothing, the form is not taken."""
    olga = attack.by("olga")
    cookie = olga.client.get_cookie("session").value
    olga.post("/sign-out", status=302, token_from="/e/globex/")
    thief = Person(attack.app)
    thief.client.set_cookie("session", cookie)
    token = Person(attack.app).token("/sign-in")
    path = f"/e/globex/team/{attack.ids['vera']}"
    data = {"csrf_token": token, "role": "owner"}
    first = thief.send("POST", path, data=data).status_code
    assert first in (302, 400)
    return attack.post("vera", path, role="owner")


WAYS = [
    foreign_slug_in_path, foreign_membership_id, own_membership_id_under_foreign_slug,
    foreign_invitation_id, token_of_another_employer, token_made_up, replayed_token,
    replayed_token_after_being_removed, expired_token, revoked_token,
    token_of_an_owner_who_was_removed, role_in_the_form_of_the_accept_page,
    email_changed_in_the_form, accepted_by_another_who_is_signed_in, without_csrf_token,
    viewer_posts_to_an_owners_route, recruiter_posts_to_an_owners_route,
    page_left_open_by_a_removed_owner, page_left_open_by_a_demoted_owner,
    operator_who_is_no_member, method_override, json_body, double_submit_of_ones_own_removal,
    not_signed_in_with_a_stolen_page,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nobody_becomes_another_employers_owner(app, cast, way):
    attack = Attack(app, cast)
    assert way(attack) in (403, 404)
    assert {name for name, role in roles().items() if role == "owner"} <= {"ada", "rex"}
    mole = accounts.find_user("mole@example.com")
    assert mole is None or roles().get("mole") in (None, "viewer")


SPELLED = [
    *("ACME", "Acme", "acmé", "ａｃｍｅ", "аcme"),
    *("acme%20", "%20acme", "acme%00", "acme%252F", "acme."),
]


@pytest.mark.parametrize("slug", SPELLED)
def test_no_other_spelling_of_a_slug_leads_in(app, cast, slug):
    olga = Person(app).sign_in(cast.olga)
    token = olga.token("/e/globex/")
    data = {"csrf_token": token, "email": "mole@example.com", "role": "owner"}
    assert olga.send("POST", f"/e/{slug}/team", data=data).status_code == 404
    ada = Person(app).sign_in(cast.ada)
    ada.get(f"/e/{slug}/team", status=404)
    assert invitations() == []


def test_fields_of_another_employer_are_not_read(app, cast):
    attack = Attack(app, cast)
    assert mass_assignment(attack) in (302, 400)
    assert [one.employer.slug for one in invitations()] == ["globex"]
    assert set(roles()) == {"ada", "remy", "vera", "rex"}


def test_a_form_of_another_site_is_not_taken(cast, ada):
    """Ada's own browser, made to post: refused without the token, as everywhere."""
    data = {"role": "owner"}
    answer = ada.send("POST", f"{HERE}/{member_id('vera')}", data=data)
    assert answer.status_code == 400
    assert roles()["vera"] == "viewer"
