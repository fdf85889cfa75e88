"""What supervisors do to rules: each change is a new version and a row of the rule's trail, and the orders that are
open are looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from handlers import looking_again, owe, trail
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.fields.renamed import as_named_now
from handlers.permissions import Permit
from handlers.rulebook import agreed, book, catalogue, store, wording
from handlers.rulebook.store import LIVE, Version, Wish, Writing
from handlers.wording import day_of
from models import Role
from rules.language import Condition, ConditionError

SET: Final = Permit("改规则", frozenset({Role.SUPERVISOR}))
LIFE: Final = timedelta(hours=2)
"""How long a draft waits to be switched on."""
MOST: Final = 100
OVER: Final = ("off", "dropped")
_BY_STAGE: Final = frozenset(("环节", "停留小时"))
_ALONE: Final = text("LOCK TABLE rules IN SHARE ROW EXCLUSIVE MODE")


def make(desk: Desk, actor: Actor, wishes: Mapping[str, Any]) -> int:
    """A draft, which judges nothing yet; its id. Raises Refusal."""
    if not wishes.get("condition"):
        raise Refusal("还没写条件，例如：规则 新增 金额 > 1000 且 省 属于 ['新疆', '西藏']")
    condition = read(desk, wishes["condition"])
    wishes = agreed.answering(desk, wishes)
    desk.session.execute(_ALONE)
    if len(store.everything(desk)) >= MOST:
        raise Refusal(f"最多 {MOST} 条规则，请先停掉不用的")
    rule_id = store.add(desk, desk.now + LIFE)
    wish = Wish(**{"title": f"规则{rule_id}", "owner": actor.name, **wishes})
    check(wish)
    wish = agreed.agreed(desk, wish, condition)
    store.write(desk, actor, (rule_id, 1), Writing(wish, "新增", expires_at=desk.now + LIFE))
    trail.write(desk, f"rule:{rule_id}", actor, action="新增规则", detail={"标题": wish.title, "条件": wish.condition})
    return rule_id


def change(
    desk: Desk, actor: Actor, rule_id: int, wishes: Mapping[str, Any], *, seen: int | None = None
) -> Version:  # fmt: skip
    """Holds at once. `seen`: the revision over which it was written. Raises Refusal for what cannot be, or is so
    already; Late."""
    now = _living(desk, rule_id)
    _check_seen(now, seen)
    if "condition" in wishes:
        read(desk, wishes["condition"])
    wishes = agreed.answering(desk, wishes)
    return _write(desk, actor, now, replace(now.wish, **wishes), action="改规则")


def reword(desk: Desk, actor: Actor, rule_id: int, condition: str) -> Version:
    """The same condition in other words, as when a field is called otherwise: whatever else the rule says stays as it
    is, be it that nobody could write it like that today."""
    now = _living(desk, rule_id)
    found = read(desk, condition)
    made = Writing(replace(now.wish, condition=condition), "", _by_stage(found))
    return _put(desk, actor, now, made, action="改规则")


def switch(
    desk: Desk, actor: Actor, rule_id: int, state: str, *, seen: int | None = None, role: str = ""
) -> Version:  # fmt: skip
    """`state`: on, shadow, off, or dropped for a draft. `seen`: the revision of the card that was pressed; `role`: what
    was chosen on it. Raises Refusal, Late."""
    now = _living(desk, rule_id)
    _check_seen(now, seen)
    if now.wish.state == state:
        raise Late(f"{now.called}现在就是{store.STATES[state]}")
    if state == "dropped" and now.wish.state != "draft":
        raise Refusal(f"{now.called}已经用过，请停用它：规则 停 {rule_id}")
    if state not in OVER:
        read(desk, now.wish.condition)  # its fields may be gone
    return _write(desk, actor, now, replace(now.wish, state=state, role=role or now.wish.role), action="改规则")


def roll_back(
    desk: Desk, actor: Actor, rule_id: int, number: int | None = None, *, seen: int | None = None
) -> Version:  # fmt: skip
    """The version `number`, else the last that said something else, holds again, as a new one. Raises Refusal, Late."""
    now = _living(desk, rule_id)
    _check_seen(now, seen)
    for one in store.versions(desk, rule_id):
        if one.number == now.number or number not in (None, one.number):
            continue
        wish = _again(desk, one)
        if number is not None or wish != now.wish:
            return _write(desk, actor, now, wish, action="回滚规则", rolled_from=one.number)
    raise Refusal(f"{now.called}没有可以回滚到的版本，发「规则 {rule_id}」看各个版本")


def _again(desk: Desk, one: Version) -> Wish:
    """What a version said, in the names that fields have now; a draft is not one again. Raises Refusal."""
    state = "off" if one.wish.state in ("draft", "dropped") else one.wish.state
    try:
        condition = as_named_now(desk, one.wish.condition, one.made_at)
    except ConditionError as error:
        raise wording.refusal(error) from None
    return replace(one.wish, state=state, condition=condition)


def read(desk: Desk, condition: str) -> Condition:
    """Raises Refusal, with what is wrong at its place."""
    try:
        return catalogue.compiled(desk, condition)
    except ConditionError as error:
        raise wording.refusal(error) from None


def _check_seen(now: Version, seen: int | None) -> None:
    if seen is not None and now.revision != seen:
        raise Late(f"{now.code}刚被改过，请再看一眼")


def _living(desk: Desk, rule_id: int) -> Version:
    now = store.locked(desk, rule_id)
    if now.wish.state == "dropped":
        raise Refusal(f"{now.code}已取消，请重新发：规则 新增 {now.wish.condition}")
    if now.expires_at is not None and now.expires_at <= desk.now:
        raise Refusal(
            f"{now.code}是草稿，{LIFE.seconds // 3600} 小时没启用已失效，请重新发：规则 新增 {now.wish.condition}"
        )
    return now


def _write(
    desk: Desk, actor: Actor, now: Version, wish: Wish, *, action: str, rolled_from: int | None = None
) -> Version:  # fmt: skip
    check(wish)
    if wish.state in OVER and wish == replace(now.wish, state=wish.state):
        made = Writing(wish, "")  # what is wrong with a rule must not keep it from being stopped
    else:
        condition = read(desk, wish.condition)
        made = Writing(agreed.agreed(desk, wish, condition), "", _by_stage(condition))
    return _put(desk, actor, now, replace(made, rolled_from=rolled_from), action=action)


def _by_stage(condition: Condition) -> bool:
    return any(field.name in _BY_STAGE for field in condition.fields)


def _put(desk: Desk, actor: Actor, now: Version, made: Writing, *, action: str) -> Version:
    """The next version, its words and its end still to be said. Raises Refusal where it says what holds already."""
    wish = made.wish
    changes = wording.difference(now.wish, wish, day_of(desk.now))
    if not changes:
        raise Refusal(f"{now.called}没有变化，没有改动")
    said = wording.said(changes)
    said = f"回滚到第 {made.rolled_from} 版：{said}" if made.rolled_from is not None else said
    expires_at = desk.now + LIFE if wish.state == "draft" else None
    made = replace(made, change=said, expires_at=expires_at)
    revision = store.write(desk, actor, (now.rule_id, now.number + 1), made)
    trail.write(desk, f"rule:{now.rule_id}", actor, action=action, detail=changes)
    book.forget(desk)
    if wish.state in LIVE or now.wish.state in LIVE:
        looking_again.every(desk)
    subject = f"rule:{now.rule_id}"
    owe.owe(desk, [owe.Owed(f"{subject}:edit:{revision}", "staff", "edit", subject)], by=actor)
    return store.newest(desk, now.rule_id)


def check(wish: Wish) -> None:
    """What cannot be, of settings that go together. Raises Refusal."""
    if wish.valid_from is not None and wish.valid_to is not None and wish.valid_from >= wish.valid_to:
        last = day_of(wish.valid_to - timedelta(days=1))
        raise Refusal(f"开始日期在结束日期后面了：从 {day_of(wish.valid_from)}，到 {last}，请改其中一个")
