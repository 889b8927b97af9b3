"""The names of columns in English, French, German and Spanish, and the fields they mean.

Written as `plain` makes them. `HEADERS` holds only what can mean one thing; all else is asked.
"""

import re
from functools import lru_cache

from portal.candidate_files.words import plain, table

WORDS_IN_ONE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Before or behind the name of a column, and no part of it.
ABOUT = "|".join(
    [
        "candidate",
        "applicant",
        "application",
        "candidat",
        "candidature",
        "bewerber",
        "bewerbung",
        "kandidat",
        "candidato",
        "candidatura",
        "solicitud",
        "person",
        "contact",
    ]
)
BEFORE = re.compile(rf"(?:{ABOUT}) (?:s )?(?=.)")
BEHIND = re.compile(
    r"(?<=.) (?:required|mandatory|optional|obligatoire|facultatif|pflichtfeld|pflicht"
    r"|obligatorio|opcional|utc|gmt|local time)$"
)

YES_OR_NO = re.compile(r" (?:y n|yes no|oui non|ja nein|si no|true false)$")


@lru_cache(maxsize=4096)
def heading(text: str) -> str:
    """The name of a column as it is looked up: `candidateFirstName` and `Candidate: first name
    (required)` are `first name`."""
    cut = text if re.search(r"[\s_-]", text.strip()) else WORDS_IN_ONE.sub(" ", text.strip())
    word = BEHIND.sub("", plain(cut))
    bare = BEFORE.sub("", word, count=1)
    return bare if word not in HEADERS and bare in KNOWN_HEADERS else word


def bare_name(text: str) -> str:
    """The name of a column without whom it is about: `isRejected` and `Candidate rejected? (Y/N)`
    are `is rejected` and `rejected`."""
    cut = text if re.search(r"[\s_-]", text.strip()) else WORDS_IN_ONE.sub(" ", text.strip())
    return YES_OR_NO.sub("", BEFORE.sub("", plain(cut), count=1))


HEADERS = table(
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
        "|application status|candidate status|hiring status|recruiting status|disposition"
        "|resultat|statut|statut de la candidature|ergebnis|entscheidung|bewerbungsstatus|resultado"
        "|estado|estado de la candidatura",
        "decided_on": "decided on|decided at|date decided|decision date|date of decision"
        "|outcome date"
        "|archive date|archived at|archived on|date archived"
        "|date de decision|date de la decision|decide le|entscheidungsdatum"
        "|entschieden am|datum der entscheidung|fecha de decision|fecha de la decision"
        "|decidido el",
        "hired_on": "hired on|hired at|hire date|date hired|hiring date|application hire date"
        "|offer accepted on|date d embauche|embauche le|einstellungsdatum|eingestellt am"
        "|fecha de contratacion|contratado el",
        "rejected_on": "rejected on|rejected at|rejection date|date rejected|date of rejection"
        "|application rejection date|disqualified at|disqualified on|disqualification date"
        "|declined on|date de refus|date du refus|refuse le|rejete le|absagedatum|abgelehnt am"
        "|fecha de rechazo|rechazado el|descartado el",
        "withdrawn_on": "withdrawn on|withdrawn at|withdrew on|withdrawal date|date withdrawn"
        "|date of withdrawal|application withdrawal date|date de retrait|retire le"
        "|date du desistement|zuruckgezogen am|ruckzugsdatum|fecha de retirada|retirado el",
        "told_on": "told on|told at|date told|informed on|date informed|candidate informed on"
        "|notified on|informe le|candidat informe le|prevenu le|informiert am"
        "|benachrichtigt am|mitgeteilt am|informado el|notificado el|comunicado el",
        "channel": "channel|told by|told via|informed by|canal|kanal|informiert per",
        "feedback": "feedback|feedback given|retour donne|ruckmeldung|retroalimentacion",
        "promised_on": "promised on|promised by|promised date|promise date|answer promised by"
        "|promis le|promis pour le|reponse promise le|versprochen bis|zugesagt bis"
        "|antwort versprochen bis|prometido para|respuesta prometida el",
        "locale": "locale|language|candidate language|langue|sprache|idioma",
        "reason": "reason|rejection reason|reason for rejection|reason of rejection"
        "|decision reason|disqualification reason|disposition reason"
        "|motif|motif de refus|motif du refus|grund|absagegrund|ablehnungsgrund"
        "|motivo|motivo de rechazo",
    }
)
# What a column may well hold, for somebody to look at; nothing is read by it unasked.
LIKELY_HEADERS = table(
    {
        "outcome": "archive reason|archived|disqualified|rejected|hired|withdrawn|declined"
        "|is rejected"
        "|is hired|is withdrawn|is disqualified|is archived|interview outcome|interview result"
        "|macro workflow stage|current macro workflow stage|workflow status|state",
        "decided_on": "last update|last updated|last updated at|application last update|updated at"
        "|updated on|workflow change date|status change date|status changed|status changed on"
        "|status date|stage change date|last activity|last activity at|last action date"
        "|date modified|modified|modified on|date de mise a jour|derniere mise a jour"
        "|letzte anderung|geandert am|ultima actualizacion",
        "stage": "status detail|current workflow stage|workflow stage|step|application step|round",
        "role": "designation|job opening|opening|opening title|opening public title|public title"
        "|posting name|job ad|job posting|position applied for|applied job|requisition name",
        "last_interview_on": "interview start time|interview time|interviewed on|interviewed at"
        "|last interviewed|onsite date|interview on",
        "told_on": "rejection sent|rejection sent on|rejection email sent|rejection email sent at"
        "|email sent|email sent on|notified|informed|notification date|contacted on",
        "external_id": "id|application key|applicant reference|reference|applicant number"
        "|applicant id|uuid",
        "role_family": "category|job category|function|job function|discipline",
        "name": "person|contact|kandidatin|bewerberin",
        "department": "team|business unit|unit|group|equipe|bereich|equipo",
        "locale": "preferred language|correspondence language|langue de correspondance",
    }
)
KNOWN_HEADERS = HEADERS.keys() | LIKELY_HEADERS.keys()
# What such a column holds when it stands beside one of the others.
HALF_NAMES = {
    "nom": ("last_name", {"prenom", "prenom du candidat"}),
    "name": ("last_name", {"vorname"}),
    "nombre": ("first_name", {"apellido", "apellidos"}),
}
