"""Survey version 1, English and French: frozen once used; a change is a new version.

The texts are data, not catalogue entries, so that nobody's answers change meaning with a
translation. `{employer}` is the only placeholder.
"""

from dataclasses import dataclass
from enum import StrEnum

from portal.models import (
    Chased,
    FeedbackGiven,
    HeardHow,
    Locale,
    PromiseKept,
    Relationship,
    Told,
    Words,
)

VERSION = 1
MAX_COMMENT = 2000


@dataclass(frozen=True)
class Question:
    """One question in one language; `options` in the order shown, value to text."""

    key: str
    text: str
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    low_label: str = ""
    high_label: str = ""


def _options(kind: type[StrEnum], *texts: str) -> tuple[tuple[str, str], ...]:
    return tuple((member.value, text) for member, text in zip(kind, texts, strict=True))


ENGLISH = (
    Question(
        "recommend",
        "How likely are you to suggest that someone you know applies to {employer}?",
        low_label="Not at all likely",
        high_label="Very likely",
    ),
    Question(
        "overall",
        "Overall, how was {employer}’s hiring process for you?",
        options=(
            ("1", "1 star: very poor"),
            ("2", "2 stars: poor"),
            ("3", "3 stars: fair"),
            ("4", "4 stars: good"),
            ("5", "5 stars: very good"),
        ),
    ),
    Question(
        "told",
        "Have you been told the outcome?",
        options=_options(
            Told,
            "Yes, I was made an offer",
            "Yes, I was not chosen",
            "I withdrew",
            "No, I have not been told",
        ),
    ),
    Question(
        "heard_how",
        "How did you hear?",
        hint="Only if you have been told.",
        options=_options(
            HeardHow,
            "By phone, by video or in person",
            "In a message written to me",
            "In an automatic message",
            "In another way",
        ),
    ),
    Question(
        "chased",
        "Did you have to ask for news?",
        options=_options(Chased, "No", "Once", "More than once"),
    ),
    Question(
        "promise",
        "Were you given a date by which you would hear, and was it kept?",
        options=_options(
            PromiseKept,
            "Yes, and it was kept",
            "It was late, but they told me so",
            "It passed without a word",
            "I was given no date",
        ),
    ),
    Question(
        "feedback",
        "Did they tell you why?",
        hint="Only if you have been told.",
        options=_options(
            FeedbackGiven, "No", "In general terms", "Yes, in a way that was specific and useful"
        ),
    ),
    Question(
        "relationship",
        "After this, your ties with {employer}…",
        hint="As a future applicant, a customer, or someone who talks about them.",
        options=_options(
            Relationship,
            "will grow",
            "may grow",
            "are unchanged",
            "will end: I will go elsewhere",
        ),
    ),
    Question(
        "comment",
        "One thing they did well, or should have done differently?",
        hint="Please name nobody, yourself included. Up to 2,000 characters.",
    ),
    Question(
        "words",
        "What may happen to your words?",
        options=_options(
            Words,
            "They are only counted, nobody reads them",
            "{employer} may read them",
            "They may also be published on {employer}’s page",
        ),
    ),
)

FRENCH = (
    Question(
        "recommend",
        "Conseilleriez-vous à une personne de votre entourage de postuler chez {employer} ?",
        low_label="Certainement pas",
        high_label="Très probablement",
    ),
    Question(
        "overall",
        "Dans l’ensemble, comment s’est passé pour vous le recrutement chez {employer} ?",
        options=(
            ("1", "1 étoile : très mal"),
            ("2", "2 étoiles : mal"),
            ("3", "3 étoiles : moyennement"),
            ("4", "4 étoiles : bien"),
            ("5", "5 étoiles : très bien"),
        ),
    ),
    Question(
        "told",
        "Vous a-t-on communiqué l’issue de votre candidature ?",
        options=_options(
            Told,
            "Oui, on m’a fait une proposition",
            "Oui, je n’ai pas été retenu·e",
            "J’ai retiré ma candidature",
            "Non, je n’en ai pas été informé·e",
        ),
    ),
    Question(
        "heard_how",
        "Comment l’avez-vous appris ?",
        hint="Seulement si vous en avez été informé·e.",
        options=_options(
            HeardHow,
            "Par téléphone, en visio ou en personne",
            "Par un message qui m’était adressé",
            "Par un message automatique",
            "Autrement",
        ),
    ),
    Question(
        "chased",
        "Avez-vous dû demander des nouvelles ?",
        options=_options(Chased, "Non", "Une fois", "Plus d’une fois"),
    ),
    Question(
        "promise",
        "Vous avait-on annoncé une date de réponse, et a-t-elle été tenue ?",
        options=_options(
            PromiseKept,
            "Oui, et elle a été tenue",
            "Il y a eu du retard, mais on m’a prévenu·e",
            "Elle est passée sans un mot",
            "On ne m’a annoncé aucune date",
        ),
    ),
    Question(
        "feedback",
        "Vous a-t-on expliqué pourquoi ?",
        hint="Seulement si vous avez été informé·e de l’issue.",
        options=_options(
            FeedbackGiven, "Non", "En termes généraux", "Oui, de façon précise et utile"
        ),
    ),
    Question(
        "relationship",
        "Après cette expérience, vos liens avec {employer}…",
        hint="Si vous postulez à nouveau, comme client·e, ou quand vous en parlez.",
        options=_options(
            Relationship,
            "vont se renforcer",
            "pourraient se renforcer",
            "restent inchangés",
            "vont s’arrêter : j’irai voir ailleurs",
        ),
    ),
    Question(
        "comment",
        "Une chose bien faite, ou qu’il aurait fallu faire autrement ?",
        hint="Merci de ne nommer personne, pas même vous. 2 000 caractères au plus.",
    ),
    Question(
        "words",
        "Que peut-on faire de vos mots ?",
        options=_options(
            Words,
            "Seulement les compter, personne ne les lit",
            "{employer} peut les lire",
            "Ils peuvent aussi paraître sur la page de {employer}",
        ),
    ),
)

QUESTIONS = {
    Locale.ENGLISH: {question.key: question for question in ENGLISH},
    Locale.FRENCH: {question.key: question for question in FRENCH},
}
