"""Words and signs that people and programs write for "nothing". Pure.

For optional cells only: in a required one "None" may be somebody's name. "No" is an answer.
"""

import re
from functools import lru_cache

from portal.candidate_files.texts import SPACES, decode_entities, trim, unaccented

# Not "*" (a rating), "+" and "x" (a yes), "#" and "!" (a spreadsheet's errors).
SIGNS = frozenset("-–—―−‐‑‒_.…?¿/\\~|()[]{}<>\"'`“”„«»,;:=· ")
# Zero as a number or day, how spreadsheets and databases write their first day, and their last.
ZERO = re.compile(r"0+(?:[.,]0+)?")
NO_DAY = re.compile(
    r"(?:0{4}[-/.]00?[-/.]00?|00?[-/.]00?[-/.]0{2,4}"
    r"|1900[-/.]0?1[-/.]00?|00?[-/.]0?1[-/.]1900|0?1[-/.]00?[-/.](?:1900|00)"
    r"|(?:0001|1900|1970)[-/.]0?1[-/.]0?1|0?1[-/.]0?1[-/.](?:0001|1900|1970)"
    r"|1899[-/.]12[-/.]3[01]|12[-/.]3[01][-/.]1899|3[01][-/.]12[-/.]1899"
    r"|9999[-/.]12[-/.]31|31[-/.]12[-/.]9999|12[-/.]31[-/.]9999)"
    r"(?:[t ](?:00:00(?::00(?:\.0+)?)?|12:00(?::00)? am|23:59:59(?:\.9+)?)"
    r"(?: ?(?:z|utc|\+00:?00))?)?"
)
# These need their points or strokes: "so", "ka" and "nd" without could mean something.
_SHORT = (
    "n/a n.a n.a. n\\a n-a n/d n.d n.d. n/c n.c n.c. n/v n.v. n/z s/o s.o. s/d s.d. s/n"
    " k/a k.a k.a. o.a. o/a #n/a #nv #n/d #n/v \\n"
)
_WORDS = (
    # programs
    "na|nan|nat|null|nil|none|undefined|empty|blank|#null!|not a number|no value"
    # English
    "|not applicable|not available|unavailable|not specified|unspecified|not provided|not given"
    "|not set|not entered|not recorded|not known|unknown|no data|no date|no information"
    "|missing|tbd|tba|tbc|to be determined|to be announced|to be confirmed|to be defined"
    "|not yet|nothing"
    # French
    "|non applicable|sans objet|non disponible|indisponible|non renseigne|non renseignee"
    "|non communique|non communiquee|non precise|non precisee|non specifie|non specifiee"
    "|non defini|non definie|non connu|non connue|inconnu|inconnue|aucun|aucune"
    "|aucune donnee|aucune date|pas de date|pas encore|neant|vide|rien|a definir|a determiner"
    "|a preciser|a confirmer"
    # German
    "|keine angabe|keine angaben|ohne angabe|kein|keine|keiner|keines|kein wert|keine daten"
    "|kein datum|nicht zutreffend|entfallt|nicht verfugbar|nicht vorhanden|nicht angegeben"
    "|nicht bekannt|unbekannt|leer|fehlt|noch nicht|nichts|nicht anwendbar"
    # Spanish
    "|ninguno|ninguna|sin datos|sin dato|sin fecha|sin informacion|sin especificar"
    "|no disponible|no aplica|no aplicable|no procede|no corresponde|no especificado"
    "|no especificada|no consta|no indicado|no indicada|desconocido|desconocida|vacio|vacia"
    "|nulo|nula|nada|por definir|por determinar|por confirmar|todavia no|aun no"
)
SHORT = frozenset(_SHORT.split())
WORDS = frozenset(_WORDS.split("|"))
LONGEST, LONGEST_SHORT = 40, 6


def is_sign_of_nothing(text: str) -> bool:
    """Whether TEXT is nobody's name nor any role's: signs alone, or as N/A with its stroke."""
    if len(text) > LONGEST_SHORT and text[0].isalnum():
        return False
    word = SPACES.sub(" ", unaccented(trim(text)).lstrip("'"))
    return SIGNS.issuperset(word) or word in SHORT or word.replace(" ", "") in SHORT


def is_nothing(text: str) -> bool:
    """Whether TEXT, of an optional cell, says that there is nothing to say."""
    return len(text) <= LONGEST and _is_nothing(text)


@lru_cache(maxsize=4096)
def _is_nothing(text: str) -> bool:
    word = SPACES.sub(" ", unaccented(trim(decode_entities(text))).lstrip("'"))
    if not word or SIGNS.issuperset(word):
        return True
    if word in SHORT or word.replace(" ", "") in SHORT:
        return True
    bare = word.strip("()[]{}<>\"'`-–—. *:")
    if bare in WORDS or bare.replace(".", "") in WORDS:
        return True
    return bool(ZERO.fullmatch(bare) or NO_DAY.fullmatch(bare))
