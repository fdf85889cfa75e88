from __future__ import annotations

import io
import time
import zipfile
from datetime import datetime

import pytest

from ingest.sheet.limits import MOST_BYTES, NoTable
from ingest.sheet.table import read_table
from tests.ingest.sheet.books import MANUAL, WANG, text, xlsx


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("comma", [",", "\t", ";"])
def test_text_is_read_whatever_its_encoding_and_its_comma(encoding: str, comma: str) -> None:
    table = read_table(text(MANUAL, WANG, comma=comma, encoding=encoding))
    assert table.rows == (tuple(MANUAL), tuple(map(str, WANG)))


def test_a_workbook_is_read_as_people_see_it() -> None:
    content = xlsx((), (), MANUAL, [*WANG[:4], 2.0, 138.5, datetime(2025, 12, 22, 9, 30)])  # noqa: DTZ001  # a cell knows no zone
    table = read_table(content)
    assert table.first == 3, "two empty rows above"
    assert table.rows[1][4:] == ("2", "138.5", "2025-12-22 09:30:00")


def test_the_first_sheet_with_anything_in_it_counts() -> None:
    assert read_table(xlsx(MANUAL, WANG, sheets=("说明", "订单"))).rows[0] == tuple(MANUAL)


def test_cells_lose_what_was_put_around_numbers() -> None:
    table = read_table(text(('="2918000111222333444"', "'13800001234", "\u200b王小明 "), ("a", "b", "c")))
    assert table.rows[0] == ("2918000111222333444", "13800001234", "王小明")


def test_a_number_that_lost_its_digits_does_not_look_like_one() -> None:
    (number, exact), _ = read_table(xlsx((2918000111222333444, 291800011122233), (1, 2))).rows
    assert "E+18" in number
    assert exact == "291800011122233"


def test_a_web_page_that_calls_itself_a_workbook_is_read() -> None:
    page = "<html><table><tr><th>姓名</th><th>电话</th></tr><tr><td>王小明</td><td>13800001234</td></tr></table></html>"
    assert read_table(page.encode("gbk")).rows[1] == ("王小明", "13800001234")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "打不开"),
        (b"PK\x03\x04broken", "打不开"),
        (b"\x89PNG\r\n\x1a\n\0\0", "不是表格文件"),
        (b"just words\nand more words", "每行只有一列"),
        (b"x" * (MOST_BYTES + 1), "最多 10 MB"),
        (b"\xd0\xcf\x11\xe0" + b"x" * (5 << 20), "xls）最多 5 MB"),
    ],
)
def test_what_is_no_table_is_refused_in_chinese(content: bytes, said: str) -> None:
    with pytest.raises(NoTable, match=said):
        read_table(content)


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(NoTable, match="50000 行"):
        read_table(b"a,b\n" * 50_100)


def _packed(name: str, content: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"<workbook/>")
        packed.writestr(name, content)
    return kept.getvalue()


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    with pytest.raises(NoTable, match="解开后太大"):
        read_table(_packed("xl/worksheets/sheet1.xml", b"0" * (101 << 20)))


def test_more_shared_texts_than_a_table_can_show_are_refused() -> None:
    with pytest.raises(NoTable, match="解开后太大"):
        read_table(_packed("xl/sharedStrings.xml", b"<sst>" + b"<x:si/>" * 1_000_001))


@pytest.mark.parametrize("other", ["content.xml", "xl/workbook.bin"])
def test_a_workbook_of_two_kinds_is_refused(other: str) -> None:
    with pytest.raises(NoTable, match="不是 Excel 表格"):
        read_table(_packed(other, b"<x/>"))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("<tr><td colspan=300>a<td>b</tr>" * 2, "超过 300 列"),
        ("<tr>" + "<td colspan=300>" * 100_000 + "a</tr>", "超过 300 列"),
        ("<tr><td colspan=300>a</tr>" * 30_000, "表格太大"),
        ("<tr><td>a<td>b</tr>" * 50_100, "超过 50000 行"),
        ("<tr><td>a</tr></table><table><tr><td colspan=300>a</tr>" * 20_001, "表格太大"),
        ("<td>" * 2_000_001, "网页太大"),
    ],
)
def test_a_page_that_claims_to_be_wide_is_refused_while_it_is_read(rows: str, said: str) -> None:
    began = time.process_time()
    with pytest.raises(NoTable, match=said):
        read_table(f"<table>{rows}</table>".encode())
    assert time.process_time() - began < 15


def test_a_text_of_nothing_but_commas_is_refused() -> None:
    with pytest.raises(NoTable, match="超过 300 列"):
        read_table(b"," * (1 << 20))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/elsewhere.bin"])
@pytest.mark.parametrize(
    "cell",
    [
        b'<row r="1"><c r="XFD1"><v>1</v></c>',
        b'<row r="1048576"><c s="3" r="A1048576"><v>1</v></c>',
        b"<x:c s='3' t='s' r='a1048576'><x:v>1</x:v>",
        b'<row spans="1:1" r="1048576"><c t="s"><v>1</v></c>',
    ],
)
def test_a_lone_cell_far_out_is_refused_before_memory_is_taken(part: str, cell: bytes) -> None:
    with pytest.raises(NoTable, match=r"行|列"):
        read_table(_packed(part, b"<worksheet><sheetData>" + cell))


def test_a_part_that_would_be_slow_to_look_through_is_not() -> None:
    began = time.process_time()
    with pytest.raises(NoTable):
        read_table(_packed("xl/worksheets/sheet1.xml", b"<c " * 1_000_000 + b"<row r='1'>" + b" " * 3_000_000))
    assert time.process_time() - began < 5


def test_another_kind_of_packed_file_is_refused() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as packed:
        packed.writestr("content.xml", b'<table:table-row table:number-rows-repeated="1048576"/>')
    with pytest.raises(NoTable, match="不是 Excel 表格"):
        read_table(kept.getvalue())


def test_empty_cells_far_out_do_no_harm() -> None:
    book = zipfile.ZipFile(io.BytesIO(xlsx(MANUAL, WANG)))
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in book.infolist():
            content = book.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                far = b'<row r="1048576"><c r="A1048576" s="0"/></row></sheetData>'
                content = content.replace(b"</sheetData>", far)
            packed.writestr(part, content)
    assert len(read_table(kept.getvalue()).rows) == 2
