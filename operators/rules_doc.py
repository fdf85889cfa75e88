"""The tables of facts and actions in docs/rules.md and docs/rules.zh-CN.md, from the code:
`python -m operators.rules_doc`. A test holds the files against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from handlers.rulebook.deeds import DEEDS
from rules.language import Field, Sort
from rules.language.order_fields import FIELDS

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
BEGIN: Final = "<!-- {}: python -m operators.rules_doc -->"
END: Final = "<!-- /{} -->"

_SORTS: Final = {Sort.NUMBER: "number", Sort.TEXT: "text", Sort.SET: "several texts", Sort.YESNO: "yes or no",
                 Sort.MOMENT: "moment"}  # fmt: skip
ENGLISH: Final = {
    "渠道": "the platform it came from",
    "店铺": "the shop's name, prefix or slug",
    "金额": "what was paid, yuan",
    "货款": "price of the goods, yuan",
    "运费": "postage that the buyer paid, yuan",
    "优惠": "discount, yuan",
    "省": "province; with or without 省, 自治区",
    "市": "city; with or without 市",
    "区": "district or county, whole name",
    "乡镇": "town or street office",
    "地址": "detailed address; unknown where the platform hides it",
    "买家留言": "what the buyer wrote",
    "卖家备注": "the seller's memo on the platform",
    "旗帜": "colour of the memo's flag",
    "SKU": "merchant codes in the order, without what was refunded",
    "商品": "titles of the goods, all together",
    "规格": "options of the goods, all together",
    "件数": "pieces, without what was refunded",
    "品种数": "how many different goods, without what was refunded",
    "类型": "kind of order",
    "环节": "the stage in which it is",
    "标记": "tags that rules set",
    "平台状态": "the platform's own word for its state",
    "限制发货": "the platform forbids shipping",
    "退款": "state of the refund",
    "快递": "courier that was written down, empty where none was",
    "库存够": "stock reaches for this order; unknown for goods whose stock nobody keeps",
    "有姓名": "there is a receiver's name",
    "有电话": "there is a receiver's phone",
    "下单时间": "when it was placed",
    "付款时间": "when it was paid",
    "最晚发货时间": "the platform's deadline",
    "下单星期": "day of the week on which it was placed, 1 to 7",
    "下单小时": "hour in which it was placed, 0 to 23",
    "停留小时": "hours in its stage; from the agreed day where there is one",
    "下单后小时": "hours since it was placed",
    "付款后小时": "hours since it was paid",
    "剩余发货小时": "hours until the platform's deadline, negative after it",
}

DEEDS_ENGLISH: Final = {
    "open": "a case for that role; so it is where nothing is said",
    "quiet": "no case, only the other actions",
    "lock": "the order is locked while the case lives",
    "hold": "it does not leave before that day, on which the warehouse is called; a day that somebody agreed stays",
    "tag": "a tag: shown with the order, looked for, seen by other rules",
    "note": "a note, also in the platform's memo; 红旗 in it sets the flag",
    "move": "from 待审核 to 待配货, checked as an audit is; or back, while nobody has picked it",
    "buy": "a matter of purchasing's, to be answered",
    "remind": "one sentence to a person or a role, for all orders together",
    "tell": "a notice to the customer: not at night, once a day, not to who opted out",
    "pass": "it passes the audit though 自动审核 would not let it; never over a lock, a refund, a shortness",
}


def chinese() -> str:
    """The table of docs/rules.zh-CN.md."""
    return _table(("字段", "是什么", "说明", "例子"), lambda one: (str(one.sort), one.says + _choices(one, "可以是：")))


def english() -> str:
    """The table of docs/rules.md."""
    return _table(
        ("Fact", "Sort", "Meaning", "Example"),
        lambda one: (_SORTS[one.sort], ENGLISH[one.name] + _choices(one, "one of ")),
    )


def _table(heads: tuple[str, ...], cells: Callable[[Field], tuple[str, ...]]) -> str:
    rows = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    rows += [f"| {' | '.join((one.name, *cells(one), f'`{one.example}`'))} |" for one in FIELDS.values()]
    return "\n".join(rows)


def _choices(one: Field, before: str) -> str:
    return f"（{before}{'、'.join(one.choices)}）" if one.choices else ""


def chinese_deeds() -> str:
    rows = [(deed.title, deed.says, "是" if deed.lasts else "", f"`{deed.example}`") for deed in DEEDS.values()]
    return _rows(("动作", "做什么", "会收回", "例子"), rows)


def english_deeds() -> str:
    rows = [
        (deed.title, DEEDS_ENGLISH[slug], "yes" if deed.lasts else "", f"`{deed.example}`")
        for slug, deed in DEEDS.items()
    ]
    return _rows(("Action", "What it does", "Taken back", "Example"), rows)


def _rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(
        [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *(f"| {' | '.join(row)} |" for row in rows)]
    )


TABLES: Final = {
    "rules.zh-CN.md": {"facts": chinese, "actions": chinese_deeds},
    "rules.md": {"facts": english, "actions": english_deeds},
}


def filled(page: str, tables: Mapping[str, Callable[[], str]]) -> str:
    """The page with the tables between their marks."""
    for mark, table in tables.items():
        begin, end = BEGIN.format(mark), END.format(mark)
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = f"{before}{begin}\n{table()}\n{end}{after}"
    return page


if __name__ == "__main__":
    for name, tables in TABLES.items():
        place = DOCS / name
        place.write_text(filled(place.read_text(encoding="utf-8"), tables), encoding="utf-8")
