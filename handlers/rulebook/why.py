"""为什么: which rules looked at an order, and what each of them said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row

from handlers import gather, mask
from handlers.desk import Actor, Desk, Refusal
from handlers.rulebook import acting, book, deeds, reach, store
from handlers.rulebook.acting import Done
from handlers.rulebook.became import Became
from handlers.wording import moment
from models import Role
from models.stages import OPEN, TITLES, Stage
from rules.facts import OrderFacts
from rules.judge import judge
from rules.own import OwnRule
from rules.rule import Rule
from rules.verdict import Outcome, Verdict

_HEADS: Final = {Outcome.HIT: "命中", Outcome.UNKNOWN: "不能确定（不等于没问题）"}


def why(desk: Desk, order_id: int, actor: Actor) -> str:
    """Hits first, then what nobody can tell, then all the others in one line. Raises Refusal for no such order."""
    row, facts = _facts(desk, order_id)
    rules = _rules(desk, facts, actor)
    if not rules:
        return f"{row.tag} {TITLES[facts.stage]}，规则不再看它"
    verdicts = judge(facts, desk.now, rules)
    before = acting.done(desk, [order_id]).get(order_id, {})
    became = Became(desk, row, verdicts)
    lines = [f"**{row.tag}（{TITLES[facts.stage]}）**"]
    for outcome, head in _HEADS.items():
        found = [slug for slug, verdict in verdicts.items() if verdict.outcome is outcome]
        if found:
            lines.append(f"{head}：")
            for slug in found:
                rule, verdict = rules[slug], verdicts[slug]
                came = became.said(rule, verdict)
                words = f"{_said(desk, rule, verdict, facts)}{f'（{came}）' if came else ''}"
                lines.append(f"- {words}{_did(rule, before)}")
    lines += _misses(rules, verdicts)
    return "\n".join(lines)


def why_not(desk: Desk, order_id: int, rule_id: int) -> str:
    """One rule of the company's own, comparison by comparison, whatever state it is in. Raises Refusal."""
    row, facts = _facts(desk, order_id)
    now = store.newest(desk, rule_id)
    rule = book.made(desk, (rule_id, now.number), now.wish)
    verdict = judge(facts, desk.now, {rule.slug: rule})[rule.slug]
    outcome = {Outcome.HIT: "命中", Outcome.MISS: "没命中", Outcome.UNKNOWN: "不能确定"}[verdict.outcome]
    head = f"**{row.tag}（{TITLES[facts.stage]}）· {now.called}[{store.STATES[now.wish.state]}]：{outcome}**"
    leaves = [f"- {mask.phones(one.shown)}" for one in rule.condition.explain(facts, desk.now)]
    reason = [] if verdict.outcome is Outcome.HIT else [f"> {mask.phones(verdict.reason)}"]
    came = Became(desk, row, {}).said(rule, verdict)
    before = acting.done(desk, [order_id]).get(order_id, {})
    did = [f"- 动作 {words}" for words in _deeds(rule, before)]
    return "\n".join([head, *leaves, *([f"- {came}"] if came else []), *did, *reason])


def _facts(desk: Desk, order_id: int) -> tuple[Row[Any], OrderFacts]:
    """As the rules see it; nothing is locked."""
    rows = gather.read_orders(desk, [order_id])
    if not rows:
        raise Refusal("没有找到这个订单")
    row = rows[0]
    parcels = gather.parcels_of(desk, [order_id]) if row.stage == Stage.DONE else {}
    facts = gather.Facts(desk, [order_id], gather.read_lines(desk, [order_id]), parcels)
    return row, facts.of(row, Stage(row.stage), row.stage_entered_at)


def _rules(desk: Desk, facts: OrderFacts, actor: Actor) -> Mapping[str, Rule]:
    found = book.book(desk)
    every = found.every if actor.may(Role.SUPERVISOR) else {**found.every, **found.live}
    hidden = () if actor.may(Role.SUPERVISOR) else tuple(found.shadow)
    shown = {slug: rule for slug, rule in every.items() if slug not in hidden}
    if facts.stage in OPEN:
        return {slug: rule for slug, rule in shown.items() if not rule.after_shipping}
    left = facts.stage is Stage.DONE and bool(facts.parcels)
    return {slug: rule for slug, rule in shown.items() if rule.after_shipping} if left else {}


def _said(desk: Desk, rule: Rule, verdict: Verdict, facts: OrderFacts) -> str:
    if not isinstance(rule, OwnRule):
        return f"{rule.title}：{mask.phones(verdict.reason)}"
    leaves = "；".join(one.shown for one in rule.condition.explain(facts, desk.now))
    shadow = "[影子]" if rule.shadow else ""
    return mask.phones(f"{_called(rule)}{shadow}：{leaves or verdict.reason}")


def _did(rule: Rule, before: Done) -> str:
    """What it leads to beside its case, and what of that was done."""
    acts = _deeds(rule, before) if isinstance(rule, OwnRule) and not rule.shadow else []
    return f"。动作：{'、'.join(acts)}" if acts else ""


def _deeds(rule: OwnRule, before: Done) -> list[str]:
    found = []
    for kept in rule.actions:
        row = before.get((rule.rule_id, deeds.key_of(kept)))
        if row is None:
            state = "还没做"
        elif why_not := reach.why(row):
            state = f"没通知到客户：{why_not}"
        elif row.undone_at is not None:
            state = f"{moment(row.undone_at)} 收回"
        else:
            state = f"{moment(row.at)} 已做，第 {row.number} 版"
        found.append(f"{mask.phones(deeds.said(kept))}（{state}）")
    return found


def _misses(rules: Mapping[str, Rule], verdicts: Mapping[str, Verdict]) -> Sequence[str]:
    found = [_called(rules[slug]) for slug, verdict in verdicts.items() if verdict.outcome is Outcome.MISS]
    return [f"看过没问题：{'、'.join(found)}"] if found else []


def _called(rule: Rule) -> str:
    if not isinstance(rule, OwnRule):
        return rule.title
    code = f"规则{rule.rule_id}"
    return code if rule.title == code else f"{code} {rule.title}"
