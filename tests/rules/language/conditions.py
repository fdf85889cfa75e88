"""Generated conditions and orders, and the same conditions by another evaluator."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from simpleeval import EvalWithCompoundTypes

from models.stages import OPEN
from rules.facts import OrderFacts
from rules.language import Condition, Unknown, own_field
from rules.language.catalogue import Catalogue
from rules.language.order_fields import FIELDS, pieces_of
from rules.language.sorts import Sort
from tests.rules.facts import NOW, facts, line

CATALOGUE = Catalogue(FIELDS, {"礼盒数": own_field("礼盒数", Sort.NUMBER), "等级": own_field("等级", Sort.TEXT)})
_ORDER = st.sampled_from([">", ">=", "<", "<=", "大于", "不超过", "＞"])
_EQUAL = st.sampled_from(["==", "!=", "是", "不等于", "＝"])
_WORDS = st.sampled_from(["发票", "急", "新疆", "顺丰", "QH-CUP-RED", "qh-mug-01", "QH-MUG-02", "马克", "红"])
_NUMBERS = st.one_of(st.integers(-5, 2000).map(str), st.decimals(0, 100, places=2).map(str))
_NUMERIC = [
    "金额",
    "货款",
    "运费",
    "优惠",
    "件数",
    "品种数",
    "停留小时",
    "付款后小时",
    "剩余发货小时",
    "礼盒数",
]
_TEXTS = ["买家留言", "卖家备注", "商品", "规格", "平台状态", "等级", "地址"]
_EQUAL_NUMERIC = ["金额", "件数", "礼盒数"]


def sums() -> st.SearchStrategy[str]:
    return st.recursive(
        st.one_of(st.sampled_from(_NUMERIC), _NUMBERS, st.just("SKU件数('QH-CUP-RED')"), st.just("长度(买家留言)")),
        lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda one: f"({one[0]} {one[1]} {one[2]})"),
        max_leaves=3,
    )


def _list(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=4).map(lambda found: f"[{', '.join(found)}]")


def leaves() -> st.SearchStrategy[str]:
    words = _WORDS.map(lambda word: f"'{word}'")
    return st.one_of(
        st.tuples(st.sampled_from(_NUMERIC), _ORDER, sums()).map(" ".join),
        st.tuples(st.sampled_from(_EQUAL_NUMERIC), _EQUAL, _NUMBERS).map(" ".join),
        st.tuples(st.sampled_from(_EQUAL_NUMERIC), st.sampled_from(["in", "不属于"]), _list(_NUMBERS)).map(" ".join),
        st.tuples(st.sampled_from(_TEXTS), st.sampled_from(["包含", "不包含"]), words | _list(words)).map(" ".join),
        st.tuples(st.just("SKU"), st.sampled_from(["包含", "不含"]), st.one_of(words, _list(words))).map(" ".join),
        st.tuples(st.sampled_from(["市", "区"]), st.sampled_from(["属于", "not in"]), _list(words)).map(" ".join),
        st.sampled_from(
            ["渠道 == '京东'", "渠道 属于 ['淘宝', '天猫']", "旗帜 != '红'", "类型 是 '补发'", "环节 == '待审核'",
             "退款 == '无'", "库存够", "限制发货", "有电话 是 否", "下单时间 >= '2025-12-21 22:00'",
             "付款时间 < '2025-12-22'", "省 属于 ['新疆', '海南']", "省 不是 '浙江'", "下单小时 >= 9", "9 > 下单小时",
             "下单星期 属于 [1, 7]", "开头(商品, '马克')", "100 < 金额 <= 500"]
        ),
    )  # fmt: skip


def conditions() -> st.SearchStrategy[str]:
    return st.recursive(
        leaves(),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from([" 且 ", " and ", " 或 ", " || "]), inner).map("".join).map("({})".format),
            inner.map("非 ({})".format),
        ),
        max_leaves=5,
    ).filter(lambda said: len(said) <= 400 and said.count("(") < 18)


def orders(*, known: bool) -> st.SearchStrategy[OrderFacts]:
    """`known`: every field of them can be told."""
    return st.builds(_order, known=st.just(known), drawn=st.fixed_dictionaries({
        "paid_fen": st.integers(0, 300_000), "goods_fen": st.integers(0, 300_000),
        "post_fen": st.sampled_from([0, 1000]), "discount_fen": st.sampled_from([0, 500, 99_999]),
        "buyer_message": st.sampled_from(["", "要发票", "急！发顺丰"]),
        "seller_memo": st.sampled_from(["", "红"]), "platform": st.sampled_from(["taobao", "jd", "pdd"]),
        "seller_flag": st.integers(0, 5), "kind": st.sampled_from(["normal", "reship"]), "stage": st.sampled_from(OPEN),
        "province": st.sampled_from(["浙江省", "新疆维吾尔自治区"]), "refund": st.sampled_from(["", "asked"]),
        "hold": st.sampled_from(["", "风控"]), "waited": st.integers(0, 100),
        "sku": st.sampled_from(["QH-CUP-RED", "QH-MUG-01"]),
        "on_hand": st.sampled_from([0, 1, 50]), "spec": st.sampled_from(["红", ""]), "gaps": st.sets(st.integers(0, 6)),
    }))  # fmt: skip


def _order(*, known: bool, drawn: dict[str, Any]) -> OrderFacts:
    gone = set() if known else drawn["gaps"]
    entered = NOW - timedelta(hours=drawn["waited"])
    goods = line(
        sku="" if 0 in gone else drawn["sku"], on_hand=None if 1 in gone else drawn["on_hand"], spec=drawn["spec"]
    )
    plain: dict[str, Any] = {name: drawn[name] for name in (
        "paid_fen", "goods_fen", "post_fen", "discount_fen", "buyer_message", "seller_memo", "platform", "seller_flag",
        "kind", "stage", "refund", "hold",
    )}  # fmt: skip
    place: dict[str, Any] = (
        {"province": "", "city": "", "district": ""} if 2 in gone else {"province": drawn["province"]}
    )
    return facts(
        **plain, **place, lines=(goods,), stage_entered_at=entered, created_at=entered,
        paid_at=None if 3 in gone else entered, ship_by_at=None if 4 in gone else entered + timedelta(hours=48),
        address_whole=5 not in gone, phone_known=None if 6 in gone else True, name_known=True, platform_status="等待",
        custom={} if 6 in gone else {"礼盒数": drawn["waited"] % 3, "等级": "顺丰"},
    )  # fmt: skip


def by_another(condition: Condition, order: OrderFacts, now: datetime) -> Any:
    """What simpleeval makes of the same tree. Only for an order of which every field is known."""
    names = {name: one.read(order, now) for name, one in CATALOGUE.by_name.items()}
    assert not any(isinstance(value, Unknown) for value in names.values())
    functions = {
        "长度": len, "开头": str.startswith, "结尾": str.endswith, "SKU件数": lambda sku: pieces_of(order, sku.upper()),
    }  # fmt: skip
    return EvalWithCompoundTypes(names=names, functions=functions).eval("", previously_parsed=condition.tree)
