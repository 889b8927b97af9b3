"""Names of people as files write them. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from portal.candidate_files.nothing import is_sign_of_nothing
from portal.candidate_files.texts import SPACES, decode_text, trim, unaccented, undo_encoding
from portal.language import lazy_gettext

TURNED = lazy_gettext("“Last, First” is read as First Last")
NOT_TURNED = lazy_gettext("A name with a comma is kept as it is: “Last, First”, or two people?")
BESIDE = lazy_gettext("An address beside a name in its cell: the name alone is taken")

# What nearly every cell holds: words of letters, one space between them.
PLAIN = re.compile(r"[^\W\d_][^\W\d_.-]*(?: [^\W\d_][^\W\d_.-]*)*")
QUOTED = (('"', '"'), ("“", "”"), ("„", "“"), ("«", "»"), ("'", "'"), ("‘", "’"))
# Behind a comma these belong to the name before it: suffixes, degrees, titles, kinds of company.
_BEHIND = (
    "jr sr jnr snr junior senior i ii iii iv v vi 2nd 3rd 4th esq esquire hijo"
    " phd dphil md mba ma msc bsc ba bs bsn ms mphil llb llm jd edd dds dvm do dnp mph mpa mfa med"
    " rn lpn np pa cpa cfa pmp pe cissp facp frcs mrcp mrcs obe mbe cbe kc qc sj op pharmd psyd"
    " ing dipl diplom dr prof professor mr mrs ms mx miss frau herr mme mlle sra srta"
    " inc llc llp lp ltd limited co corp corporation company plc gmbh ag kg ohg ug se sa sas sarl"
    " sl slu srl spa bv nv ab oy as pty pvt"
)
BEHIND = frozenset(_BEHIND.split())
# Of these, what is a first name too when it is written like one: "Do, Ma", but "Roe, MA".
_NAMES_TOO = "ma do pa ba sa se as oy sl ing junior md vi"
NAMES_TOO = frozenset(_NAMES_TOO.split())
TITLES = frozenset(("dr", "prof", "mr", "mrs", "ms", "miss", "herr", "frau", "mme", "mlle"))
INITIALS = frozenset(("i", "v"))  # not fifths, behind a first name
BORN = frozenset(("nee", "ne", "geb", "geborene", "born", "aka"))
# A last name of several words begins so; without it they could be a first and a last name.
_PARTICLES = (
    "de del della di da dos das do du des la las le les los el al abu bin ibn ben bint van von"
    " vom zu zur zum ten ter den der op af av mac mc st st. saint san santa o d"
)
PARTICLES = frozenset(_PARTICLES.split())
TWO_PEOPLE = re.compile(r"[&+/;]|\b(?:and|et|und)\b")
FORMULA = re.compile(r"[=@]")  # kept as it is: text to us
NO_NAME = re.compile(r"[0-9@=<>{}|]")
# "Ann Roe <ann@x.example>", as mail programs write both.
ADDRESS = re.compile(r"[<(\[]\s*[^\s<>()\[\]]+@[^\s<>()\[\]]+\s*[>)\]]")
IN_BRACKETS = re.compile(r"\([^()]*\)")
COMMA = re.compile("[,،，]")
DEGREE = re.compile(r"(?:[A-Z]\.?){2,6}|[A-Z][a-zA-Z]?\.[A-Za-z.]+")


@dataclass(frozen=True, slots=True)
class NameRead:
    """A name, and what had to be done to get it."""

    name: str
    notice: str | None = None


def read_name(text: str) -> NameRead:
    """The name in TEXT as one would greet its bearer.

    An apostrophe before a letter is kept: 't Hooft and 'Abd al-Rahman have theirs. Joiners inside
    are kept: Persian names need them.
    """
    if PLAIN.fullmatch(text) and undo_encoding(text) == text:
        return NameRead(text)
    decoded, notice = decode_text(text)
    name = _unquote(SPACES.sub(" ", decoded))
    if "@" in name and (alone := trim(ADDRESS.sub("", name))) not in ("", name):
        return NameRead(read_name(alone).name, str(BESIDE))
    name = COMMA.sub(",", name)
    if "," not in name or FORMULA.match(name):
        return NameRead(name, notice)
    parts = [_unquote(trim(part)) for part in name.strip(" ,").split(",")]
    parts = [part for part in parts if not is_sign_of_nothing(part)]
    if len(parts) == 2 and all(map(_is_wide, filter(str.isalpha, name))):
        return NameRead(" ".join(parts), notice)  # Chinese and Korean names begin with the last
    if len(parts) > 1 and (turned := _turn(parts)):
        return NameRead(_unquote(turned), str(TURNED))
    name = ", ".join(part for part in parts if part)
    doubtful = len(parts) == 2 and not _is_behind(parts[1], parts[0]) and not NO_NAME.search(name)
    return NameRead(name, str(NOT_TURNED) if doubtful else notice)


def _unquote(name: str) -> str:
    for begin, end in QUOTED:
        inside = name[1:-1]
        if len(name) > 2 and name[0] == begin and name[-1] == end:
            return trim(inside) if begin not in inside and end not in inside else name
    return name


def _turn(parts: list[str]) -> str | None:
    """First Last of a name cut at its commas into PARTS; None where that is not sure."""
    whole = ", ".join(parts)
    beside = IN_BRACKETS.sub("", unaccented(whole))  # (she/her) are not two people
    if NO_NAME.search(whole) or TWO_PEOPLE.search(beside):
        return None
    names = [part for part in parts[1:] if not _is_behind(part, parts[0])]
    behind = [part for part in parts[1:] if part not in names]
    if len(names) != 1:
        return None
    last, first = parts[0].split(), names[0].split()
    if len(last) > 1 and len(first) > 1 and not _begins_last_name(last):
        return None
    if len(first) > 4 or _plain(first[0]) in BORN:
        return None
    title = last.pop(0) if len(last) > 1 and _plain(last[0]) in TITLES else ""
    end = next(at for at in range(len(first), 0, -1) if at == 1 or not _ends_name(first[at - 1]))
    first, suffixes = first[:end], first[end:]
    if suffixes and _plain(suffixes[0]) in TITLES:
        title = title or suffixes.pop(0)
    return ", ".join([" ".join(filter(None, [title, *first, *last, *suffixes])), *behind])


def _plain(word: str) -> str:
    return unaccented(word).replace(".", "")


def _begins_last_name(last: list[str]) -> bool:
    """Whether LAST, of several words, is one last name: "van der Berg", "King Jr."."""
    return (
        unaccented(last[0]).strip("'’") in PARTICLES
        or _plain(last[0]) in TITLES
        or (len(last) == 2 and _is_behind(last[1]))
        or bool({"y", "e"}.intersection(last))
    )


def _ends_name(word: str) -> bool:
    """Whether WORD, the last behind a comma, is a suffix or degree and no second first name."""
    plain = _plain(word)
    return plain in BEHIND - INITIALS and not _is_name_too(word)


def _is_name_too(word: str) -> bool:
    return word.istitle() and "." not in word and _plain(word) in NAMES_TOO


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) == "W"


def _is_behind(part: str, before: str = "") -> bool:
    """Whether PART, behind a comma, belongs to the name BEFORE it and is no first name."""
    words = _plain(part).split()
    if before and " " not in before and _is_name_too(part):
        return False
    if words and all(word in BEHIND for word in words):
        return True
    # "Ann Roe, FRCGP": capitals behind a whole name that has none.
    return " " in before and not before.isupper() and bool(DEGREE.fullmatch(part))
