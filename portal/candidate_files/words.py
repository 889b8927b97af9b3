"""Names of columns and values in English, French, German and Spanish. Data, nothing else.

Written as `plain` makes them: lower case, no accents, no punctuation. Only what can mean one thing
is here; everything else is asked.
"""

import re
import unicodedata
from collections.abc import Mapping

from portal.models import Channel, Feedback, Locale, Outcome, RoleFamily, StageGroup

NOT_WORD = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """TEXT as it is looked up: `Prénom (candidat)` and `prenom_candidat` are the same."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    marked = (sign for sign in bare if not unicodedata.combining(sign))
    return NOT_WORD.sub(" ", "".join(marked)).strip()


def _table(text: Mapping[str, str]) -> dict[str, str]:
    pairs = [(word, key) for key, words in text.items() for word in words.split("|")]
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("a word stands in the table twice")
    return table


HEADERS = _table(
    {
        "external_id": "external id|application id|application number|application no"
        "|application reference|id candidature|identifiant de candidature"
        "|numero de candidature|bewerbungs id|bewerbungsnummer|id de candidatura"
        "|id de solicitud|numero de solicitud",
        "name": "name|full name|candidate name|candidate|applicant name|applicant"
        "|nom|nom complet|nom et prenom|prenom et nom|nom du candidat|candidat"
        "|vollstandiger name|name des bewerbers|bewerber|bewerbername|kandidat"
        "|nombre|nombre completo|nombre y apellidos|nombre del candidato|candidato",
        "first_name": "first name|firstname|given name|forename|candidate first name"
        "|prenom|prenom du candidat|vorname|nombre de pila",
        "last_name": "last name|lastname|surname|family name|candidate last name"
        "|nom de famille|nachname|familienname|apellido|apellidos",
        "email": "email|e mail|mail|email address|e mail address|candidate email"
        "|candidate e mail|candidate email address|applicant email|primary email"
        "|courriel|adresse email|adresse e mail|adresse mail|adresse courriel"
        "|email du candidat|courriel du candidat|e mail adresse|emailadresse|mailadresse"
        "|correo|correo electronico|direccion de correo|direccion de correo electronico"
        "|email del candidato",
        "role": "role|role title|job|job title|job name|position|position title|requisition"
        "|requisition title|vacancy|posting|posting title|applied for"
        "|poste|titre du poste|intitule du poste|offre d emploi"
        "|stelle|stellenbezeichnung|stellentitel|jobtitel"
        "|puesto|puesto de trabajo|vacante|cargo",
        "role_family": "role family|job family|famille de metiers|jobfamilie|familia de puestos",
        # Not "team": files that have both mean two things by them.
        "department": "department|department name|hiring department|job department|division"
        "|departement|departement d embauche|service|service recruteur|abteilung|departamento",
        "stage": "stage|current stage|last stage|stage reached|candidate stage|interview stage"
        "|pipeline stage|etape|etape actuelle|derniere etape|phase|aktuelle phase"
        "|bewerbungsphase|etapa|etapa actual|fase",
        "last_interview_on": "last interview on|last interview|last interview date"
        "|date of last interview|interview date|dernier entretien|date du dernier entretien"
        "|date de l entretien|date d entretien|letztes gesprach|letztes interview"
        "|letztes vorstellungsgesprach|datum des letzten gesprachs|ultima entrevista"
        "|fecha de la ultima entrevista|fecha de entrevista",
        "outcome": "outcome|decision|final decision|hiring decision|result|status|final status"
        "|resultat|statut|ergebnis|entscheidung|resultado|estado",
        "decided_on": "decided on|decided at|date decided|decision date|date of decision"
        "|outcome date|date de decision|date de la decision|decide le|entscheidungsdatum"
        "|entschieden am|datum der entscheidung|fecha de decision|fecha de la decision"
        "|decidido el",
        "told_on": "told on|told at|date told|informed on|date informed|candidate informed on"
        "|notified on|informe le|candidat informe le|prevenu le|informiert am"
        "|benachrichtigt am|mitgeteilt am|informado el|notificado el|comunicado el",
        "channel": "channel|told by|told via|informed by|canal|kanal|informiert per",
        "feedback": "feedback|feedback given|retour donne|ruckmeldung|retroalimentacion",
        "promised_on": "promised on|promised by|promised date|promise date|answer promised by"
        "|promis le|promis pour le|reponse promise le|versprochen bis|zugesagt bis"
        "|antwort versprochen bis|prometido para|respuesta prometida el",
        "locale": "locale|language|candidate language|langue|sprache|idioma",
        "reason": "reason|rejection reason|reason for rejection|decision reason|archive reason"
        "|motif|motif de refus|motif du refus|grund|absagegrund|ablehnungsgrund"
        "|motivo|motivo de rechazo",
    }
)
# What such a column holds when it stands beside one of the others.
HALF_NAMES = {
    "nom": ("last_name", {"prenom", "prenom du candidat"}),
    "name": ("last_name", {"vorname"}),
    "nombre": ("first_name", {"apellido", "apellidos"}),
}

OPEN = "open"
OUTCOMES = _table(
    {
        OPEN: "open|still open|undecided|active|in progress|in process|en cours|offen|laufend"
        "|in bearbeitung|abierto|abierta|en curso|en proceso",
        Outcome.HIRED: "hired|offer accepted|embauche|embauchee|embauche e|recrute|recrutee"
        "|recrute e|eingestellt|contratado|contratada|contratado a",
        Outcome.OFFER_DECLINED: "offer declined|declined offer|offer declined by candidate"
        "|candidate declined offer|rejected offer|offer rejected by candidate|offre declinee"
        "|offre refusee|angebot abgelehnt|oferta rechazada|oferta declinada",
        Outcome.REJECTED: "rejected|not selected|unsuccessful|declined by employer"
        "|rejected by employer|refuse|refusee|refuse e|rejete|rejetee|rejete e|non retenu"
        "|non retenue|non retenu e|candidature refusee|candidature rejetee|abgelehnt"
        "|nicht ausgewahlt|rechazado|rechazada|rechazado a|descartado|descartada"
        "|descartado a|no seleccionado|no seleccionada|no seleccionado a",
        Outcome.WITHDRAWN: "withdrawn|withdrew|withdrawn by candidate|withdraw by candidate"
        "|candidate withdrew|rejected by candidate|candidature retiree|desiste|desistee"
        "|desiste e|desistement|zuruckgezogen|bewerbung zuruckgezogen|retirado|retirada"
        "|retirado a|candidatura retirada",
    }
)
CHANNELS = _table(
    {
        Channel.PHONE: "phone|phone call|call|telephone|appel|appel telephonique|telefon"
        "|telefonat|anruf|telefono|llamada",
        Channel.IN_PERSON: "in person|face to face|en personne|personlich|en persona",
        Channel.EMAIL: "email|e mail|mail|courriel|correo|correo electronico",
        Channel.LETTER: "letter|post|lettre|courrier|brief|carta",
        Channel.PORTAL: "portal|portail",
    }
)
FEEDBACKS = _table(
    {
        Feedback.NONE: "none|no|aucun|non|kein|keins|keine|nein|ninguno|ninguna",
        Feedback.GENERAL: "general|in general|allgemein",
        Feedback.SPECIFIC: "specific|specifique|precis|spezifisch|konkret|especifico",
    }
)
LOCALES = _table(
    {
        Locale.ENGLISH: "en|en us|en gb|en ca|english|anglais|englisch|ingles",
        Locale.FRENCH: "fr|fr fr|fr ca|french|francais|franzosisch|frances",
    }
)
ROLE_FAMILIES = _table(
    {
        RoleFamily.ENGINEERING: "engineering|engineering and it|it|information technology"
        "|software|software engineering|technology|ingenierie|ingenierie et informatique"
        "|informatique|technik|informatik|ingenieria|informatica",
        RoleFamily.SALES: "sales|sales and marketing|marketing|business development|vente"
        "|ventes|vente et marketing|vertrieb|ventas",
        RoleFamily.OPERATIONS: "operations|operations and logistics|logistics|supply chain"
        "|transport|warehouse|exploitation|exploitation et logistique|logistique|betrieb"
        "|logistik|operaciones|logistica",
        RoleFamily.FINANCE: "finance|finance and office|accounting|office|comptabilite"
        "|finance et bureau|finanzen|buchhaltung|finanzas|contabilidad",
        RoleFamily.CARE: "care|care and health|health|health care|healthcare|nursing|soins"
        "|soins et sante|sante|pflege|gesundheit|cuidados|salud|sanidad",
        RoleFamily.EDUCATION: "education|teaching|enseignement|bildung|educacion|ensenanza",
        RoleFamily.HOSPITALITY: "hospitality|hospitality and retail|retail|catering"
        "|hotellerie|restauration|hotellerie restauration et commerce|commerce de detail"
        "|gastronomie|einzelhandel|hosteleria|comercio minorista",
        RoleFamily.TRADES: "trades|trades and production|skilled trades|production"
        "|manufacturing|construction|metiers manuels|metiers manuels et production"
        "|fabrication|handwerk|produktion|produccion|fabricacion",
        RoleFamily.MANAGEMENT: "management|leadership|direction|encadrement"
        "|direction et encadrement|geschaftsfuhrung|direccion",
        RoleFamily.OTHER: "other|autre|sonstige|andere|otro",
    }
)

STAGE_SIGNS = (
    (StageGroup.FINAL, re.compile(r"\b(final\w*|on ?site|offer|offre|angebot|endrunde|oferta)\b")),
    (StageGroup.SCREEN, re.compile(r"\b(\w*screen\w*|applied|preselection|vorauswahl)\b")),
    (StageGroup.INTERVIEW, re.compile(r"interview|entretien|gesprach|entrevista")),
)


def group_stage(stage: str, *, was_interviewed: bool) -> StageGroup:
    """How far somebody came, from the employer's own word for it, else from the interview."""
    text = plain(stage)
    for group, signs in STAGE_SIGNS:
        if signs.search(text):
            return group
    return StageGroup.INTERVIEW if was_interviewed else StageGroup.SCREEN
