"""The orders a visitor of the page places for the customer, and which of them the hub has read."""

from __future__ import annotations

import re
import threading
from typing import Any

from flask import Flask, Response, request

from sandbox.chat_press import NotPossible
from sandbox.state import State
from sandbox.world_goods import PLATFORMS
from sandbox.world_order import Order

NAMES = dict(zip(PLATFORMS, ("淘宝", "京东", "拼多多"), strict=True))
# Marketplaces show a stretch of time only 1 to 3 minutes after it is over, and whoever reads them looks 5 minutes back
# again: an order of this age comes with the next pull.
AGO_SECONDS = 240


class PlacedOrders:
    def __init__(self, state: State) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._waiting: list[Order] = []
        self._newest: Order | None = None
        state.on_reset.append(self.forget)

    def forget(self) -> None:
        with self._lock:
            self._waiting.clear()
            self._newest = None

    def place(self, platform: str) -> dict[str, Any]:
        """The customer buys something a few minutes ago. Raises NotPossible."""
        if platform not in NAMES:
            raise NotPossible(f"没有这个平台：{platform}")
        order = self._state.world.add_order(platform, buyer="hero", ago_seconds=AGO_SECONDS)
        with self._lock:
            self._waiting.append(order)
        return _told(order)

    def newest_read(self) -> dict[str, Any] | None:
        order = self._newest
        return _told(order) if order else None

    def answered(self, platform: str, text: str) -> None:
        """A marketplace has answered this to the hub."""
        with self._lock:
            mine = [order for order in self._waiting if order.platform == platform]
            read = [order for order in mine if re.search(rf"(?<!\d){re.escape(order.id)}(?!\d)", text)]
            for order in read:
                self._waiting.remove(order)
                self._newest = order
        for order in read:
            self._state.bus.publish("chat.order", {"order_id": order.id})

    def listen(self, app: Flask) -> None:
        @app.after_request
        def look(response: Response) -> Response:
            platform = (request.endpoint or "").removesuffix("_gateway")
            if self._waiting and platform in NAMES:
                self.answered(platform, response.get_data(as_text=True))
            return response


def _told(order: Order) -> dict[str, Any]:
    return {"order_id": order.id, "tail": order.buyer.phone[-4:], "platform": NAMES[order.platform]}
