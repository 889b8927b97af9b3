"""A new version of the survey: one file; who was written to before is asked what it said then."""

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from portal import exports, invitations, outbox, surveys
from portal.exports import Export
from portal.extensions import db
from portal.mail_kinds import KINDS
from portal.models import Invitation, Locale, utcnow
from portal.reputation.sums import open_sums, sealer
from tests.support import survey_99
from tests.support.answers import release
from tests.web.candidates import LEAST, Visitor, chosen, failing, invited, stored, words_of

ASKS = {
    Locale.ENGLISH: "Did you know beforehand what Acme would ask you?",
    Locale.FRENCH: "Saviez-vous à l’avance ce que Acme vous demanderait ?",
}


@pytest.fixture
def cam(app) -> Visitor:
    return Visitor(app)


@pytest.fixture
def add_version_99() -> Iterator[Callable[[], None]]:
    """Adds the version when it is called."""
    before = dict(surveys.SURVEYS)

    def add() -> None:
        surveys.SURVEYS[99] = survey_99.SURVEY

    yield add
    surveys.SURVEYS.clear()
    surveys.SURVEYS.update(before)


@pytest.fixture
def mailed(make, acme, smtp) -> Callable[[int], list[str]]:
    """Writes to so many people of Acme; the links they received."""

    def mail(count: int) -> list[str]:
        smtp.forget()
        for _ in range(count):
            make.told(acme)
        invitations.send_due(utcnow())
        db.session.commit()
        outbox.deliver_due(KINDS)
        texts = [mail.get_body(("plain",)).get_content() for mail in smtp]
        assert len(texts) == count
        return [re.search(r"/s/[a-z2-7]{26}", text)[0] for text in texts]

    return mail


def asked_on(page) -> set[str]:
    return {tag["name"] for tag in page.main.select("input[type=radio]")}


def test_a_new_version_is_asked_sealed_counted_and_explained(cam, acme, mailed, add_version_99):
    (before,) = mailed(1)
    for locale, text in ASKS.items():
        page = cam.get(f"{before}?lang={locale}")
        assert text not in words_of(page).replace("\xa0", " ")
    old_questions = asked_on(page)
    add_version_99()
    after = mailed(13)
    versions = sa.select(Invitation.survey_version, sa.func.count()).group_by(
        Invitation.survey_version
    )
    assert dict(db.session.execute(versions).all()) == {2: 1, 99: 13}
    for locale, text in ASKS.items():
        page = cam.get(f"{after[0]}?lang={locale}")
        assert text in words_of(page).replace("\xa0", " ")
        assert asked_on(page) == old_questions | {"prepared"}
        page = cam.get(f"{before}?lang={locale}")
        assert text not in words_of(page).replace("\xa0", " ")
        assert asked_on(page) == old_questions
    cam.post(before, LEAST | {"prepared": "yes"})  # which was not asked
    for number, link in enumerate(after[:10]):
        cam.post(link, LEAST | ({"prepared": "yes" if number < 6 else "no"} if number < 8 else {}))
    assert chosen(cam.get(after[0]))["prepared"] == "yes"
    cam.post(before, LEAST | {"overall": "5", "prepared": "no", "change": "1"})
    sealed = stored()
    assert Counter((one.survey_version, one.answers.get("prepared")) for one in sealed) == {
        (2, None): 1,
        (99, "yes"): 6,
        (99, "no"): 2,
        (99, None): 2,
    }
    batch = release(acme)
    assert batch.answers == 11
    sums = open_sums(batch, sealer())
    assert sums.total("prepared") == {"yes": 6, "no": 2}
    month = f"{batch.released_on:%Y-%m}"
    rows = list(exports.read_rows(acme, Export.COUNTS))
    assert [row[3:] for row in rows if row[:3] == (month, 11, "prepared")] == [
        ("yes", 6),
        ("partly", 0),
        ("no", 2),
        ("no_answer", 3),
    ]
    assert exports.dictionary()[Export.COUNTS]["question"].endswith("feedback or prepared.")
    assert "prepared" not in exports.dictionary()[Export.ROWS]


def test_a_link_asks_the_same_whatever_is_added_answered_anew_and_reminded(
    cam, acme, mailed, add_version_99
):
    (link,) = mailed(1)
    cam.post(link, LEAST)
    add_version_99()
    assert "prepared" not in asked_on(cam.get(link))
    cam.post(f"{link}/withdraw")
    assert "prepared" not in asked_on(cam.get(link))
    cam.post(link, LEAST | {"prepared": "yes"})
    (answer,) = stored()
    assert (answer.survey_version, "prepared" in answer.answers) == (2, False)


def test_what_cannot_be_saved_comes_back_as_it_was_asked(cam, acme, mailed, add_version_99):
    (before,) = mailed(1)
    add_version_99()
    (after,) = mailed(1)
    for link, is_asked in ((before, False), (after, True)):
        page = cam.get(link)
        hidden = {tag["name"]: tag["value"] for tag in page.form.select("input[type=hidden]")}
        with failing("INSERT INTO sealed_answer", sa.exc.OperationalError, 1):
            page = cam.post(link, hidden | LEAST | {"prepared": "no"}, status=503)
        assert ("prepared" in asked_on(page)) is is_asked
        assert chosen(page).get("prepared") == ("no" if is_asked else None)
        page = cam.post(link, hidden | {"survey": "<2>", "switch": "fr"}, status=200)
        assert ("prepared" in asked_on(page)) is is_asked


def test_a_link_of_version_1_keeps_its_wording_on_the_page_of_today(cam, make, acme):
    application, token = invited(make, acme)
    make.invitation(application).survey_version = 1
    db.session.commit()
    page = cam.get(f"/s/{token}")
    assert "How likely are you to suggest that someone you know applies to Acme" in words_of(page)
    ends = page.select_one(".star-ends").get_text(" ").split()
    assert " ".join(ends) == "1 star: very poor 5 stars: very good"
    assert page.select_one("input[name=survey]")["value"] == "1"
    assert not page.select("[name=words][checked]"), "no default, whatever the version"
    page = cam.get(f"/s/{token}?s=4")
    assert "You chose ★★★★ · change" in words_of(page)
    page = cam.post(f"/s/{token}", LEAST | {"comment": "Kind."}, status=422)
    assert page.select_one("#words[aria-invalid]")
    # What only version 2's form could have sent is read as version 1 asks.
    cam.post(f"/s/{token}", LEAST | {"survey": "2", "comment": "Kind.", "words": "public"})
    (answer,) = stored()
    assert (answer.survey_version, answer.words, answer.consent) == (1, "Kind.", "public")


def test_version_2_asks_in_other_words_what_version_1_asks():
    first, second = surveys.SURVEYS[1], surveys.SURVEYS[2]
    assert {one.key for one in first.questions} == {one.key for one in second.questions}
    for question in second.questions:
        before = first[question.key]
        assert dataclasses.replace(question, wording=before.wording) == before
        for locale, wording in question.wording.items():
            assert len(wording.options) == len(before.wording[locale].options)
