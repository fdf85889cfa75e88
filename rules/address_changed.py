"""ADDR_CHANGED: the buyer changed the receiver on the platform after the order was approved: the waybill may be
printed already."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import Stage
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict


class AddressChanged(Rule):
    slug = "address_changed"
    title = "平台改地址"
    role = Role.WAREHOUSE
    severity = "P1"
    blocks = True
    force = "R"
    claim_minutes = 5
    solve_minutes = 30
    solved = "已换面单"
    customer = "地址已更新"
    sure = True
    tells = ("group", "role")

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in (Stage.PENDING_PICK, Stage.PENDING_SHIP) or facts.audited is None:
            return Verdict.miss("还没有审核，或已发出")

        before = facts.audited.receiver_key
        if not before or not facts.receiver_key or before == facts.receiver_key:
            return Verdict.miss("收件信息没有变")
        place = facts.province + facts.city + facts.district
        return Verdict.hit(
            f"审核后买家在平台改了收件信息，现在寄往{place or '新地址'}：已打的面单作废重打",
            mark=facts.receiver_key[:40],
        )
