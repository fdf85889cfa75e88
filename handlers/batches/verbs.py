"""What can be done to many orders at once, by the slug that the database keeps. A new one: its file and a line here."""

from __future__ import annotations

from typing import Final

from handlers.batches import fields, holds, locks, notes, ships, shortages, steps
from handlers.batches.doing import Doing
from handlers.caselife import ending
from handlers.shortage import swaps
from models.stages import Verb

BATCHES: Final[dict[str, Doing]] = {
    "approve": steps.step(Verb.APPROVE),
    "pick": steps.step(Verb.PICK),
    "ship": ships.SHIP,
    "note": notes.NOTE,
    "field": fields.FIELD,
    "lock": locks.LOCK,
    "unlock": locks.UNLOCK,
    "hold": holds.HOLD,
    **shortages.ALL,
    ending.ENDED: ending.TAKE_BACK,
    swaps.SWAPPED: swaps.TAKE_BACK,
}

NEVER: Final = {
    "receiver": "您刚改的收件信息不能撤销，请再改一次",
    ending.ANSWERED: "您刚才的回复已经告诉别人，不能撤销；拦截答错了请发：短码 重开；拦住的单要放行请发：解锁 编号",
    "ship_part": "拆单发出的包裹不能撤销，单号发错了请在平台后台更正",
    "intercept": "您刚发的拦截不能撤销，请让仓库回复结果，再解锁",
}
"""What is remembered of single steps and cannot be taken back, and what to do instead."""
