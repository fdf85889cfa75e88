"""The rows of a file that could not be read go back to whoever sent it, as a table of their own: to be mended in it and
handed in again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from handlers import owe, trail
from handlers.desk import SYSTEM, Desk
from handlers.owe import Enclosure
from handlers.received import received
from handlers.spreadsheet import harmless
from models import Received

FEW: Final = 3  # so many are named in the message, and mended in the table that is there
_WHY: Final = "原因"
_LONG_NUMBER: Final = re.compile(r"0\d+|\d{12,}", re.ASCII)  # a spreadsheet would show it shorter, and keep it so
_NO_NAME: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')  # what no file may be called everywhere


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it was handed in. `rows`: number, as people see it, → cells."""

    headings: tuple[str, ...]
    rows: Mapping[int, tuple[str, ...]]


Cells = Callable[[], Sheet]


def table(file: Received, cells: Cells) -> bytes | None:
    """The bad rows, each with its reason; None where they are few, where nobody asked in a chat, or where not all of
    them fit: then the board has them."""
    report = file.report or {}
    if report.get("problem_rows", 0) <= FEW or file.channel == "web" or file.received_by is None:
        return None
    whys = {number: why for numbers, why in report["problems"] for number in numbers}
    if len(whys) < report["problem_rows"]:
        return None
    written = _written(cells(), whys)
    return written if len(written) <= owe.MOST_BYTES else None


def send(desk: Desk, file: Received, content: bytes) -> None:
    """1:1 to whoever sent the file: receivers' names, phones and addresses stand in it."""
    assert file.received_by is not None
    many = (file.report or {})["problem_rows"]
    page = f"{desk.settings.hub.base_url}/import/{file.id}"
    instead = f"{received.named(file)}有问题的 {many} 行没能作为文件发给您，请打开看板的「导入」页下载：{page}"
    enclosed = Enclosure(named(file.name, many), content, instead)
    key, subject = f"received:{file.id}:bad_rows:{desk.now:%Y%m%d%H%M%S}", received.subject(file)
    owe.owe(desk, [owe.file(desk.vault, key, file.received_by, subject=subject, enclosed=enclosed)])
    trail.write(desk, subject, SYSTEM, action="发回有问题的行", detail={"行数": many, "发给": received.who(desk, file)})


def named(name: str, many: int) -> str:
    """As the file that it comes from, where that can be a name everywhere."""
    stem = _NO_NAME.sub("_", name.rpartition(".")[0] or name).strip("._ ")[:40] or "导入"
    return f"{stem}-有问题的{many}行.csv"


def _written(sheet: Sheet, whys: Mapping[int, str]) -> bytes:
    kept = io.StringIO()
    lines = csv.writer(kept)
    own = len(sheet.headings) - (sheet.headings[-1:] == (_WHY,))  # it went back before: the old reasons go
    lines.writerow(_safe([*sheet.headings[:own], _WHY]))
    lines.writerows(_safe([*sheet.rows.get(number, ())[:own], why]) for number, why in sorted(whys.items()))
    return kept.getvalue().encode("utf-8-sig")


def _safe(cells: Sequence[str]) -> list[Any]:
    """As they stand there, whatever opens the table: long numbers keep their end, and nothing is computed."""
    return [f'="{cell}"' if _LONG_NUMBER.fullmatch(cell) else cell for cell in harmless(cells)]
