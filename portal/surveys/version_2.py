"""Survey version 2, English and French: frozen once used; a change is a new version.

Asks what version 1 asks, in fewer words: keys, answers and their meaning are the same, so that
figures go on. The question that the mail's stars answer comes first. `{employer}` is the only
placeholder.
"""

from portal.surveys.questions import Kind, Leaves, Survey, ask

TOLD = ("told", ("offer", "not_chosen"))  # what can be asked of those only who were told

QUESTIONS = (
    ask(
        "overall",
        Kind.STARS,
        Leaves.OPINION,
        (
            "Overall, how was the hiring process for you?",
            "Dans l’ensemble, comment s’est passé le recrutement pour vous ?",
        ),
        ("1", "1 star: very poor", "1 étoile : très mal"),
        ("2", "2 stars: poor", "2 étoiles : mal"),
        ("3", "3 stars: fair", "3 étoiles : moyennement"),
        ("4", "4 stars: good", "4 étoiles : bien"),
        ("5", "5 stars: very good", "5 étoiles : très bien"),
        ends=(("very poor", "très mal"), ("very good", "très bien")),
        is_required=True,
        meaning="1 to 5 stars for the hiring process as a whole.",
    ),
    ask(
        "recommend",
        Kind.SCALE,
        Leaves.OPINION,
        (
            "How likely are you to suggest applying there to someone you know?",
            "Conseilleriez-vous à une personne de votre entourage d’y postuler ?",
        ),
        ends=(
            ("not at all likely", "certainement pas"),
            ("very likely", "très probablement"),
        ),
        is_required=True,
        meaning="0 to 10: how likely to suggest applying here to someone they know.",
    ),
    ask(
        "told",
        Kind.CHOICE,
        Leaves.COUNTED,
        (
            "Have you been told the outcome?",
            "Vous a-t-on communiqué le résultat ?",
        ),
        ("offer", "Yes, an offer", "Oui, une proposition"),
        ("not_chosen", "Yes, not chosen", "Oui, un refus"),
        ("withdrew", "I withdrew", "J’ai renoncé"),
        ("no", "No", "Non"),
        meaning="Whether they have been told the outcome.",
    ),
    ask(
        "heard_how",
        Kind.CHOICE,
        Leaves.COUNTED,
        (
            "How did you hear?",
            "Comment l’avez-vous appris ?",
        ),
        ("phone", "Phone, video, in person", "Téléphone, visio, en personne"),
        ("personal", "Personal message", "Message personnel"),
        ("automatic", "Automatic message", "Message automatique"),
        ("other", "Another way", "Autrement"),
        follows=TOLD,
        meaning="How those who were told heard.",
    ),
    ask(
        "feedback",
        Kind.CHOICE,
        Leaves.COUNTED,
        (
            "Did they tell you why?",
            "Vous a-t-on dit pourquoi ?",
        ),
        ("no", "No", "Non"),
        ("general", "In general terms", "En termes généraux"),
        ("specific", "Specific and useful", "Précis et utile"),
        follows=TOLD,
        meaning="Whether those who were told were told why.",
    ),
    ask(
        "chased",
        Kind.CHOICE,
        Leaves.COUNTED,
        (
            "Did you have to ask for news?",
            "Avez-vous dû demander des nouvelles ?",
        ),
        ("no", "No", "Non"),
        ("once", "Once", "Une fois"),
        ("more", "More than once", "Plus d’une fois"),
        meaning="Whether they had to ask for news.",
    ),
    ask(
        "promise",
        Kind.CHOICE,
        Leaves.COUNTED,
        (
            "Did they keep the date they gave you?",
            "La date annoncée a-t-elle été tenue ?",
        ),
        ("kept", "Yes", "Oui"),
        ("late", "Late, but they told me", "Plus tard, mais on me l’a dit"),
        ("missed", "Missed in silence", "Passée sans un mot"),
        ("no_date", "No date given", "Aucune date"),
        meaning="Whether a date was given and kept.",
    ),
    ask(
        "relationship",
        Kind.CHOICE,
        Leaves.OPINION,
        (
            "As an applicant or customer, your ties with {employer}…",
            "Comme candidat·e ou client·e, vos liens avec {employer}…",
        ),
        ("will_grow", "will grow", "vont se renforcer"),
        ("may_grow", "may grow", "pourraient se renforcer"),
        ("unchanged", "stay the same", "restent les mêmes"),
        ("elsewhere", "end: I will go elsewhere", "s’arrêtent : j’irai ailleurs"),
        meaning="Ties after this",
    ),
    ask(
        "comment",
        Kind.TEXT,
        Leaves.NEVER,
        (
            "One thing they did well, or should do differently?",
            "Une chose bien faite, ou à faire autrement ?",
        ),
        hint=(
            "Please name nobody. Words are shown in the language you write.",
            "Ne nommez personne. Vos mots sont montrés dans la langue où vous les écrivez.",
        ),
    ),
    ask(
        "words",
        Kind.CONSENT,
        Leaves.NEVER,
        (
            "What may happen to your words?",
            "Que peut-on faire de vos mots ?",
        ),
        ("counted", "Only counted, read by nobody", "Les compter, sans les lire"),
        ("employer", "{employer} may read them", "{employer} peut les lire"),
        ("public", "They may also be published", "On peut aussi les publier"),
    ),
)
SURVEY = Survey(2, QUESTIONS)
