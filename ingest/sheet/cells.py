"""What stands in a cell, as text, and what a text means: order numbers, moments, money, counts.

Tables pass through hands and programs: numbers are kept as ="123", with an apostrophe before them, in full width, or
were read as a number and cut off after 15 digits.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ingest.beijing import moment
from ingest.money import fen, pieces
from ingest.snapshot import Unreadable
from models.beijing import BEIJING
from models.narrow import NARROW
from models.vault import phone_digits

EXACT: Final = 10**15  # a spreadsheet keeps 15 digits of a number
_INVISIBLE: Final = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x202C, 0x202D, 0))
_QUOTED: Final = re.compile(r'="(.*)"', re.DOTALL)
_SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,3}")
_SERIAL: Final = re.compile(r"[2-7]\d{4}(\.\d+)?")
_SHEET_EPOCH: Final = datetime(1899, 12, 30, tzinfo=BEIJING)
_DATE: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?[\sT]*(?:(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2}))?秒?.*)?"
)
_SHORT_DATE: Final = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_MONEY_SIGNS: Final = re.compile(r"[¥￥,，\s元]|RMB|CNY", re.IGNORECASE)
_PIECES: Final = re.compile(r"(\d{1,9})(?:\.0+)?\s*[件个套盒箱包袋只瓶双条份台支]?")


def cell_text(value: Any) -> str:
    """The cell as people see it; a number too long to be exact in scientific notation, so that nobody takes it for
    one."""
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float | int):
        return _number_text(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return ""


def _plain(text: str) -> str:
    text = text.translate(_INVISIBLE).strip()
    quoted = _QUOTED.fullmatch(text)
    said = (quoted[1] if quoted else text).strip().removeprefix("'").removeprefix("’").removeprefix("\t").strip()
    return "" if said.lower() == "null" else said  # Taobao's exports write it, or 'null, where there is nothing


def _number_text(value: float) -> str:
    if abs(value) >= EXACT:
        return f"{value:.5E}" if abs(value) < 1e300 else ""
    if value == int(value):
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def narrow(text: str) -> str:
    return text.translate(NARROW).strip()


# -- what texts mean


def order_number(text: str) -> str:
    """The number without blanks. Raises Unreadable where the table has cut it off."""
    number = "".join(narrow(text).split())
    if _SCIENTIFIC.fullmatch(number):
        raise Unreadable("单号已被表格截断：请把单号一列设为文本格式，重新导出后再导入")
    return number.removesuffix(".0") if number.replace(".", "", 1).isdecimal() else number


def looks_cut(number: str) -> bool:
    """Whether a long number has nothing but zeros after its 15th digit. One may; a table full of them has lost them."""
    return len(number) > 15 and number.isdecimal() and not number[15:].strip("0")


def when(text: str, label: str, *, near: datetime) -> datetime | None:
    """A moment in Beijing, from a text or a spreadsheet's day number; None for nothing. A date without a year is the
    one nearest before `near`. Raises Unreadable naming `label`."""
    text = narrow(text)
    if text in ("", "-", "--", "无", "0"):
        return None
    if _SERIAL.fullmatch(text):
        return (_SHEET_EPOCH + timedelta(seconds=round(float(text) * 86400))).astimezone(UTC)
    if found := _DATE.fullmatch(text):
        return _made([int(part or 0) for part in found.groups()], text, label)
    if found := _SHORT_DATE.fullmatch(text):
        return _without_year(int(found[1]), int(found[2]), near=near, label=label)
    try:
        return moment(text, label)
    except Unreadable:
        raise Unreadable(f"{label}看不懂：{_shown(text)}") from None


def _made(parts: list[int], text: str, label: str) -> datetime:
    try:
        return datetime(*parts, tzinfo=BEIJING).astimezone(UTC)  # type: ignore[arg-type,misc]  # six of them
    except ValueError:
        raise Unreadable(f"{label}看不懂：{_shown(text)}") from None


def _without_year(month: int, day: int, *, near: datetime, label: str) -> datetime:
    year = near.astimezone(BEIJING).year
    found = _made([year, month, day, 0, 0, 0], f"{month}-{day}", label)
    return found if found <= near else _made([year - 1, month, day, 0, 0, 0], f"{month}-{day}", label)


def money(text: str, label: str) -> int | None:
    """Integer fen; None for nothing. Raises Unreadable naming `label`."""
    compact = _MONEY_SIGNS.sub("", narrow(text))
    if compact in ("", "-", "--", "无"):
        return None
    try:
        return fen(str(Decimal(compact)), label)
    except (InvalidOperation, Unreadable):
        raise Unreadable(f"{label}不是金额：{_shown(text)}") from None


def count(text: str, label: str) -> int | None:
    """A number of pieces; None for nothing. Raises Unreadable naming `label`."""
    compact = "".join(narrow(text).split()).replace(",", "").lstrip("xX×*")
    if not compact:
        return None
    found = _PIECES.fullmatch(compact)
    if found is None:
        raise Unreadable(f"{label}不是整数：{_shown(text)}")
    return pieces(found[1], label)


def _shown(text: str) -> str:
    """Enough to find it by: in a column that slipped it may be somebody's phone or address."""
    return f"{text[:4]}…" if len(text) > 6 else text


_GROUPS: Final = re.compile(r"(?<=\d)\s+(?=\d{4}(?!\d))")  # 138 1234 1234
_AREA: Final = re.compile(r"(?<=^0\d\d)\s+(?=\d{7,8}(?!\d))|(?<=^0\d{3})\s+(?=\d{7,8}(?!\d))")  # 0571 88888888
_COUNTRY: Final = re.compile(r"^(?:\+|00)?86\s+(?=1\d{10})")  # +86 13812341234


def phone(text: str) -> str:
    """The number as it may be dialled; "" for nothing. Raises Unreadable for one that no phone has; never quotes it."""
    compact = narrow(text).strip("'").removesuffix(".0")
    if not compact or "*" in compact:
        return compact
    if _SCIENTIFIC.fullmatch(compact):
        raise Unreadable("电话已被表格截断：请把电话一列设为文本格式，重新导出后再导入")
    compact = _COUNTRY.sub("", _AREA.sub("-", _GROUPS.sub("", compact)))
    first = re.split(r"[/、;；,，\s]+(?=[\d+(])", compact)[0] if compact.count("-") < 2 else compact
    digits = phone_digits(first)
    if digits.startswith("86") and len(digits) == 13:
        digits = first = digits[2:]
    if digits.startswith("1") and len(digits) != 11:
        raise Unreadable(f"电话不是 11 位（现在 {len(digits)} 位），请核对")
    if not 7 <= len(digits) <= 12:
        raise Unreadable("电话看不懂，请核对")
    return first


def all_cut(numbers: Collection[str]) -> bool:
    """Whether most long numbers of a table have lost their end. A single one may end so by itself."""
    long = [number for number in numbers if len(number) > 15 and number.isdecimal()]
    cut = sum(map(looks_cut, long))
    return cut >= 2 and cut * 2 > len(long)
