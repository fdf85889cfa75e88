"""The company's ERP as it really is, before 聚水潭 or 旺店通 shows its own side of it: its stock, and what it made of
the orders that it downloads from the platforms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from sandbox.state import State
from sandbox.world_goods import GOODS
from sandbox.world_order import BEFORE_PAYMENT, Order, Status

FIRST_STOCK = 200
SHOPS = {"taobao": "10001", "jd": "10002", "pdd": "10003", "douyin": "10004", "wxshop": "10005"}
OPEN, QUESTION, SENT, CANCELLED, MERGED, SPLIT = "open", "question", "sent", "cancelled", "merged", "split"


@dataclass(slots=True)
class Shelf:
    """One SKU. `others`: pieces held for channels that no platform of the hub is. `version` grows with every change."""

    sku: str
    on_hand: int
    others: int = 0
    incoming: int = 0
    version: int = 0
    modified_at: datetime | None = None


@dataclass(slots=True)
class ErpOrder:
    number: str
    shop: str
    orders: list[str]
    needs: dict[str, int]
    state: str
    modified_at: datetime
    words: str = ""
    company: str = ""
    waybill: str = ""
    sent_at: datetime | None = None


@dataclass(slots=True)
class ErpWorld:
    """Everything is as of `state.world`: call `refresh` first, as each gateway does."""

    state: State
    shelves: dict[str, Shelf] = field(default_factory=dict)
    orders: dict[str, ErpOrder] = field(default_factory=dict)
    _of: dict[str, str] = field(default_factory=dict)  # platform number → the ERP's
    _version: int = 0

    def __post_init__(self) -> None:
        for sku in GOODS:
            self.shelves[sku] = Shelf(sku, FIRST_STOCK)
            self._changed(sku)

    def refresh(self) -> None:
        """Download what the platforms have, as it does every minute."""
        for order in self.state.world.orders():
            if order.status in BEFORE_PAYMENT or order.platform not in SHOPS:
                continue
            if order.id not in self._of:
                self._download(order)
            self._follow(order)

    def held(self, sku: str) -> int:
        """What its own orders and other channels hold of the SKU."""
        ours = sum(order.needs.get(sku, 0) for order in self.orders.values() if order.state in (OPEN, QUESTION))
        return ours + self.shelves[sku].others

    def of(self, order_id: str) -> ErpOrder:
        """KeyError for an order that it never saw."""
        self.refresh()
        return self.orders[self._of[order_id]]

    def count(self, sku: str, on_hand: int, *, others: int | None = None, incoming: int | None = None) -> None:
        shelf = self.shelves.setdefault(sku, Shelf(sku, 0))
        shelf.on_hand = on_hand
        shelf.others = shelf.others if others is None else others
        shelf.incoming = shelf.incoming if incoming is None else incoming
        self._changed(sku)

    def ship(self, order_id: str, company: str, waybill: str, *, tells: bool = True) -> None:
        """Sent from its warehouse; `tells`: it writes the shipment back to the platform, as it should."""
        order = self.of(order_id)
        self._send(order, company, waybill)
        if tells:
            for number in order.orders:
                self.state.world.ship(number, company, waybill)

    def question(self, order_id: str, words: str) -> None:
        order = self.of(order_id)
        order.state, order.words = QUESTION, words
        self._touch(order)

    def cancel(self, order_id: str) -> None:
        self._end(self.of(order_id), CANCELLED)

    def merge(self, first: str, second: str) -> ErpOrder:
        """Two orders of one buyer leave as one."""
        one, two = self.of(first), self.of(second)
        needs = {sku: one.needs.get(sku, 0) + two.needs.get(sku, 0) for sku in {**one.needs, **two.needs}}
        self._end(one, MERGED)
        self._end(two, MERGED)
        return self._made(one.shop, [*one.orders, *two.orders], needs)

    def split(self, order_id: str) -> tuple[ErpOrder, ErpOrder]:
        """The first SKU alone, the rest alone."""
        whole = self.of(order_id)
        first, *rest = whole.needs.items()
        self._end(whole, SPLIT)
        return (
            self._made(whole.shop, list(whole.orders), dict([first])),
            self._made(whole.shop, list(whole.orders), dict(rest)),
        )

    def send_part(self, part: ErpOrder, company: str, waybill: str) -> None:
        self._send(part, company, waybill)

    def _download(self, order: Order) -> None:
        needs: dict[str, int] = {}
        for line in order.lines:
            needs[line.sku.code] = needs.get(line.sku.code, 0) + line.quantity
        self._made(SHOPS[order.platform], [order.id], needs)

    def _follow(self, order: Order) -> None:
        """A platform's cancellation ends what it has not sent; what was shipped by hand there it marks as sent."""
        mine = self.orders[self._of[order.id]]
        if mine.state not in (OPEN, QUESTION) or len(mine.orders) > 1:
            return
        if order.status is Status.CANCELLED:
            self._end(mine, CANCELLED)
        elif order.status in (Status.SHIPPED, Status.DONE):
            self._send(mine, order.company, order.waybill)

    def _made(self, shop: str, orders: list[str], needs: dict[str, int]) -> ErpOrder:
        number = str(600_000 + len(self.orders) + 1)
        made = ErpOrder(number, shop, orders, needs, OPEN, self.state.world.moment())
        self.orders[number] = made
        for one in orders:
            self._of[one] = number
        self._touch(made)
        return made

    def _send(self, order: ErpOrder, company: str, waybill: str) -> None:
        order.company, order.waybill, order.sent_at = company, waybill, self.state.world.moment()
        order.state = SENT
        for sku, pieces in order.needs.items():
            self.shelves[sku].on_hand -= pieces
        self._touch(order)

    def _end(self, order: ErpOrder, state: str) -> None:
        order.state = state
        self._touch(order)

    def _touch(self, order: ErpOrder) -> None:
        order.modified_at = self.state.world.moment()
        for sku in order.needs:
            self._changed(sku)

    def _changed(self, sku: str) -> None:
        self._version += 1
        shelf = self.shelves[sku]
        shelf.version, shelf.modified_at = self._version, self.state.world.moment()


def erp_of(state: State) -> ErpWorld:
    erp = state.parts["erp"]
    if not isinstance(erp, ErpWorld):
        raise TypeError("this sandbox has no ERP")
    return erp


LEVERS: dict[str, Callable[..., object]] = {
    "count": ErpWorld.count,
    "ship": ErpWorld.ship,
    "question": ErpWorld.question,
    "cancel": ErpWorld.cancel,
}


def register(app: Flask, state: State) -> None:
    """POST /control/erp/<lever> with the lever's arguments as JSON."""

    def forget() -> None:
        state.parts["erp"] = ErpWorld(state)

    def pull(lever: str) -> Response | tuple[Response, int]:
        body: Any = request.get_json(silent=True) or {}
        try:
            with state.world.lock:
                LEVERS[lever](erp_of(state), **body)
        except KeyError as error:
            return jsonify({"error": f"unknown {error.args[0]}"}), 400
        except TypeError as error:
            return jsonify({"error": str(error)}), 400
        return jsonify({"ok": True})

    forget()
    state.on_reset.append(forget)
    pages = Blueprint("erp", __name__, url_prefix="/control/erp")
    pages.add_url_rule("/<lever>", view_func=pull, methods=["POST"])
    app.register_blueprint(pages)
