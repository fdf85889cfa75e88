"""DUP_SUSPECT: the same goods for the same buyer a few minutes apart, or very many orders from one source within the
hour. Of a pair the later one waits; the first goes on."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts, Twin
from rules.rule import Rule
from rules.verdict import Verdict


class BoughtTwice(Rule):
    slug = "bought_twice"
    title = "疑似重复下单"
    role = Role.SERVICE
    severity = "P3"
    blocks = True
    force = "R"
    claim_minutes = 60
    solve_minutes = 240
    sure = True

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        """`evidence["other"]`: the id of the order that it may repeat."""
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")
        if facts.twin is not None:
            twin = facts.twin
            return Verdict.hit(_said(twin), mark=twin.tag, evidence={"other": twin.order_id, "tags": [twin.tag]})
        past, many = facts.history, facts.checks.many_orders
        if many and past.lately + 1 >= many:
            whose = "同一收件电话" if past.by_phone else "同一买家"
            reason = f"{whose} 1 小时内下了 {past.lately + 1} 单，疑似刷单或误拍，先和买家核对"
            return Verdict.hit(reason, mark="many")
        return Verdict.miss("没有相同的单")


def _said(twin: Twin) -> str:
    apart = f"只隔 {twin.minutes} 分钟" if twin.minutes else "隔了不到 1 分钟"
    return f"与 {twin.tag} 同一买家、同一地址，都买了{twin.goods}，{apart}：先问买家是不是拍重了"
