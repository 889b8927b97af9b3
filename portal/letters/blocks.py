"""A letter's plain text as paragraphs and lists, for the HTML of its mail; the mail escapes it."""

import re
from dataclasses import dataclass, replace

from portal.formatting import unbroken

ITEM = re.compile(r"[-–•*] +(?=\S)")
LINK = re.compile(r"https://[^\s<>\"“”«»]+")
# Closes a sentence, and is no part of an address in it.
AFTER_LINK = ".,;:!?…’'*_"


@dataclass(frozen=True)
class Piece:
    """Some words of a line; `link`: they are an address."""

    text: str
    link: bool = False


@dataclass(frozen=True)
class Block:
    """A paragraph's lines, or a list's items."""

    lines: tuple[tuple[Piece, ...], ...]
    is_list: bool = False


def blocks(body: str) -> list[Block]:
    """BODY's paragraphs, between empty lines; lines that begin with a dash are a list's items."""
    found: list[Block] = []
    for part in re.split(r"\n\s*\n", body.replace("\r\n", "\n").strip()):
        begun: list[str] = []
        of_list = False
        for line in part.split("\n"):
            is_item = ITEM.match(line) is not None
            if begun and is_item != of_list:
                found.append(_block(begun, of_list))
                begun = []
            of_list = is_item
            begun.append(ITEM.sub("", line, count=1) if is_item else line)
        found.append(_block(begun, of_list))
    return found


def _block(lines: list[str], is_list: bool) -> Block:
    return Block(tuple(_pieces(line) for line in lines), is_list)


def _pieces(line: str) -> tuple[Piece, ...]:
    pieces, at = [], 0
    for match in LINK.finditer(line):
        address = _without_close(match[0])
        pieces += [Piece(line[at : match.start()]), Piece(address, link=True)]
        at = match.start() + len(address)
    pieces.append(Piece(line[at:]))
    return tuple(replace(piece, text=unbroken(piece.text)) for piece in pieces if piece.text)


def _without_close(address: str) -> str:
    """ADDRESS without the signs after it, a bracket that opened before it among them."""
    while address[-1] in AFTER_LINK or (
        address[-1] in ")]}" and address.count(address[-1]) > address.count(OPENS[address[-1]])
    ):
        address = address[:-1]
    return address


OPENS = {")": "(", "]": "[", "}": "{"}
