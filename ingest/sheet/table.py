"""Bytes of a spreadsheet as rows of texts: xlsx, xls, csv. What is no table, or too much of one, is refused in Chinese.

Calamine holds a sheet as one block from its first to its last cell, so a lone cell far out would cost gigabytes: where
the cells of an xlsx stand is looked at first, with a limit on what its packed parts unfold to.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import python_calamine

from ingest.sheet.cells import cell_text
from ingest.sheet.html import html_tables
from ingest.sheet.limits import MOST_BYTES, NoTable, check_cells, check_growing, check_size

_MOST_OLD: Final = 5 * 1024 * 1024  # of an xls, whose cells are placed only while it is read
_MOST_UNPACKED: Final = 100 * 1024 * 1024
_MOST_STRINGS: Final = 1_000_000  # that cells share: each costs its reader more than it takes in the file
_UNFOLDS: Final = "表格解开后太大，没有读取。请只保留订单那一张表，另存为 xlsx 再发"
_CHUNK: Final = 1 << 20
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_NAMES: Final = (".xlsx", ".xlsm", ".xls", ".csv", ".tsv")
_BOOK: Final = "xl/workbook.xml"
_OTHER_BOOKS: Final = frozenset({"content.xml", "xl/workbook.bin"})  # they have other ways to claim a billion cells
_STRING: Final = re.compile(rb"<(?:\w+:)?si[\s/>]")
_FILLED: Final = re.compile(
    rb"<(?:\w+:)?c\s[^<>]{0,200}?\br=[\"']([A-Za-z]{1,3})(\d{1,7})[\"'][^<>]{0,200}(?<!/)>\s{0,20}<(?!/)"
)
_UNPLACED: Final = re.compile(  # cells without a place of their own stand in the place of their row
    rb"<(?:\w+:)?row\s[^<>]{0,200}?\br=[\"'](\d{1,7})[\"'][^<>]{0,200}>\s{0,20}"
    rb"<(?:\w+:)?c(?![^<>]{0,200}\br=)[^<>]{0,200}(?<!/)>\s{0,20}<(?!/)"
)
_TAIL: Final = 600  # bytes of a chunk that may hold the begin of a cell
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Table:
    """The first sheet that has anything in it. `rows` are texts, as many in each row as the widest has; `first` is the
    number that people see beside the first of them."""

    rows: tuple[tuple[str, ...], ...]
    first: int = 1


def read_table(content: bytes) -> Table:
    """Raises NoTable."""
    if len(content) > MOST_BYTES:
        raise NoTable(f"文件有 {len(content) / 1048576:.1f} MB，最多 10 MB。请分成几个文件再导入")
    if not content.strip(b"\0 \r\n\t"):
        raise NoTable("文件是空的，请检查后重新发")
    if content.startswith(_ZIP):
        _check_packed(content)
        return _workbook(content)
    if not content.startswith(_OLE):
        return _separated(content)
    if len(content) > _MOST_OLD:
        raise NoTable("旧格式的表格（xls）最多 5 MB。请用 Excel 或 WPS 打开后另存为 xlsx 再发")
    return _workbook(content)


def table_of(rows: Sequence[tuple[str, ...]]) -> Table:
    """Rows of any length. Raises NoTable for too many of them."""
    wide = max(map(len, rows), default=0)
    check_size(len(rows), wide)
    return Table(tuple(row + ("",) * (wide - len(row)) for row in rows))


def is_named_as_table(name: str) -> bool:
    return name.lower().endswith(_NAMES)


# -- workbooks


def _workbook(content: bytes) -> Table:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.start is not None:
                return _of_sheet(sheet)
    except python_calamine.PasswordError:
        raise NoTable("表格设了打开密码，读不了。请去掉密码后重新发") from None
    except (python_calamine.CalamineError, ValueError, KeyError, OSError):
        raise NoTable("表格打不开，可能没有保存完整。请用 Excel 或 WPS 打开后另存为 xlsx 再发") from None
    raise NoTable("表格里没有内容，请检查后重新发")


def _of_sheet(sheet: python_calamine.CalamineSheet) -> Table:
    check_size(sheet.height, sheet.width)
    rows = tuple(tuple(map(cell_text, row)) for row in sheet.to_python(skip_empty_area=True))
    return Table(rows, (sheet.start or (0, 0))[0] + 1)


def _check_packed(content: bytes) -> None:
    """Raises NoTable for what unfolds to more than a table of our limits can be, and for cells far outside of them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            packed.getinfo(_BOOK)
            if _OTHER_BOOKS.intersection(packed.namelist()):
                raise KeyError
            left = _MOST_UNPACKED
            for part in packed.infolist():
                left -= part.file_size
                if left < 0:
                    raise NoTable(_UNFOLDS)
                _check_part(packed, part)
    except KeyError:
        raise NoTable("这不是 Excel 表格。请用 Excel 或 WPS 打开后另存为 xlsx 再发") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error):
        raise NoTable("表格打不开，可能没有保存完整或设了密码。请用 Excel 或 WPS 打开后另存为 xlsx 再发") from None


