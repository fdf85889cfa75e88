"""What rules write, ask and tell: tags, notes, a question for purchasing, a word to somebody here, a notice to the
customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, people
from handlers.batches import doing, memos, notes
from handlers.customers import state, telling
from handlers.desk import SYSTEM, Actor, Desk
from handlers.duty import duty
from handlers.matter import Opening
from handlers.rulebook import deeds
from handlers.rulebook.act import Act, Undoing, called
from handlers.rulebook.deeds import Kept
from handlers.wording import FLAGS
from models import Role, Urgency
from models.case import LIVE
from rules.own import OwnRule
from rules.verdict import Outcome, Verdict

ASKED: Final = "rule_ask"
"""The kind of the case by which purchasing is asked."""
_MADE_BY: Final = text("SELECT made_by_id FROM rule_versions WHERE rule_id = :id AND number = :number")
_WITHDRAW: Final = text("""
    DELETE FROM notifications WHERE dedupe_key = ANY(:keys) AND state = 'owed' AND tries = 0 RETURNING dedupe_key
""")
SHORT: Final = "short_stock"
_STATES: Final = frozenset({"delayed", "stock"})
"""Notices to customers that say how an order stands: they wait until it stands so."""
_NAMED: Final = 10
_LETTERS: Final = 60


def mark(acts: Iterable[Act]) -> None:
    for one in acts:
        one.work.note("标记", {"标记": one.kept["tag"], **one.by})


def unmark(undoings: Iterable[Undoing]) -> None:
    for one in undoings:
        one.work.note("去掉标记", {"标记": str(one.row.deed).partition(":")[2], **one.by})


def write(desk: Desk, acts: Sequence[Act]) -> None:
    """Notes: shown with the order, and owed to the marketplace's memo as those of people are."""
    same: dict[tuple[int, str], list[Act]] = defaultdict(list)
    for one in acts:
        same[one.rule.rule_id, one.kept["note"]].append(one)
    for (_, words), found in same.items():
        line, flag = notes.flagged(words)
        rows = [one.work.row for one in found]
        flags = {row.id: flag for row in rows if flag is not None and not notes.without_flag(row.platform, flag)}
        for one in found:
            flagged = {"旗帜": FLAGS[flags[one.work.row.id]]} if one.work.row.id in flags else {}
            one.work.note("备注", {"备注": line, **flagged, **one.by})
        memos.owe(desk, doing.Act(_writer(desk, found[0].rule), desk.now, words=words), rows, line, flags=flags)


def _writer(desk: Desk, rule: OwnRule) -> Actor:
    """Who hears when a marketplace does not take the note: whoever wrote the rule so, else a supervisor."""
    made_by = desk.session.execute(_MADE_BY, {"id": rule.rule_id, "number": rule.number}).scalar_one_or_none()
    everybody = people.staff(desk)
    here = [one.id for one in everybody if one.id == made_by]
    chances = [*here, *(one.id for one in people.with_role(everybody, Role.SUPERVISOR))]
    return replace(SYSTEM, staff_id=next(iter(chances), None))


def ask(acts: Iterable[Act]) -> list[Opening]:
    """A question that is purchasing's matter, with a ladder of its own."""
    return [
        Opening(
            ASKED, f"{one.kept['ask']}（{called(one.rule)}）", Role.PURCHASING, one.work.row.id,
            evidence={"mark": one.key, "by_rule": one.rule.rule_id},
        )
        for one in acts
    ]  # fmt: skip


def answered(undoings: Iterable[Undoing]) -> dict[int, str]:
    """Questions that are needless now → why."""
    asked = [question(one.row, one.cases) for one in undoings]
    return {row.id: "不用再问" for row in asked if row is not None}


def question(done: Row[Any], cases: Sequence[Row[Any]]) -> Row[Any] | None:
    """The case by which a rule asks still."""
    mine = (row for row in cases if row.kind == ASKED and row.evidence.get("by_rule") == done.rule_id)
    return next((row for row in mine if row.state in LIVE), None)


