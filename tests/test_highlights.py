"""Marks on a published comment: where the phrases stand, and never on what was taken out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import jobs
from portal.exports import Part, mark_phrases, words_by_aspect
from portal.surveys import REMOVED, redact


def phrase(comment: str, text: str, weight: float = 0.8) -> dict:
    start = comment.index(text)
    return {"text": text, "start": start, "end": start + len(text), "weight": weight, "rule": None}


def marked(parts: list[Part]) -> list[str]:
    return [part.text for part in parts if part.weight]


def test_phrases_behind_what_was_removed_are_marked_where_they_stand():
    comment = redact("Write to cam@example.com or +1 555 010 0199: never heard back, sadly.")
    parts = mark_phrases(comment, [phrase(comment, "never heard back", -1.0)])
    assert parts == [
        Part("Write to "),
        Part(REMOVED),
        Part(" or "),
        Part(REMOVED),
        Part(": "),
        Part("never heard back", -1.0),
        Part(", sadly."),
    ]


@pytest.mark.parametrize("touching", ["[", "wrote to [rem", "[removed] and", "moved", "removed"])
def test_a_phrase_that_touches_what_was_removed_is_not_marked(touching):
    """A mark on [removed] would seem to tell what kind of word stood there."""
    comment = redact("I wrote to rude@example.com and heard nothing.")
    phrases = [phrase(comment, touching, -0.9), phrase(comment, "heard nothing", -0.9)]
    parts = mark_phrases(comment, phrases)
    assert marked(parts) == ["heard nothing"]
    assert "".join(part.text for part in parts) == comment


def test_what_does_not_stand_there_or_overlaps_or_weighs_nothing_is_left_out():
    comment = "Kind people, good talk."
    wrong = phrase(comment, "good") | {"start": 0, "end": 4}
    beyond = {"text": "", "start": 40, "end": 44, "weight": 1.0, "rule": None}
    first, inside = phrase(comment, "Kind people"), phrase(comment, "people")
    neutral = phrase(comment, "talk", 0.0)
    parts = mark_phrases(comment, [first, inside, wrong, beyond, neutral])
    assert marked(parts) == ["Kind people"]
    assert mark_phrases("", []) == []


PIECES = st.sampled_from(
    [
        *("a@b.example", "www.x.example/y", "+44 20 7946 0958", "@someone", "never heard back"),
        *(" ", "\n", "Ünïcode ", "😀", "شكرا", "good", "<b>&amp;</b>", ". "),
    ]
)


@given(st.lists(PIECES, max_size=12), st.lists(st.tuples(st.integers(0, 80), st.integers(1, 30))))
def test_parts_read_as_the_published_comment_and_marks_as_the_phrases(pieces, places):
    comment = redact("".join(pieces))
    phrases = [
        {"text": comment[at : at + size], "start": at, "end": at + size, "weight": -0.5}
        for at, size in places
        if at + size <= len(comment)
    ]
    parts = mark_phrases(comment, phrases)
    assert "".join(part.text for part in parts) == comment
    assert REMOVED not in "".join(marked(parts))
    assert set(marked(parts)) <= {phrase["text"] for phrase in phrases}
    assert all(part.text for part in parts)


@pytest.mark.parametrize(
    ("comment", "language", "expected"),
    [
        (
            "Reach me at cam@example.com. Great interview, but I never heard back\nfrom them.",
            "en",
            "never heard back",
        ),
        (
            "Mon numéro : 01 23 45 67 89. Je n’ai jamais eu de réponse.",
            "fr",
            "jamais eu de réponse",
        ),
    ],
)
def test_the_analyzers_own_places_fit_the_comment_as_published(comment, language, expected):
    comment = redact(comment)
    reading = jobs.load_analyzer()(comment, language)
    parts = mark_phrases(comment, reading.phrases)
    assert any(expected in text for text in marked(parts)), parts
    assert "".join(part.text for part in parts) == comment


def test_words_of_an_aspect_are_named_once_and_never_around_what_was_removed():
    comment = redact("Told cam@example.com the outcome.\nNo feedback, no\nFeedback. No reply.")

    def found(aspect: str, text: str) -> dict:
        start = comment.index(text)
        return {"aspect": aspect, "text": text, "start": start, "end": start + len(text)}

    words = [
        found("informed", "Told [removed] the outcome"),
        found("feedback", "No feedback"),
        found("feedback", "no\nFeedback"),
        found("informed", "No reply"),
        found("respect", "No reply") | {"start": 0, "end": 8},
    ]
    assert words_by_aspect(comment, words) == {
        "feedback": ["No feedback"],
        "informed": ["No reply"],
    }


@pytest.mark.parametrize(
    ("comment", "language", "expected"),
    [
        (
            "Six rounds, then a standard letter after five weeks. No reason given.",
            "en",
            {
                "process_length": ["Six rounds"],
                "feedback": ["standard letter", "No reason"],
                "respect": ["standard letter"],
                "timeliness": ["after five weeks"],
                "informed": ["No reason given"],
            },
        ),
        (
            "Entretien annulé deux fois, puis plus de nouvelles. On ne m’a pas dit pourquoi.",
            "fr",
            {
                "preparedness": ["annulé deux fois"],
                "timeliness": ["annulé deux fois"],
                "informed": ["nouvelles"],
                "feedback": ["pourquoi"],
            },
        ),
        ("I met them at the career fair. It was fairly easy to resume my work.", "en", {}),
    ],
)
def test_what_a_comment_speaks_of_is_shown_by_its_own_words(comment, language, expected):
    reading = jobs.load_analyzer()(comment, language)
    assert words_by_aspect(comment, reading.aspect_words) == expected
