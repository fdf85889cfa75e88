"""MSG_TODO: a message or memo asks for something that no other rule takes up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from models.people import Role
from models.stages import OPEN, Stage
from rules.delay_words import wish_in
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.said import TITLES, asked_where, asks
from rules.verdict import Verdict

_OURS: Final = ("readdress", "gift", "other")
_MENDING: Final = ("reship", "exchange")


class MessageTodo(Rule):
    slug = "message_todo"
    title = "留言待处理"
    role = Role.SERVICE
    severity = "P3"
    blocks = False
    force = "R"
    claim_minutes = 60
    solve_minutes = 240
    solved = "已处理"
    customer = "留言已处理"
    sure = True
    tells = ()

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")

        facts = _as_reviewed(facts)
        for slug in _OURS:
            said = asked_where(facts, slug)
            if said and not (slug == "other" and (_is_a_delay(facts) or _says_why_it_was_made(facts))):
                return Verdict.hit(f"{TITLES[slug]}：{said}", mark=said, evidence={"asks": slug})
        return Verdict.miss("留言没有要处理的" if asks(facts.buyer_message) else "没有留言", quiet=True)


def _as_reviewed(facts: OrderFacts) -> OrderFacts:
    """With the words that stood there then: what was written since is remark_changed's."""
    then = facts.audited
    if facts.stage is Stage.PENDING_REVIEW or then is None:
        return facts
    return replace(facts, buyer_message=then.message, seller_memo=then.memo)


def _says_why_it_was_made(facts: OrderFacts) -> bool:
    """Whoever makes an order here that mends another writes down why: 少件 漏拣. Nobody has to read that again."""
    return facts.platform == "chat" and facts.kind in _MENDING


def _is_a_delay(facts: OrderFacts) -> bool:
    """Those are another rule's."""
    said = facts.created_at.date()
    return wish_in(facts.buyer_message, said) is not None or wish_in(facts.seller_memo, said) is not None
