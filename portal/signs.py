"""Whether a text shows anything. Knows nothing else."""

import unicodedata

# Letters and symbols that Unicode draws as nothing: fillers of Hangul, the empty Braille cell.
EMPTY = frozenset("\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5")
# Spaces, controls, formats (joiners, marks of direction), unassigned; marks upon nothing.
UNSEEN = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Cn", "Mn", "Me"))


def shows(text: str) -> bool:
    """Whether a reader would see anything of TEXT."""
    return any(sign not in EMPTY and unicodedata.category(sign) not in UNSEEN for sign in text)
