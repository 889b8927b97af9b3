"""Row 37: text that reorders, hides, piles up or never ends is kept, and stays in its place."""

import pytest
import sqlalchemy as sa

from portal.extensions import db
from portal.models import Candidate, Employer, Role
from tests.support.browsing import follow
from tests.support.factory import PASSWORD
from tests.web.candidates import LEAST, invited, stored
from tests.web.test_candidate_browser import choose, visit

TEXTS = {
    "right to left": "\u202egnp.exe",
    "Arabic": "شركة محمد بن سلمان",
    "zero width": "A\u200bc\u200dm\u2060e",
    "emoji": "👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿 Ltd",
    "combining marks": "e" + "\u0301" * 199,
    "one word": "W" * 200,
}
LONG_WORD = "w" * 1_700  # a comment has 2,000 characters at most, a name 200
TOO_LONG = "w" * 5_000
# Texts after a name that stand from right to left: a mark in the name has turned them round.
TURNED = """() => [...document.querySelectorAll("bdi")].flatMap(name => {
  const text = name.nextSibling;
  const from = text && text.nodeType === 3 ? text.data.search(/\\\\w\\\\w/) : -1;
  if (from < 0) return [];
  const [one, two] = [from, from + 1].map(at => {
    const range = document.createRange();
    range.setStart(text, at);
    range.setEnd(text, at + 1);
    return range.getBoundingClientRect();
  });
  return one.top === two.top && one.left > two.left ? [text.data] : [];
})""".replace("\\\\", "\\")


def look_at(page, path: str, text: str) -> None:
    page.goto(path)
    assert text in page.locator("bdi").all_text_contents(), f"{path}: kept, and isolated"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    assert page.evaluate(TURNED) == [], path


@pytest.mark.storm
@pytest.mark.parametrize("kind", TEXTS)
def test_row_37_names_and_words_stay_in_their_place(chromium, site, make, kind):
    text = TEXTS[kind]
    acme = make.employer("acme", name=text)
    remy = make.user("remy", acme, Role.RECRUITER).email
    application, token = invited(make, acme, name=text, role=text, stage=text)
    desk = "/e/acme/applications"
    paths = [f"/s/{token}", "/employers", "/employers/acme", "/employers/acme/privacy"]
    number, link = application.id, f"/s/{token}"
    db.session.rollback()
    with visit(chromium, site, viewport={"width": 320, "height": 700}) as page:
        for path in paths:
            look_at(page, path, text)
        page.goto(link)
        choose(page, "recommend", LEAST["recommend"])
        choose(page, "overall", LEAST["overall"])
        for typed in (TOO_LONG, f"{text} {LONG_WORD}"):
            page.fill("[name=comment]", typed)
            choose(page, "words", "counted")  # asked beside words only
            follow(page, "form button")
            if typed == TOO_LONG:
                assert page.input_value("[name=comment]") == typed, "it came back"
                assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.goto(link)
        assert page.input_value("[name=comment]") == f"{text} {LONG_WORD}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert [one.words for one in stored()] == [f"{text} {LONG_WORD}"]
    context = chromium.new_context(base_url=site, viewport={"width": 320, "height": 700})
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", remy)
    page.fill("[name=password]", PASSWORD)
    follow(page, "main form button")
    for path in (desk, f"{desk}/{number}"):
        look_at(page, path, text)
    context.close()
    held = [db.session.scalar(sa.select(of)) for of in (Candidate.name, Employer.name)]
    assert held == [text, text]
