"""DELAY_REQUEST: the buyer's message or the seller's memo asks for later shipping. The day is told only where it is
clear; otherwise the order waits until a person settles it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from models.beijing import BEIJING, day_start
from models.people import Role
from models.stages import OPEN
from rules.delay_words import Judged, from_then, judge_words
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.said import must_never_leave
from rules.verdict import Outcome, Verdict

NEVER: Final = "写的是测试或不要发，不是晚些发"


class DelayRequest(Rule):
    slug = "delay_request"
    title = "要求延后发货"
    role = Role.SERVICE
    severity = "P3"
    blocks = True
    force = "R"
    claim_minutes = 60
    solve_minutes = 240
    customer = "已改期"

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")
        said = facts.created_at.astimezone(BEIJING).date()  # a message is written with the order
        if must_never_leave(facts.buyer_message) or must_never_leave(facts.seller_memo):
            return Verdict.miss(NEVER)
        judged = judge_words(facts.buyer_message, said)
        if judged.outcome is not Outcome.MISS:
            return _judged(facts, now, judged, "买家留言")
        return _judged(facts, now, _undated(judge_words(facts.seller_memo, said)), "卖家备注")


def _undated(judged: Judged) -> Judged:
    """Nobody knows on which day a memo was written."""
    wish = judged.wish
    return replace(judged, wish=replace(wish, day=None, arrival=None)) if wish is not None and wish.relative else judged


def _judged(facts: OrderFacts, now: datetime, judged: Judged, where: str) -> Verdict:
    wish = judged.wish
    if judged.outcome is Outcome.MISS:
        return Verdict.miss("没有要求延后", quiet=True)
    if judged.outcome is Outcome.UNKNOWN or wish is None:
        return Verdict.unknown(f"{where}{judged.reasons[0]}")
    mark = f"{where}:{wish.phrase}"
    evidence = {"said": wish.phrase, "where": where, "until": wish.day.isoformat() if wish.day else None}
    if wish.day is None:
        why = "看不出是从哪天算起" if wish.relative else "没有明确日期"
        return Verdict.hit(f"{where}「{wish.phrase}」，{why}，先不发", mark=mark, evidence=evidence)
    until = day_start(wish.day)
    if until <= now:
        return Verdict.miss(f"约定的 {wish.day:%m-%d} 已到", quiet=True)  # nobody agreed a day
    if facts.not_before_at is not None and facts.not_before_at >= until:
        return Verdict.miss(f"已改到 {facts.not_before_at.astimezone(BEIJING):%m-%d}")
    return Verdict.hit(f"{where}「{wish.phrase}」，{from_then(wish)}", mark=mark, evidence=evidence, recheck_at=until)
