"""Survey version 2, English and French: frozen once used; a change is a new version.

Asks what version 1 asks, in fewer words, so that figures go on. The question that the mail's stars
answer comes first. `{employer}` is the only placeholder.
"""

from portal.surveys.questions import Survey, reword
from portal.surveys.version_1 import SURVEY as V1

QUESTIONS = (
    reword(
        V1["overall"],
        "Overall, how was the hiring process for you?",
        "Dans l’ensemble, comment s’est passé le recrutement pour vous ?",
        ends=(("very poor", "très mal"), ("very good", "très bien")),
    ),
    reword(
        V1["recommend"],
        "How likely are you to suggest applying there to someone you know?",
        "Conseilleriez-vous à une personne de votre entourage d’y postuler ?",
        ends=(("not at all likely", "certainement pas"), ("very likely", "très probablement")),
    ),
    reword(
        V1["told"],
        "Have you been told the outcome?",
        "Vous a-t-on communiqué le résultat ?",
        ("Yes, an offer", "Oui, une proposition"),
        ("Yes, not chosen", "Oui, un refus"),
        ("I withdrew", "J’ai renoncé"),
        ("No", "Non"),
    ),
    reword(
        V1["heard_how"],
        "How did you hear?",
        "Comment l’avez-vous appris ?",
        ("Phone, video, in person", "Téléphone, visio, en personne"),
        ("Personal message", "Message personnel"),
        ("Automatic message", "Message automatique"),
        ("Another way", "Autrement"),
    ),
    reword(
        V1["feedback"],
        "Did they tell you why?",
        "Vous a-t-on dit pourquoi ?",
        ("No", "Non"),
        ("In general terms", "En termes généraux"),
        ("Specific and useful", "Précis et utile"),
    ),
    reword(
        V1["chased"],
        "Did you have to ask for news?",
        "Avez-vous dû demander des nouvelles ?",
    ),
    reword(
        V1["promise"],
        "Did they keep the date they gave you?",
        "La date annoncée a-t-elle été tenue ?",
        ("Yes", "Oui"),
        ("Late, but they told me", "Plus tard, mais on me l’a dit"),
        ("Missed in silence", "Passée sans un mot"),
        ("No date given", "Aucune date"),
    ),
    reword(
        V1["relationship"],
        "As an applicant or customer, your ties with {employer}…",
        "Comme candidat·e ou client·e, vos liens avec {employer}…",
        ("will grow", "vont se renforcer"),
        ("may grow", "pourraient se renforcer"),
        ("stay the same", "restent les mêmes"),
        ("end: I will go elsewhere", "s’arrêtent : j’irai ailleurs"),
    ),
    reword(
        V1["comment"],
        "One thing they did well, or should do differently?",
        "Une chose bien faite, ou à faire autrement ?",
        hint=(
            "Please name nobody. Words are shown in the language you write.",
            "Ne nommez personne. Vos mots sont montrés dans la langue où vous les écrivez.",
        ),
    ),
    reword(
        V1["words"],
        "What may happen to your words?",
        "Que peut-on faire de vos mots ?",
        ("Only counted, read by nobody", "Les compter, sans les lire"),
        ("{employer} may read them", "{employer} peut les lire"),
        ("They may also be published", "On peut aussi les publier"),
    ),
)
SURVEY = Survey(2, QUESTIONS)
