"""Charts to take away: what stands in the files, who may have them, that nothing in them runs."""

import re
from xml.etree import ElementTree

import pytest

from portal import closure, figures, formatting
from portal.extensions import db
from portal.figures import svg
from portal.figures.figure import END_ISOLATE, ISOLATE
from portal.figures.picture import GUTTERS, NAMES_MOVE
from portal.models import utcnow
from portal.web.pictures import STATIC, style
from tests.support import scorecards
from tests.support.statements import noting_statements
from tests.web.staff import Person

NS = "{http://www.w3.org/2000/svg}"
HOSTILE = '</title><script>alert(1)</script>"& شركة محمد\x0b'
PAGES = ("/e/acme/", "/e/acme/habits", "/e/acme/levers")


@pytest.fixture
def rich(cast):
    scorecards.write(cast.acme, *scorecards.STATES["rich"]())
    return cast


def links_of(page) -> list[str]:
    return [link["href"] for link in page.select("a.chart-file")]


def fetch(person: Person, address: str, status: int = 200) -> str:
    with person.send("GET", address) as response:
        assert response.status_code == status, address
        text = response.get_data(as_text=True)
        if status == 200:
            assert response.mimetype == "image/svg+xml"
            policy = response.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; style-src 'sha256-")
            assert "sandbox" in policy
            name = address.rpartition("/")[2].partition("?")[0]
            disposition = response.headers["Content-Disposition"]
            assert disposition == f"attachment; filename=acme-{name}"
    return text


def words_of(drawing: str) -> list[str]:
    root = ElementTree.fromstring(drawing)
    return ["".join(text.itertext()).replace("\xa0", " ") for text in root.iter(f"{NS}text")]


def test_every_chart_of_a_members_pages_can_be_taken_away(rich, app):
    vera = Person(app).sign_in(rich.vera)
    links = []
    for path in PAGES:
        page = vera.get(path)
        links += links_of(page)
        assert len(links_of(page)) == len(page.select(".chart-svg")), path
        for link in page.select("a.chart-file"):  # each says what it is the file of
            assert len(link.text) > len("Download as SVG ()")
    assert len(links) == len(set(links)) == 13
    for link in links:
        drawing = fetch(vera, link)
        words = words_of(drawing)
        root = ElementTree.fromstring(drawing)
        assert root.get("width") == "720", link
        assert root.findtext(f"{NS}title") == words[0]
        assert words[-1] == f"Heardback, http://127.0.0.1:5000, {ISOLATE}Acme{END_ISOLATE}"
        if "/published.svg" in link:
            assert "95 % range" in words[-2], "of many years, so of no day"
            continue
        is_record = re.search(
            r"/(told|ghost|channels|feedback|coverage-\w+|all-employers)\.svg", link
        )
        when = "As of " if is_record else "Answers released up to November 1, 2026"
        assert words[-2].startswith(when), link
        assert re.search(r"\d", words[-3]), ("the n", link)
        assert "95 % range" in words[-3] or "ounted in full" in words[-3], link
        assert not re.search(r"<script|<foreignObject|\son\w+=|href=|var\(", drawing)


def test_charts_of_more_than_own_answers_say_a_day_of_their_own(rich, app, make):
    for number in range(11):
        other = make.employer(f"other-{number}")
        other.is_published, other.approved_at = True, utcnow()
        scorecards.write(other, scorecards.answers((0, 0, 0, 0, 20)), {}, {})
    vera = Person(app).sign_in(rich.vera)
    notes = {
        name: " ".join(words_of(fetch(vera, f"/e/acme/charts/{name}.svg"))[-3:])
        for name in ("others", "all-employers", "published", "score")
    }
    today = formatting.day(closure.local_day(rich.acme, utcnow()))
    assert f"As of {today}" in notes["others"]
    assert "As of November 26, 2026" in notes["all-employers"]
    assert "released up to November 1, 2026" in notes["score"]
    for name in ("others", "all-employers", "published"):
        assert "released" not in notes[name]
    assert "As of" not in notes["published"]


def test_a_file_says_what_it_rests_on(rich, app):
    vera = Person(app).sign_in(rich.vera)
    for name, words in {
        "score": "From 135 answers. Lines and bands about a figure are its 95 % range.",
        "spread": "From 135 answers. Counted in full.",
        "told": "318 decisions. Lines and bands about a figure are its 95 % range.",
        "ghost": "79 of 318 decisions. Lines and bands about a figure are its 95 % range.",
        "levers": "From 100 answers or more. Lines and bands about a figure are its 95 % range.",
        "all-employers": "All 14 employers together, from 3,200 answers.",
        "channels": "Decisions: 318. Counted in full.",
    }.items():
        said = words_of(fetch(vera, f"/e/acme/charts/{name}.svg"))
        assert words in said[-3], name


def test_figures_hidden_beside_the_page_stand_in_the_file(rich, app):
    vera = Person(app).sign_in(rich.vera)
    assert "25 %" in words_of(fetch(vera, "/e/acme/charts/ghost.svg"))
    names = ElementTree.fromstring(fetch(vera, "/e/acme/charts/levers.svg")).iter(f"{NS}text")
    moved = [text for text in names if (text.get("class") or "").startswith("c-name")]
    assert len(moved) >= 4
    assert {text.get("transform") for text in moved} == {NAMES_MOVE}


