"""Words as they were meant, ratings, pictures and unseen characters, each with its true place."""

from __future__ import annotations

import tomllib

import pytest

from portal.sentiment.analyzer import analyze
from portal.sentiment.resources import DATA
from portal.sentiment.spellings import meant_words
from portal.sentiment.tokens import tokenise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("8/10", ["4★"]),
        ("2/10", ["1★"]),
        ("14/20", ["4★"]),
        ("4/5", ["4★"]),
        ("7,5/10", ["4★"]),
        ("9 out of 10", ["5★"]),
        ("3 sur 10", ["2★"]),
        ("★★☆☆☆", ["2★"]),
        ("★★★★★", ["5★"]),
        ("⭐⭐⭐⭐⭐", ["5★"]),
        ("⭐️⭐️", ["2★"]),
        ("5 stars", ["5★"]),
        ("2-star", ["2★"]),
        ("1 étoile", ["1★"]),
        ("2/3", ["#", "#"]),
        ("24/7", ["#", "#"]),
        ("12/10", ["#"]),
        ("5/10/2024", ["#", "#", "#"]),
        ("9/10 questions", ["#", "#", "questions"]),
        ("on 5/10", ["on", "#"]),
        ("le 5/10", ["le", "#"]),
        ("❤️ ❤", ["❤", "❤"]),
        ("👍🏽", ["👍"]),
        ("🤦🏽‍♀️", ["🤦"]),
        (":))) :-((", [":)", ":-("]),
        ("\u200b\ufeff", []),
    ],
)
def test_ratings_and_pictures_are_words(text: str, words: list[str]) -> None:
    assert tokenise(text, "zz").words == words


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("nvr hrd bk", "en", ["never", "heard", "back"]),
        ("NVR recieved a responce", "en", ["never", "received", "a", "response"]),
        ("jms eu de rep", "fr", ["jamais", "eu", "de", "reponse"]),
        ("très bon acceuil", "fr", ["tres", "bon", "accueil"]),
        ("never he\u200bard ba\u00adck", "en", ["never", "heard", "back"]),
        ("re\u0301\u2060ponse", "fr", ["reponse"]),
    ],
)
def test_a_word_is_what_was_meant_and_stands_where_it_was_typed(
    text: str, language: str, words: list[str]
) -> None:
    tokens = tokenise(text, language)
    assert tokens.words == words
    assert [text[slice(*place.span())] for place in tokens.places] == text.split()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_spelling_is_one_word_that_leads_to_another(language: str) -> None:
    table = tomllib.loads((DATA / language / "words.toml").read_text(encoding="utf-8"))
    typed = [word for many in table["spellings"].values() for word in many.split()]
    assert len(typed) == len(set(typed)) >= 100
    meant = meant_words(language)
    for word in typed:
        assert tokenise(word, language).words == [meant[word]]
        assert meant[word] not in meant


@pytest.mark.parametrize(
    ("text", "label"),
    [
        *(
            ("9/10", "pos"),
            ("10/10 would apply again", "pos"),
            ("⭐⭐⭐⭐⭐", "pos"),
            ("👍🏽", "pos"),
        ),
        *(("2/10", "neg"), ("1 star", "neg"), ("★☆☆☆☆", "neg"), ("🐌", "neg"), ("❤️", "pos")),
    ],
)
def test_a_high_rating_is_praise_and_a_low_one_blame(text: str, label: str) -> None:
    assert [analyze(text, page).label for page in ("en", "fr")] == [label, label]


@pytest.mark.parametrize("text", [*"\u200b\ufeff\u2060\u3164\u2800\u00ad", "\u200b \u3164\n"])
def test_a_text_nobody_can_see_is_empty(text: str) -> None:
    assert analyze(text, "en").reason == "empty"


@pytest.mark.parametrize(
    "piece", ["1/", "1 ", "★", "👍\u200d", "a\u200b", "\u200b", "1 out of ", ":)"]
)
def test_hostile_marks_are_survived(piece: str) -> None:
    tokenise(piece * 20_000)
