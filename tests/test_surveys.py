"""Answers: one per invitation, changed and withdrawn by the link, read once, sealed in one size."""

import threading

import pytest
import sqlalchemy as sa

from portal import jobs, surveys
from portal.extensions import db
from portal.invitations import open_invitation
from portal.models import Invitation, Locale, SealedAnswer, TextLabel, utcnow
from portal.surveys import SURVEYS, AlreadyAnswered, AnswerReleased, Kind
from portal.surveys.sealing import WITH_WORDS
from tests.support.answers import answer, read, release, withdraw
from tests.support.readers import Reader

ANSWERS = {"recommend": 9, "overall": 4, "comment": "They called me and told me why."}


def give(token, **sent):
    given = answer(token, **ANSWERS | sent)
    db.session.commit()
    return given


def find(token):
    return surveys.find_answer(open_invitation(token, utcnow()))


def count_stored() -> int:
    return db.session.scalar(sa.select(sa.func.count(SealedAnswer.key)))


def test_an_answer_is_stored_once_and_the_second_is_told_so(app, make, acme):
    token = make.link(make.told(acme))
    give(token)
    with pytest.raises(AlreadyAnswered):
        give(token)
    db.session.rollback()
    opened = open_invitation(token, utcnow())
    with pytest.raises(AlreadyAnswered):  # who looked before the first was there
        surveys.submit_answer(opened, read(), Locale.ENGLISH, None)
    db.session.rollback()
    assert count_stored() == 1


def test_twenty_at_once_make_one_answer(app, make, acme):
    token = make.link(make.told(acme))
    outcomes = []

    def submit():
        with app.app_context():
            try:
                give(token)
                outcomes.append("stored")
            except AlreadyAnswered:
                db.session.rollback()
                outcomes.append("already")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=submit) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already"] * 19 + ["stored"]
    assert count_stored() == 1


def test_only_the_link_it_was_given_by_leads_to_an_answer(app, make, acme):
    application = make.told(acme)
    first, reminder = make.link(application), make.link(application)
    given = give(reminder)
    assert find(reminder).answer == given
    assert find(first) is None


def test_follow_up_answers_go_with_not_having_been_told():
    follow_ups = {"heard_how": "other", "feedback": "no"}
    asked = read(told="offer", chased="more", **follow_ups)
    assert follow_ups.items() <= asked.items()
    not_asked = read(told="no", chased="more", **follow_ups)
    assert not_asked == {"recommend": 5, "overall": 3, "told": "no", "chased": "more"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("nul\0 bell\a half\ud800 done ", "nul bell half done"),
        ("  ", ""),
        ("c1 \x85 del \x7f none \ufffe\ufdd0\U0001ffff", "c1  del  none"),
        ("é 日本 \u202eabc 👩‍👩‍👧", "é 日本 \u202eabc 👩‍👩‍👧"),
    ],
)
def test_comments_are_cleaned_alike_on_both_databases(app, make, acme, typed, kept):
    token = make.link(make.told(acme))
    give(token, comment=typed)
    db.session.expire_all()
    assert find(token).answer.words == kept


@pytest.mark.parametrize("comment", ["", "A few words.", "😀" * 2000, '"\\' * 1000, "\t\n" * 999])
def test_answers_of_every_length_are_sealed_in_one_size(app, make, acme, comment):
    token = make.link(make.told(acme))
    full = {question.key: question.options[-1] for question in SURVEYS[1].questions[:-2]}
    give(token, **full | {"told": "offer", "comment": comment, "words": "public"})
    sealed = db.session.scalars(sa.select(SealedAnswer.sealed)).one()
    assert len(sealed) == WITH_WORDS
    assert find(token).answer.words == comment.strip()


def test_an_answer_is_changed_until_it_is_released(app, make, acme):
    token = make.link(make.told(acme))
    give(token)
    changed = read(recommend=1, overall=1)
    surveys.change_answer(find(token), changed, Locale.FRENCH)
    db.session.commit()
    found = find(token)
    assert (found.answer.answers, found.answer.locale) == (changed, Locale.FRENCH)
    for _ in range(4):
        give(make.link(make.told(acme)))
    assert release(acme)
    for given in (found, find(token)):  # who looked before the release, too
        with pytest.raises(AnswerReleased):
            surveys.change_answer(given, read(), Locale.ENGLISH)


def test_an_answer_is_withdrawn_and_can_be_given_anew_three_times(app, make, acme):
    application = make.told(acme)
    token = make.link(application)
    give(token)
    before = db.session.execute(sa.select(Invitation.__table__)).one()
    for turn in range(3):
        withdraw(token)
        gone = find(token)
        assert (gone.answer.is_withdrawn, gone.answer.answers) == (True, {})
        with pytest.raises(AnswerReleased):
            surveys.change_answer(gone, read(), Locale.ENGLISH)
        give(token, comment=f"Number {turn}.")
        assert find(token).answer.words == f"Number {turn}."
    withdraw(token)
    with pytest.raises(AlreadyAnswered):
        give(token)
    db.session.rollback()
    assert count_stored() == 4
    assert db.session.execute(sa.select(Invitation.__table__)).one() == before


def test_every_comment_is_read_when_it_is_released(app, make, acme):
    labels = {
        "They called me two days later and told me why. Thank you!": TextLabel.POS,
        "I never heard back, not one word.": TextLabel.NEG,
        "": TextLabel.NOT_SCORED,
        "Das Gespräch war gut, aber danach habe ich leider nichts mehr gehört.": (
            TextLabel.NOT_SCORED
        ),
    }
    texts = [*labels, ""]
    tokens = [make.link(make.told(acme)) for _ in texts]
    for token, text in zip(tokens, texts, strict=True):
        give(token, comment=text)
        assert find(token).answer.label is None
    assert release(acme, reader=jobs.load_analyzer())
    assert {find(token).answer.words: find(token).answer.label for token in tokens} == labels


def test_a_comment_that_comes_back_is_not_read_again(app, make, acme):
    reader, tokens = Reader("test 1"), [make.link(make.told(acme)) for _ in range(10)]
    for number, token in enumerate(tokens[:5]):
        give(token, comment=f"Early {number}.")
    assert release(acme, reader=reader)
    assert reader.calls == 5
    withdraw(tokens[0])
    for number, token in enumerate(tokens[5:]):
        give(token, comment=f"Late {number}.")
    assert release(acme, reader=reader).answers == 9
    assert reader.calls == 10


def test_the_survey_says_the_same_in_both_languages():
    assert [question.key for question in SURVEYS[1].questions] == [
        *("recommend", "overall", "told", "heard_how", "chased", "promise"),
        *("feedback", "relationship", "comment", "words"),
    ]
    for survey in SURVEYS.values():
        for question in survey.questions:
            english, french = (question.wording[locale] for locale in Locale)
            assert english.text != french.text
            assert len(english.options) == len(french.options)
            for part in ("hint", "low_label", "high_label"):
                assert bool(getattr(english, part)) is bool(getattr(french, part))
            if question.kind in (Kind.CHOICE, Kind.CONSENT, Kind.STARS):
                assert len(english.options) == len(question.options)
