"""What of a text can be written, and whether it shows anything. Knows nothing else."""

import re
import unicodedata

# Letters and symbols that are drawn as nothing: fillers of Hangul, the empty Braille cell, blanks
# of Khmer, hieroglyphs and music; and what stands for a picture that did not come along.
EMPTY = frozenset("\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5\U00013441\U00013442\U0001d159\ufffc")
# Spaces, controls, formats (joiners, marks of direction); marks upon nothing.
UNSEEN = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me"))
# What no page may contain and databases refuse: controls but tab and line end, halves of signs, and
# what Unicode says is no character.
UNWRITABLE = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(end)}{chr(end + 1)}" for end in range(0xFFFE, 0x110000, 0x10000))
    + "]"
)
# Of what is unassigned, what Unicode keeps for signs that are never drawn. The rest may be newer
# than Python's tables, as each year's emoji are, and browsers draw it.
NEVER_SEEN = re.compile("[\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")


def writable(text: str) -> str:
    """TEXT with one kind of line end and nothing a database or a page would choke on."""
    return UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def shows(text: str) -> bool:
    """Whether a reader would see anything of TEXT."""
    return any(
        sign not in EMPTY and unicodedata.category(sign) not in UNSEEN
        for sign in NEVER_SEEN.sub("", writable(text))
    )
