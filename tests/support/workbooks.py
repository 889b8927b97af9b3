"""Workbooks for tests: by XlsxWriter, and by hand where it writes nothing so odd."""

import io
import zipfile

import xlsxwriter

from portal.config import ROOT

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
OASIS = "urn:oasis:names:tc:opendocument:xmlns"
# Made with xlwt: a hidden sheet "Hidden"; "Candidates" with names in row 2, Zoë in 3, Bob in 5.
XLS = (ROOT / "tests/data/candidates.xls").read_bytes()


def xlsx(fill, **options) -> bytes:
    """What FILL puts into a workbook of XlsxWriter."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True, **options}) as book:
        fill(book)
    return data.getvalue()


def table(*rows, first=0, left=0, name="Sheet1", **options) -> bytes:
    """A workbook with a sheet of ROWS."""

    def fill(book):
        sheet = book.add_worksheet(name)
        for number, cells in enumerate(rows, first):
            sheet.write_row(number, left, cells)

    return xlsx(fill, **options)


def package(parts: dict[str, str | bytes], method=zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of PARTS."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return data.getvalue()


def parts(rows: str, head: str = "") -> dict[str, str | bytes]:
    """The parts of an XLSX whose one sheet has ROWS as they stand, HEAD before its XML."""
    return {
        "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
        "_rels/.rels": f"<Relationships xmlns='{PACKAGE}'><Relationship Id='rId1' "
        f"Type='{RELATIONS}/officeDocument' Target='/xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"<workbook xmlns='{SPREADSHEET}' xmlns:r='{RELATIONS}'><sheets>"
        "<sheet name='One' sheetId='1' r:id='rId1'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{PACKAGE}'><Relationship Id='rId1' "
        f"Type='{RELATIONS}/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        "xl/worksheets/sheet1.xml": f"{head}<worksheet xmlns='{SPREADSHEET}'><sheetData>{rows}"
        "</sheetData></worksheet>",
    }


def row(*cells: str, number: int | None = None, **attributes) -> str:
    """A row of an XLSX; a cell that begins with < stands as it is."""
    made = (
        cell if cell.startswith("<") else f"<c t='inlineStr'><is><t>{cell}</t></is></c>"
        for cell in cells
    )
    told = attributes | ({"r": number} if number else {})
    said = "".join(f" {key}='{value}'" for key, value in told.items())
    return f"<row{said}>{''.join(made)}</row>"


def ods(*rows: str, manifest: str = "", head: str = "", mimetype: str = "spreadsheet") -> bytes:
    """An ODS whose one sheet has ROWS as they stand."""
    spaces = "".join(f" xmlns:{name}='{OASIS}:{name}:1.0'" for name in ("office", "table", "text"))
    content = (
        f"{head}<office:document-content{spaces} xmlns:calcext='urn:org:calcext'><office:body>"
        f"<office:spreadsheet><table:table table:name='One'>{''.join(rows)}</table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return package(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{mimetype}",
            "META-INF/manifest.xml": f"<m:manifest xmlns:m='{OASIS}:manifest:1.0'><m:file-entry "
            f"m:full-path='content.xml' m:media-type='text/xml'>{manifest}</m:file-entry>"
            "</m:manifest>",
            "content.xml": content,
        }
    )


def ods_row(*cells: str, told: str = "") -> str:
    """A row of an ODS; a cell that begins with < stands as it is."""
    made = (
        cell
        if cell.startswith("<")
        else "<table:table-cell office:value-type='string'>"
        f"<text:p>{cell}</text:p></table:table-cell>"
        for cell in cells
    )
    return f"<table:table-row {told}>{''.join(made)}</table:table-row>"
