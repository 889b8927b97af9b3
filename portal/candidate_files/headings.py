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
    r"|obligatorio|opcional|e?s|e?n|in|e|utc|gmt|local time"
    r"|[dmyjatg]{2,4} [dmyjatg]{2} [dmyjatg]{2,4})$"
)
OF = "of the|of|du|de la|de l|des|der|del|de los"
BEHIND_ABOUT = re.compile(rf"(?<=.) (?:(?:{OF}) )?(?:{ABOUT}|kandidaten|bewerbers)(?:s|e|in)?$")

YES_OR_NO = re.compile(r" (?:y n|yes no|oui non|ja nein|si no|true false)$")


@lru_cache(maxsize=4096)
def heading(text: str) -> str:
    """The name of a column as it is looked up: `candidateFirstName` and `Candidate: first name
    (required)` are `first name`."""
    cut = text if re.search(r"[\s_-]", text.strip()) else WORDS_IN_ONE.sub(" ", text.strip())
    word = BEHIND.sub("", plain(cut))
    if word in HEADERS:
        return word
    found = (bare.sub("", word, count=1) for bare in (BEFORE, BEHIND_ABOUT))
    # "Candidate ID" is the id of a person.
    return next((bare for bare in found if bare in KNOWN_HEADERS and bare != "id"), word)


def bare_name(text: str) -> str:
    """The name of a column without whom it is about: `isRejected` and `Candidate rejected? (Y/N)`
    are `is rejected` and `rejected`."""
    cut = text if re.search(r"[\s_-]", text.strip()) else WORDS_IN_ONE.sub(" ", text.strip())
    return YES_OR_NO.sub("", BEFORE.sub("", plain(cut), count=1))


