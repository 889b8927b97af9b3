"""The same figure is the same on every page of the sample, whoever reads it."""

from collections import defaultdict

import pytest

from portal.demo import seed
from portal.extensions import db
from portal.models import utcnow
from tests.web.staff import Person

EMPLOYERS = ("northwind", "halden", "brightwater", "elmgate")
PAGES = ("", "habits", "levers", "report", "comments")
PUBLIC = ("/", "/employers", *(f"/employers/{slug}" for slug in EMPLOYERS))


@pytest.fixture
def sample(app):
    """The whole sample, as `flask demo` makes it."""
    with app.app_context():
        seed.seed(utcnow())
        db.session.commit()


def found_on(page) -> list[tuple[tuple[str, str], str]]:
    """(figure, whose) and what stands there, for everything that says which figure it is."""
    return [
        ((tag["data-figure"], tag["data-scope"]), " ".join(tag.text.split()))
        for tag in page.select("[data-figure]")
    ]


@pytest.mark.long
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_equal_figures_have_equal_values_on_all_pages_of_the_sample(sample, app, browser):
    seen: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    shown = 0
    visits = [(path, browser.get(path)) for path in PUBLIC]
    for who in ("owner@northwind", "viewer@halden", "viewer@brightwater", "viewer@elmgate"):
        person = Person(app)
        sent = {"email": f"{who}.example", "password": seed.SHOWN_AT_START}
        assert person.post("/sign-in", sent, status=302) == "/e"
        slug = who.partition("@")[2]
        visits += [(f"/e/{slug}/{page}", person.get(f"/e/{slug}/{page}")) for page in PAGES]
    for path, page in visits:
        for value in page.select(".stat__value:not(.stat__value--none), .figure-line__value"):
            named = value.select_one("[data-figure][data-scope]")
            assert named or path == "/" or value.text.strip() == "–", (path, value)
        for key, text in found_on(page):
            shown += 1
            assert key[0], path
            assert key[1].partition(":")[0] in EMPLOYERS, (path, key)
            seen[key][text].add(path)
    assert shown > 500
    assert {key: dict(texts) for key, texts in seen.items() if len(texts) > 1} == {}
    on_several = [key for key, texts in seen.items() if max(map(len, texts.values())) > 1]
    assert {"stars", "told_in_7", "not_told_in_30", "waiting"} <= {key for key, _ in on_several}
