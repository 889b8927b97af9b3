"""Which passwords are among the first that a guesser tries. Knows no account and no page."""

import gzip
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

COMMON = Path(__file__).with_name("common.txt.gz")


def _folded(text: str) -> str:
    """TEXT so that case, width and ligatures make no other word of it."""
    return unicodedata.normalize("NFKC", text).casefold()


@cache
def _common() -> frozenset[str]:
    """Read when the first password is set: web and worker start without it."""
    return frozenset(gzip.decompress(COMMON.read_bytes()).decode().split("\n"))


def is_common(password: str) -> bool:
    """Whether many people use PASSWORD; NOTICE says where the list is from."""
    return _folded(password) in _common()


def _bare(text: str) -> str:
    """The letters of TEXT and the digits between them: nothing around, no signs."""
    plain = "".join(filter(str.isalnum, _folded(text)))
    return plain.strip("".join(filter(str.isnumeric, plain)))


def is_just_a_name(password: str, names: Iterable[str]) -> bool:
    """Whether PASSWORD is one of NAMES, alone or with digits and signs around or between."""
    word = _bare(password)
    return word != "" and word in map(_bare, names)
