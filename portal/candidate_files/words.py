"""The words of cells in English, French, German and Spanish, and what they mean.

Written as `plain` makes them: lower case, no accents, no punctuation. Only what can mean one thing
is here; everything else is asked.
"""

import re
import unicodedata
from collections.abc import Mapping

from portal.candidate_files.texts import decode_entities
from portal.terms import Channel, Feedback, Locale, Outcome, RoleFamily, StageGroup

DATABASES_NULL = "\\N"  # and no No
NOT_WORD = re.compile(r"[\W_]+")
# Control characters, halves of characters, and what HTML calls no character.
UNSHOWN = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def plain(text: str) -> str:
    """TEXT as it is looked up: `Pr&eacute;nom (candidat)` and `prenom_candidat` are the same."""
    text = decode_entities(text)
    if text.isascii():
        return NOT_WORD.sub(" ", text.lower()).strip()
    bare = unicodedata.normalize("NFKD", text.casefold())
    # Without accents, and without what nobody sees, as a zero width inside of a word.
    kept = (s for s in bare if not unicodedata.combining(s) and unicodedata.category(s) != "Cf")
    return NOT_WORD.sub(" ", "".join(kept)).strip()


def value_key(text: str) -> str:
    """TEXT of a cell as its meaning is remembered: a lone sign such as ✓ is not nothing."""
    if text.strip() == DATABASES_NULL:
        return ""
    return plain(text) or " ".join(text.split())


def table(text: Mapping[str, str]) -> dict[str, str]:
    pairs = [(word, key) for key, listed in text.items() for word in listed.split("|")]
    words = dict(pairs)
    if len(words) < len(pairs):
        raise ValueError("a word stands in the table twice")
    return words


