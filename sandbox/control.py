"""The levers of the sandbox for tests and the demo: its clock, its orders, its faults. Not part of any platform."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from sandbox.company import Day
from sandbox.state import State
from sandbox.world import World
from sandbox.world_goods import PLATFORMS
from sandbox.world_order import Order

Reply = Response | tuple[Response, int]


def brief(order: Order) -> dict[str, object]:
    """An order without the platforms' disguises, for whoever compares it with what the hub made of it."""
    return {
        "order_id": order.id,
        "platform": order.platform,
        "kind": order.kind,
        "status": order.status.value,
        "created": order.created_at.isoformat(),
        "paid": order.paid_at.isoformat() if order.paid_at else None,
        "modified": order.modified_at.isoformat(),
        "promise": order.promise_at.isoformat() if order.promise_at else None,
        "buyer": order.buyer.key,
        "buyer_name": order.buyer.name,
        "buyer_phone": order.buyer.phone,
        "address": asdict(order.address),
        "lines": [
            {"sku": line.sku.code, "quantity": line.quantity, "refund": line.refund.value, "waybill": line.waybill}
            for line in order.lines
        ],
        "paid_fen": order.paid_fen,
        "buyer_message": order.buyer_message,
        "memo": order.memo,
        "flag": order.flag,
        "hold": order.hold,
        "risk": order.risk,
        "type": order.trade_type,
        "after_sales": order.after_sales,
        "waybill": order.waybill,
    }


class Levers:
    """What is wrong with a body comes out as KeyError, TypeError or ValueError and becomes a 400 that names it."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._first_company = state.company  # a reset starts from here, not from the reset before

    def time(self) -> Reply:
        return jsonify({"now": self.state.clock.epoch()})

    def clock(self) -> Reply:
        body = _body()
        if "offset_seconds" in body:
            self.state.clock.set_offset(float(body["offset_seconds"]))
        else:
            self.state.clock.move(float(body["move_seconds"]))
        self.state.world.advance()
        now = self.state.clock.epoch()
        self.state.bus.publish("clock", {"now": now})
        return jsonify({"now": now})

    def order(self) -> Reply:
        body = _body()
        order = self.state.world.add_order(body.pop("platform"), **body)
        return jsonify({"order_id": order.id, "tail": order.buyer.phone[-4:]})

    def edit(self) -> Reply:
        body = _body()
        return jsonify(brief(self.state.world.edit(body.pop("order_id"), **body)))

    def cancel(self) -> Reply:
        return jsonify(brief(self.state.world.cancel(_body()["order_id"])))

    def pay(self) -> Reply:
        return jsonify(brief(self.state.world.pay(_body()["order_id"])))

    def release(self) -> Reply:
        return jsonify(brief(self.state.world.release(_body()["order_id"])))

    def refund(self) -> Reply:
        """{"order_id", "line"?} asks; with "end": "paid" or "closed" it ends."""
        body = _body()
        if "end" in body:
            order = self.state.world.close_refund(body["order_id"], paid={"paid": True, "closed": False}[body["end"]])
        else:
            order = self.state.world.ask_refund(body["order_id"], body.get("line"))
        return jsonify(brief(order))

    def orders(self) -> Reply:
        return jsonify([brief(order) for order in self.state.world.orders(request.args.get("platform") or None)])

    def shipments(self) -> Reply:
        return jsonify([_plain(asdict(shipment)) for shipment in list(self.state.world.shipments)])

    def calls(self) -> Reply:
        wanted = request.args.get("platform") or None
        notes = [note for note in list(self.state.world.calls) if wanted in (None, note.platform)]
        return jsonify([_plain(asdict(note)) for note in notes])

    def fault(self) -> Reply:
        """POST arms, GET lists, DELETE disarms all."""
        if request.method == "POST":
            body = _body()
            self.state.faults.arm(
                body["kind"],
                body.get("platform", "*"),
                body.get("method", "*"),
                calls=int(body.get("calls", 1)),
                seconds=float(body.get("seconds", 1.0)),
                order_id=str(body.get("order_id", "")),
            )
        elif request.method == "DELETE":
            self.state.faults.clear()
        return jsonify(self.state.faults.armed())

    def authorise(self) -> Reply:
        """The seller confirms on the platform's page; the code goes to the token address within ten minutes."""
        return jsonify({"code": self.state.tokens[_body()["platform"]].new_code()})

    def expire(self) -> Reply:
        self.state.tokens[_body()["platform"]].expire()
        return jsonify({"ok": True})

    def reset(self) -> Reply:
        """A new day; the body may change values of `[world]`, for example {"orders_before": 0}."""
        state, body = self.state, request.get_json(silent=True) or {}
        if unknown := body.keys() - set(Day.__dataclass_fields__):
            raise ValueError(f"[world] has no {', '.join(sorted(unknown))}")
        first = self._first_company
        company = replace(first, world=replace(first.world, **body))
        state.clock.set_offset(0)
        state.faults.clear()
        state.company = company
        state.world = World(company, state.clock, tell=state.bus.publish)
        for forget in state.on_reset:
            forget()
        state.bus.publish("reset", {"now": state.clock.epoch()})
        return self.health()

    def health(self) -> Reply:
        world = self.state.world
        orders = world.orders()
        return jsonify(
            {
                "ok": True,
                "now": self.state.clock.epoch(),
                "orders": len(orders),
                "by_platform": {name: sum(order.platform == name for order in orders) for name in PLATFORMS},
                "shipments": len(world.shipments),
                "calls": len(world.calls),
                "faults": len(self.state.faults.armed()),
            }
        )


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _explained(lever: Callable[[], Reply]) -> Callable[[], Reply]:
    def view() -> Reply:
        try:
            return lever()
        except KeyError as error:
            return jsonify({"error": f"unknown or missing {error.args[0]}"}), 400
        except (TypeError, ValueError, IndexError) as error:
            return jsonify({"error": str(error)}), 400

    view.__name__ = lever.__name__
    return view


READS = ("time", "orders", "shipments", "calls", "health")
WRITES = ("clock", "order", "edit", "cancel", "pay", "release", "refund", "authorise", "expire", "reset")


def register(app: Flask, state: State) -> None:
    levers = Levers(state)
    pages = Blueprint("control", __name__, url_prefix="/control")
    for methods, names in ((["GET"], READS), (["POST"], WRITES), (["GET", "POST", "DELETE"], ("fault",))):
        for name in names:
            pages.add_url_rule(f"/{name}", view_func=_explained(getattr(levers, name)), methods=methods)
    app.register_blueprint(pages)
