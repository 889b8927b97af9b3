"""Every route against everybody: who may open what, and that a refusal tells nothing."""

import io

import pytest

from portal import accounts, intake, runs, team
from portal.candidate_files import Plan
from portal.extensions import db
from portal.models import Role, RunKind, utcnow
from tests.support import scorecards
from tests.support.import_files import HEADER, write
from tests.support.pages import check_page

OPEN = ("anyone", "link_holder")
VALUES = {
    "slug": "acme",
    "part": "rows",
    "form": "csv",
    "group": "asking",
    "language": "fr",
    "letter": "rejected",
    "version_id": 2147483647,
    "token": "a" * 26,
    "rest": "x",
    "filename": "base.css",
    "name": "score",
    "sign_in_id": 2147483647,
    "who": "not-told",
}
ENDS_THE_WALK = ("security.logout", "own_account.end_all")
# What they are about is gone afterwards, for everybody.
USES_UP = ("importing.discard", "importing.apply")
# A link is also asked for what it says: these are of nobody's account.
BY_LINK = ("own_account.confirm",)
PEOPLE = ("visitor", "viewer", "recruiter", "owner", "other owner", "operator")
MEMBERS = {"viewer": Role.VIEWER, "recruiter": Role.RECRUITER, "owner": Role.OWNER}


def may_open(access: str, person: str) -> bool:
    """What the access declared by a view means for PERSON at Acme."""
    if access in OPEN:
        return True
    if access == "signed_in":
        return person != "visitor"
    if access == "operator":
        return person == "operator"
    role = MEMBERS.get(person)
    return role is not None and role.includes(Role(access))


@pytest.fixture
def everybody(cast, browse):
    people = {
        "visitor": None,
        "viewer": cast.vera,
        "recruiter": cast.remy,
        "owner": cast.ada,
        "other owner": cast.olga,
        "operator": cast.otto,
    }
    db.session.commit()
    return {name: browse(user) for name, user in people.items()}


def team_ids(cast) -> dict[str, int]:
    """A member of Acme, and an invitation to it that waits."""
    remy = accounts.find_membership(cast.remy, "acme")
    dana = team.invite(cast.acme, cast.ada, "dana@example.com", Role.VIEWER, utcnow())
    ids = {"membership_id": remy.id, "invitation_id": dana.id}
    db.session.commit()
    return ids


def import_ids(employer) -> dict[str, int]:
    """A file of the employer's that waits to be imported, and a run that is over."""
    rows = io.BytesIO(write(HEADER, ["Cy", "cy@x.test", "Engineer"], ["Di", "nobody", "Engineer"]))
    file = intake.take_in(employer, "candidates.csv", rows, utcnow())
    plan = Plan(columns=tuple((f"#{place}", name) for place, name in enumerate(HEADER, 1)))
    intake.say(employer, file, plan, utcnow())
    run = runs.start(runs.queue(employer.id, RunKind.IMPORT, "earlier.csv"), utcnow())
    runs.finish(run, utcnow())
    db.session.commit()
    return {"file_id": file.id, "run_id": run.id}


def routes(app, ids):
    """Endpoint, method, path and declared access of every route, with values that exist."""
    for rule in app.url_map.iter_rules():
        access = app.view_functions[rule.endpoint].access
        with app.test_request_context():
            values = {name: ids.get(name, VALUES.get(name)) for name in rule.arguments}
            assert None not in values.values(), f"give {rule} a value in this test"
            path = app.url_map.bind("127.0.0.1").build(rule.endpoint, values)
        for method in sorted(rule.methods & {"GET", "POST"}):
            yield rule.endpoint, method, path, access


def status_of(person, method, path, token) -> int:
    data = {"csrf_token": token} if method == "POST" else None
    with person.client.open(path, method=method, data=data) as response:
        if response.location:  # a browser hurries past its page, others may read it
            assert check_page(response).h1.a["href"] == response.location
        return response.status_code


def token_of(person) -> str:
    page = person.client.get("/sign-in", follow_redirects=True).get_data(as_text=True)
    if 'name="csrf_token"' not in page:
        page = person.client.get("/e", follow_redirects=True).get_data(as_text=True)
    return page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


def test_every_route_against_everybody(app, make, cast, everybody):
    application = make.told(cast.acme)
    scorecards.write(cast.acme, *scorecards.STATES["rich"]())
    ids = {"application_id": application.id, "email_id": 1, "employer_id": cast.acme.id}
    ids |= {"user_id": cast.ada.id, "role_id": application.requisition_id}
    ids |= team_ids(cast) | import_ids(cast.acme)
    db.session.commit()
    wrong = []
    for name, person in everybody.items():
        token = token_of(person)
        for endpoint, method, path, access in routes(app, ids):
            if endpoint in ENDS_THE_WALK:
                continue
            if endpoint in USES_UP and may_open(access, name):
                continue
            status = status_of(person, method, path, token)
            assert status < 500, (name, method, path)
            if may_open(access, name):
                is_unknown = endpoint in BY_LINK or "email" in path or "mail" in path
                fits = access in OPEN or status != 404 or is_unknown
            elif name == "visitor":
                fits = status == 302
            else:
                fits = status == 404
            if not fits:
                wrong.append((name, method, path, access, status))
    assert wrong == []


def test_another_employers_candidate_is_not_found_under_ones_own_slug(app, make, cast, browse):
    application = make.told(cast.globex)
    path = f"/e/acme/applications/{application.id}"
    db.session.commit()
    browse(cast.ada).get(path, status=404)
    db.session.commit()
    browse(cast.olga).get(path.replace("acme", "globex"))


def test_signing_out_ends_the_sign_in_at_the_server(app, cast, browse):
    ada = browse(cast.ada)
    stolen = ada.client.get_cookie("session").value
    ada.get("/e/acme/")
    ada.post("/sign-out", {}, status=302, token_from="/e/acme/")
    thief = browse()
    thief.client.set_cookie("session", stolen)
    assert thief.client.get("/e/acme/").status_code == 302
