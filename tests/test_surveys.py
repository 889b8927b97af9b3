"""Answers: one per invitation, changed and withdrawn by the link, scored once per version."""

import threading

import pytest
import sqlalchemy as sa

from portal import jobs, reputation, surveys
from portal.extensions import db
from portal.invitations import open_invitation
from portal.models import (
    AnswerState,
    Chased,
    FeedbackGiven,
    HeardHow,
    Locale,
    Response,
    Score,
    Told,
    utcnow,
)
from portal.surveys import QUESTIONS, AlreadyAnswered, AnswerReleased, Answers

ANSWERS = Answers(recommend=9, overall=4, comment="They called me and told me why.")


def give(token, answers=ANSWERS):
    response = surveys.submit_response(open_invitation(token, utcnow()), answers, Locale.ENGLISH)
    db.session.commit()
    return response


def test_an_answer_is_stored_once_and_the_second_is_told_so(app, make, acme):
    token = make.link(make.told(acme))
    give(token)
    with pytest.raises(AlreadyAnswered):
        give(token)
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count(Response.id))) == 1


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
    assert db.session.scalar(sa.select(sa.func.count(Response.id))) == 1


def test_only_the_link_it_was_given_by_leads_to_an_answer(app, make, acme):
    application = make.told(acme)
    first, reminder = make.link(application), make.link(application)
    response = give(reminder)
    assert surveys.find_response(open_invitation(reminder, utcnow())).id == response.id
    assert surveys.find_response(open_invitation(first, utcnow())) is None


def test_follow_up_answers_go_with_not_having_been_told(app, make, acme):
    answers = Answers(
        recommend=0,
        overall=1,
        told=Told.NOT_TOLD,
        heard_how=HeardHow.OTHER,
        feedback=FeedbackGiven.NO,
        chased=Chased.MORE,
    )
    response = give(make.link(make.told(acme)), answers)
    assert (response.heard_how, response.feedback) == (None, None)
    assert response.chased is Chased.MORE


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
    response = give(make.link(make.told(acme)), Answers(recommend=5, overall=3, comment=typed))
    db.session.expire_all()
    assert db.session.get(Response, response.id).comment == kept


def test_an_answer_is_changed_until_it_is_released(app, make, acme):
    token = make.link(make.told(acme))
    response = give(token)
    jobs.score(utcnow())
    surveys.change_response(response, Answers(recommend=1, overall=1), Locale.FRENCH)
    db.session.commit()
    assert (response.overall, response.comment, response.locale) == (1, "", Locale.FRENCH)
    assert db.session.scalar(sa.select(sa.func.count(Score.id))) == 0
    response.is_released = True
    with pytest.raises(AnswerReleased):
        surveys.change_response(response, ANSWERS, Locale.ENGLISH)


def test_an_answer_is_withdrawn_and_can_be_given_anew(app, make, acme):
    application = make.told(acme)
    token = make.link(application)
    give(token)
    assert reputation.withdraw_answer(open_invitation(token, utcnow()), utcnow())
    db.session.commit()
    assert db.session.scalar(sa.select(sa.func.count(Response.id))) == 0
    assert make.invitation(application).answer_state is AnswerState.WITHDRAWN
    assert not reputation.withdraw_answer(open_invitation(token, utcnow()), utcnow())
    give(token)
    assert db.session.scalar(sa.select(sa.func.count(Response.id))) == 1


def test_every_answer_is_scored_once_per_version(app, make, acme):
    texts = [
        "They called me two days later and told me why. Thank you!",
        "I never heard back, not one word.",
        "",
        "Das Gespräch war gut, aber danach habe ich leider nichts mehr gehört.",
    ]
    for text in texts:
        give(make.link(make.told(acme)), Answers(recommend=5, overall=3, comment=text))
    assert jobs.score(utcnow()) == 4
    assert jobs.score(utcnow()) == 0
    rows = db.session.execute(
        sa.select(Response.comment, Score.status, Score.reason, Score.label).join(Score.response)
    )
    found = {comment: tuple(rest) for comment, *rest in rows}
    assert found[texts[0]][2] == "pos"
    assert found[texts[1]][2] == "neg"
    assert found[texts[2]][:2] == ("not_scored", "empty")
    assert found[texts[3]][:2] == ("not_scored", "language")


def test_the_survey_says_the_same_in_both_languages():
    english, french = QUESTIONS[Locale.ENGLISH], QUESTIONS[Locale.FRENCH]
    assert list(english) == list(french)
    assert list(english) == [
        *("recommend", "overall", "told", "heard_how", "chased", "promise"),
        *("feedback", "relationship", "comment", "words"),
    ]
    for key, question in english.items():
        assert [value for value, _ in question.options] == [
            value for value, _ in french[key].options
        ]
        assert question.text != french[key].text
