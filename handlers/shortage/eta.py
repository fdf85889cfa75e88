"""到货: purchasing says when goods come. It stands with the stock, on the cards of all the orders that wait for it, and
is urgent where it is after the first deadline."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from handlers import owe, stock, trail
from handlers.caselife.changing import Matter, note, take_up
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import day_in
from handlers.permissions import Permit
from handlers.shortage import census, choices, matters
from handlers.wording import day, day_of, moment
from models import Role
from models.beijing import day_start
from models.case import short_code

ANSWER: Final = Permit("答复到货时间", frozenset({Role.PURCHASING}))
_BY: Final = timedelta(hours=18)
"""Of a day that is named without an hour: so late goods are still of use that day."""
_FARTHEST: Final = timedelta(days=180)
_IN_DAYS: Final = re.compile(r"(\d{1,3}|[一两二三四五六七八九十])\s*天(?:之?内|以?后)?(?:到货|到)?")
_NUMBERS: Final = {word: number for number, word in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_PIECES: Final = re.compile(r"[ ,，]*(\d{1,6})\s*[件个]$")
_HOW: Final = "请写日期，例如：{code} 到货 12-28，或 {code} 等货 3天；知道件数可以加上：{code} 到货 12-28 20件"

_KEEP: Final = text("""
    UPDATE stock SET incoming_at = :at, incoming = coalesce(cast(:pieces AS int), incoming), updated_at = :now
    WHERE sku = :sku
""")


def moment_in(said: str, now: datetime) -> datetime | None:
    """The moment until which goods come, None for what names none: 12-28, 明天, 周五, 3天."""
    words = said.strip(" ，,。左右前到")
    found = _IN_DAYS.fullmatch(words)
    if found is not None:
        days = _NUMBERS.get(found[1]) or int(found[1])
        return day_start(day_of(now + timedelta(days=days))) + _BY
    named = day_in(words, day_of(now))
    return day_start(named) + _BY if named is not None else None


def answer(desk: Desk, case_id: int, actor: Actor, said: str) -> str:
    """Keep it; what to say of it. Raises Refusal for what is no day, or is over, and for a matter of another kind."""
    sku = matters.sku_of(desk, case_id)
    stock.wake(desk, census.hit(desk, sku))  # orders first, then their matter, then the shelf: as everybody
    matter = take_up(desk, case_id, ANSWER, actor)
    at, pieces = _read(desk, matter, said)
    desk.session.execute(_KEEP, {"at": at, "pieces": pieces, "sku": sku, "now": desk.now})
    many = f"，{pieces} 件" if pieces is not None else ""
    detail: dict[str, Any] = {"SKU": sku, "预计到货": f"{moment(at)}{many}"}
    trail.write(desk, f"stock:{sku}", actor, action="答复到货", detail=detail)
    note(desk, matter, actor, action="答复到货", detail={matter.title: f"{moment(at)}{many}"})
    _tell_who_waits(desk, sku)
    matters.follow(desk, sku)
    found = census.of(desk, [sku]).get(sku)
    late = "。赶不上最早的发货期限，请尽快决定：换同款、拆单先发或退款" if found is not None and found.late else ""
    return f"{actor.name}答复：{day(at)} 到货{many}{late}"


def _tell_who_waits(desk: Desk, sku: str) -> None:
    """Of whom it was decided that they wait: another day is another promise."""
    rows = choices.orders(desk, census.hit(desk, sku)).values()
    waiting = [row for row in rows if (row.choice or {}).get("what") == choices.WAIT]
    changed = [row for row in waiting if choices.sentence(choices.WAIT, row) != row.choice["text"]]
    made = {row.case_id: {**row.choice, "text": choices.sentence(choices.WAIT, row)} for row in changed}
    owe.owe(desk, [owe.edit(case_id, revision) for case_id, revision in choices.keep(desk, made).items()])
    owe.owe_customers(desk, [choices.message(desk, choices.WAIT, row) for row in changed])


def _read(desk: Desk, matter: Matter, said: str) -> tuple[datetime, int | None]:
    found = _PIECES.search(f" {said}")
    words = said if found is None else f" {said}"[: found.start()]
    at = moment_in(words, desk.now)
    how = _HOW.format(code=short_code(matter.case.id))
    if at is None:
        raise Refusal(f"「{words.strip()[:20]}」不是日期。{how}" if words.strip() else f"什么时候到货？{how}")
    if at <= desk.now:
        raise Refusal(f"{moment(at)} 已经过了。货到了请发：库存 {matter.case.group_key} 现有总数")
    if at > desk.now + _FARTHEST:
        raise Refusal(f"{day(at)} 太远了，请核对日期。{how}")
    return at, int(found[1]) if found is not None else None