OPEN = "open"
OUTCOMES = table(
    {
        OPEN: "open|still open|undecided|not decided|active|in progress|in process|ongoing"
        "|under review|en cours|en cours de traitement|non traitee|offen|laufend|in bearbeitung"
        "|in prufung"
        "|abierto|abierta|en curso|en proceso|en tramite|aktiv|actif|activo|activa",
        Outcome.HIRED: "hired|offer accepted|accepted offer|offer accepted by candidate"
        "|embauche|embauchee|embauche e|recrute|recrutee|recrute e|offre acceptee"
        "|eingestellt|angebot angenommen|contratado|contratada|contratado a|oferta aceptada",
        Outcome.OFFER_DECLINED: "offer declined|declined offer|offer declined by candidate"
        "|candidate declined offer|rejected offer|offer rejected by candidate|declined our offer"
        "|offer refused by candidate|offre declinee|offre refusee|offre refusee par le candidat"
        "|angebot abgelehnt|angebot vom bewerber abgelehnt|oferta rechazada|oferta declinada",
        Outcome.REJECTED: "rejected|not selected|unsuccessful|declined by employer|not successful"
        "|rejected by employer|rejected by us|application rejected|rejected by company"
        "|rejected by hiring manager|rejected by recruiter|we rejected them"
        "|refuse|refusee|refuse e|rejete|rejetee|rejete e|non retenu"
        "|non retenue|non retenu e|non selectionne|non selectionnee|non selectionne e"
        "|candidature refusee|candidature rejetee|candidature non retenue"
        "|abgelehnt|bewerbung abgelehnt|vom unternehmen abgelehnt|nicht ausgewahlt"
        "|absage durch unternehmen"
        "|rechazado|rechazada|rechazado a|descartado|descartada"
        "|descartado a|no seleccionado|no seleccionada|no seleccionado a|candidatura rechazada"
        "|rechazado por la empresa",
        Outcome.WITHDRAWN: "withdrawn|withdrew|withdrawn by candidate|withdraw by candidate"
        "|candidate withdrew|rejected by candidate|application withdrawn|candidate withdrawn"
        "|self withdrawn|they rejected us|withdrawn by applicant|applicant withdrew"
        "|candidature retiree|retrait de candidature|desiste|desistee"
        "|desiste e|desistement|zuruckgezogen|bewerbung zuruckgezogen|vom bewerber zuruckgezogen"
        "|absage durch bewerber|retirado|retirada|retirado a|candidatura retirada"
        "|retirado por el candidato",
    }
)
# What a word may well mean, chosen beforehand where somebody looks at it.
LIKELY_OUTCOMES = table(
    {
        OPEN: "hold|on hold|in review|new|new applicant|applied|interviewing|interview|offered"
        "|offer|offer made|offer extended|offer sent|offer pending|pending|shortlisted|shortlist"
        "|screening|screen|phone screen|assessment|reference check|background check|reviewed"
        "|successful|passed|lead|prospect|sourced|inbox|received|submitted|review|on site|onsite"
        "|replied"
        "|nouveau|nouvelle|neu|neue bewerbung|nuevo|nueva|en attente|a traiter|recu|recue|wartend"
        "|eingegangen|entretien|vorstellungsgesprach|gesprach|entrevista|recibido|recibida"
        "|preselectionne|preselectionnee|preseleccionado|preseleccionada|zuruckgestellt|vorgemerkt"
        "|interview scheduled|new application|nouvelle candidature|nueva candidatura"
        "|nueva solicitud",
        Outcome.HIRED: "accepted|employed|hire|contratacion"
        "|onboarded|onboarding|joined|placed|placement|converted|employee"
        "|offer signed|started|starter|filled by candidate|acceptee|accepte|angenommen|zusage"
        "|aceptado|aceptada|incorporado|incorporada",
        Outcome.OFFER_DECLINED: "offer rejected|declined the offer|turned down offer|refused offer"
        "|offer refused|offer not accepted|offer turned down|offer withdrawn by candidate",
        Outcome.REJECTED: "not hired|disqualified|declined|dispositioned|not a fit|failed"
        "|turned down|reject|denied|dismissed|archived|not suitable|unsuitable|not progressed"
        "|not proceeding|not moving forward|not considered|not shortlisted|dnq|do not hire"
        "|did not pass|no longer under consideration|no longer in consideration|closed|ineligible"
        "|regret|regretted|underqualified|overqualified|unqualified|not qualified|no hire"
        "|more qualified candidate selected|other candidates are more suitable|position filled"
        "|position closed|role filled|skills|experience|absage|absage erteilt|abgesagt"
        "|nicht geeignet|ungeeignet|ecarte|ecartee|elimine|eliminee|archive|archivee|archiviert"
        "|deselected|de selected|released|cancelled|canceled|rej|reprobado|reprobada"
        "|disqualifie|disqualifiee|ko|k o|no apto|no apta|desestimado|desestimada|eliminado"
        "|eliminada|archivado|archivada",
        Outcome.WITHDRAWN: "opted out|opt out|withdraw|candidate declined|candidate rejected"
        "|not interested|candidate not interested|no longer interested|dropped out|drop out"
        "|ghosted|pulled out|desistio|baja voluntaria|abandon|abandono"
        "|has declined|accepted another offer|took another job|ghosted us|no show|unresponsive"
        "|abandoned"
        "|ne souhaite pas poursuivre|kein interesse|abgesprungen|no interesado|no interesada",
    }
)
# In which words, among others, an outcome shows: for looking twice, never for deciding.
SIGNS_OF_OUTCOME = (
    (
        Outcome.OFFER_DECLINED,
        re.compile(
            r"\boffer\b.*\b(declin|reject|refus|turned)"
            r"|\b(declin|reject|refus|turned)\w* .*\boffer\b"
            r"|\boffre (declin|refus)|\bangebot (\w+ )*(abgelehnt|ausgeschlagen)"
            r"|\boferta (rechaz|declin)"
            r"|\b(declin|refus|rechaz)\w* (de )?(l |la |una? )?(offre|oferta)\b"
        ),
    ),
    (
        Outcome.WITHDRAWN,
        re.compile(
            r"\bwithdr[ae]w|\b(candidate|applicant) (has )?(declin|reject|cancel|refus|pulled out)"
            r"|\b(reject|declin|cancel|refus)\w* by (the )?(candidate|applicant)"
            r"|\b(refus(ee?)?|rejet|abgelehnt|abgesagt|absage|rechaz\w*|renuncia)"
            r" ((par|de|du|vom|durch|seitens|por|del) )?((le|la|l|den|die|der|des|el) )?"
            r"(candidat(?!ur)|bewerber|kandidat)"
            r"|\b(bewerber|bewerberin|kandidat|kandidatin) (hat )?(abgelehnt|abgesagt)"
            r"|\babgesprungen|\bopted out|\bdropped (out|off)"
            r"|\bno longer interested|\bdesist|\bretire[es]?\b|\bretrait\b"
            r"|\bzuruckgezogen|\bruckzug|\bretirad[oa]|\brenonc|\brenunci|\bbaja voluntaria"
        ),
    ),
    (
        Outcome.REJECTED,
        re.compile(
            r"\breject|\bdeclin(?!\w* to (self|answer|state|identify|say|disclose|specify|respond))"
            r"|\bdisqualif|\bd[ei]scalif|\bscreened out|\bknocked out|\bineligible|\bausgeschieden"
            r"|\bno admitid|\bexcluid|\beliminad|\bunsuccessful|\bdismissed|\bdisposition|\bregret"
            r"|\b(not|never) (be |being |been )?(hired|selected|suitable|successful|qualified"
            r"|progress|proceed|mov|pass|shortlisted|consider|a (good )?fit)"
            r"|\bdropped\b(?! (out|off))|\bunqualified|\bturned down|\barchived\b"
            r"|\brefus|\brejet|\b(non|pas) (retenu|selectionne)|\becarte|\babgelehnt|\bablehnung"
            r"|\babsage|\babgesagt|\bnicht (ausgewahlt|geeignet|eingestellt|berucksichtigt|weiter)"
            r"|\bfailed (\w+ ){,3}(interview|screen|test|assessment|exam|round|check)"
            r"|\b(interview|screen|test|assessment|exam|round|check) failed|\bdid not pass"
            r"|\bsans suite|\breponse negative|\bno contin"
            r"|\brechaz|\bdescart|\bdesestim|\bno (seleccionad|apt[oa]\b|contratad|hire\b)"
        ),
    ),
    (
        Outcome.HIRED,
        re.compile(
            r"\bhired\b|\boffer accepted|\baccepted (the |our )?offer|\bembauche|\brecrutee?\b"
            r"|\boffre acceptee|\beingestellt|\bangebot angenommen|\bcontratad|\boferta aceptada"
        ),
    ),
)
ANY_SIGN = re.compile("|".join(signs.pattern for _, signs in SIGNS_OF_OUTCOME))
_YES = "yes y true t 1 x checked oui o vrai ja j wahr si s verdadero ✓ ✔ ☑ ✅"
YES = frozenset(_YES.split())
_NO = "no n false f 0 unchecked non faux nein falsch falso ☐"
NO_WORDS = frozenset(_NO.split())
# What a Yes means in a column of this name; and where a No says that somebody is out.
YES_MEANS = table(
    {
        Outcome.REJECTED: "inactive|is inactive|inaktiv|inactif|inactivo"
        "|disqualified|rejected|is rejected|is disqualified|not hired|declined"
        "|is declined|refuse|rejete|disqualifie|descalificado|abgelehnt|disqualifiziert|rechazado"
        "|descartado|archived|is archived|archive|archiviert|archivado",
        Outcome.HIRED: "hired|is hired|was hired|embauche|eingestellt|contratado",
        Outcome.WITHDRAWN: "withdrawn|is withdrawn|withdrew|retire|zuruckgezogen|retirado",
    }
)
_STILL_IN = (
    "active|is active|still active|open|is open|in process|in progress|still in process"
    "|actif|en cours|aktiv|laufend|activo|en curso"
)
STILL_IN = frozenset(_STILL_IN.split("|"))
# Where a No says that somebody was not chosen.
_CHOSEN = (
    "selected|is selected|was selected|successful|was successful|retenu|retenue|selectionne"
    "|selectionnee|ausgewahlt|geeignet|seleccionado|seleccionada|apto|apta"
)
CHOSEN = frozenset(_CHOSEN.split("|"))
OFFERED = re.compile(r"\b(?:offer|offre|angebot|oferta)\b")


