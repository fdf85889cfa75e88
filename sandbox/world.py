"""The day of the three shops: orders arrive, are paid, edited, cancelled and shipped, as far as the clock has come."""

from __future__ import annotations

import heapq
import random
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.clock import Clock
from sandbox.company import Company
from sandbox.world_day import Arrivals, Deck, opening_times
from sandbox.world_goods import DOUYIN, EVERYWHERE, TAOBAO, WECOM_PAY, WXSHOP
from sandbox.world_notes import CallNote, Shipment
from sandbox.world_order import OPEN, Line, Order, Refund, Status
from sandbox.world_people import Buyer
from sandbox.world_scenes import KINDS, play
from sandbox.world_trade import QUIET, Maker, change, line_id, settle_payment

Tell = Callable[[str, Mapping[str, object]], None]

SIGNED_AFTER = timedelta(days=2)
KNOWS_LINES = frozenset({TAOBAO, DOUYIN, WXSHOP})
QUIET_AFTER_SALES = frozenset({DOUYIN, WXSHOP})  # an after-sale does not move the order's time of change
CALLS_KEPT = 5000


class World:
    """Everything up to `clock.now()` has happened after `advance()`.

    The scripted day depends only on the seed and the moment of opening; orders added by hand do not disturb it.
    """

    def __init__(self, company: Company, clock: Clock, *, tell: Tell = lambda _kind, _payload: None) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.shipments: list[Shipment] = []
        self.calls: deque[CallNote] = deque(maxlen=CALLS_KEPT)
        self._tell = tell
        self._seed = company.world.seed
        self._maker = Maker(self._seed)
        self._orders, self._hidden = dict[str, Order](), ""
        self._coming: list[tuple[float, int, Callable[[], None]]] = []
        self._happening_at: datetime | None = None
        self._planned = self._scripted = 0
        self._opened_at = clock.now().replace(microsecond=0)
        self._deck = Deck(self._seed)
        self._arrivals = Arrivals(self._seed, company.world.orders_a_minute, self._opened_at)
        for at in opening_times(self._seed, company.world.orders_before, self._opened_at):
            self.later(at, self._arrive)
        self._plan_arrival()
        self.advance()

    # -- time

    def moment(self) -> datetime:
        """When what is being done happens; platforms know whole seconds only."""
        return (self._happening_at or self.clock.now()).replace(microsecond=0)

    def later(self, at: datetime, action: Callable[[], None]) -> None:
        with self.lock:
            self._planned += 1
            heapq.heappush(self._coming, (at.timestamp(), self._planned, action))

    def advance(self) -> None:
        """Let everything happen that is due. Harmless inside an event: the loop that runs it goes on by itself."""
        with self.lock:
            if self._happening_at is not None:
                return
            until = self.clock.now()
            while self._coming and self._coming[0][0] <= until.timestamp():
                at, _, action = heapq.heappop(self._coming)
                self._happening_at = datetime.fromtimestamp(at, until.tzinfo)
                try:
                    action()
                finally:
                    self._happening_at = None

    def _plan_arrival(self) -> None:
        at = self._arrivals.next_at()
        if at is not None:
            self.later(at, self._arrive_and_plan)

    def _arrive_and_plan(self) -> None:
        self._arrive()
        self._plan_arrival()

    def _arrive(self) -> None:
        self._scripted += 1
        rng = random.Random(f"{self._seed}/order/{self._scripted}")
        platform, kind = self._deck.draw(self.moment() < self._opened_at)
        order = self._maker.order(platform, kind, self.moment(), rng)
        self._put(order)
        play(self, order, rng)
        self._tell("arrival", {"platform": order.platform, "order_id": order.id, "what": "arrived"})

    # -- what people and tests do

    def add_order(
        self,
        platform: str,
        *,
        kind: str = "plain",
        buyer: str | Buyer | None = None,
        ago_seconds: float = 0,
        **overrides: object,
    ) -> Order:
        """An order by hand: `sku`, `quantity`, `lines=[("QH-CUP-RED", 2)]`, `price_fen`, any part of the address,
        or any field of Order. ValueError for an unknown platform, kind, SKU or field.
        """
        if platform not in EVERYWHERE:
            raise ValueError(f"unknown platform {platform}")
        if kind not in KINDS or platform not in KINDS[kind].platforms:
            raise ValueError(f"no kind {kind} on {platform}")
        with self.lock:
            self.advance()
            before, self._happening_at = self._happening_at, self.moment() - timedelta(seconds=ago_seconds)
            try:
                order, rng = self._maker.by_hand(platform, kind, self.moment(), buyer=buyer, overrides=overrides)
                self._put(order)
                play(self, order, rng)
                change(order, self._maker.fields_only(overrides), self.moment())
                order.address_changed_at = None  # born with this address, not moved to it
            finally:
                self._happening_at = before
            self._told(order, "added")
            return order

    def edit(self, order_id: str, **changes: object) -> Order:
        """Change fields, the address or the goods; KeyError for an unknown order, ValueError for an unknown field.

        On some platforms only a change of state counts as "modified"; memo, flag, message and address change silently.
        """
        with self.lock:
            order = self._known(order_id)
            loud = change(order, changes, self.moment())
            if loud or order.platform not in QUIET:
                self.touch(order)
            self._told(order, "edited")
            return order

    def touch(self, order: Order) -> None:
        """A bill tells no time of its changes."""
        if order.platform == WECOM_PAY:
            return
        order.modified_at = max(order.modified_at, self.moment())

    def pay(self, order_id: str) -> Order:
        """The balance, the first payment, or the group that fills: whichever was missing."""
        with self.lock:
            order = self._known(order_id)
            settle_payment(order, self.moment())
            return self._changed(order, "paid")

    def cancel(self, order_id: str) -> Order:
        with self.lock:
            order = self._known(order_id)
            if order.paid_at is not None:
                for line in order.lines:
                    line.refund = Refund.PAID
            order.status = Status.CANCELLED
            order.ended_at = self.moment()
            return self._changed(order, "cancelled")

    def ask_refund(self, order_id: str, line: int | None = None) -> Order:
        """Of one line where the platform knows lines, else of the whole order."""
        with self.lock:
            order = self._known(order_id)
            chosen = order.lines if line is None or order.platform not in KNOWS_LINES else [order.lines[line]]
            for wanted in chosen:
                wanted.refund = Refund.ASKED
            order.after_sales, order.after_sale_at = 2, self.moment()
            return self._changed(order, "refund asked", quiet=order.platform in QUIET_AFTER_SALES)

    def close_refund(self, order_id: str, *, paid: bool) -> Order:
        """The refund is paid, or the buyer takes it back."""
        with self.lock:
            order = self._known(order_id)
            for line in order.lines:
                if line.refund is Refund.ASKED:
                    line.refund = Refund.PAID if paid else Refund.CLOSED
            order.after_sales, order.after_sale_at = (10 if paid else 11), self.moment()
            over = order.refunded and order.status in OPEN
            if over:
                order.status, order.ended_at = Status.CANCELLED, self.moment()
            quiet = order.platform in QUIET_AFTER_SALES and not over
            return self._changed(order, "refund paid" if paid else "refund closed", quiet=quiet)

    def release(self, order_id: str) -> Order:
        """The platform lets a held or reviewed order go."""
        with self.lock:
            order = self._known(order_id)
            order.risk = order.hold = False
            return self._changed(order, "released")

    def ship(
        self, order_id: str, company: str, waybill: str, *, line_ids: Sequence[str] | None = None, code: str = ""
    ) -> Order:
        """Ship; whether the platform allows it is the gateway's question.

        `code` is the courier as the API named it: with it, the shipment counts as a write-back that was received.
        """
        with self.lock:
            order = self._known(order_id)
            for line in order.lines:
                named = line_ids is None or line.id in line_ids
                if named and line.shipped_at is None and line.refund is not Refund.PAID:
                    line.shipped_at, line.company, line.waybill = self.moment(), company, waybill
            self._close_shipping(order)
            self._note_shipment(order, code, waybill)
            return self._changed(order, "shipped")

    def replace_waybill(self, order_id: str, company: str, waybill: str, *, code: str) -> Order:
        with self.lock:
            order = self._known(order_id)
            for line in order.lines:
                line.company, line.waybill = company, waybill
            self._note_shipment(order, code, waybill)
            return self._changed(order, "waybill replaced")

    def _note_shipment(self, order: Order, code: str, waybill: str) -> None:
        if code:
            self.shipments.append(Shipment(order.platform, order.id, code, waybill, self.moment()))
            told = {"platform": order.platform, "order_id": order.id, "company": code, "waybill": waybill}
            self._tell("shipment", told)

    def _close_shipping(self, order: Order) -> None:
        waiting = [line for line in order.lines if line.shipped_at is None and line.refund is not Refund.PAID]
        if waiting:
            order.status = Status.PART_SHIPPED
            return
        order.status, order.shipped_at = Status.SHIPPED, self.moment()
        self.later(self.moment() + SIGNED_AFTER, lambda: self._sign(order))

    def _sign(self, order: Order) -> None:
        if order.status is Status.SHIPPED:
            order.status, order.ended_at = Status.DONE, self.moment()
            self._changed(order, "signed")

    # -- looking

    def orders(self, platform: str | None = None) -> list[Order]:
        with self.lock:
            self.advance()
            return [one for one in self._orders.values() if platform in (None, one.platform) and one.id != self._hidden]

    @contextmanager
    def without(self, order_id: str) -> Iterator[None]:
        """Within the block no list shows this order; "" hides none. Whoever asks holds the lock."""
        self._hidden = order_id
        try:
            yield
        finally:
            self._hidden = ""

    def find(self, external_id: str) -> Order | None:
        with self.lock:
            self.advance()
            return self._orders.get(external_id)

    def _known(self, order_id: str) -> Order:
        self.advance()
        return self._orders[order_id]

    def note_call(self, platform: str, method: str, params: Mapping[str, str], code: str) -> None:
        with self.lock:
            self.calls.append(CallNote(platform, method, params, code, self.clock.now()))

    def again(self, order: Order) -> Order:
        """The same buyer presses the button twice."""
        twin = replace(
            order,
            id=self._maker.twin_id(order.platform, self.moment()),
            lines=[],
            created_at=self.moment(),
            modified_at=self.moment(),
            paid_at=self.moment(),
            confirmed_at=self.moment(),
        )
        number = line_id(order.platform, twin.id, 0, 1)
        twin.lines = [Line(number, line.sku, line.quantity, line.price_fen) for line in order.lines[:1]]
        self._put(twin)
        return twin

    def _put(self, order: Order) -> None:
        self._orders[order.id] = order

    def _changed(self, order: Order, what: str, *, quiet: bool = False) -> Order:
        """`quiet`: the platform's own time of the change does not move."""
        if not quiet:
            self.touch(order)
        self._told(order, what)
        return order

    def _told(self, order: Order, what: str) -> None:
        self._tell("order", {"platform": order.platform, "order_id": order.id, "what": what})
