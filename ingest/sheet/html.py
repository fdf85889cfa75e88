"""The tables of a web page or a mail, as rows of texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree, html

from ingest.sheet.cells import cell_text

Rows = tuple[tuple[str, ...], ...]
_MOST_ACROSS: Final = 300  # cells that one cell may claim to be as wide as
_ROWS: Final = "./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr"


def html_tables(text: str) -> list[Rows]:
    """Every innermost table with at least two rows; the others only lay a page out."""
    tree = parsed(text)
    if tree is None:
        return []
    found = [tuple(_rows(table)) for table in tree.iter("table") if table.find(".//table") is None]
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
    try:
        return html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _rows(table: html.HtmlElement) -> Iterator[tuple[str, ...]]:
    for row in table.xpath(_ROWS):
        cells: list[str] = []
        for cell in row.xpath("./td | ./th"):
            said = cell_text(" ".join(str(cell.text_content()).split()))
            cells += [said] + [""] * (_across(cell.get("colspan")) - 1)
        if any(cells):
            yield tuple(cells)


def _across(said: str | None) -> int:
    return min(int(said), _MOST_ACROSS) if said and said.isdecimal() and said.isascii() and len(said) < 5 else 1
