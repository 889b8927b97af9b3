"""Taking out of a comment what leads straight to a person: addresses and numbers.

Names are left in. The only list of names is the employer's own, and whoever may add to it could
blank any word of a comment by giving it to a candidate as a name.
"""

import re

REMOVED = "[removed]"

# Bounded repeats only: 2,000 characters of anything must not take longer than reading them.
_EMAIL = r"[^\s@＠<>()\[\],;:\"]{1,64}\s?[@＠]\s?[^\s@＠<>()\[\],;:\"]{1,200}\.[^\W\d_]{2,24}"
_SPELLED_EMAIL = (
    r"\S{1,64}\s?[(\[{]\s?at\s?[)\]}]\s?\S{1,64}"
    r"(?:\s?[(\[{]\s?dot\s?[)\]}]\s?\w{2,24})?"
)
_URL = r"(?:https?://|www\.)\S{1,1000}"
_BARE_URL = (
    r"\b[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,5}\."
    r"(?:(?:com|org|net|io|co|edu|gov|info|biz|eu|uk|fr|de|ca|au|ch|be|nl)\b(?:/\S{0,1000})?"
    r"|[a-z]{2,24}/\S{1,1000})"
)
_HANDLE = r"(?<![\w@])@[\w.]{2,64}"
# Seven digits or more, with what people put between them; so a date goes too, which hurts nobody.
_PHONE = r"(?<!\w)\+?\(?\d(?:[ \u00a0\u202f().\-/–]{0,3}\d){6,40}(?!\w)"

_PERSONAL = re.compile(
    "|".join(f"(?:{part})" for part in (_URL, _EMAIL, _SPELLED_EMAIL, _BARE_URL, _HANDLE, _PHONE)),
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """TEXT with email and web addresses, handles and telephone numbers replaced by REMOVED."""
    return _PERSONAL.sub(REMOVED, text)