def _check_part(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """zipfile never gives more than the stated size, and refuses a part whose checksum then does not fit."""
    rows = columns = strings = 0
    for chunk in _chunks(packed, part):
        for letters, digits in _FILLED.findall(chunk):
            rows, columns = max(rows, int(digits)), max(columns, _column(letters.upper()))
        rows = max([rows, *map(int, _UNPLACED.findall(chunk))])
        strings += sum(1 for _ in _STRING.finditer(chunk))
        if strings > _MOST_STRINGS:
            raise NoTable(_UNFOLDS)
    check_size(rows, columns)


def _chunks(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Overlapping, so that no cell is cut in two."""
    with packed.open(part) as opened:
        tail = b""
        while chunk := opened.read(_CHUNK):
            yield tail + chunk
            tail = chunk[-_TAIL:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


# -- text


def _separated(content: bytes) -> Table:
    text = _decoded(content)
    if text.lstrip()[:200].lower().startswith(("<html", "<!doctype", "<table", "<meta", "<?xml")):
        return _of_page(text)
    csv.field_size_limit(_CHUNK)
    try:
        rows = [tuple(map(cell_text, row)) for row in _within(csv.reader(io.StringIO(text), delimiter=_comma(text)))]
    except csv.Error:
        raise NoTable("文件不像表格，读不了。请用 Excel 或 WPS 打开后另存为 xlsx 再发") from None
    table = table_of(rows)
    if not table.rows or len(table.rows[0]) < 2:
        raise NoTable("文件不像表格：每行只有一列。请用 Excel 或 WPS 打开后另存为 xlsx 再发")
    return table


def _of_page(text: str) -> Table:
    """Some systems call a web page "….xls": its largest table."""
    rows = max(html_tables(text), key=len, default=())
    if not rows:
        raise NoTable("这是网页，不是表格。请用 Excel 或 WPS 打开后另存为 xlsx 再发")
    return table_of(rows)


def _within(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    cells = 0
    for number, row in enumerate(reader):
        cells += len(row)
        check_growing(number, len(row))
        check_cells(cells)
        yield row


def _decoded(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decode(content, encoding)
    if b"\0" in content[:4096]:
        raise NoTable("这不是表格文件。可以导入的有 xlsx、xls、csv")
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _garbled()


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise _garbled() from None


def _garbled() -> NoTable:
    return NoTable("文件里有乱码，读不了。请另存为 xlsx，或编码为 UTF-8 的 csv 再发")


def _comma(text: str) -> str:
    """The sign between cells: the one that the first lines agree on."""
    lines = [line for line in text[:20_000].splitlines()[:20] if line.strip()]
    return max(",\t;，", key=lambda sign: sum(line.count(sign) for line in lines))
