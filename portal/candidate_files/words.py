"""The words of cells in English, French, German and Spanish, and what they mean.

Written as `plain` makes them: lower case, no accents, no punctuation. Only what can mean one thing
is here; everything else is asked.
"""

import re
import unicodedata
from collections.abc import Mapping

from portal.terms import Channel, Feedback, Locale, Outcome, RoleFamily, StageGroup

NOT_WORD = re.compile(r"[\W_]+")
# Control characters, halves of characters, and what HTML calls no character.
UNSHOWN = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def plain(text: str) -> str:
    """TEXT as it is looked up: `Prénom (candidat)` and `prenom_candidat` are the same."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    marked = (sign for sign in bare if not unicodedata.combining(sign))
    return NOT_WORD.sub(" ", "".join(marked)).strip()


def table(text: Mapping[str, str]) -> dict[str, str]:
    pairs = [(word, key) for key, listed in text.items() for word in listed.split("|")]
    words = dict(pairs)
    if len(words) < len(pairs):
        raise ValueError("a word stands in the table twice")
    return words


OPEN = "open"
OUTCOMES = table(
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
# What a word may well mean, chosen beforehand where somebody looks at it.
LIKELY_OUTCOMES = table(
    {
        OPEN: "hold|on hold|in review|new|new applicant|applied|interviewing|interview|offered"
        "|offer|offer made|offer extended|pending|shortlisted|screening|screen|phone screen"
        "|successful|passed|lead|prospect|nouveau|nouvelle|neu|nuevo|nueva|en attente|wartend"
        "|replied",
        Outcome.HIRED: "accepted|accepted offer|onboarded|joined|placed|converted|employee"
        "|offer signed|acceptee|accepte|angenommen|aceptado|aceptada",
        Outcome.OFFER_DECLINED: "offer rejected|declined the offer|turned down offer|refused offer",
        Outcome.REJECTED: "not hired|disqualified|declined|dispositioned|not a fit|failed"
        "|turned down"
        "|regret|regretted|underqualified|overqualified|unqualified|not qualified|no hire"
        "|more qualified candidate selected|other candidates are more suitable|position filled"
        "|position closed|role filled|skills|experience|absage|absage erteilt|ecarte|ecartee",
        Outcome.WITHDRAWN: "opted out|opt out|withdraw|self withdrawn|candidate declined"
        "|not interested|candidate not interested|no longer interested|dropped out"
        "|accepted another offer|ghosted us|no show",
    }
)
YES = frozenset(["yes", "y", "true", "1", "x", "oui", "vrai", "ja", "wahr", "si", "verdadero"])
NO_WORDS = frozenset(["no", "n", "false", "0", "non", "faux", "nein", "falsch", "falso"])
# What a Yes means in a column of this name.
YES_MEANS = table(
    {
        Outcome.REJECTED: "disqualified|rejected|is rejected|is disqualified|not hired|declined"
        "|refuse|rejete|abgelehnt|rechazado|archived|is archived",
        Outcome.HIRED: "hired|is hired|embauche|eingestellt|contratado",
        Outcome.WITHDRAWN: "withdrawn|is withdrawn|withdrew|retire|zuruckgezogen|retirado",
    }
)


# Columns that say why somebody is no longer considered: of whom they say anything, that is over.
WHY_OVER = frozenset(["archive reason", "disqualification reason", "rejection reason"])


def likely_outcome(header: str, value: str) -> str:
    """What VALUE may well mean under HEADER: an outcome, open, or empty where nothing says so."""
    word = plain(value)
    if word in YES:
        return YES_MEANS.get(plain(header), "")
    if word in NO_WORDS or not word:
        return OPEN
    over = Outcome.REJECTED if plain(header) in WHY_OVER else ""
    return OUTCOMES.get(word) or LIKELY_OUTCOMES.get(word, over)


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
