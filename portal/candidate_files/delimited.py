"""Delimited text: what it is written in, what separates its cells, and its rows."""

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from tempfile import SpooledTemporaryFile

from portal.candidate_files.faults import FileRefused, cut_listing, listing, show
from portal.language import gettext, lazy_gettext

MAX_LINE = 1024 * 1024
MAX_CELL = 131_072  # the csv module's own limit
BLOCK = 64 * 1024
SEPARATORS = ",;\t|"
COUNTED_LINES, SAMPLED_ROWS = 20, 50
MARKLESS = 32  # letters
MOST_DOUBTFUL, MOST_NAMED = 10, 3
SEP_LINE = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
# Nothing that anybody wrote: spaces, also those that nobody sees, separators of another kind, and
# the lines that databases and Markdown draw below their headers.
BLANK = re.compile(r"[\s,;|+=_:\u00ad\u200b-\u200f\u2060\ufeff\u2500-\u257f-]*")
# Not for files: what these make of bytes is no text that somebody wrote.
NO_ENCODINGS = (
    "idna",
    "punycode",
    "undefined",
    "unicode_escape",
    "raw_unicode_escape",
    "unicode-escape",
    "raw-unicode-escape",
)
# How Python carries a byte that is not UTF-8.
BAD = re.compile("[\udc80-\udcff]")
# What two bytes of Windows-1252 can make by chance ("É’" is "ɒ") lies beyond these: Latin letters,
# accents behind one, quotation marks and dashes, and of other scripts two letters or more.
LETTERS = re.compile(
    "[\u00c0-\u024f\u1e00-\u1eff\u2013-\u2026\u20ac]|[A-Za-z][\u0300-\u030c\u0327\u0328]"
    "|[\u0370-\u07ff\u0900-\u1fff\u3040-\u9fff\uac00-\ud7a3]{2}"
)
# What no word looks like: read as Windows-1252, it was written by a Mac or by MS-DOS.
UNLIKELY = re.compile(
    r"[^\W\d_](?:[‰ˆ‚¢¤]|[„†‡‹›¥¡¦§¨¬¯¶¸¼½¾¿](?=\w)|Ÿ)|[a-zà-ÿ](?:[ŠŽŒ]|[“”](?=[a-z]))|^[£¯¤¦¨´¸¼½¾][a-zà-ÿ]"
)
FOREIGN_WORD = re.compile(r'[^\s,;|"]*[^\x00-\x7f\s][^\s,;|"]*')
CSV_ERRORS = {
    "unexpected end of data": lazy_gettext("a quotation mark is opened here and never closed"),
    "field larger than field limit": lazy_gettext(
        "a cell is longer than %(most)s characters; perhaps a quotation mark is never closed",
        most=f"{MAX_CELL:,}",
    ),
    "expected after": lazy_gettext(
        "text follows a closing quotation mark; a quotation mark inside a cell must be doubled, "
        "or one is never closed"
    ),
}

# ="00123": a formula whose result is its text, written so that a spreadsheet leaves it alone.
TEXT_FORMULA = re.compile(r'\s*="((?:[^"]|"")*)"\s*')

Record = tuple[int, list[str]]
Lines = Generator[str, None, None]
Spool = SpooledTemporaryFile[bytes]


