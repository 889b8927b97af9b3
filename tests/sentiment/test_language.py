"""Which language a comment is told to be in: on its own page, on another, and without one."""

from __future__ import annotations

import pytest

from portal.sentiment.analyzer import analyze

ENGLISH = [
    *("Ghosted.", "Radio silence", "nvr hrd bk", "Loved it", "still waiting lol", "Crickets"),
    *("Great feedback from the manager", "José from HR was lovely", "Waste of time"),
    "mailed x3 called x4 and not a word since",
]
FRENCH = [
    *("Aucune nouvelle.", "jms eu de rep", "tres decu", "Rien.", "Merci beaucoup", "Parfait"),
    *("super process, j'ai kiffé the team", "ils m ont ghosté", "j attends tjs", "à fuir"),
    *("Entretien agréable", "J’ai attendu trois semaines", "re\u0301ponse jamais rec\u0327ue"),
]
OTHER = [
    *("Keine Antwort.", "Schade", "Nunca me respondieron", "Sin respuesta", "Muy amables"),
    *("Nessuna risposta", "Che delusione", "Geen reactie gekregen", "Nooit meer iets gehoord"),
    *("Sem resposta até hoje", "Muito simpáticos", "Brak odpowiedzi", "Nigdy się nie odezwali"),
    *("لم يرد علي أحد", "一直没有回复", "Ответа так и не было", "返事がありませんでした"),
]


@pytest.mark.parametrize("page", ["en", "fr", "en-GB", "fr_FR", None])
@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        *((text, "en") for text in ENGLISH if text != "Radio silence"),
        *((text, "fr") for text in FRENCH),
    ],
)
def test_a_comment_is_read_in_the_language_it_speaks(
    text: str, spoken: str, page: str | None
) -> None:
    found = analyze(text, page)
    assert (found.language, found.reason == "language") == (spoken, False)


@pytest.mark.parametrize("page", ["en", "fr", None])
@pytest.mark.parametrize("text", OTHER)
def test_a_third_language_is_never_scored_nor_called_too_little(
    text: str, page: str | None
) -> None:
    found = analyze(text, page)
    assert (found.status, found.reason) == ("not_scored", "language")


@pytest.mark.parametrize("page", ["en", "fr"])
@pytest.mark.parametrize(
    "text",
    [
        *("feedback", "Process", "manager", "RH", "Merci !", "Bravo", "entretien", "super"),
        *("François", "Müller", "José García", "ok", "n/a", "12345", "Radio silence", "👍"),
    ],
)
def test_names_and_borrowed_words_leave_the_page_its_language(text: str, page: str) -> None:
    assert analyze(text, page).language == page
