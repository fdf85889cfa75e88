"""Every button that there is. A new one is one file here and one line in ACTIONS."""

from __future__ import annotations

from functools import cache
from typing import Final

from handlers.actions import (
    approve,
    batch,
    claim,
    confirm_kind,
    delay,
    dismiss,
    dispatch,
    draft_confirm,
    drop_double,
    end_absence,
    hand_over,
    intercept,
    map_sku,
    merge,
    pick,
    refresh,
    release,
    reopen,
    reprove,
    retry,
    send_back,
    send_first,
    ship_ask,
    solve,
    transfer,
)
from handlers.actions import list as list_orders
from handlers.actions.action import Action
from handlers.parse import Words

# In the order in which a card offers them.
ACTIONS: Final[dict[str, Action]] = {
    "approve": approve.ACTION,
    "pick": pick.ACTION,
    "ship_ask": ship_ask.ACTION,
    "merge_ship": merge.SHIP,
    "merge": merge.TOGETHER,
    "keep_apart": merge.APART,
    "retry": retry.ACTION,
    "map_sku": map_sku.ACTION,
    "drop_double": drop_double.ACTION,
    "stopped": intercept.STOPPED,
    "missed": intercept.MISSED,
    "solve": solve.ACTION,
    "send_first": send_first.ACTION,
    "claim": claim.ACTION,
    "release": release.ACTION,
    "delay": delay.ACTION,
    "transfer": transfer.ACTION,
    "list": list_orders.ACTION,
    "refresh": refresh.ACTION,
    "dismiss": dismiss.ACTION,
    "confirm_kind": confirm_kind.ACTION,
    "deny_kind": confirm_kind.DENIAL,
    "draft_confirm": draft_confirm.CONFIRM,
    "draft_change": draft_confirm.CHANGE,
    "draft_cancel": draft_confirm.CANCEL,
    "reopen": reopen.ACTION,
    "send_back": send_back.ACTION,
    "batch_confirm": batch.CONFIRM,
    "batch_cancel": batch.CANCEL,
    "batch_undo": batch.UNDO,
    "reprove": reprove.ACTION,
    "dispatch": dispatch.ACTION,
    "take_over": hand_over.ACCEPT,
    "refuse_over": hand_over.REFUSE,
    "keep_over": hand_over.WITHDRAW,
    "end_absence": end_absence.ACTION,
}


@cache
def words() -> Words[tuple[str, str]]:
    """What can be typed behind a short code → (action's slug, value); the longer first: 转给 also begins with 转."""
    return Words({word: (slug, value) for slug, action in ACTIONS.items() for word, value in action.words.items()})
