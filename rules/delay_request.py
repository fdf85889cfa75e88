"""DELAY_REQUEST: the buyer's message or the seller's memo asks for later shipping. The day is told only where it is
clear; otherwise the order waits until a person settles it."""

from __future__ import annotations

from datetime import datetime

from models.beijing import BEIJING, day_start
from models.people import Role
from models.stages import OPEN
from rules.delay_words import Wish, is_urgent, wish_in
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict


class DelayRequest(Rule):
    slug = "delay_request"
    title = "要求延后发货"
    role = Role.SERVICE
    severity = "P3"
    blocks = True
    claim_minutes = 60
    solve_minutes = 240
    customer = "已改期"

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")
        said = facts.created_at.astimezone(BEIJING).date()  # a message is written with the order
        wish = wish_in(facts.buyer_message, said)
        if wish is not None:
            return _judged(facts, now, wish, "买家留言")
        wish = wish_in(facts.seller_memo, said)
        if wish is not None and wish.relative:
            wish = Wish(wish.phrase, None, relative=True)  # nobody knows on which day a memo was written
        return _judged(facts, now, wish, "卖家备注") if wish else Verdict.miss("没有要求延后")


def _judged(facts: OrderFacts, now: datetime, wish: Wish, where: str) -> Verdict:
    if is_urgent(facts.buyer_message if where == "买家留言" else facts.seller_memo):
        return Verdict.unknown(f"{where}既催发又说「{wish.phrase}」，请人工看")
    mark = f"{where}:{wish.phrase}"
    evidence = {"said": wish.phrase, "where": where, "until": wish.day.isoformat() if wish.day else None}
    if wish.day is None:
        why = "看不出是从哪天算起" if wish.relative else "没有明确日期"
        return Verdict.hit(f"{where}「{wish.phrase}」，{why}，先不发", mark=mark, evidence=evidence)
    until = day_start(wish.day)
    if until <= now:
        return Verdict.miss(f"约定的 {wish.day:%m-%d} 已到")
    if facts.not_before_at is not None and facts.not_before_at >= until:
        return Verdict.miss(f"已改到 {facts.not_before_at.astimezone(BEIJING):%m-%d}")
    return Verdict.hit(
        f"{where}「{wish.phrase}」，{wish.day:%m-%d} 起再发", mark=mark, evidence=evidence, recheck_at=until
    )
