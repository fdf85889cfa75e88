"""确认补发, 不是补发: words in a memo only suggest it, a person says whether it is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from handlers import owe, subjects, trail
from handlers.actions.action import Action, Button, OrderState, Then, press_of
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.incoming import Incoming
from handlers.permissions import Permit
from handlers.related import chain
from handlers.wording import ORDER_KINDS
from models import Role

CONFIRMED: Final = {"perhaps_reship": "reship", "perhaps_exchange": "exchange"}

_ORDER: Final = text("SELECT kind, kind_evidence FROM orders WHERE id = :id FOR NO KEY UPDATE")
_SAY: Final = text("""
    UPDATE orders SET kind = :kind, kind_by_person = true, revision = revision + 1
    WHERE id = :id AND kind = :suggested RETURNING revision
""")


@dataclass(frozen=True, slots=True)
class _Answer:
    """One of the two answers; `it_is`: the order is what its memo suggests."""

    it_is: bool

    def on_order(self, order: OrderState) -> tuple[Button, ...]:
        if order.kind not in CONFIRMED:
            return ()
        return (Button(self._text(order.kind), order.kind),)

    @property
    def words(self) -> dict[str, str]:
        return {self._text(suggested): suggested for suggested in CONFIRMED}

    def _text(self, suggested: str) -> str:
        return ("确认" if self.it_is else "不是") + ORDER_KINDS[CONFIRMED[suggested]]

    def press(self, desk: Desk, incoming: Incoming, actor: Actor) -> Then:
        pressed = press_of(incoming)
        subject, order_id = subjects.split(pressed.subject)
        if subject != "order":
            raise Refusal("这张卡片没有这个操作，请刷新")
        found = desk.session.execute(_ORDER, {"id": order_id}).one_or_none()
        if found is None:
            raise Refusal("没有找到这个订单")
        # The board's form carries no value: what stands there now is what it showed.
        if found.kind not in CONFIRMED or pressed.value not in ("", found.kind):
            raise Late(f"这一单现在是{ORDER_KINDS.get(found.kind) or '普通订单'}，请再看一眼")
        words = ORDER_KINDS[CONFIRMED[found.kind]]
        detail = {"类型": [ORDER_KINDS[found.kind], words if self.it_is else "普通订单"], "依据": found.kind_evidence}
        trail.write_order(
            desk, order_id, actor=actor, action=f"{'确认' if self.it_is else '不是'}{words}", detail=detail
        )
        kind = CONFIRMED[found.kind] if self.it_is else "normal"
        said = {"id": order_id, "kind": kind, "suggested": found.kind}
        owe.owe(desk, [owe.order_edit(order_id, desk.session.execute(_SAY, said).scalar_one())], by=actor)
        if self.it_is:
            chain.link_known(desk, order_id, kind)
        return Then(f"{actor.name}确认{'是' if self.it_is else '不是'}{words}")


_IT_IS: Final = _Answer(it_is=True)
_IT_IS_NOT: Final = _Answer(it_is=False)
_PERMIT: Final = Permit("确认补发或换货", frozenset({Role.SERVICE}))
ACTION = Action(_PERMIT, _IT_IS.press, words=_IT_IS.words, on_order=_IT_IS.on_order, in_menu=True)
DENIAL = Action(_PERMIT, _IT_IS_NOT.press, words=_IT_IS_NOT.words, on_order=_IT_IS_NOT.on_order, in_menu=True)
