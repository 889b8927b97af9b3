"""Survey version 1, English and French: frozen once used; a change is a new version.

The texts are data, not catalogue entries, so that nobody's answers change meaning with a
translation. `{employer}` is the only placeholder.
"""

from portal.models import Locale
from portal.surveys.questions import Kind, Leaves, Question, Survey, Wording

TOLD = ("told", ("offer", "not_chosen"))  # what can be asked of those only who were told

QUESTIONS = (
    Question(
        "recommend",
        Kind.SCALE,
        Leaves.OPINION,
        {
            Locale.ENGLISH: Wording(
                "How likely are you to suggest that someone you know applies to {employer}?",
                low_label="Not at all likely",
                high_label="Very likely",
            ),
            Locale.FRENCH: Wording(
                "Conseilleriez-vous à une personne de votre entourage de postuler chez "
                "{employer} ?",
                low_label="Certainement pas",
                high_label="Très probablement",
            ),
        },
        is_required=True,
        meaning="0 to 10: how likely to suggest applying here to someone they know.",
    ),
    Question(
        "overall",
        Kind.STARS,
        Leaves.OPINION,
        {
            Locale.ENGLISH: Wording(
                "Overall, how was {employer}’s hiring process for you?",
                options=(
                    "1 star: very poor",
                    "2 stars: poor",
                    "3 stars: fair",
                    "4 stars: good",
                    "5 stars: very good",
                ),
            ),
            Locale.FRENCH: Wording(
                "Dans l’ensemble, comment s’est passé pour vous le recrutement chez {employer} ?",
                options=(
                    "1 étoile : très mal",
                    "2 étoiles : mal",
                    "3 étoiles : moyennement",
                    "4 étoiles : bien",
                    "5 étoiles : très bien",
                ),
            ),
        },
        is_required=True,
        meaning="1 to 5 stars for the hiring process as a whole.",
    ),
    Question(
        "told",
        Kind.CHOICE,
        Leaves.COUNTED,
        {
            Locale.ENGLISH: Wording(
                "Have you been told the outcome?",
                options=(
                    "Yes, I was made an offer",
                    "Yes, I was not chosen",
                    "I withdrew",
                    "No, I have not been told",
                ),
            ),
            Locale.FRENCH: Wording(
                "Vous a-t-on communiqué l’issue de votre candidature ?",
                options=(
                    "Oui, on m’a fait une proposition",
                    "Oui, je n’ai pas été retenu·e",
                    "J’ai retiré ma candidature",
                    "Non, je n’en ai pas été informé·e",
                ),
            ),
        },
        values=(
            "offer",
            "not_chosen",
            "withdrew",
            "no",
        ),
        meaning="Whether they have been told the outcome.",
    ),
    Question(
        "heard_how",
        Kind.CHOICE,
        Leaves.COUNTED,
        {
            Locale.ENGLISH: Wording(
                "How did you hear?",
                hint="Only if you have been told.",
                options=(
                    "By phone, by video or in person",
                    "In a message written to me",
                    "In an automatic message",
                    "In another way",
                ),
            ),
            Locale.FRENCH: Wording(
                "Comment l’avez-vous appris ?",
                hint="Seulement si vous en avez été informé·e.",
                options=(
                    "Par téléphone, en visio ou en personne",
                    "Par un message qui m’était adressé",
                    "Par un message automatique",
                    "Autrement",
                ),
            ),
        },
        values=(
            "phone",
            "personal",
            "automatic",
            "other",
        ),
        follows=TOLD,
        meaning="How those who were told heard.",
    ),
    Question(
        "chased",
        Kind.CHOICE,
        Leaves.COUNTED,
        {
            Locale.ENGLISH: Wording(
                "Did you have to ask for news?",
                options=(
                    "No",
                    "Once",
                    "More than once",
                ),
            ),
            Locale.FRENCH: Wording(
                "Avez-vous dû demander des nouvelles ?",
                options=(
                    "Non",
                    "Une fois",
                    "Plus d’une fois",
                ),
            ),
        },
        values=(
            "no",
            "once",
            "more",
        ),
        meaning="Whether they had to ask for news.",
    ),
    Question(
        "promise",
        Kind.CHOICE,
        Leaves.COUNTED,
        {
            Locale.ENGLISH: Wording(
                "Were you given a date by which you would hear, and was it kept?",
                options=(
                    "Yes, and it was kept",
                    "It was late, but they told me so",
                    "It passed without a word",
                    "I was given no date",
                ),
            ),
            Locale.FRENCH: Wording(
                "Vous avait-on annoncé une date de réponse, et a-t-elle été tenue ?",
                options=(
                    "Oui, et elle a été tenue",
                    "Il y a eu du retard, mais on m’a prévenu·e",
                    "Elle est passée sans un mot",
                    "On ne m’a annoncé aucune date",
                ),
            ),
        },
        values=(
            "kept",
            "late",
            "missed",
            "no_date",
        ),
        meaning="Whether a date was given and kept.",
    ),
    Question(
        "feedback",
        Kind.CHOICE,
        Leaves.COUNTED,
        {
            Locale.ENGLISH: Wording(
                "Did they tell you why?",
                hint="Only if you have been told.",
                options=(
                    "No",
                    "In general terms",
                    "Yes, in a way that was specific and useful",
                ),
            ),
            Locale.FRENCH: Wording(
                "Vous a-t-on expliqué pourquoi ?",
                hint="Seulement si vous avez été informé·e de l’issue.",
                options=(
                    "Non",
                    "En termes généraux",
                    "Oui, de façon précise et utile",
                ),
            ),
        },
        values=(
            "no",
            "general",
            "specific",
        ),
        follows=TOLD,
        meaning="Whether those who were told were told why.",
    ),
    Question(
        "relationship",
        Kind.CHOICE,
        Leaves.OPINION,
        {
            Locale.ENGLISH: Wording(
                "After this, your ties with {employer}…",
                hint="As a future applicant, a customer, or someone who talks about them.",
                options=(
                    "will grow",
                    "may grow",
                    "are unchanged",
                    "will end: I will go elsewhere",
                ),
            ),
            Locale.FRENCH: Wording(
                "Après cette expérience, vos liens avec {employer}…",
                hint="Si vous postulez à nouveau, comme client·e, ou quand vous en parlez.",
                options=(
                    "vont se renforcer",
                    "pourraient se renforcer",
                    "restent inchangés",
                    "vont s’arrêter : j’irai voir ailleurs",
                ),
            ),
        },
        values=(
            "will_grow",
            "may_grow",
            "unchanged",
            "elsewhere",
        ),
        meaning="Ties after this",
    ),
    Question(
        "comment",
        Kind.TEXT,
        Leaves.NEVER,
        {
            Locale.ENGLISH: Wording(
                "One thing they did well, or should have done differently?",
                hint="Please name nobody, yourself included. Up to 2,000 characters.",
            ),
            Locale.FRENCH: Wording(
                "Une chose bien faite, ou qu’il aurait fallu faire autrement ?",
                hint="Merci de ne nommer personne, pas même vous. 2 000 caractères au plus.",
            ),
        },
    ),
    Question(
        "words",
        Kind.CONSENT,
        Leaves.NEVER,
        {
            Locale.ENGLISH: Wording(
                "What may happen to your words?",
                options=(
                    "They are only counted, nobody reads them",
                    "{employer} may read them",
                    "They may also be published on {employer}’s page",
                ),
            ),
            Locale.FRENCH: Wording(
                "Que peut-on faire de vos mots ?",
                options=(
                    "Seulement les compter, personne ne les lit",
                    "{employer} peut les lire",
                    "Ils peuvent aussi paraître sur la page de {employer}",
                ),
            ),
        },
        values=(
            "counted",
            "employer",
            "public",
        ),
    ),
)
SURVEY = Survey(1, QUESTIONS)
