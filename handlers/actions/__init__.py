"""Every button that there is. A new one is one file here and one line in ACTIONS."""

from __future__ import annotations

from functools import cache
from typing import Final

from handlers.actions import (
    advice,
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
    force,
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
    rule,
    send_back,
    send_first,
    ship_ask,
    solve,
    stock_choice,
    stock_eta,
    transfer,
    useful,
    wait,
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
    "stock_eta": stock_eta.ACTION,
    "stock_choice": stock_choice.ACTION,
    "drop_double": drop_double.ACTION,
    "stopped": intercept.STOPPED,
    "missed": intercept.MISSED,
    "solve": solve.ACTION,
    "send_first": send_first.ACTION,
    "claim": claim.ACTION,
    "release": release.ACTION,
    "delay": delay.ACTION,
    "wait": wait.ACTION,
    "transfer": transfer.ACTION,
    "list": list_orders.ACTION,
    "refresh": refresh.ACTION,
    "dismiss": dismiss.ACTION,
    "useful": useful.USEFUL,
    "false_alarm": useful.FALSE_ALARM,
    "force": force.FORCE,
    "force_agree": force.AGREE,
    "force_decline": force.DECLINE,
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
    "rule_on": rule.ON,
    "rule_shadow": rule.SHADOW,
    "rule_off": rule.OFF,
    "rule_drop": rule.DROP,
    "rule_try": rule.TRY,
    "advice_limit": advice.LONGER,
    "advice_quiet": advice.DIGESTS,
    "advice_off": advice.CLOSE,
    "advice_keep": advice.KEEP,
    "advice_undo": advice.TAKE_BACK,
}


@cache
def words() -> Words[tuple[str, str]]:
    """What can be typed behind a short code → (action's slug, value); the longer first: 转给 also begins with 转."""
    return Words({word: (slug, value) for slug, action in ACTIONS.items() for word, value in action.words.items()})
