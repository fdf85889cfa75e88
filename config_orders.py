"""The sections of the settings (`config.py`) that are about orders and the work on them: clocks, checks, shares."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from config_kinds import Filled, Frozen, Minutes, TimeOfDay


class Stale(Frozen):
    """How long an order may stay in a stage, and who hears of it when."""

    pending_review_minutes: Minutes = 120
    pending_pick_minutes: Minutes = 120
    pending_ship_minutes: Minutes = 120
    supervisor_after_minutes: Minutes = 60
    group_from: int = Field(default=6, ge=2, le=1000)


class Assign(Frozen):
    """Whether new matters wait to be claimed ("pool") or are given to somebody at once ("auto"), and how many open ones
    one person is given at the most; until 派单 and 阈值 say otherwise. `hand_over_minutes`: how long before a
    shift's end whoever still has matters is asked to hand them over; 0: nobody is asked."""

    mode: Literal["pool", "auto"] = "pool"
    cap: int = Field(default=15, ge=1, le=500)
    hand_over_minutes: int = Field(default=15, ge=0, le=240)


class Quiet(Frozen):
    """The company's quiet hours, Beijing time, until `flask hub staff night` says otherwise; begin and end alike: none.
    What waited is told at `told_at`."""

    begins: TimeOfDay = "22:00"
    ends: TimeOfDay = "08:00"
    told_at: TimeOfDay = "09:00"


class Parcels(Frozen):
    """How long a parcel may go unscanned and unmoved, and when the queue before the courier counts as stuck."""

    first_warning_hours: int = Field(default=12, ge=1, le=240)
    second_warning_hours: int = Field(default=20, ge=1, le=240)
    scan_hours: int = Field(default=24, ge=1, le=240)
    stuck_hours: int = Field(default=48, ge=1, le=720)
    jam_from: int = Field(default=50, ge=2, le=100_000)
    jam_minutes: int = Field(default=10, ge=1, le=240)


class Checks(Frozen):
    """What an order is checked against before it goes on; 0 and empty: not checked. `floors`: SKU → yuan apiece below
    which a price is a slip. `stopped_regions`: where couriers do not go now. `…_hours`: how long before the platform's
    deadline the warehouse is told, and the supervisor. `refund_orders`: a buyer with so many earlier orders, of which
    `refund_percent` came back, waits for the supervisor. `many_orders`: so many of one source within an hour."""

    finance_over_yuan: int = Field(default=5000, ge=0, le=10_000_000)
    discount_percent: int = Field(default=80, ge=0, le=100)
    floors: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict, description="元，0 或更大的数")
    stopped_regions: tuple[Filled, ...] = ()
    urgent_hours: int = Field(default=4, ge=1, le=48)
    danger_hours: int = Field(default=1, ge=1, le=24)
    refund_orders: int = Field(default=5, ge=0, le=200)
    refund_percent: int = Field(default=60, ge=1, le=100)
    many_orders: int = Field(default=10, ge=0, le=200)


class AutoPass(Frozen):
    """Whether clean orders pass 待审核 by themselves: so long after payment, for buyers change their minds, within a
    window of the day, Beijing time. `hidden_address`: also where the platform hides the address, and nobody can tell
    whether it is complete."""

    on: bool = False
    after_minutes: int = Field(default=10, ge=0, le=1440)
    begins: TimeOfDay = "08:00"
    ends: TimeOfDay = "22:00"
    hidden_address: bool = False
