"""The analyzer's promises: fields, phrases, abstention, odd text, purity, time."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textblob import TextBlob

from portal.sentiment.analyzer import Calibration, CommunicationAnalyzer, analyze

UGLY = [
    "",
    " \n\t",
    "\x00",
    "\ud800 broken \udfff",
    "a" * 10_000,
    "'" * 500,
    "e\u0301" * 300,
    "<script>alert('never heard back')</script>",
    "https://example.org/a?b=c",
    "👍👍👎",
    "\u202enever heard back",
    "no, no, no, no, " * 50,
    ". . . ! ? … ;",
    "İİİ never heard back",
]

RULE_WORDS = ["never", "not", "heard", "back", "but", "great", "yet", ".", ",", "no", "they", "me"]


@pytest.mark.parametrize("text", UGLY)
@pytest.mark.parametrize("language", [None, "en", "fr", "zz", ""])
def test_odd_text_never_raises_and_keeps_the_fields_consistent(
    text: str, language: str | None
) -> None:
    check_consistent(text, analyze(text, language))


def check_consistent(text: str, found) -> None:
    for phrase in found.phrases:
        assert phrase["text"] == text[phrase["start"] : phrase["end"]]
        assert -1.0 <= phrase["weight"] <= 1.0
    for words in found.aspect_words:
        assert words["text"] == text[words["start"] : words["end"]] != ""
    assert found.aspects == sorted({words["aspect"] for words in found.aspect_words})
    edges = [edge for phrase in found.phrases for edge in (phrase["start"], phrase["end"])]
    assert edges == sorted(edges), "in text order, none over another"
    if found.status == "not_scored":
        assert found.reason in ("language", "too_little_text", "empty")
        assert (found.label, found.p, found.q, found.score, found.stars_estimate) == (None,) * 5
        assert found.polarity == 0.0
    else:
        assert found.reason is None
        assert found.label == ("pos" if found.q >= 0.5 else "neg")
        assert found.polarity == pytest.approx(2 * found.q - 1)
        assert found.score == round(100 * found.q)
        assert found.stars_estimate == round(1 + 4 * found.q, 1)
        assert 0.0 <= found.subjectivity <= 1.0
        assert found.status == "unclear" or not 0.45 < found.q < 0.55


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_survived(text: str) -> None:
    check_consistent(text, analyze(text, "en"))


@given(
    st.lists(
        st.sampled_from(
            [
                "never",
                "not",
                "heard",
                "back",
                "but",
                "great",
                "yet",
                ".",
                ",",
                "no",
                "they",
                "told",
                "me",
            ]
        )
    )
)
@settings(max_examples=150, deadline=None)
def test_any_order_of_rule_words_is_survived(words: list[str]) -> None:
    text = " ".join(words)
    check_consistent(text, analyze(text, "en"))


def test_works_inside_textblob() -> None:
    text = "They kept me informed at every step."
    assert TextBlob(text, analyzer=CommunicationAnalyzer()).sentiment == analyze(text)


def test_result_can_be_pickled_and_is_the_same_every_time() -> None:
    found = analyze("Great interview, but then nothing. Not a word since.")
    assert pickle.loads(pickle.dumps(found)) == found
    assert analyze("Great interview, but then nothing. Not a word since.") == found


@pytest.mark.parametrize(
    "text",
    [
        "I never heard back from them.",
        "Great interview, but then nothing. Not a word since.",
        "I never heard back, not from anybody.",
        "I never heard back’, they didn’t reply.",
    ],
)
def test_silence_is_negative(text: str) -> None:
    assert analyze(text).label == "neg"


@pytest.mark.parametrize(
    "text",
    [
        "They kept me informed at every step.",
        "I never had to chase anybody.",
        "I was turned down, but the feedback was detailed and useful.",
        "Nobody was rude and nothing was hidden.",
    ],
)
def test_good_communication_is_positive(text: str) -> None:
    assert analyze(text).label == "pos"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        ("n/a", "too_little_text"),
        ("none", "too_little_text"),
        ("ok", "too_little_text"),
        ("RAS", "too_little_text"),
        ("https://example.org/x", "too_little_text"),
        ("12345", "too_little_text"),
        ("Die Firma hat mir nie geantwortet und das war sehr schade.", "language"),
        ("面试官非常友好，但是之后就没有消息了", "language"),
    ],
)
def test_nothing_to_score_is_not_scored(text: str, reason: str) -> None:
    found = analyze(text, "en")
    assert (found.status, found.reason) == ("not_scored", reason)


def test_typographic_and_composed_letters_score_the_same() -> None:
    assert analyze("They didn’t reply.", "en").q == analyze("They didn't reply.", "en").q
    composed = analyze("The café was nice and they replied promptly.", "en")
    apart = analyze("The cafe\u0301 was nice and they replied promptly.", "en")
    assert composed.q == apart.q


def test_clause_after_but_counts_more() -> None:
    ends_well = analyze("They were late, but the talk was great.", "en").q
    ends_badly = analyze("The talk was great, but they were late.", "en").q
    assert ends_well is not None
    assert ends_badly is not None
    assert ends_badly < ends_well


def test_calibration_moves_p_and_pivot_only() -> None:
    text = "They kept me informed at every step."
    plain = analyze(text)
    same = analyze(text, calibration=Calibration(1.0, 0.0, 0.5))
    assert same.p == plain.p
    assert same.q == pytest.approx(same.p)
    shifted = analyze(text, calibration=Calibration(2.0, -1.0, 0.5))
    assert plain.p is not None
    assert shifted.p is not None
    logit = math.log(plain.p / (1 - plain.p))
    assert shifted.p == pytest.approx(1 / (1 + math.exp(-(2.0 * logit - 1.0))))


def test_package_import_loads_no_textblob() -> None:
    code = "import sys, portal.sentiment; sys.exit('textblob' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("done", "only_said"),
    [
        ("They sent detailed feedback.", "They promised me detailed feedback."),
        ("They were clear and friendly.", "They should be clear and friendly."),
        ("They gave honest feedback.", "They could have given honest feedback."),
    ],
)
def test_what_was_promised_or_wished_for_is_no_praise(done: str, only_said: str) -> None:
    assert analyze(done, "en").label == "pos"
    praise = [phrase["weight"] for phrase in analyze(only_said, "en").phrases]
    assert praise
    assert max(praise) <= 0
    assert max(phrase["weight"] for phrase in analyze(f"As promised, {done}", "en").phrases) > 0


@pytest.mark.parametrize(
    ("text", "language", "phrase", "is_praise"),
    [
        ("They were not friendly.", "en", "not friendly", False),
        ("They didn't treat me well.", "en", "didn't treat me well", False),
        ("It was never nice or pleasant there.", "en", "never nice or pleasant", False),
        ("Not a rude person in the place.", "en", "Not a rude", True),
        ("The panel was not awful.", "en", "not awful", True),
        ("They promised a quick answer.", "en", "promised a quick answer", False),
        ("They should have been friendly.", "en", "should have been friendly", False),
        ("They could have given honest feedback.", "en", "could have given honest feedback", False),
        ("Ils n’ont pas été sympathiques.", "fr", "pas été sympathiques", False),
        ("Personne n’a été désagréable.", "fr", "Personne n’a été désagréable", True),
    ],
)
def test_a_phrase_begins_at_the_word_that_turns_it(
    text: str, language: str, phrase: str, is_praise: bool
) -> None:
    """A mark on "friendly" alone would say the opposite of its sign."""
    [found] = analyze(text, language).phrases
    assert (found["text"], found["weight"] > 0) == (phrase, is_praise)


def test_a_phrase_ends_with_a_word() -> None:
    found = analyze("They were friendly, but slow to reply.", "en").phrases
    assert "friendly" in [phrase["text"] for phrase in found]


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("Thank u so much for everything, the whole team was lovely.", "en", "pos"),
        ("When the panel was postponed I was warned a full week ahead.", "en", "pos"),
        ("Lovely office, shame about the way they dropped me without a word.", "en", "neg"),
        ("Had they told me the range I would not have wasted a day of leave.", "en", "neg"),
        ("Keep doing what you're doing!", "en", "pos"),
        ("La personne au téléphone était d'une gentillesse rare.", "fr", "pos"),
        ("Charmants sur place, muets ensuite.", "fr", "neg"),
        ("Personne ne m'a pris de haut.", "fr", "pos"),
    ],
)
def test_what_once_misled_it_leans_the_right_way(text: str, language: str, right: str) -> None:
    assert analyze(text, language).label == right


def test_no_comment_is_no_silence() -> None:
    assert analyze("I have no comment at this time.", "en").reason == "too_little_text"