@dataclass(frozen=True)
class Text:
    """The bytes of SPOOL and how they are read as rows.

    `is_mixed`: UTF-8 with single bytes of Windows-1252. `doubtful`: words, as they read, by which
    a person sees whether a guessed encoding is right.
    """

    spool: Spool
    encoding: str
    is_mixed: bool = False
    notices: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    separator: str = ","
    skipped: int = 0

    def lines(self) -> Lines:
        self.spool.seek(0)
        errors = "surrogateescape" if self.is_mixed else "strict"
        text = io.TextIOWrapper(self.spool, self.encoding, errors=errors, newline="")
        number = 0
        try:
            while line := text.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise FileRefused(_too_long(), number)
                if number > self.skipped:
                    yield line
        finally:
            if not self.spool.closed:
                text.detach()  # else the wrapper would close the spool

    def records(self) -> Iterator[Record]:
        """Cells of every row that is not blank, with the line it starts on.

        Raises FileRefused, naming the row, where the file stops being CSV.
        """
        for number, cells in self._raw_records():
            if self.is_mixed:
                cells = [_mend(cell) for cell in cells]
            yield number, [_text_of(cell) if '="' in cell else cell for cell in cells]

    def sample(self) -> list[Record]:
        """The first rows, up to where they are no CSV."""
        records: list[Record] = []
        with contextlib.suppress(FileRefused):
            records.extend(islice(self.records(), SAMPLED_ROWS))
        return records

    def with_mended_named(self) -> "Text":
        """The same, with a notice that names the cells that are not UTF-8."""
        if not self.is_mixed:
            return self
        bad = [
            (number, _mend(cell))
            for number, cells in self._raw_records()
            for cell in cells
            if BAD.search(cell)
        ]
        named = [
            gettext("%(cell)s (row %(number)s)", cell=show(cell), number=number)
            for number, cell in bad[:MOST_NAMED]
        ]
        notice = gettext(
            "The file is UTF-8 but for single letters, which were read as Windows-1252: "
            "check %(cells)s",
            cells=cut_listing(named, len(bad)),
        )
        return replace(self, notices=(notice,), doubtful=_foreign_words(cell for _, cell in bad))

    def _raw_records(self) -> Iterator[Record]:
        lines = self.lines()
        reader = csv.reader(lines, delimiter=self.separator, strict=True)
        number = self.skipped + 1
        try:
            for cells in reader:
                if not all(map(BLANK.fullmatch, cells)):
                    yield number, cells
                number = self.skipped + reader.line_num + 1
        except csv.Error as error:
            known = (str(words) for sign, words in CSV_ERRORS.items() if sign in str(error))
            other = gettext("this is not CSV (%(error)s)", error=error)
            raise FileRefused(next(known, other), number) from error
        finally:
            lines.close()


def open_text(spool: Spool, encoding: str | None) -> list[Text]:
    """How SPOOL can be read, one for each separator, likeliest first. Raises FileRefused.

    ENCODING is what somebody who knows says it is written in.
    """
    text = _in_encoding(spool, encoding) if encoding else _find_encoding(spool)
    lines = list(islice(text.lines(), COUNTED_LINES))
    told = lines and SEP_LINE.fullmatch(lines[0])
    if told and told[1] in SEPARATORS:
        return [replace(text, separator=told[1], skipped=1)]
    bare = re.sub(r'"[^"]*"', "", "".join(lines))
    likeliest = sorted(SEPARATORS, key=bare.count, reverse=True)
    return [replace(text, separator=separator) for separator in likeliest]


def _too_long() -> str:
    return gettext("the line is longer than %(most)s characters", most=f"{MAX_LINE:,}")


def _in_encoding(spool: Spool, told: str) -> Text:
    try:
        "".encode(told)  # a codec that is not for text raises as well
        name = codecs.lookup(told).name
    except (LookupError, ValueError):
        name = "undefined"
    if name in NO_ENCODINGS:
        raise FileRefused(
            gettext(
                "%(told)s is not an encoding. Known are utf-8, utf-16, windows-1252, iso-8859-15, "
                "mac-roman, windows-1250, windows-1251 and all others of Python.",
                told=show(told),
            )
        )
    if name in ("utf-8", "utf-8-sig"):
        bad, _ = _count_bad(spool)
        return Text(spool, "utf-8-sig", is_mixed=bool(bad))
    if line := _find_undecodable(spool, name):
        raise FileRefused(gettext("this line cannot be read as %(encoding)s", encoding=name), line)
    return Text(spool, name)


