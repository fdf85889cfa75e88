"""Facts in, verdict out. A new rule is one file here and one line in RULES."""

from __future__ import annotations

from typing import Final

from rules.address_vague import AddressVague
from rules.delay_request import DelayRequest
from rules.no_pickup import NoPickup
from rules.parcel_stuck import ParcelStuck
from rules.refund_preship import RefundPreship
from rules.rule import Rule
from rules.short_stock import ShortStock
from rules.sku_unmapped import SkuUnmapped
from rules.stale import StaleStage

# In the order in which reasons are shown: refund, address, goods, stock, wishes, time; then what left.
RULES: Final[dict[str, Rule]] = {
    "refund_preship": RefundPreship(),
    "address_vague": AddressVague(),
    "sku_unmapped": SkuUnmapped(),
    "short_stock": ShortStock(),
    "delay_request": DelayRequest(),
    "stale_stage": StaleStage(),
    "no_pickup": NoPickup(),
    "parcel_stuck": ParcelStuck(),
}
