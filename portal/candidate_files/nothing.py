"""Words and signs that people and programs write for "nothing". Pure.

For optional cells only: in a required one "None" may be somebody's name. "No" is an answer.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from portal.candidate_files.day_forms import LONGEST as MOST
from portal.candidate_files.day_forms import readings
from portal.candidate_files.texts import SPACES, decode_entities, trim, unaccented

# Not "*" (a rating), "+" and "x" (a yes), "#" and "!" (a spreadsheet's errors).
SIGNS = frozenset("-–—―−‐‑‒_.…?¿/\\~|()[]{}<>\"'`“”„«»,;:=· ")
# Zero as a number, and as a day with its time.
ZERO = re.compile(r"0+(?:[.,]0+)?")
ZEROS = re.compile(r"(?:0{4}[-/.]00?[-/.]00?|00?[-/.]00?[-/.]0{2,4})(?:[t ][0:., tz+]*)?")
# The days that programs count from, and the last: in whatever form, nothing happened on them.
_NO_DAYS = "0001-01-01 1899-12-30 1899-12-31 1900-01-01 1904-01-01 1969-12-31 1970-01-01 9999-12-31"
NO_DAYS = frozenset(map(date.fromisoformat, _NO_DAYS.split()))
MAY_BE_NO_DAY = re.compile(
    r"(?<![0-9])(?:0001|1899|1900|1904|1969|1970|9999|[67][09])(?![0-9:])|^(?:1900|1970)0101|(?<![0-9:])00?(?![0-9:])"
)
# The first of 1970 in Greenwich, elsewhere; on the others a clock shows midnight, or it meant it.
EPOCHS = frozenset([date(1969, 12, 31), date(1970, 1, 1)])
CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}")
MIDNIGHT = re.compile(r"(?<![0-9:])(?:00?:00(?!:?[0-9]{0,2}[1-9])|12:00(?::00)? ?a|23:59)")
# January 0, 1900 is how Excel shows the day 0: "0-Jan-00", "1/0/1900 0:00".
DAY_ZERO = re.compile(r"(?<![0-9:])00?(?![0-9:])")
AFTER_ZERO = frozenset([date(1900, 1, 1), date(2000, 1, 1)])
# A form to be filled in: dd/mm/yyyy.
BLANKS = re.compile(
    r"(?:[dtjx_]{1,2}[-/.][mx_]{1,2}|mm[-/.]dd)[-/.][yjax_]{2,4}|[yja]{4}-mm-[dtj]{2}"
)
# These need their points or strokes: "so", "ka" and "nd" without could mean something.
_SHORT = "n/a n/b n/c n/d n/r n/s n/v n/z s/o s/d s/n s/f k/a o/a"
_DOTTED = "n.a n.b n.c n.d n.v s.o s.d k.a o.a"
_SIGNED = "n\\a n-a #n/a #nv #n/d #n/v #na \\n"
_WORDS = (
    # programs
    "na|nan|nat|null|nil|none|undefined|empty|blank|#null|not a number|no value"
    # English
    "|unavailable|unspecified|unassigned|unknown|no data|no date|no entry|no information|no info"
    "|missing|tbd|tba|tbc|to be determined|to be announced|to be confirmed|to be defined"
    "|to be decided|to be advised|not yet|never|nothing|nul|blanks|none yet|none given"
    "|please select|select one|none selected"
    # French
    "|sans objet|indisponible|inconnu|inconnue|aucun|aucune"
    "|aucune donnee|aucune date|pas de date|sans date|pas encore|jamais|neant|vide|vides|rien"
    "|a definir|a determiner|a preciser|a confirmer|a venir|en blanc|veuillez choisir"
    # German
    "|keine angabe|keine angaben|ohne angabe|ohne angaben|kein|keine|keiner|keines|kein wert"
    "|keine daten|kein datum|kein eintrag|entfallt|entfaellt|trifft nicht zu|unbekannt"
    "|noch unbekannt|leer|fehlt|noch nicht|nie|niemals|nichts|bitte wahlen|bitte auswahlen"
    # Spanish
    "|ninguno|ninguna|sin datos|sin dato|sin fecha|sin informacion|sin especificar"
    "|no aplica|no procede|no corresponde|no consta|desconocido|desconocida|vacio|vacia"
    "|nulo|nula|nada|nunca|por definir|por determinar|por confirmar|todavia no|aun no|en blanco"
)
SHORT = frozenset(f"{_SHORT} {_DOTTED} {_SIGNED}".split())
WORDS = frozenset(_WORDS.split("|"))
# What has not been done to a cell or about a day: "not yet informed", "non saisi". Never what
# says something of a person, as "not suitable".
_NOT = (
    r"(?:not|not yet|never|non|pas|pas encore|nicht|noch nicht|noch nie|no|sin|aun no|todavia no)"
    r" (?:"
    # English
    r"applicable|available|specified|provided|given|set|entered|recorded|known|assigned|informed"
    r"|told|notified|sent|decided|determined|defined|scheduled|stated|supplied|disclosed"
    # French
    r"|(?:disponible|concerne|renseigne|communique|precise|specifie|defini|connu|saisi|rempli"
    r"|fourni|indique|date|attribue|assigne|informe|prevenu|decide|envoye|determine)e?"
    # German
    r"|zutreffend|verfugbar|verfuegbar|vorhanden|angegeben|bekannt|anwendbar|gesetzt|erfasst"
    r"|ausgefullt|ausgefuellt|zugewiesen|zugeordnet|informiert|benachrichtigt|mitgeteilt|versendet"
    r"|entschieden|festgelegt|definiert|hinterlegt|gepflegt"
    # Spanish
    r"|(?:especificad|indicad|informad|asignad|definid|comunicad|notificad|enviad|decidid"
    r"|registrad|rellenad)[oa]|especificar|informar|asignar|definir|disponible|aplicable|rellenar"
    r")(?: yet)?"
)
NOT_DONE = re.compile(_NOT)
PARTS = re.compile(r"[,;()|]| / ")
# How what is nothing and of several words begins: names are looked up by that first.
BEGINNINGS = frozenset(
    ["not", "never", "non", "pas", "nicht", "noch", "no", "sin", "aun", "todavia"]
    + [words.partition(" ")[0] for words in WORDS if " " in words]
)
LONGEST, LONGEST_SHORT, MOST_SHORT = 40, 6, 10


def is_sign_of_nothing(text: str) -> bool:
    """Whether TEXT is nobody's name nor any role's: signs alone, as N/A with its stroke, as (blank)
    with its brackets, or of several words, as "not provided"."""
    if text[:1].isalnum() and len(text) > LONGEST_SHORT:
        first, space, _ = text.partition(" ")
        return bool(space) and unaccented(first) in BEGINNINGS and is_nothing(text)
    word = SPACES.sub(" ", unaccented(trim(text)).lstrip("'"))
    is_bare = word[:1].isalnum()
    return SIGNS.issuperset(word) or _is_short(word) or (not is_bare and is_nothing(word))


def is_nothing(text: str) -> bool:
    """Whether TEXT, of an optional cell, says that there is nothing to say."""
    return len(text) <= MOST and _is_nothing(text)


@lru_cache(maxsize=4096)
def _is_nothing(text: str) -> bool:
    word = SPACES.sub(" ", unaccented(trim(decode_entities(text))).lstrip("'"))
    if not word or SIGNS.issuperset(word):
        return True
    if len(word) > LONGEST:
        return _is_no_day(word)
    if len(word) <= MOST_SHORT and (_is_short(word) or _is_short(word.rstrip(".*!?:"))):
        return True
    bare = word.strip("()[]{}<>\"'`-–—. *:?!")
    if bare in WORDS or bare.replace(".", "") in WORDS:
        return True
    plain = bare.replace("-", " ").replace("_", " ")
    if plain in WORDS or NOT_DONE.fullmatch(plain) or ZERO.fullmatch(bare):
        return True
    if ZEROS.fullmatch(bare) or BLANKS.fullmatch(bare) or _is_no_day(word):
        return True
    if not PARTS.search(word):
        return False
    # "N/A (not applicable)", "keine Angabe / n.a.": each part says it.
    parts = [part for part in PARTS.split(word) if part.strip()]
    return len(parts) > 1 and all(map(_is_nothing, parts))


def _is_short(word: str) -> bool:
    close = word.replace(" ", "").removesuffix(".")
    return word in SHORT or close in SHORT


def _is_no_day(text: str) -> bool:
    """Whether TEXT, in whatever form, is a day that programs write where there is none."""
    if not MAY_BE_NO_DAY.search(text):
        return False
    if DAY_ZERO.search(text) and _is_among(AFTER_ZERO, DAY_ZERO.sub("1", text, count=1)):
        return True
    is_midnight = not CLOCK.search(text) or MIDNIGHT.search(text)
    return _is_among(NO_DAYS if is_midnight else EPOCHS, text)


def _is_among(days: frozenset[date], text: str) -> bool:
    """Whether TEXT is a day, and one of DAYS in whatever order it is written."""
    found = readings(text)
    return isinstance(found, Mapping) and days.issuperset(found.values())
