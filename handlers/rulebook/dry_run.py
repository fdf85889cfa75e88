"""预演: a replay that somebody asked for. A short one is answered at once; a long one goes on behind, a chunk at a
time, says how far it is, and tells whoever asked when it is done."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe
from handlers.desk import Actor, Desk, Job, Refusal
from handlers.mask import phones
from handlers.owe import Enclosure
from handlers.rulebook import agreed, book, changing, found, store
from handlers.rulebook.replay import Span, Tally, following, look, total
from handlers.rulebook.store import Wish
from handlers.spreadsheet import harmless
from rules.own import OwnRule

DAYS: Final = 7
MOST_DAYS: Final = 30
AT_ONCE: Final = 1000
"""Orders that are looked at while whoever asks waits."""
HOW: Final = (
    "按订单现在的资料算（留言、备注、地址、库存都是最新的）：没发的按此刻判断，启用后就是这个数；"
    "发走的按离开时那一刻回放，当时改过的看不到"
)
_CHUNK: Final = 1000
_NAMED: Final = 20

_ASK: Final = text("""
    INSERT INTO rule_dry_runs (rule_id, wish, days, asked_by, asked_at, total)
    VALUES (:rule_id, cast(:wish AS jsonb), :days, :asked_by, :now, :total) RETURNING id
""")
_LOCKED: Final = text("""
    SELECT * FROM rule_dry_runs WHERE id = :id AND state IN ('asked', 'running') FOR UPDATE SKIP LOCKED
""")
_ON: Final = text("""
    UPDATE rule_dry_runs SET state = :state, looked = :looked, after = :after, found = cast(:found AS jsonb),
        finished_at = :finished_at WHERE id = :id
""")
_ONE: Final = text("SELECT state, looked, total FROM rule_dry_runs WHERE id = :id")
_OWN: Final = text("SELECT * FROM rule_dry_runs WHERE id = :id AND asked_by = :by")
_LIVE: Final = text("SELECT id FROM rule_dry_runs WHERE state IN ('asked', 'running') ORDER BY id")
_MINE: Final = text("""
    SELECT * FROM rule_dry_runs WHERE asked_by = :by AND (state IN ('asked', 'running') OR asked_at > :since)
    ORDER BY id DESC LIMIT 3
""")
_TAGS: Final = text("""
    SELECT o.tag FROM unnest(cast(:ids AS bigint[])) WITH ORDINALITY x(id, place) JOIN orders o ON o.id = x.id
    ORDER BY x.place
""")


@dataclass(frozen=True, slots=True)
class Begun:
    """What a replay found, or the one that goes on behind; `orders`: how many it looks at."""

    orders: int
    tally: Tally | None = None
    run_id: int = 0


def ask(desk: Desk, actor: Actor, wish: Wish, *, rule_id: int | None = None, days: int = DAYS) -> str:
    """What comes of it, or that it goes on. Raises Refusal."""
    begun = begin(desk, actor, wish, rule_id=rule_id, days=days)
    if begun.tally is not None:
        return answer(desk, (rule_id, wish, days), begun.tally)
    return f"要看 {begun.orders:,} 单，正在预演，完成后私聊发给您；看进度请发：预演"


def begin(desk: Desk, actor: Actor, wish: Wish, *, rule_id: int | None = None, days: int = DAYS) -> Begun:
    """A short one is done at once. Raises Refusal."""
    if not 1 <= days <= MOST_DAYS:
        raise Refusal(f"预演最多看 {MOST_DAYS} 天，例如：预演 3 14天")
    condition = changing.read(desk, wish.condition)
    wish = agreed.agreed(desk, wish, condition)
    span = Span.of(desk.now, days, condition)
    orders = total(desk, span)
    if orders <= AT_ONCE:
        tally = Tally()
        look(desk, _rule(desk, rule_id, wish), following(desk, span, 0, AT_ONCE), tally)
        return Begun(orders, tally)
    values = {
        "rule_id": rule_id, "wish": json.dumps(wish.packed(), ensure_ascii=False), "days": days, "now": desk.now,
        "asked_by": actor.staff_id, "total": orders,
    }  # fmt: skip
    run_id = desk.session.execute(_ASK, values).scalar_one()
    desk.ask_later(Job.TRY_RULE, run_id)
    return Begun(orders, run_id=run_id)


def go_on(desk: Desk, run_id: int) -> bool:
    """The next chunk of a replay; whether there is more. Nothing where it is over, or in other hands."""
    row = desk.session.execute(_LOCKED, {"id": run_id}).one_or_none()
    if row is None:
        return False
    wish = Wish.unpacked(row.wish)
    span = Span.of(row.asked_at, row.days, changing.read(desk, wish.condition))
    ids = following(desk, span, row.after, _CHUNK)
    tally = Tally.unpacked(row.found)
    look(desk, _rule(desk, row.rule_id, wish), ids, tally)
    over = len(ids) < _CHUNK
    values = {
        "id": run_id, "state": "done" if over else "running", "looked": row.looked + len(ids),
        "after": ids[-1] if ids else row.after, "found": json.dumps(tally.packed(), ensure_ascii=False),
        "finished_at": desk.now if over else None,
    }  # fmt: skip
    desk.session.execute(_ON, values)
    if over:
        _tell(desk, row, wish, tally)
    return not over


def give_up(desk: Desk, run_id: int) -> None:
    """It breaks the code: whoever asked is told."""
    row = desk.session.execute(_LOCKED, {"id": run_id}).one_or_none()
    if row is None:
        return
    values = {"id": run_id, "state": "failed", "looked": row.looked, "after": row.after, "finished_at": desk.now}
    desk.session.execute(_ON, {**values, "found": json.dumps(row.found)})
    if row.asked_by is not None:
        words = f"预演没有做完（{phones(Wish.unpacked(row.wish).condition)[:40]}），请再发一次；还不行请联系管理员"
        owe.owe(desk, [owe.note(f"dry_run:{run_id}:failed", row.asked_by, f"dry_run:{run_id}", words)])


def live(desk: Desk) -> list[int]:
    """Those that are not at their end."""
    return list(desk.session.execute(_LIVE).scalars())


def progress(desk: Desk, actor: Actor, since: datetime) -> str:
    """How far one's own are, and what the last ones found."""
    rows = desk.session.execute(_MINE, {"by": actor.staff_id, "since": since}).all()
    if not rows:
        return "没有正在做的预演。请发：预演 3、预演 3 14天，或 预演 金额 > 1000"
    return "\n\n".join(_progress(desk, row) for row in rows)


