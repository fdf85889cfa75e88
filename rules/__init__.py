"""Facts in, verdict out. A new rule is one file here and one line in RULES."""

from __future__ import annotations

from typing import Final

from rules.address_changed import AddressChanged
from rules.address_vague import AddressVague
from rules.blacklist import Blacklist
from rules.bought_twice import BoughtTwice
from rules.contact_missing import ContactMissing
from rules.courier_promise import CourierPromise
from rules.deadline_near import DeadlineNear
from rules.delay_request import DelayRequest
from rules.finance_review import FinanceReview
from rules.gift_alone import GiftAlone
from rules.goods_changed import GoodsChanged
from rules.invoice import Invoice
from rules.message_todo import MessageTodo
from rules.no_pickup import NoPickup
from rules.parcel_stuck import ParcelStuck
from rules.price_low import PriceLow
from rules.refund_on_the_way import RefundOnTheWay
from rules.refund_part import RefundPart
from rules.refund_preship import RefundPreship
from rules.refund_wait import RefundWait
from rules.remark_changed import RemarkChanged
from rules.rule import Rule
from rules.short_stock import ShortStock
from rules.sku_unmapped import SkuUnmapped
from rules.stale import StaleStage
from rules.test_order import TestOrder
from rules.unreachable import Unreachable
from rules.urged import Urged

# In the order in which reasons are shown: refund, receiver, goods, stock, money, wishes, time; then what left.
RULES: Final[dict[str, Rule]] = {
    rule.slug: rule
    for rule in (
        RefundPreship(),
        RefundPart(),
        RefundWait(),
        Blacklist(),
        TestOrder(),
        BoughtTwice(),
        AddressChanged(),
        GoodsChanged(),
        ContactMissing(),
        AddressVague(),
        Unreachable(),
        SkuUnmapped(),
        ShortStock(),
        PriceLow(),
        FinanceReview(),
        GiftAlone(),
        DelayRequest(),
        RemarkChanged(),
        CourierPromise(),
        Urged(),
        Invoice(),
        MessageTodo(),
        DeadlineNear(),
        StaleStage(),
        NoPickup(),
        ParcelStuck(),
        RefundOnTheWay(),
    )
}