def outcome_in(word: str) -> str:
    """The outcome that shows in WORD, made by `plain`; empty if none does."""
    if not ANY_SIGN.search(word):
        return ""
    return next(outcome for outcome, signs in SIGNS_OF_OUTCOME if signs.search(word))


def outcome_of_offer(named: str, word: str) -> str:
    """The outcome that WORD says in a column NAMED after an offer: accepted, or declined."""
    offer = OFFERED.search(named)
    return outcome_in(f"{offer[0]} {word}") if offer else ""


# Columns that say why somebody is no longer considered: of whom they say anything, that is over.
WHY_OVER = frozenset(
    ["archive reason", "archived reason", "disqualification reason", "rejection reason"]
)


def likely_outcome(header: str, value: str) -> str:
    """What VALUE may well mean under HEADER: an outcome, open, or empty where nothing says so."""
    word, named = value_key(value), plain(header)
    if word in YES:
        return YES_MEANS.get(named) or outcome_in(named)
    if word in NO_WORDS or not word:
        if named in CHOSEN and word:
            return Outcome.REJECTED
        return "" if named in STILL_IN and word else OPEN
    if said := outcome_of_offer(named, word):
        return said
    over = Outcome.REJECTED if named in WHY_OVER else ""
    return OUTCOMES.get(word) or LIKELY_OUTCOMES.get(word) or outcome_in(word) or over


