import itertools
import pytest
from portal import accounts, team
from portal.extensions import db
from portal.models import Role, utcnow, Locale
from tests.web.test_employer_browser import at_work, look
from portal import links
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

def test_shots(chromium, site, cast, make):
    bo = make.user("bo", cast.acme, Role.OWNER)
    now = utcnow()
    inv = team.invite(cast.acme, cast.ada, "dana@example.com", Role.RECRUITER, now)
    team.invite(cast.acme, bo, "a.very.long.address.of.somebody@a-very-long-domain-name-of-a-company.example.com", Role.OWNER, now)
    db.session.commit()
    for n in range(30):
        e = make.employer(f"e{n}", name=["Wonderful "*20, "محمد بن سلمان العبدالله", "Employer %d" % n][n % 3][:200])
        accounts.add_membership(cast.remy, e, list(Role)[n % 3])
    accounts.add_membership(cast.vera, cast.globex, Role.OWNER)
    db.session.commit()
    vid = accounts.find_membership(cast.vera, "acme").id
    bid = accounts.find_membership(bo, "acme").id
    aid = accounts.find_membership(cast.olga, "globex").id
    token = links.team_invitation_url(inv.id, inv.ends_at).rpartition("/")[2]
    db.session.commit()
    for width, scheme, lang in [(320,"light","fr-FR"),(1280,"dark","en-US")] + ([(1280,"light","fr-FR"),(320,"dark","en-US")]):
        view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme, "locale": lang}
        tag = f"{width}-{scheme}-{lang[:2]}"
        with at_work(chromium, site, "ada", **view) as page:
            for name, path in {"team": "/e/acme/team", "role": f"/e/acme/team/{vid}", "remove": f"/e/acme/team/{bid}/remove", "leave": "/e/acme/leave"}.items():
                look(page, path)
                page.screenshot(path=f"/tmp/team/{name}-{tag}.png", full_page=True)
        with at_work(chromium, site, "remy", **view) as page:
            page.goto("/e/acme/")
            page.click(".tenant-menu summary")
            look(page)
            page.screenshot(path=f"/tmp/team/switch-{tag}.png")
            page.goto("/e/e0/")
            look(page)
            page.screenshot(path=f"/tmp/team/long-{tag}.png")
            page.goto("/e/e1/")
            page.click(".tenant-menu summary")
            page.screenshot(path=f"/tmp/team/rtl-{tag}.png")
        context = chromium.new_context(base_url=site, **view)
        page = context.new_page()
        look(page, f"/invitation/{token}")
        page.screenshot(path=f"/tmp/team/join-{tag}.png", full_page=True)
        context.close()