def _find_encoding(spool: Spool) -> Text:
    """How every byte of SPOOL can be read as text, and a notice if that had to be guessed."""
    spool.seek(0)
    if spool.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if _find_undecodable(spool, "utf-16"):
            raise FileRefused(gettext("The file says that it is UTF-16 but is damaged or cut off."))
        return Text(spool, "utf-16")
    if (unmarked := _utf_16_without_mark(spool)) and not _find_undecodable(spool, unmarked):
        return Text(spool, unmarked)
    line = _find_undecodable(spool, "utf-8-sig")
    if not line:
        return Text(spool, "utf-8-sig")
    _, good = _count_bad(spool)
    # Letters of another encoding hardly ever make UTF-8 by chance: where any do, the others are
    # strays, and to read all as Windows-1252 would spoil every good name.
    if good:
        return Text(spool, "utf-8-sig", is_mixed=True)
    if _find_undecodable(spool, "cp1252"):
        raise FileRefused(
            gettext("The file is neither UTF-8 nor Windows-1252: save it as CSV in UTF-8.")
        )
    notice = gettext(
        "Line %(line)s is not UTF-8, so the file was read as Windows-1252: "
        "check names with accents, or save it as CSV in UTF-8",
        line=line,
    )
    text = Text(spool, "cp1252")
    return replace(text, notices=(notice,), doubtful=_foreign_words(text.lines()))


def _utf_16_without_mark(spool: Spool) -> str:
    """UTF-16 as every other byte of what names the columns is zero; empty if it is not."""
    spool.seek(0)
    start = spool.read(2 * MARKLESS)
    for encoding, zeros, letters in (
        ("utf-16-le", start[1::2], start[::2]),
        ("utf-16-be", start[::2], start[1::2]),
    ):
        if letters and b"\0" not in letters and 10 * zeros.count(0) > 9 * len(zeros):
            return encoding
    return ""


def _count_bad(spool: Spool) -> tuple[int, int]:
    """How many bytes of SPOOL are not UTF-8, and how many letters of European names are.

    Raises FileRefused for a byte that is nothing in Windows-1252 either.
    """
    bad = other = 0
    for number, line in enumerate(Text(spool, "utf-8-sig", is_mixed=True).lines(), 1):
        if line.isascii():
            continue
        signs = BAD.findall(line)
        bad, other = bad + len(signs), other + len(LETTERS.findall(line))
        try:
            _mend("".join(signs))
        except UnicodeDecodeError as error:
            what = gettext(
                "this line is neither UTF-8 nor Windows-1252: save the file as CSV in UTF-8"
            )
            raise FileRefused(what, number) from error
    return bad, other


def _text_of(cell: str) -> str:
    """What a spreadsheet would show of CELL."""
    found = TEXT_FORMULA.fullmatch(cell)
    return found[1].replace('""', '"') if found else cell


def refuse_unlikely(doubtful: Sequence[str]) -> None:
    """Raise FileRefused for DOUBTFUL words that nobody has: where nobody looks at them first, a
    person would be greeted by them."""
    unlikely = [word for word in doubtful if UNLIKELY.search(word)]
    if unlikely:
        raise FileRefused(
            gettext(
                "The file is not UTF-8, and %(words)s is no way to write a word: say with "
                "--encoding how it is written (mac-roman, cp850, cp1250, or cp1252 if that is "
                "right), or save it as CSV in UTF-8.",
                words=listing(unlikely, MOST_NAMED),
            )
        )


def _mend(cell: str) -> str:
    """CELL with each byte that is not UTF-8 read as Windows-1252."""
    if cell.isascii():
        return cell
    return BAD.sub(lambda found: bytes([ord(found[0]) - 0xDC00]).decode("cp1252"), cell)


def _foreign_words(texts: Iterator[str]) -> tuple[str, ...]:
    words = dict.fromkeys(word for text in texts for word in FOREIGN_WORD.findall(text))
    return tuple(islice(words, MOST_DOUBTFUL))


def _find_undecodable(spool: Spool, encoding: str) -> int:
    """The line of the first byte that is not ENCODING; 0 if there is none."""
    decoder = codecs.getincrementaldecoder(encoding)()
    newlines = returns = 0
    spool.seek(0)
    while True:
        block = spool.read(BLOCK)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            before = error.object[: error.start]
            return 1 + max(newlines + before.count(b"\n"), returns + before.count(b"\r"))
        except UnicodeError:  # UTF-16 without its mark
            return 1
        if not block:
            return 0
        newlines, returns = newlines + block.count(b"\n"), returns + block.count(b"\r")