HEADERS = table(
    {
        "external_id": "external id|application id|application number|application no"
        "|application reference|id candidature|identifiant de candidature|numero de candidature"
        "|bewerbungs id|bewerbungsnummer|id de candidatura|id de solicitud|numero de solicitud"
        "|submission id|job submission id|job application id|candidacy id|application identifier"
        "|id de la candidature|n de candidature|bewerbungs nr|bewerbungskennung"
        "|id de la candidatura|id candidatura|identificador de candidatura"
        "|id de candidature|n candidature",
        "name": "name|full name|candidate name|candidate|applicant name|applicant|nom|nom complet"
        "|name der sich bewerbenden person|nom et prenom|prenom et nom|nom du candidat|candidat"
        "|vollstandiger name|name des bewerbers|bewerber|bewerbername|kandidat|nombre"
        "|nombre completo|nombre y apellidos|nombre del candidato|candidato|display name"
        "|legal name|nom et prenoms|prenom nom|vor und nachname|vorname nachname"
        "|vorname und nachname|nombre y apellido|nombres y apellidos|apellidos y nombre"
        "|nachname vorname|name vorname|last name first name|last first|nom prenom"
        "|apellidos nombre|kandidatenname",
        "first_name": "first name|firstname|given name|forename|candidate first name|prenom"
        "|prenom du candidat|vorname|nombre de pila|first names|given names|forenames|prenoms"
        "|vornamen|rufname|nombres|primer nombre"
        "|name first",
        "last_name": "last name|lastname|surname|family name|candidate last name|nom de famille"
        "|nachname|familienname|apellido|apellidos|last names|surnames|family names|zuname"
        "|primer apellido"
        "|name last",
        "email": "email|e mail|mail|email address|e mail address|candidate email|candidate e mail"
        "|candidate email address|applicant email|primary email|courriel|adresse email"
        "|adresse e mail|adresse mail|adresse courriel|email du candidat|courriel du candidat"
        "|e mail adresse|emailadresse|mailadresse|correo|correo electronico|direccion de correo"
        "|direccion de correo electronico|email del candidato|emails|e mails|email s"
        "|email addresses|primary email address|primary e mail|contact email|email 1|email1"
        "|e mail 1|email address 1|adresse de courriel|adresse electronique|adresse de messagerie"
        "|direccion email|direccion de email",
        # A title goes before what may be a level ("Individual contributor").
        "role": "role title|job title|requisition title|position title|posting title|job name"
        "|role|job|position|requisition|vacancy|posting|applied for|poste|titre du poste"
        "|intitule du poste|offre d emploi|stelle|stellenbezeichnung|stellentitel|jobtitel|puesto"
        "|puesto de trabajo|vacante|cargo|role name|role applied for|job role|job position"
        "|job applied for|job posting title|job job title|job requisition|job requisition title"
        "|job req title|req title|requisition name|requisition job title|position name"
        "|position applied for|vacancy title|vacancy name|posting name|job opening name"
        "|job opening title|intitule de l offre|titre de l offre|titre de l annonce"
        "|intitule de l annonce|intitule de poste|poste vise|poste demande|nom du poste"
        "|ausgeschriebene stelle|stellenausschreibung|stellenanzeige|stellenangebot"
        "|titel der stelle|positionstitel|vakanz|beworben auf|oferta de empleo|titulo del puesto"
        "|nombre del puesto|titulo de la oferta|nombre de la vacante|titulo de la vacante"
        "|puesto solicitado|posicion"
        "|job posting name|poste a pourvoir|nom de l offre|titre de l emploi|stellenname"
        "|name der stelle|jobbezeichnung|job titel|titulo de la oferta de trabajo",
        "role_family": "role family|job family|famille de metiers|jobfamilie|familia de puestos",
        # Not "team": files that have both mean two things by them.
        "department": "department|department name|hiring department|job department|division"
        "|departement|departement d embauche|service|service recruteur|abteilung|departamento"
        "|dept|job dept|fachabteilung|fachbereich|departamento de la vacante",
        "stage": "stage|current stage|last stage|stage reached|candidate stage|interview stage"
        "|pipeline stage|etape|etape actuelle|derniere etape|phase|aktuelle phase|bewerbungsphase"
        "|etapa|etapa actual|fase|current interview stage|recruitment stage|recruiting stage"
        "|hiring stage|current pipeline stage|final phase|letzte phase|etape de recrutement"
        "|etape du processus|etape en cours|phase actuelle|prozessschritt|prozessphase"
        "|aktuelle bewerbungsphase|fase actual|fase del proceso|etapa del proceso"
        "|stage name|match stage|etape du recrutement|phase du processus|bewerbungsstufe"
        "|fase de seleccion|etapa de seleccion",
        "last_interview_on": "last interview on|last interview|last interview date"
        "|date of last interview|interview date|dernier entretien|date du dernier entretien"
        "|date de l entretien|date d entretien|letztes gesprach|letztes interview"
        "|letztes vorstellungsgesprach|datum des letzten gesprachs|ultima entrevista"
        "|fecha de la ultima entrevista|fecha de entrevista|last interviewed on"
        "|most recent interview|latest interview|latest interview date|date of interview"
        "|date dernier entretien|fecha ultima entrevista|fecha de la entrevista",
        "outcome": "outcome|decision|final decision|hiring decision|result|status|final status"
        "|application status|candidate status|hiring status|recruiting status|disposition"
        "|resultat|statut|statut de la candidature|ergebnis|entscheidung|bewerbungsstatus"
        "|resultado|estado|estado de la candidatura|final outcome|decision status|final result"
        "|hiring outcome|hiring result|recruitment status|recruitment outcome|disposition status"
        "|job application status|statut final|statut du candidat|statut de candidature"
        "|decision finale|resultat final|bewerberstatus|kandidatenstatus|status der bewerbung"
        "|bewerbungsergebnis|estado del candidato|estado de candidatura|decision final"
        "|resultado final"
        "|match status|submission status|etat de la candidature|bewerbungs status"
        "|aktueller bewerbungsstatus",
        "decided_on": "decided on|decided at|date decided|decision date|date of decision"
        "|outcome date|archive date|archived at|archived on|date archived|date de decision"
        "|date de la decision|decide le|entscheidungsdatum|entschieden am|datum der entscheidung"
        "|fecha de decision|fecha de la decision|decidido el|decision made on|decision made at"
        "|date of outcome|disposition date|date dispositioned|archived date|date d archivage"
        "|decision prise le|archiviert am|fecha de archivo"
        "|opportunity archived at",
        "hired_on": "hired on|hired at|hire date|date hired|hiring date|application hire date"
        "|offer accepted on|date d embauche|embauche le|einstellungsdatum|eingestellt am"
        "|fecha de contratacion|contratado el|hired date|date of hire|offer accepted at"
        "|offer accepted date|offer acceptance date|date de recrutement|recrute le"
        "|datum der einstellung|fecha de la contratacion",
        "rejected_on": "rejected on|rejected at|rejection date|date rejected|date of rejection"
        "|application rejection date|disqualified at|disqualified on|disqualification date"
        "|date de refus|date du refus|refuse le|rejete le|absagedatum|absage am|abgelehnt am"
        "|fecha de rechazo|rechazado el|descartado el|rejected date|reject date|disqualified date"
        "|date disqualified|date of disqualification|application rejected on|date de rejet"
        "|date du rejet|date refus|date rejet|refusee le|ablehnungsdatum|abgesagt am"
        "|datum der absage|datum der ablehnung|fecha de descarte|fecha del rechazo|fecha rechazo"
        "|fecha de descalificacion|rechazada el"
        "|date de disqualification|disqualifie le|disqualifiee le|disqualifiziert am"
        "|ablehnung am|descalificado el",
        "withdrawn_on": "withdrawn on|withdrawn at|withdrew on|withdrawal date|date withdrawn"
        "|date of withdrawal|application withdrawal date|date de retrait|retire le"
        "|date du desistement|zuruckgezogen am|ruckzugsdatum|fecha de retirada|retirado el"
        "|withdrawn date|date de desistement|retiree le|datum des ruckzugs|fecha de desistimiento"
        "|fecha de retiro",
        "told_on": "told on|told at|date told|informed on|date informed|candidate informed on"
        "|notified on|informe le|candidat informe le|prevenu le|informiert am|benachrichtigt am"
        "|mitgeteilt am|informado el|notificado el|comunicado el|date notified|communicated on"
        "|informed at|notified at|informee le|prevenue le|date d information du candidat"
        "|informada el|notificada el|fecha de notificacion",
        "channel": "channel|told by|told via|informed by|canal|kanal|informiert per",
        "feedback": "feedback|feedback given|retour donne|ruckmeldung|retroalimentacion",
        "promised_on": "promised on|promised by|promised date|promise date|answer promised by"
        "|promis le|promis pour le|reponse promise le|versprochen bis|zugesagt bis"
        "|antwort versprochen bis|prometido para|respuesta prometida el",
        "locale": "locale|language|candidate language|langue|sprache|idioma",
        "reason": "reason|rejection reason|reason for rejection|reason of rejection"
        "|decision reason|disqualification reason|disposition reason|motif|motif de refus"
        "|motif du refus|grund|absagegrund|ablehnungsgrund|motivo|motivo de rechazo|reject reason"
        "|rejected reason|rejection reasons|reason rejected|disqualify reason|disqualified reason"
        "|reason for disqualification|motif de rejet|motif du rejet|raison du refus"
        "|raison de refus|raison du rejet|grund der absage|grund der ablehnung|motivo de descarte"
        "|motivo del rechazo|razon de rechazo|motivo de descalificacion"
        "|motif de disqualification|raison de disqualification|disqualifikationsgrund"
        "|razon de descalificacion|rejection reason name",
    }
)
# What a column may well hold, for somebody to look at; nothing is read by it unasked.
LIKELY_HEADERS = table(
    {
        "outcome": "archive reason|archived reason"
        "|archived|disqualified|rejected|hired|withdrawn|declined"
        "|is rejected|is hired|is withdrawn|is disqualified|is archived|interview outcome"
        "|interview result|macro workflow stage|current macro workflow stage|workflow status"
        "|state|bin|csw status|step status|current step status|workflow outcome|screening result"
        "|selected|offer status|application state|current status|aktueller status|estado actual"
        "|statut actuel|archive reasons|current archive reason"
        "|etat|estado del proceso|resultado del proceso",
        "decided_on": "last update|last updated|last updated at|application last update"
        "|updated at|updated on|workflow change date|status change date|final status date"
        "|final phase date|status date changed|datum letzter status|status changed"
        "|status changed on|status date|stage change date|last activity|last activity at"
        "|last action date|date modified|modified|modified on|date de mise a jour"
        "|derniere mise a jour|letzte anderung|geandert am|ultima actualizacion|closed on"
        "|closed at|date closed|completed on|completed at|last advanced at|last moved"
        "|last moved on|last stage change|stage changed on|in stage since|status updated"
        "|status updated at|status set on|last status change|derniere activite|letzte aktivitat"
        "|letzte statusanderung|statusanderung am|ultima actividad|fecha de ultimo cambio"
        "|dropped at|dropped on|unqualified on|statusdatum|status seit|status geandert am"
        "|date du statut|date de statut|date de changement de statut|date derniere action"
        "|derniere action|derniere modification|date de derniere modification|fecha de estado"
        "|fecha del estado|fecha de cambio de estado|ultima modificacion"
        "|fecha de ultima modificacion|stage date|stage changed at|csw status completion date"
        "|csw status date|recruiting workflow profile status date"
        "|last workflow state change date|letzte aktualisierung|zuletzt geandert"
        "|zuletzt geandert am|last modified|last modified date|date last modified"
        "|modified time|updated time|last activity date|last activity time",
        "stage": "status detail|current workflow stage|workflow stage|step|application step|round"
        "|workflow step|current step|csw step|current csw step|bin status|colonne|column|list"
        "|pipeline|schritt",
        "role": "designation|opening title|opening public title|public title|job opening|opening"
        "|job ad|job posting|applied job|applied position|applied role|job ad title|job order"
        "|job order title|offer title|offre|annonce|emploi|fonction|anzeige|projekt|oferta"
        "|proceso|proceso de seleccion|job requisition id and title"
        "|trabajo|oferta de trabajo|ausschreibung|campagne|recrutement",
        "last_interview_on": "interview start time|interview time|interviewed on|interviewed at"
        "|last interviewed|onsite date|interview on|interview scheduled on|interview scheduled at"
        "|interview scheduled|scheduled interview|interview start|interview am|entretien le"
        "|entrevista el",
        "told_on": "rejection sent|rejection sent on|rejection email sent|rejection email sent at"
        "|email sent|email sent on|notified|informed|notification date|contacted on"
        "|notification sent|notification sent on|rejection letter sent|rejection letter sent on"
        "|rejection notification sent|rejection email sent on|candidate contacted on"
        "|last mailed time|last contacted|reply sent on|date de reponse|reponse envoyee le"
        "|absage versendet am|absage gesendet am|absageschreiben vom|respuesta enviada el"
        "|last email sent",
        "external_id": "id|application key|applicant reference|reference|applicant number"
        "|applicant id|uuid|opportunity id|candidacy|submittal id|prospect id|person id"
        "|bewerber id|kandidaten id|identifiant|reference candidat|referencia",
        "role_family": "category|job category|function|job function|discipline",
        "name": "person|contact|kandidatin|bewerberin",
        "department": "team|business unit|unit|group|equipe|bereich|equipo|function name"
        "|direction|pole|area|organisationseinheit|kostenstelle|cost center|location department"
        "|servicio|seccion",
        "locale": "preferred language|correspondence language|langue de correspondance"
        "|language preference|preferred locale|candidate locale|communication language"
        "|korrespondenzsprache|bewerbersprache|idioma preferido",
        "rejected_on": "declined on|declined at|date declined|rejection|rejected by on",
        "hired_on": "start date|joining date|date of joining|offer accepted|date d entree"
        "|eintrittsdatum|fecha de incorporacion",
        "first_name": "preferred first name|legal first name|preferred name",
        "last_name": "legal last name|nom d usage|nom de naissance|segundo apellido",
        "email": "personal email|personal email address|private email|work email|email 2"
        "|secondary email|home email|courriel personnel|email personnel|e mail personnel"
        "|private e mail|private e mail adresse|correo personal|email personal|username|login",
        "reason": "comments|rejection comments|rejection notes|rejection note|archive note"
        "|notes on rejection|commentaire|bemerkung|comentario",
        "promised_on": "answer by|reply by|response due|response due on|follow up by"
        "|reponse avant le|antwort bis|respuesta antes del",
    }
)
KNOWN_HEADERS = HEADERS.keys() | LIKELY_HEADERS.keys()
# What such a column holds when it stands beside one of the others.
HALF_NAMES = {
    "nom": ("last_name", {"prenom", "prenom du candidat", "prenoms"}),
    "name": ("last_name", {"vorname", "vornamen"}),
    "first": ("first_name", {"last"}),
    "last": ("last_name", {"first"}),
    "nombre": ("first_name", {"apellido", "apellidos", "primer apellido"}),
}