def own(desk: Desk, actor: Actor, run_id: int) -> Row[Any]:
    """One that the actor asked for. Raises Refusal."""
    row = desk.session.execute(_OWN, {"id": run_id, "by": actor.staff_id}).one_or_none()
    if row is None:
        raise Refusal("没有这个预演")
    return row


def stands(desk: Desk, run_id: int) -> tuple[bool, str]:
    """Whether it is over, and how far it is."""
    row = desk.session.execute(_ONE, {"id": run_id}).one_or_none()
    if row is None or row.state == "failed":
        return True, "预演没有做完，请再发一次"
    if row.state == "done":
        return True, "预演完成，结果已私聊发给您；再看一遍请发：预演"
    return False, f"预演：已看 {row.looked:,} / {row.total:,} 单"


def answer(desk: Desk, asked: tuple[int | None, Wish, int], tally: Tally) -> str:
    """`asked`: the rule, what was tried, over how many days."""
    rule_id, wish, days = asked
    past = tally.past
    lines = [
        f"**预演{f' 规则{rule_id}' if rule_id else ''}（近 {days} 天）**",
        f"> {phones(wish.condition)}",
        *found.counts(tally, days),
        *found.of_open(wish, tally),
        *found.rest(wish, days, tally),
        *(line for one in found.lists(tally) for line in _orders(desk, *one)),
        f"> {HOW}",
    ]
    if wish.valid_from or wish.valid_to:
        lines.append("> 预演不看起止日期")
    if past.looked:
        lines.append(f"> 离开的 {past.looked:,} 单里{found.daily(past, days)}")
    return "\n".join(line for line in lines if line)


def _orders(desk: Desk, what: str, ids: Sequence[int], number: int) -> list[str]:
    if not ids:
        return []
    tags = _tags(desk, ids[:_NAMED])
    more = f" …共 {number:,} 单" if number > len(tags) else ""
    return [f"{what}：{'、'.join(tags)}{more}"]


def _tags(desk: Desk, ids: Sequence[int]) -> list[str]:
    return list(desk.session.execute(_TAGS, {"ids": list(ids)}).scalars())


def _rule(desk: Desk, rule_id: int | None, wish: Wish) -> OwnRule:
    """What is tried; its dates are not looked at."""
    return book.made(desk, (rule_id or 0, 0), replace(wish, valid_from=None, valid_to=None))


def _tell(desk: Desk, row: Row[Any], wish: Wish, tally: Tally) -> None:
    """The answer, and every order in a table where not all of them stand in it."""
    if row.asked_by is None:
        return
    key, subject = f"dry_run:{row.id}", f"dry_run:{row.id}"
    said = answer(desk, (row.rule_id, wish, row.days), tally)
    owed = [owe.note(key, row.asked_by, subject, said)]
    if any(len(ids) > _NAMED for _, ids, _ in found.lists(tally)):
        content = _table(desk, tally)
        enclosed = Enclosure(f"预演-{row.id}.csv", content, "预演的订单清单没能作为文件发给您，请缩短天数再试")
        owed.append(owe.file(desk.vault, f"{key}:list", row.asked_by, subject=subject, enclosed=enclosed))
    owe.owe(desk, owed)


def _table(desk: Desk, tally: Tally) -> bytes:
    kept = io.StringIO()
    lines = csv.writer(kept)
    lines.writerow(["编号", "变化"])
    for what, ids, _ in found.lists(tally):
        lines.writerows(harmless([tag, what]) for tag in _tags(desk, ids))
    return kept.getvalue().encode("utf-8-sig")


def _progress(desk: Desk, row: Row[Any]) -> str:
    wish = Wish.unpacked(row.wish)
    called = phones(wish.condition)[:30]  # cut after the numbers are hidden: half a number is still one
    if row.state in ("asked", "running"):
        return f"正在预演「{called}」：已看 {row.looked:,} / {row.total:,} 单"
    if row.state == "failed":
        return f"「{called}」没有做完，请再发一次"
    return answer(desk, (row.rule_id, wish, row.days), Tally.unpacked(row.found))


def wish_of(desk: Desk, rule_id: int) -> Wish:
    """The version of a rule that holds. Raises Refusal."""
    return store.newest(desk, rule_id).wish
