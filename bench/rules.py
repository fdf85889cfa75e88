"""Bar 12: the built-in rules and twenty of a company's own over ten thousand orders, from facts to verdicts, beside
twenty expressions by simpleeval alone over plain values that were made beforehand. Both sides read their conditions
once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from simpleeval import EvalWithCompoundTypes

from bench.harness import NOW, Bench, Figure, pairs, per_second, stopwatch
from models import Role
from models.stages import OPEN
from rules import RULES
from rules.facts import LineFacts, OrderFacts
from rules.judge import judge
from rules.language import Condition, compile_condition
from rules.language.order_fields import FIELDS
from rules.own import Manner, OwnRule
from rules.rule import Rule

CONDITIONS: Final = (
    "金额 > 1000 且 省 属于 ['新疆', '西藏']", "买家留言 包含 '发票'", "SKU 包含 'QH-MUG-01' 且 件数 >= 5",
    "金额 > 5000",
    "优惠 > 金额 * 0.5", "渠道 == '拼多多' 且 金额 < 5", "旗帜 == '红' 且 卖家备注 包含 '急'", "品种数 > 3",
    "省 == '海南' 且 非 库存够", "剩余发货小时 < 6 且 环节 != '待发货'", "停留小时 > 4 且 金额 > 500",
    "付款后小时 > 24", "买家留言 包含 ['改地址', '换地址', '地址错']", "下单小时 >= 22 或 下单小时 < 6",
    "下单星期 属于 [6, 7] 且 金额 > 300", "类型 == '预售' 且 剩余发货小时 < 48", "商品 包含 '定制' 且 买家留言 == ''",
    "运费 == 0 且 金额 < 9.9", "市 属于 ['乌鲁木齐', '拉萨'] 或 区 包含 '县'", "退款 != '无' 且 快递 != ''",
)  # fmt: skip
_ORDERS: Final = 10_000


def measure(bench: Bench) -> list[Figure]:
    orders = _orders(_ORDERS // 10 if bench.quick else _ORDERS)
    own = [compile_condition(words) for words in CONDITIONS]
    rules: dict[str, Rule] = {**RULES, **_rules(own)}
    _check(orders, own)
    found = pairs(lambda: _ours(orders, rules), lambda: _theirs(orders, own), times=3 if bench.quick else 5)
    ours, theirs = len(orders) * len(rules), len(orders) * len(own)
    ratio = [other / theirs * ours / mine for mine, other in zip(found.ours, found.theirs, strict=True)]
    what = f"rules, {len(RULES)} built-in + {len(own)} own, {len(orders):,} orders"
    return [
        Figure(12, what, per_second(ours, found.ours), f"simpleeval {per_second(theirs, found.theirs)}", ratio, 0.5,
               at_least=True)
    ]  # fmt: skip


def _ours(orders: Sequence[OrderFacts], rules: dict[str, Rule]) -> float:
    with stopwatch() as taken:
        for order in orders:
            judge(order, NOW, rules)
    return taken[0]


def _theirs(orders: Sequence[OrderFacts], own: Sequence[Condition]) -> float:
    evaluator = EvalWithCompoundTypes()
    values = [_values(order) for order in orders]
    trees: list[Any] = [condition.tree for condition in own]
    with stopwatch() as taken:
        for names in values:
            evaluator.names = names
            for tree in trees:
                evaluator.eval("", previously_parsed=tree)
    return taken[0]


def _check(orders: Sequence[OrderFacts], own: Sequence[Condition]) -> None:
    """Both must say the same, or the figure is worth nothing."""
    for order in orders[:300]:
        evaluator = EvalWithCompoundTypes(names=_values(order))
        for condition in own:
            tree: Any = condition.tree
            assert condition.test(order, NOW) is evaluator.eval("", previously_parsed=tree), condition.text


def _values(order: OrderFacts) -> dict[str, Any]:
    return {name: field.read(order, NOW) for name, field in FIELDS.items()}


def _rules(own: Sequence[Condition]) -> dict[str, Rule]:
    manner = Manner("自己的规则", Role.SERVICE, "P3", False, 30, 240)
    made = (OwnRule((number, 1), condition, manner) for number, condition in enumerate(own, 1))
    return {rule.slug: rule for rule in made}


def _orders(count: int) -> list[OrderFacts]:
    chance = random.Random(12)
    return [_order(chance, number) for number in range(count)]


def _order(chance: random.Random, number: int) -> OrderFacts:
    """One of an ordinary day: most of them clean, everything known."""
    paid = NOW - timedelta(minutes=chance.randint(5, 3000))
    region = chance.choice(
        (("浙江省", "杭州市", "西湖区"), ("广东省", "深圳市", "南山区"), ("新疆维吾尔自治区", "乌鲁木齐市", "天山区"))
    )
    lines = tuple(
        LineFacts(chance.choice(("QH-MUG-01", "QH-CUP-RED", "QH-BAG")), "马克杯", chance.randint(1, 6), on_hand=100)
        for _ in range(chance.choice((1, 1, 1, 2, 4)))
    )
    fen = chance.randint(500, 600_000) if chance.random() < 0.05 else chance.randint(2_000, 30_000)
    return OrderFacts(
        order_id=number, stage=chance.choice(OPEN), stage_entered_at=paid, created_at=paid, lines=lines,
        stage_limit=timedelta(hours=48), ship_by_at=paid + timedelta(hours=72), paid_at=paid, paid_fen=fen,
        goods_fen=fen, discount_fen=chance.choice((0, 500)), province=region[0], city=region[1], district=region[2],
        address_seen=f"紫金花路 {number} 号 3 幢 1201", address_whole=True, name_known=True, phone_known=True,
        buyer_message=chance.choice(("", "", "", "请尽快发货", "要发票")), seller_memo="",
        platform=chance.choice(("taobao", "jd", "pdd")), shelf="whole", platform_status="等待卖家发货",
    )  # fmt: skip
