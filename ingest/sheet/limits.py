"""How much of a table is read. What is more is refused in Chinese, before it takes the memory of its reader."""

from __future__ import annotations

from typing import Final

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_ROWS: Final = 50_000
MOST_COLUMNS: Final = 300
MOST_CELLS: Final = 6_000_000
TOO_LARGE: Final = "表格太大了。请删掉用不到的列，或分成几个文件再导入"
ABOVE: Final = 50  # rows that may stand above the headings


class NoTable(Exception):
    """A file that is not read. The text is for people and says what to do."""


def check_size(rows: int, columns: int) -> None:
    """Raises NoTable."""
    if rows > MOST_ROWS + ABOVE:
        raise NoTable(f"表格有 {rows} 行，最多 {MOST_ROWS} 行。请分成几个文件再导入")
    if columns > MOST_COLUMNS:
        raise NoTable(f"表格有 {columns} 列，最多 {MOST_COLUMNS} 列。请删掉用不到的列再导入")
    check_cells(rows * columns)


def check_cells(cells: int) -> None:
    """Raises NoTable."""
    if cells > MOST_CELLS:
        raise NoTable(TOO_LARGE)


def check_growing(rows: int, columns: int) -> None:
    """The same while a table is read: how many there are is not known yet. Raises NoTable."""
    if rows > MOST_ROWS + ABOVE:
        raise NoTable(f"表格超过 {MOST_ROWS} 行。请分成几个文件再导入")
    if columns > MOST_COLUMNS:
        raise NoTable(f"表格超过 {MOST_COLUMNS} 列。请删掉用不到的列再导入")