CHANNELS = table(
    {
        Channel.PHONE: "phone|phone call|call|telephone|appel|appel telephonique|telefon"
        "|telefonat|anruf|telefono|llamada",
        Channel.IN_PERSON: "in person|face to face|en personne|personlich|en persona",
        Channel.EMAIL: "email|e mail|mail|courriel|correo|correo electronico",
        Channel.LETTER: "letter|post|lettre|courrier|brief|carta",
        Channel.PORTAL: "portal|portail",
    }
)
FEEDBACKS = table(
    {
        Feedback.NONE: "none|no|aucun|non|kein|keins|keine|nein|ninguno|ninguna",
        Feedback.GENERAL: "general|in general|allgemein",
        Feedback.SPECIFIC: "specific|specifique|precis|spezifisch|konkret|especifico",
    }
)
LOCALES = table(
    {
        Locale.ENGLISH: "en|en us|en gb|en ca|english|anglais|englisch|ingles",
        Locale.FRENCH: "fr|fr fr|fr ca|french|francais|franzosisch|frances",
    }
)
ROLE_FAMILIES = table(
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
        "|gastronomie|einzelhandel|kuche|kitchen|cuisine|cocina|hosteleria|comercio minorista",
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


def find_family(text: str) -> RoleFamily | None:
    """The coarse family that a department's name means by one of its words; None if by none."""
    word = plain(text)
    if not word:
        return None
    exact = ROLE_FAMILIES.get(word)
    near = (ROLE_FAMILIES[part] for part in word.split() if part in ROLE_FAMILIES)
    found = exact or next(near, None)
    return RoleFamily(found) if found else None


def one_line(text: str) -> tuple[str, bool]:
    """TEXT on one line, without what no page may show; whether that changed anything but spaces."""
    kept = UNSHOWN.sub(" ", text)
    return " ".join(kept.split()), kept.strip() != text.strip() or "\n" in text.strip()