def remind(desk: Desk, acts: Sequence[Act]) -> None:
    """One sentence to each for all orders of a rule; for whoever has left or is absent those on duty hear."""
    if not acts:
        return
    everybody = people.staff(desk)
    roster = duty.roster(desk)
    same: dict[tuple[int, str], list[Act]] = defaultdict(list)
    for one in acts:
        same[one.rule.rule_id, one.key].append(one)
        one.work.note("提醒", {"提醒": deeds.DEEDS["remind"].written(one.kept), **one.by})
    for found in same.values():
        owe.owe(desk, [_note(found, person_id) for person_id in _told(desk, found[0], everybody, roster)])


def _told(desk: Desk, act: Act, everybody: Sequence[people.Person], roster: duty.Roster) -> list[int]:
    role = act.kept.get("role")
    if role is not None:
        return [person.id for person in roster.told_of(everybody, Role(role), desk.now)]
    here = [one.id for one in everybody if one.id == act.kept["staff_id"] and not one.away]
    return here or [one.id for one in roster.on_duty(everybody, Role.SUPERVISOR, desk.now)]


def _note(found: Sequence[Act], staff_id: int) -> owe.Owed:
    first, rows = found[0], sorted((one.work.row for one in found), key=lambda row: row.id)
    tags = "、".join(row.tag for row in rows[:_NAMED]) + (f" 等 {len(rows)} 单" if len(rows) > _NAMED else "")
    reason = first.reason if len(first.reason) <= _LETTERS else f"{first.reason[: _LETTERS - 1]}…"
    why = f"（{reason}）" if len(rows) == 1 and reason else ""
    key = f"rule:{first.rule.rule_id}:{first.key}:{rows[0].id}"
    said = owe.note(key, staff_id, f"order:{rows[0].id}", f"{called(first.rule)}提醒：{tags}{why}")
    return replace(said, urgency=Urgency.CARD)  # news, not an answer


def waits(kept: Kept, true: Collection[str]) -> bool:
    """Whether a notice says what is not so yet. `true`: as `true_of` tells."""
    return kept["event"] in _STATES and kept["event"] not in true


def true_of(
    order: Row[Any], cases: Sequence[Row[Any]], now: datetime, verdicts: Mapping[str, Verdict] = MappingProxyType({})
) -> frozenset[str]:
    """Of the notices that say how an order stands those that are true. `verdicts`: of this look; without them what the
    last one found counts."""
    if order.refund in ("asked", "refunded"):
        return frozenset()
    seen = verdicts.get(SHORT)
    live = any(row.kind == SHORT and row.state in LIVE for row in cases)
    short = live if seen is None or seen.outcome is Outcome.UNKNOWN else seen.outcome is Outcome.HIT
    found = {"delayed": state.is_late(order, now), "stock": short}
    return frozenset(event for event, so in found.items() if so)


def tell(desk: Desk, acts: Sequence[Act]) -> None:
    """By the customers' own manners: not at night, not twice a day, not who said 退订, not what is no longer true."""
    same: dict[tuple[int, str], list[Act]] = defaultdict(list)
    for one in acts:
        same[one.rule.rule_id, one.key].append(one)
        one.work.note("通知客户", {"通知": deeds.said(one.kept), **one.by})
    for (rule_id, key), found in same.items():
        kept = found[0].kept
        more = {"result": kept["result"]} if kept.get("result") else None
        ids = [one.work.row.id for one in found]
        telling.tell(desk, ids, kept["event"], occasion=_occasion(rule_id, key), more=more)


def sent(desk: Desk, undoings: Sequence[Undoing]) -> set[tuple[int, int, str]]:
    """Withdraws notices that wait still, for the morning perhaps; the keys of those that cannot be any more."""
    if not undoings:
        return set()
    keys = {_notice(one): one for one in undoings}
    withdrawn = set(desk.session.execute(_WITHDRAW, {"keys": list(keys)}).scalars())
    for key in withdrawn:
        keys[key].work.note("撤回客户通知", keys[key].by)
    return {one.key for key, one in keys.items() if key not in withdrawn}


def _occasion(rule_id: int, key: str) -> str:
    return f"rule{rule_id}:{key}"


def _notice(one: Undoing) -> str:
    """Its key, as handlers/customers/telling.py makes it."""
    event = str(one.row.deed).split(":")[1]
    return f"order:{one.row.order_id}:{event}:{_occasion(one.row.rule_id, one.row.deed)}:customer"
