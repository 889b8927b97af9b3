"""The comments page in a real browser: by axe, narrow and wide, in both schemes."""

import itertools

import pytest

from tests.support.answers import release, store_answers
from tests.support.readers import Reader
from tests.web.test_employer_browser import HOSTILE, at_work, look

HERE = "/e/acme/comments"
ARABIC = "كانت المقابلة جيدة، لكن لم يصلني أي رد بعد ذلك."


class Marking(Reader):
    """Marks every second word, by turns up and down, right to left text too."""

    def __call__(self, text, language, calibration=None):
        reading = super().__call__(text, language)
        at, phrases = 0, []
        for number, word in enumerate(text.split(" ")):
            if number % 2 == 0 and word:
                phrase = {"text": word, "start": at, "end": at + len(word), "rule": None}
                phrases.append(phrase | {"weight": 0.9 if number % 4 else -0.4})
            at += len(word) + 1
        reading.phrases = phrases
        reading.language = "ar" if text == ARABIC else "en"
        return reading


@pytest.mark.long
@pytest.mark.parametrize(
    ("width", "scheme"), list(itertools.product((320, 1280), ("light", "dark")))
)
def test_comments_are_accessible_and_fit(chromium, site, cast, width, scheme):
    said = (HOSTILE, ARABIC, "Good " + "w" * 300, "Bad.\n\nTwo lines, a@b.example", "Hm")
    store_answers(cast.acme, 12, lambda n: {"comment": said[n % 5]})
    release(cast.acme, reader=Marking("old 1"))
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with at_work(chromium, site, "vera", **view) as page:
        look(page, f"{HERE}?marks=1")
        for summary in page.query_selector_all(".comment .disclosure > summary"):
            summary.click()
        look(page)
        look(page, f"{HERE}?reads=unclear&about=respect")
        look(page, f"{HERE}?about=clarity")
    with at_work(chromium, site, "olga", **view) as page:
        look(page, "/e/globex/comments")


def test_filters_work_without_javascript_and_keep_what_was_chosen(chromium, site, cast):
    store_answers(cast.acme, 30, lambda n: {"comment": "Good." if n % 2 else "Bad."})
    release(cast.acme)
    with at_work(chromium, site, "vera", java_script_enabled=False) as page:
        page.goto(HERE)
        page.click(".narrowing >> text=Negative")
        page.wait_for_selector("text=15 comments of 30")
        page.click("text=Mark what moved the estimates")
        page.wait_for_selector(".comment__words mark")
        assert page.inner_text(".narrowing [aria-current] >> nth=0").split() == ["Negative", "15"]
        page.click("text=Show all comments")
        page.wait_for_selector("text=30 comments, 1 to 25 on this page")
        assert page.query_selector(".comment__words mark")
