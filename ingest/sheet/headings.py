"""Which column is what: by the headings of the marketplaces' own exports, and by the words that people use.

Taobao's 订单报表 and 宝贝报表, JD's and Pinduoduo's order exports have fixed headings, which each renames now and then;
all that are known stand here side by side. Of several columns for one field the first in the list that is filled
counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ingest.sheet.table import Table
from models.fields import SKIP
from models.vault import fingerprint
from texts.headings import PLACES, field_of, normal


class Kind(StrEnum):
    TAOBAO = "taobao"
    TAOBAO_GOODS = "taobao_goods"  # 宝贝报表: a line each, nobody's address
    JD = "jd"
    PDD = "pdd"
    MANUAL = "manual"


TITLES: Final = {
    Kind.TAOBAO: "淘宝订单报表",
    Kind.TAOBAO_GOODS: "淘宝宝贝报表",
    Kind.JD: "京东订单导出",
    Kind.PDD: "拼多多订单导出",
    Kind.MANUAL: "手工表",
}

_OF_KIND: Final[dict[Kind, dict[str, str]]] = {
    Kind.TAOBAO_GOODS: {"买家实际支付金额": "line_paid", "买家应付货款": "", "备注": "", "标题": "goods"},
    Kind.JD: {"订单备注": "message"},  # what the buyer wrote; the seller's stands in 商家备注
}
_SIGNS: Final[tuple[tuple[Kind, frozenset[str], int], ...]] = (
    (Kind.TAOBAO_GOODS, frozenset({"子订单编号", "购买数量", "外部系统编号", "商品属性", "套餐信息", "标题"}), 3),
    (Kind.TAOBAO, frozenset({"买家会员名", "宝贝标题", "买家应付货款", "宝贝总数量", "买家支付宝账号", "宝贝种类"}), 2),
    (Kind.JD, frozenset({"京东价", "订购数量", "下单帐号", "下单账号", "客户姓名", "客户地址", "结算金额"}), 2),
    (Kind.PDD, frozenset({"商家实收金额", "用户实付金额", "样式id", "商家编码-规格维度", "多多支付立减金额"}), 2),
)
_SEARCHED: Final = 15  # rows at the top among which the headings are looked for


@dataclass(frozen=True, slots=True)
class Heading:
    """The row of headings. `at`: its index among the table's rows. `columns`: index → field, the empty one for a
    column that means nothing here."""

    at: int
    names: tuple[str, ...]
    kind: Kind
    columns: tuple[str, ...]

    @property
    def mark(self) -> bytes:
        """The same for every table with these headings in this order."""
        return fingerprint("\n".join(map(normal, self.names)).encode())

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(field for field in self.columns if field)

    def with_said(self, said: Mapping[str, str]) -> Heading:
        """With what somebody said of single columns (heading → field)."""
        known = {normal(name): "" if field == SKIP else field for name, field in said.items()}
        columns = tuple(known.get(normal(name), field) for name, field in zip(self.names, self.columns, strict=True))
        return Heading(self.at, self.names, self.kind, columns)

    def with_hints(self, hints: Mapping[str, str]) -> Heading:
        """With what somebody said of columns of other tables (heading, as it is compared → field): it counts where a
        column is known to nobody and its field to no other column."""
        columns, taken = [], set(self.fields)
        for name, field in zip(self.names, self.columns, strict=True):
            hint = "" if field or field_of(name) else hints.get(normal(name), "")
            columns.append(field if hint in taken else field or hint)
            taken.add(columns[-1])
        return Heading(self.at, self.names, self.kind, tuple(columns))

    def places(self) -> dict[str, list[int]]:
        """Field → its columns, the one that counts first in front."""
        found: dict[str, list[int]] = {}
        for place, field in enumerate(self.columns):
            if field:
                found.setdefault(field, []).append(place)
        for field, places in found.items():
            places.sort(key=lambda place: _rank(self.names[place], field))
        return found


def find_heading(table: Table) -> Heading | None:
    """The row near the top that most looks like headings; the first filled one where none does; None for a table with
    nothing in it."""
    rows = table.rows[:_SEARCHED]
    filled = [at for at, row in enumerate(rows) if sum(map(bool, row)) >= 2]
    if not filled:
        return None
    best = max(filled, key=lambda at: (_known(rows[at]), -at))
    return recognised(best if _known(rows[best]) >= 2 else filled[0], rows)


def recognised(at: int, rows: Sequence[tuple[str, ...]]) -> Heading:
    names = rows[at]
    kind = _kind(frozenset(map(normal, names)))
    own = _OF_KIND.get(kind, {})
    columns = tuple(own.get(normal(name), field_of(name)) for name in names)
    return Heading(at, names, kind, columns)


def _known(row: Sequence[str]) -> int:
    return len({field for name in row if (field := field_of(name))})


def _kind(names: frozenset[str]) -> Kind:
    for kind, signs, enough in _SIGNS:
        if len(signs & names) >= enough:
            return kind
    return Kind.MANUAL


def _rank(name: str, field: str) -> int:
    known = PLACES.get(normal(name))
    return known[1] if known is not None and known[0] == field else -1  # what somebody said comes first
