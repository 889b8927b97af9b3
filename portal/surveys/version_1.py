"""Survey version 1, English and French: frozen once used; a change is a new version.

The texts are data, not catalogue entries, so that nobody's answers change meaning with a
translation. `{employer}` is the only placeholder. Each text stands in both languages.
"""

from functools import partial

from portal.surveys.questions import Kind, Leaves, Survey, ask

TOLD = ("told", ("offer", "not_chosen"))  # what can be asked of those only who were told
_counted = partial(ask, Kind.CHOICE, Leaves.COUNTED)

QUESTIONS = (
    ask(
        Kind.SCALE,
        Leaves.OPINION,
        "recommend",
        "How likely are you to suggest that someone you know applies to {employer}?",
        "Conseilleriez-vous à une personne de votre entourage de postuler chez {employer} ?",
        ends=(("Not at all likely", "Certainement pas"), ("Very likely", "Très probablement")),
        is_required=True,
        meaning="0 to 10: how likely to suggest applying here to someone they know.",
    ),
    ask(
        Kind.STARS,
        Leaves.OPINION,
        "overall",
        "Overall, how was {employer}’s hiring process for you?",
        "Dans l’ensemble, comment s’est passé pour vous le recrutement chez {employer} ?",
        ("1", "1 star: very poor", "1 étoile : très mal"),
        ("2", "2 stars: poor", "2 étoiles : mal"),
        ("3", "3 stars: fair", "3 étoiles : moyennement"),
        ("4", "4 stars: good", "4 étoiles : bien"),
        ("5", "5 stars: very good", "5 étoiles : très bien"),
        is_required=True,
        meaning="1 to 5 stars for the hiring process as a whole.",
    ),
    _counted(
        "told",
        "Have you been told the outcome?",
        "Vous a-t-on communiqué l’issue de votre candidature ?",
        ("offer", "Yes, I was made an offer", "Oui, on m’a fait une proposition"),
        ("not_chosen", "Yes, I was not chosen", "Oui, je n’ai pas été retenu·e"),
        ("withdrew", "I withdrew", "J’ai retiré ma candidature"),
        ("no", "No, I have not been told", "Non, je n’en ai pas été informé·e"),
        meaning="Whether they have been told the outcome.",
    ),
    _counted(
        "heard_how",
        "How did you hear?",
        "Comment l’avez-vous appris ?",
        ("phone", "By phone, by video or in person", "Par téléphone, en visio ou en personne"),
        ("personal", "In a message written to me", "Par un message qui m’était adressé"),
        ("automatic", "In an automatic message", "Par un message automatique"),
        ("other", "In another way", "Autrement"),
        hint=("Only if you have been told.", "Seulement si vous en avez été informé·e."),
        follows=TOLD,
        meaning="How those who were told heard.",
    ),
    _counted(
        "chased",
        "Did you have to ask for news?",
        "Avez-vous dû demander des nouvelles ?",
        ("no", "No", "Non"),
        ("once", "Once", "Une fois"),
        ("more", "More than once", "Plus d’une fois"),
        meaning="Whether they had to ask for news.",
    ),
    _counted(
        "promise",
        "Were you given a date by which you would hear, and was it kept?",
        "Vous avait-on annoncé une date de réponse, et a-t-elle été tenue ?",
        ("kept", "Yes, and it was kept", "Oui, et elle a été tenue"),
        ("late", "It was late, but they told me so", "Il y a eu du retard, mais on m’a prévenu·e"),
        ("missed", "It passed without a word", "Elle est passée sans un mot"),
        ("no_date", "I was given no date", "On ne m’a annoncé aucune date"),
        meaning="Whether a date was given and kept.",
    ),
    _counted(
        "feedback",
        "Did they tell you why?",
        "Vous a-t-on expliqué pourquoi ?",
        ("no", "No", "Non"),
        ("general", "In general terms", "En termes généraux"),
        (
            "specific",
            "Yes, in a way that was specific and useful",
            "Oui, de façon précise et utile",
        ),
        hint=("Only if you have been told.", "Seulement si vous avez été informé·e de l’issue."),
        follows=TOLD,
        meaning="Whether those who were told were told why.",
    ),
    ask(
        Kind.CHOICE,
        Leaves.OPINION,
        "relationship",
        "After this, your ties with {employer}…",
        "Après cette expérience, vos liens avec {employer}…",
        ("will_grow", "will grow", "vont se renforcer"),
        ("may_grow", "may grow", "pourraient se renforcer"),
        ("unchanged", "are unchanged", "restent inchangés"),
        ("elsewhere", "will end: I will go elsewhere", "vont s’arrêter : j’irai voir ailleurs"),
        hint=(
            "As a future applicant, a customer, or someone who talks about them.",
            "Si vous postulez à nouveau, comme client·e, ou quand vous en parlez.",
        ),
        meaning="Ties after this",
    ),
    ask(
        Kind.TEXT,
        Leaves.NEVER,
        "comment",
        "One thing they did well, or should have done differently?",
        "Une chose bien faite, ou qu’il aurait fallu faire autrement ?",
        hint=(
            "Please name nobody, yourself included. Up to 2,000 characters.",
            "Merci de ne nommer personne, pas même vous. 2 000 caractères au plus.",
        ),
    ),
    ask(
        Kind.CONSENT,
        Leaves.NEVER,
        "words",
        "What may happen to your words?",
        "Que peut-on faire de vos mots ?",
        (
            "counted",
            "They are only counted, nobody reads them",
            "Seulement les compter, personne ne les lit",
        ),
        ("employer", "{employer} may read them", "{employer} peut les lire"),
        (
            "public",
            "They may also be published on {employer}’s page",
            "Ils peuvent aussi paraître sur la page de {employer}",
        ),
    ),
)
SURVEY = Survey(1, QUESTIONS)
