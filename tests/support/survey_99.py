"""Survey version 99: version 2 and one counted question more, as a next version would add it."""

from portal.models import Locale
from portal.surveys.questions import Kind, Leaves, Question, Survey, Wording
from portal.surveys.version_2 import QUESTIONS

PREPARED = Question(
    "prepared",
    Kind.CHOICE,
    Leaves.COUNTED,
    {
        Locale.ENGLISH: Wording(
            "Did you know beforehand what {employer} would ask you?",
            options=("Yes", "In part", "Not at all"),
        ),
        Locale.FRENCH: Wording(
            "Saviez-vous à l’avance ce que {employer} vous demanderait ?",
            options=("Oui", "En partie", "Pas du tout"),
        ),
    },
    options=("yes", "partly", "no"),
    meaning="Whether they knew beforehand what they would be asked.",
)
SURVEY = Survey(99, (*QUESTIONS[:-2], PREPARED, *QUESTIONS[-2:]))
