"""Where an order stands, and every legal move: one table, looked up, never argued with."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    UNPAID = "unpaid"  # known, not yet ours to work on: no clock, not on the board
    PENDING_REVIEW = "pending_review"
    PENDING_PICK = "pending_pick"
    PENDING_SHIP = "pending_ship"
    DONE = "done"
    CANCELLED = "cancelled"


class Verb(StrEnum):
    APPROVE = "approve"  # 审核
    PICK = "pick"  # 配货
    SHIP = "ship"  # 发货
    SHIP_PART = "ship_part"  # 部分发货: what is left waits for its goods, and for its own audit
    SEND_BACK = "send_back"  # 退回
    PLATFORM_PAID = "platform_paid"
    PLATFORM_SHIPPED = "platform_shipped"
    PLATFORM_CANCELLED = "platform_cancelled"
    ERP_SHIPPED = "erp_shipped"


TITLES: Final[dict[Stage, str]] = {
    Stage.UNPAID: "待付款",
    Stage.PENDING_REVIEW: "待审核",
    Stage.PENDING_PICK: "待配货",
    Stage.PENDING_SHIP: "待发货",
    Stage.DONE: "已完成",
    Stage.CANCELLED: "已取消",
}

OPEN: Final[tuple[Stage, ...]] = (Stage.PENDING_REVIEW, Stage.PENDING_PICK, Stage.PENDING_SHIP)

MOVES: Final[dict[tuple[Stage, Verb], Stage]] = {
    (Stage.PENDING_REVIEW, Verb.APPROVE): Stage.PENDING_PICK,
    (Stage.PENDING_PICK, Verb.PICK): Stage.PENDING_SHIP,
    (Stage.PENDING_SHIP, Verb.SHIP): Stage.DONE,
    (Stage.PENDING_SHIP, Verb.SHIP_PART): Stage.PENDING_REVIEW,
    (Stage.PENDING_PICK, Verb.SEND_BACK): Stage.PENDING_REVIEW,
    (Stage.PENDING_SHIP, Verb.SEND_BACK): Stage.PENDING_PICK,
    (Stage.UNPAID, Verb.PLATFORM_PAID): Stage.PENDING_REVIEW,
    (Stage.UNPAID, Verb.PLATFORM_SHIPPED): Stage.DONE,
    (Stage.PENDING_REVIEW, Verb.PLATFORM_SHIPPED): Stage.DONE,
    (Stage.PENDING_PICK, Verb.PLATFORM_SHIPPED): Stage.DONE,
    (Stage.PENDING_SHIP, Verb.PLATFORM_SHIPPED): Stage.DONE,
    (Stage.PENDING_REVIEW, Verb.ERP_SHIPPED): Stage.DONE,
    (Stage.PENDING_PICK, Verb.ERP_SHIPPED): Stage.DONE,
    (Stage.PENDING_SHIP, Verb.ERP_SHIPPED): Stage.DONE,
    (Stage.UNPAID, Verb.PLATFORM_CANCELLED): Stage.CANCELLED,
    (Stage.PENDING_REVIEW, Verb.PLATFORM_CANCELLED): Stage.CANCELLED,
    (Stage.PENDING_PICK, Verb.PLATFORM_CANCELLED): Stage.CANCELLED,
    (Stage.PENDING_SHIP, Verb.PLATFORM_CANCELLED): Stage.CANCELLED,
}


class IllegalMove(Exception):
    """That verb does not lead anywhere from that stage."""

    def __init__(self, stage: Stage, verb: Verb) -> None:
        super().__init__(f"no move {verb} from {stage}")
        self.stage, self.verb = stage, verb


def target(stage: Stage, verb: Verb) -> Stage:
    """The stage that `verb` leads to. Raises IllegalMove."""
    try:
        return MOVES[stage, verb]
    except KeyError:
        raise IllegalMove(stage, verb) from None
