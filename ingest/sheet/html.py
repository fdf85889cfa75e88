"""The tables of a web page or a mail, as rows of texts."""

from __future__ import annotations

from typing import Final

from lxml import etree, html

from ingest.sheet.cells import cell_text
from ingest.sheet.limits import MOST_BYTES, MOST_CELLS, MOST_COLUMNS, TOO_LARGE, NoTable, check_growing

Rows = tuple[tuple[str, ...], ...]
_MOST_TAGS: Final = 2_000_000  # a tag takes some hundred bytes once it is read
_ROWS: Final = "./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr"


def html_tables(text: str) -> list[Rows]:
    """Every innermost table with at least two rows; the others only lay a page out. Raises NoTable for a page that
    holds more than a table may."""
    tree = parsed(text)
    if tree is None:
        return []
    found: list[Rows] = []
    left = MOST_CELLS
    for table in tree.iter("table"):
        if table.find(".//table") is None:
            rows = _rows(table, left)
            left -= sum(map(len, rows))
            found.append(rows)
    return [rows for rows in found if len(rows) >= 2]


def plain_text(text: str) -> str:
    """What a page says, a line for each block."""
    tree = parsed(text)
    if tree is None:
        return ""
    for gone in list(tree.iter("style", "script", "head")):
        gone.drop_tree()
    for block in tree.iter("br", "p", "div", "tr", "li", "h1", "h2", "h3"):
        block.tail = "\n" + (block.tail or "")
    lines = (" ".join(line.split()) for line in str(tree.text_content()).splitlines())
    return "\n".join(line for line in lines if line)


def parsed(text: str) -> html.HtmlElement | None:
    """None for what is no page. Raises NoTable for one that is too large."""
    if len(text) > MOST_BYTES or text.count("<") > _MOST_TAGS:
        raise NoTable("网页太大，没有读取。请另存为 xlsx 再发")
    try:
        return html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _rows(table: html.HtmlElement, left: int) -> Rows:
    """`left`: how many cells the page may still have."""
    found: list[tuple[str, ...]] = []
    for row in table.xpath(_ROWS):
        cells = _cells(row)
        if not any(cells):
            continue
        left -= len(cells)
        if left < 0:
            raise NoTable(TOO_LARGE)
        found.append(cells)
        check_growing(len(found), len(cells))
    return tuple(found)


def _cells(row: html.HtmlElement) -> tuple[str, ...]:
    cells: list[str] = []
    for cell in row.xpath("./td | ./th"):
        said = cell_text(" ".join(str(cell.text_content()).split()))
        cells += [said] + [""] * (_across(cell.get("colspan")) - 1)
        check_growing(0, len(cells))
    return tuple(cells)


def _across(said: str | None) -> int:
    return min(int(said), MOST_COLUMNS) if said and said.isdecimal() and said.isascii() and len(said) < 5 else 1
