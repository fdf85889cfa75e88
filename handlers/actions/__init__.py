"""Every button that there is. A new one is one file here and one line in ACTIONS."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from handlers.actions import (
    approve,
    claim,
    confirm_kind,
    delay,
    dismiss,
    draft_confirm,
    drop_double,
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
    "reprove": reprove.ACTION,
}


@cache
def words() -> Mapping[str, tuple[str, str]]:
    """What can be typed behind a short code → (action's slug, value); the longer first: 转给 also begins with 转."""
    found = {word: (slug, value) for slug, action in ACTIONS.items() for word, value in action.words.items()}
    return {word: found[word] for word in sorted(found, key=len, reverse=True)}
