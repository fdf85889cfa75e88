"""等货, 换同款, 拆单先发, 退款 on the card of a short SKU."""

from __future__ import annotations

from typing import Final

from handlers.actions.action import Action, Button, CaseState, Meant, Said, Then, case_id, press_of
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.mishaps import settling
from handlers.permissions import Permit
from handlers.shortage import choices, deciding, eta
from handlers.shortage.matters import KIND
from handlers.views import View
from models import Role

_DECIDE: Final = Permit("决定缺货怎么办", frozenset({Role.SERVICE, Role.PURCHASING}))


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then | View:
    pressed = press_of(incoming)
    if pressed.value not in choices.TITLES:
        raise Refusal("这张卡片没有这个操作，请刷新")
    said = pressed.selected.get("said", ("",))[0]
    if pressed.value == choices.REFUND and settling.is_one(desk, case_id(pressed)):  # the same word behind its code
        return Then(settling.refund(desk, case_id(pressed), actor, said))
    if pressed.value == choices.WAIT and eta.moment_in(said, desk.now) is not None:  # 等货 3天
        return Then(eta.answer(desk, case_id(pressed), actor, said))
    return deciding.decide(desk, incoming, actor, (case_id(pressed), pressed.value, said))


def _meant(_desk: Desk, said: Said) -> Meant:
    return said.value, {"said": (said.rest,)}


def _on_case(case: CaseState) -> tuple[Button, ...]:
    """Without parting where the platforms of all that could be parted take whole orders only; the card says so."""
    if case.kind != KIND:
        return ()
    left = set() if case.evidence.get("parts", True) else {choices.SPLIT}
    return tuple(Button(title, what) for what, title in choices.TITLES.items() if what not in left)


_WORDS: Final = {
    **dict.fromkeys(("等货", "等到货"), choices.WAIT),
    **dict.fromkeys(("换同款", "换款"), choices.SWAP),
    **dict.fromkeys(("拆单先发", "拆单", "先发有货"), choices.SPLIT),
    "退款": choices.REFUND,
}
ACTION = Action(_DECIDE, press, words=_WORDS, meant=_meant, on_case=_on_case)
