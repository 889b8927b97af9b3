"""The address in a cell: taken out with a notice, or refused with the reason. Pure.

Two addresses are never made of one: what has a space, or a word that is no address, beside it could
be half of somebody else's ("ann roe@x.example").
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

import email_validator

from portal.candidate_files.faults import show
from portal.candidate_files.nothing import is_nothing
from portal.candidate_files.texts import QUOTES, SPACES, decode_entities, is_invisible, trim
from portal.language import gettext, lazy_gettext

MOST = 1_000
SEVERAL = lazy_gettext("Several addresses in one cell: the first is taken")
BESIDES = lazy_gettext("More than the address in its cell: the address alone is taken")
CLEANED = lazy_gettext("Signs around or inside an address that do not belong to it: left out")

# What nearly every cell holds. email-validator says the same of these (a test compares them).
ORDINARY = re.compile(
    r"(?=.{1,254}\Z)(?=[^@]{1,64}@)"
    r"([A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*)"
    r"@((?:[A-Za-z0-9](?:[A-Za-z0-9]|-(?!-)){0,61}(?<!-)\.)+([A-Za-z]{2,63}))"
)
SPECIAL_ENDS = frozenset(email_validator.SPECIAL_USE_DOMAIN_NAMES) - {"test"}
SPECIAL_LOCALS = frozenset(email_validator.rfc_constants.CASE_INSENSITIVE_MAILBOX_NAMES)

NO_REPLY = re.compile(r"(?:no|do.?n[o']?t)reply|nepasrepondre|noresponder|nichtantworten")
# Nobody's name, at whatever domain; and those that are nobody's where the domain says so too.
_NOBODY = (
    "noemail nomail noaddress noemailaddress none unknown undefined notavailable notapplicable"
    " notprovided mailerdaemon"
)
_STAND_INS = (
    "test na null nil no email mail example sample dummy fake invalid abc xyz xxx aaa asdf qwerty"
    " user name anonymous nobody candidate applicant placeholder tbd"
)
NOBODY = frozenset(_NOBODY.split())
STAND_INS = NOBODY.union(_STAND_INS.split())

LABEL = re.compile(
    r"\s*(?:(?:mailto:(?://)?)+|smtp:"
    r"|(?:e-?mail|mail|courriel|correo|electr[oó]nico|ad?dresse?|[\s-])+:)\s*",
    re.IGNORECASE,
)
# What a mailto: link says besides the address, up to the next link.
QUERY = re.compile(r"(mailto:[^\s?<>]+)\?(?:(?!mailto:)[^<>\"'\])])*", re.IGNORECASE)
HEADER = re.compile(r"[\r\n]\s*(?!mailto:|smtp:)[A-Za-z-]+\s*:", re.IGNORECASE)
HTML_LINK = re.compile(
    r"<a\s[^>]*?href\s*=\s*[\"']?(mailto:[^\"'>\s]+)[^>]*>.*?(?:</a>|$)", re.IGNORECASE
)
TAG = re.compile(r"</?[a-z][^<>@]*>", re.IGNORECASE)
MARKDOWN_LINK = re.compile(r"\[([^\[\]]*)\]\(((?:mailto:)?[^()\s]*)[^()]*\)")
ANGLED = re.compile(r"<([^<>]*)>")
BRACKETED = re.compile(r"[(\[{]\s*((?:mailto:)?[^\s()\[\]{}<>@]+@[^\s()\[\]{}<>@]+)\s*[)\]}]")
# In quotation marks whole, as formulas, lists and JSON have it; a quoted local part is no address.
QUOTED = re.compile(r"""(?<![^\s=(\[{,:;])(["'])([^\s"@]+@[^\s"'@]+)\1(?!@)""")
BREAKS = re.compile(r"[\r\n\t]")
COMMENT = re.compile(r"\([^()@]*\)")
STROKE = re.compile(r"[|/\\]")
_LINKING = "and or et ou und oder y o u e"
LINKING = frozenset(_LINKING.split())
WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {
    0xFE6B: "@",
    0x3002: ".",
    0xFF61: ".",
    0x3001: ",",
    0x060C: ",",
    0x061B: ";",
}
BEGINNINGS = '_+-"'


@dataclass(frozen=True, slots=True)
class AddressRead:
    """An address that can be mailed to, and what had to be done to get it."""

    address: str
    notice: str | None = None


def read_address(text: str) -> AddressRead:
    """The address in TEXT, its domain in lower case. Raises ValueError in words."""
    text = trim(text)
    if found := ORDINARY.fullmatch(text):
        local, domain, end = found.groups()
        if end.lower() not in SPECIAL_ENDS and local.lower() not in SPECIAL_LOCALS:
            return AddressRead(_somebody(f"{local}@{domain.lower()}"))
    if len(text) > MOST:
        raise ValueError(gettext("longer than %(most)s characters", most=MOST))
    plain = decode_entities(text).translate(WIDE)
    _refuse_controls(plain)
    trimmed = SPACES.sub(" ", trim(plain))
    visible = "".join(sign for sign in trimmed if not is_invisible(sign))
    parts = _split(visible)
    if not parts:
        raise ValueError(gettext("is missing"))
    address = _first_valid(parts)
    return AddressRead(address, _notice(text, address, parts))


def _refuse_controls(text: str) -> None:
    """A line break may stand between two addresses; one that begins a header is an attack."""
    inner = text.strip()
    if HEADER.search(inner) or any(unicodedata.category(s) == "Cc" for s in BREAKS.sub("", inner)):
        raise ValueError(gettext("control characters and line breaks do not fit"))


def _notice(text: str, address: str, parts: list[str]) -> str | None:
    if len({part.lower() for part in parts}) > 1:
        return str(SEVERAL)
    if parts == [text]:
        return None
    if text.strip(f"{QUOTES} .,;:<>").lower() == address.lower():
        return str(CLEANED)
    return str(BESIDES if re.search(r"[<(\[: ]", text) else CLEANED)


def _split(text: str) -> list[str]:
    """Everything in TEXT that should be an address."""
    text = QUERY.sub(r"\1 ", HTML_LINK.sub(r" <\1> ", text))
    text = MARKDOWN_LINK.sub(_link, TAG.sub(" ", text))
    if not _has_angled(text):
        text = QUOTED.sub(r" <\2> ", text)
    if not _has_angled(text) and "@" not in BRACKETED.sub(" ", text):
        text = BRACKETED.sub(r"<\1>", text)
    if angled := [inside for inside in ANGLED.findall(text) if "@" in inside]:
        outside = ANGLED.sub(" ", text)
        parts = [*angled, *re.findall(r"[^\s,;|/<>\"']+@[^\s,;|/<>\"']+", outside)]
    else:
        text = COMMENT.sub(" ", BRACKETED.sub(r" \1 ", text))
        parts = [piece for part in _split_quoted(text) for piece in _pieces(part)]
    cleaned = (_bare(part) for part in parts)
    return list(dict.fromkeys(part for part in cleaned if part and not is_nothing(part)))


def _has_angled(text: str) -> bool:
    return any("@" in inside for inside in ANGLED.findall(text))


def _link(found: re.Match[str]) -> str:
    target, words = found[2], found[1]
    return f" <{target if '@' in target else words}> "


def _split_quoted(text: str) -> list[str]:
    """TEXT between commas, semicolons and line breaks; in quotation marks they belong to it."""
    parts, quoted = [""], False
    for sign in text:
        quoted ^= sign == '"'
        if sign in ",;\r\n\t" and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _pieces(part: str) -> list[str]:
    """PART between spaces and strokes, which stand inside of an address only if it is alone."""
    part = (
        LABEL.sub("", part, count=1) if LABEL.match(part) and "mailto" not in part.lower() else part
    )
    part = part.strip()
    if '"' in part.strip(QUOTES) or '"@' in part:
        return [part]
    if part.count("@") > 1 or " " in part:
        # Signs alone, as a dash or a tick, are no half of an address.
        words = (word for word in part.split() if not is_nothing(word))
        split = (piece for word in words for piece in STROKE.split(word))
        pieces = (piece for piece in split if "@" in piece or _has_letters(piece))
        return [piece for piece in pieces if piece.lower() not in LINKING]
    return [part]


def _has_letters(text: str) -> bool:
    return any(sign.isalnum() for sign in text)


def _bare(part: str) -> str:
    """PART without what programs and people put around an address."""
    part = part.strip()
    label = LABEL.match(part)
    if label:
        part = part[label.end() :]
        if "mailto" in label[0].lower():
            part = unquote(part.partition("?")[0])
    if '"@' not in part:
        part = part.strip(f"{QUOTES} ")
    return part.removeprefix("'").rstrip(".,;:>").strip()


def _first_valid(parts: list[str]) -> str:
    """The first address of PARTS; raises ValueError with the reason of the first that is none."""
    if alone := [part for part in parts if "@" not in part]:
        if len(parts) > len(alone):
            raise ValueError(
                gettext(
                    "%(text)s beside an address: one address, and nothing else",
                    text=show(alone[0]),
                )
            )
        raise ValueError(gettext("an address has an @-sign"))
    reasons = []
    for part in parts:
        try:
            return _validate(part)
        except ValueError as error:
            reasons.append(str(error))
    raise ValueError(reasons[0])


def _validate(address: str) -> str:
    if not address.isprintable():  # what percent signs stood for
        raise ValueError(gettext("control characters and line breaks do not fit"))
    found = email_validator.validate_email(
        address,
        check_deliverability=False,
        test_environment=True,
        allow_smtputf8=False,
        allow_quoted_local=True,
    )
    return _somebody(found.normalized)


def _somebody(address: str) -> str:
    """ADDRESS, unless surely nobody reads what is sent there.

    What begins like =ann@x.example or %20ann@x.example is allowed, and was never given to anybody:
    a program left something standing before it.
    """
    if not (address[0].isalnum() or address[0] in BEGINNINGS):
        raise ValueError(
            gettext(
                "%(address)s begins with a sign with which no address begins",
                address=show(address),
            )
        )
    local, _, domain = address.lower().rpartition("@")
    bare = re.sub(r"[^a-z0-9]", "", local.partition("+")[0])
    if NO_REPLY.match(bare):
        raise ValueError(
            gettext("%(address)s is an address from which nobody answers", address=show(address))
        )
    if bare in NOBODY or (
        bare in STAND_INS and domain.partition(".")[0].replace("-", "") in STAND_INS
    ):
        raise ValueError(gettext("%(address)s is nobody's address", address=show(address)))
    return address