def test_no_chart_leaves_that_the_page_does_not_show(cast, app):
    vera = Person(app).sign_in(cast.vera)
    for state, hidden in {
        "early": ("spread", "levers", "told", "trend", "role-family"),
        "silent": ("score", "spread", "levers", "all-employers", "feedback"),
    }.items():
        scorecards.write(cast.acme, *scorecards.STATES[state]())
        shown = {link.rpartition("/")[2] for path in PAGES for link in links_of(vera.get(path))}
        for name in hidden:
            assert f"{name}.svg" not in shown
            fetch(vera, f"/e/acme/charts/{name}.svg", 404)
    for name in ("", "nothing", "..%2Fscore", "score%00", "<b>"):
        fetch(vera, f"/e/acme/charts/{name}.svg", 404)


def test_a_members_charts_are_nobody_elses(rich, app):
    fetch(Person(app), "/e/acme/charts/score.svg", 302)
    fetch(Person(app).sign_in(rich.olga), "/e/acme/charts/score.svg", 404)


def test_taking_a_chart_away_changes_nothing_and_reads_no_answer(rich, app):
    vera = Person(app).sign_in(rich.vera)
    with noting_statements() as seen:
        fetch(vera, "/e/acme/charts/levers.svg")
    assert not re.search(r"\b(INSERT|UPDATE|DELETE)\b", " ".join(seen))
    assert len(seen) <= 6


def test_public_charts_are_for_everybody_and_only_of_who_publishes(rich, app):
    visitor = Person(app)
    page = visitor.get("/employers/acme")
    links = links_of(page)
    assert len(links) == len(page.select(".chart-svg")) == 9
    for link in links:
        fetch(visitor, link)
    french = links_of(visitor.get("/employers/acme?lang=fr"))
    assert "Télécharger en SVG" in visitor.page.text
    assert "sont son intervalle à 95 %" in " ".join(words_of(fetch(visitor, french[0])))
    for name in ("levers", "department", "channels"):  # its members' alone
        fetch(visitor, f"/employers/acme/charts/{name}.svg", 404)
    rich.acme.is_published = False
    db.session.commit()
    fetch(visitor, "/employers/acme/charts/score.svg", 404)
    fetch(visitor, "/employers/nobody/charts/score.svg", 404)


def test_a_hostile_name_stays_a_name(rich, app):
    rich.acme.name = HOSTILE
    db.session.commit()
    drawing = fetch(Person(app).sign_in(rich.vera), "/e/acme/charts/score.svg")
    assert "<script" not in drawing
    source = words_of(drawing)[-1]
    assert source == f"Heardback, http://127.0.0.1:5000, {ISOLATE}{HOSTILE[:-1]}{END_ISOLATE}"


def test_a_name_cannot_leave_its_writing_direction(rich, app):
    rich.acme.name = "Ac\u2069\u202eme"
    db.session.commit()
    drawing = fetch(Person(app).sign_in(rich.vera), "/e/acme/charts/score.svg")
    assert words_of(drawing)[-1].endswith(f", {ISOLATE}Acme{END_ISOLATE}")
    department = figures.group_name("department", "Dep\u2069\u202aart\u2066ment")
    assert department == f"{ISOLATE}Department{END_ISOLATE}"


def test_only_choices_that_there_are_stand_in_the_links_of_charts(rich, app):
    vera = Person(app).sign_in(rich.vera)
    for query, kept in {
        "period=90&by=department": "?period=90&by=department",
        "period=all&by=lane": "?period=all&by=lane",
        f"period={'x' * 3000}&by=salary": "",
        "period=91&by=lane": "?by=lane",
    }.items():
        links = links_of(vera.get(f"/e/acme/?{query}"))
        assert links
        assert {link.partition(".svg")[2] for link in links} == {kept}


def test_a_file_looks_as_the_page_does():
    """Its margins and its moved names are written twice: in the style sheet, and for the file."""
    sheet = (STATIC / "pages.css").read_text()
    for gutter, (left, right) in GUTTERS.items():
        if gutter in ("", "chart-svg--column"):
            continue
        rule = re.search(rf"\.{gutter} {{\n  (padding[^}}]*)}}", sheet)[1]
        wanted = {
            (12, 12): "padding: 0 12px;",
            (72, 0): "padding-left: 72px;",
            (52, 12): "padding: 0 12px 0 52px;",
        }[left, right]
        assert rule.strip() == wanted, gutter
    wide = sheet.partition("@container")[2]
    assert f"padding-left: {GUTTERS['chart-svg--column'][0]}px;" in wide
    assert f"transform: translate({', '.join(re.findall(r'-?[0-9]+', NAMES_MOVE))}px)" in (
        wide.replace("px, ", ", ")
    )
    assert "var(" not in style()
    assert set(re.findall(r"#[0-9a-f]{6}", style())) <= set(
        re.findall(r"#[0-9a-f]{6}", (STATIC / "base.css").read_text())
    )


def test_long_words_are_wrapped_and_a_chart_without_count_says_its_range_alone():
    table = svg.Table("T", ["A"], [["a"]])
    chart = svg.chart("a", "T" * 200, "word " * 100, 10, [], table)
    said = words_of(figures.picture(chart, [], style()))
    assert max(map(len, said)) <= 102
    assert said[-1] == "Lines and bands about a figure are its 95 % range."
