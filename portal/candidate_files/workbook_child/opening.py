"""What kind of file it is. Bombs and what is no workbook are refused before calamine sees them."""

import mmap
import os
import posixpath
import re
import zipfile
import zlib
from typing import IO, Any
from xml.parsers import expat

from .looks import Look, OdsLook, Refused, XlsxLook, bare

BLOCK = 64 * 1024
ENCRYPTED, DEFLATED, STORED = 0x1, 8, 0
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
OTHER_ZIPS = {"word/": "word", "ppt/": "slides", "index/": "numbers"}
OTHER_OPEN_DOCUMENTS = {b".text": "word", b".presentation": "slides"}
# What is in a file of an old Office program, by the name of its stream.
STREAMS = {
    "EncryptedPackage": "password",
    "WordDocument": "word",
    "PowerPoint Document": "slides",
    "__substg1.0": "mail",
    "Workbook": "",
    "Book": "",
}

Told = dict[str, Any]


def look_into(file: IO[bytes], told: Told) -> dict[str, Look]:
    """What there is to know of the sheets beside what calamine says, by their names."""
    file.seek(0)
    return look_into_zip(file, told) if file.read(2) == b"PK" else look_into_ole(file)


def look_into_ole(file: IO[bytes]) -> dict[str, Look]:
    """Refuse what is not a workbook; calamine says all of what is."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for name, word in STREAMS.items():
            if re.search(re.escape(name.encode("utf-16-le")), data, re.IGNORECASE):
                if word:
                    raise Refused(word)
                return {}
    raise Refused("damaged")


def look_into_zip(file: IO[bytes], told: Told) -> dict[str, Look]:
    """Refuse what is not a workbook, and look into one whose parts are XML of Excel."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError) as error:
        raise Refused("damaged") from error
    refuse_bombs(file, archive.infolist(), told["limits"])
    parts = {
        entry.filename.replace("\\", "/").lower().lstrip("/"): entry for entry in archive.infolist()
    }
    package = Parts(archive, parts)
    book = find_book(package)
    if book.endswith(".bin"):
        return {}
    if book and package.elements(book, "workbook"):
        return look_into_sheets(package, book, told)
    kind = archive.read("mimetype")[:100] if "mimetype" in parts else b""
    if kind.startswith(ODS):
        return look_into_content(package, told)
    words = [word for start, word in OTHER_ZIPS.items() if any(p.startswith(start) for p in parts)]
    words += [word for end, word in OTHER_OPEN_DOCUMENTS.items() if end in kind]
    raise Refused(words[0] if words else "zip")


def refuse_bombs(file: IO[bytes], entries: list[zipfile.ZipInfo], limits: dict[str, int]) -> None:
    """Nothing is unpacked, to be kept, that this has not passed."""
    size, inflated = file.seek(0, os.SEEK_END), sum(entry.file_size for entry in entries)
    if len(entries) > limits["entries"] or inflated > limits["inflated"]:
        raise Refused("bomb")
    if inflated > max(limits["ratio_from"], limits["ratio"] * size):
        raise Refused("bomb")
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Refused("password")
    for entry in entries:
        check_size(file, entry)


def check_size(file: IO[bytes], entry: zipfile.ZipInfo) -> None:
    """Refuse an ENTRY that unpacks to more than it says: to it all the limits are blind."""
    if entry.compress_type not in (STORED, DEFLATED):
        raise Refused("zip")
    file.seek(entry.header_offset)
    start = file.read(30)
    file.seek(int.from_bytes(start[26:28], "little") + int.from_bytes(start[28:], "little"), 1)
    if entry.compress_type == STORED:
        made, left = entry.compress_size, 0
    else:
        made, left = 0, entry.compress_size
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    while left and not inflate.eof:
        block = file.read(min(left, BLOCK))
        if not block:
            raise Refused("damaged")
        left -= len(block)
        while block and made <= entry.file_size:
            made += len(inflate.decompress(block, 16 * BLOCK))
            block = inflate.unconsumed_tail
    if made > entry.file_size:
        raise Refused("bomb")


class Parts:
    """The XML parts of an XLSX."""

    def __init__(self, archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo]) -> None:
        self.archive, self.names = archive, names

    def parse(self, name: str, parser: expat.XMLParserType) -> None:
        """Run PARSER over the part; without entities, which it could be made to grow by."""
        entry = self.names.get(name.lower())
        if entry is None:
            raise Refused("damaged")

        def refuse_doctype(*_: object) -> None:
            raise Refused("doctype")

        parser.StartDoctypeDeclHandler = refuse_doctype
        with self.archive.open(entry) as part:
            parser.ParseFile(part)

    def elements(self, name: str, wanted: str) -> list[dict[str, str]]:
        """The attributes, without their prefixes, of every element WANTED."""
        found = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            if bare(tag) == wanted:
                found.append({bare(key): value for key, value in attributes.items()})

        parser = expat.ParserCreate()
        parser.StartElementHandler = start
        self.parse(name, parser)
        return found

    def links(self, folder: str, name: str, kind: str) -> dict[str, str]:
        """The names of the parts that the part NAME leads to, of those of KIND, by their ids."""
        return {
            link["Id"]: posixpath.normpath(posixpath.join("/", folder, link["Target"]))[1:].lower()
            for link in self.elements(name, "Relationship")
            if link["Type"].endswith(kind)
        }


def find_book(parts: Parts) -> str:
    """The part with the list of sheets, as the package says; empty if there is none."""
    if "_rels/.rels" not in parts.names:
        return ""
    links = parts.links("", "_rels/.rels", "/officeDocument")
    return next((name for name in links.values() if name in parts.names), "")


def look_into_sheets(parts: Parts, book: str, told: Told) -> dict[str, Look]:
    """A look at every worksheet of an XLSX, by its name."""
    folder, name = posixpath.split(book)
    targets = parts.links(folder, posixpath.join(folder, "_rels", f"{name}.rels"), "/worksheet")
    sheets = parts.elements(book, "sheet")
    if len(sheets) > told["limits"]["sheets"]:
        raise Refused("large")
    looks = {}
    for sheet in sheets:
        if sheet["id"] in targets:
            look = XlsxLook(told)
            parts.parse(targets[sheet["id"]], look.parser)
            looks[sheet["name"]] = look.found()
    return looks


def look_into_content(parts: Parts, told: Told) -> dict[str, Look]:
    """A look at the sheets of an ODS."""
    if parts.elements("META-INF/manifest.xml", "encryption-data"):
        raise Refused("password")
    look = OdsLook(told)
    parts.parse("content.xml", look.parser)
    return look.looks
