"""What the three gateways do alike: faults, the lock around the world, the log of calls."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Response, request

from sandbox.faults import Kind, drop_connection
from sandbox.state import State
from sandbox.world_limits import CallLimits
from sandbox.world_order import Order

Body = Mapping[str, object]

BEFORE = (Kind.SLOW, Kind.CUT_CONNECTION, Kind.HTTP_500, Kind.NOT_JSON, Kind.THROTTLE, Kind.EXPIRE_TOKEN)
GATEWAY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body>tengine</body></html>"
SECRET = frozenset({"sign", "session", "access_token", "refresh_token", "app_secret", "client_secret"})


class Refused(Exception):
    """An answer of the platform that is an error; carries its code and the whole reply."""

    def __init__(self, code: object, body: Body) -> None:
        super().__init__(str(code))
        self.code = str(code)
        self.body = body


@dataclass(slots=True)
class Call:
    method: str
    params: Mapping[str, str]
    listed: list[Order] = field(default_factory=list)  # every row of the list of which one page was answered
    outcome: str = "0"  # the business code when the reply is no error but says no

    def get(self, name: str, default: str = "") -> str:
        return self.params.get(name, default)


class Dialect(ABC):
    """One platform's protocol."""

    platform: str

    def __init__(self, state: State) -> None:
        self.state = state
        self._limits = CallLimits(
            state.clock, [limit for limit in state.company.limits if limit.platform == self.platform]
        )
        state.on_reset.append(self._limits.forget)

    def count(self, call: Call, app: str) -> None:
        """Count a call that came from the application; raises Refused for one too many."""
        if (reached := self._limits.take(app, call.method)) is not None:
            limit, seconds = reached
            raise self.throttled(seconds, of_app=not limit.method)

    @abstractmethod
    def read(self) -> Call: ...

    @abstractmethod
    def answer(self, call: Call) -> Body:
        """Check the call as the platform does and do it; raises Refused."""

    @abstractmethod
    def throttled(self, seconds: float, *, of_app: bool = False) -> Refused:
        """`of_app`: it is the application that called too often, whatever it called."""

    @abstractmethod
    def expired(self) -> Refused: ...

    def write(self, _call: Call, body: Body) -> Response:
        return json_reply(body)


def json_reply(body: Body, mimetype: str = "application/json;charset=UTF-8", status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=status, content_type=mimetype)


def gateway(dialect: Dialect) -> Callable[[], Response]:
    """The view function of one gateway."""

    def view(**_path: str) -> Response:
        call = dialect.read()
        refusal: Refused | None = None
        fault = dialect.state.faults.take(dialect.platform, call.method, BEFORE)
        if fault is not None:
            if fault.kind is Kind.SLOW:
                time.sleep(fault.seconds)
            elif fault.kind is Kind.THROTTLE:
                refusal = dialect.throttled(fault.seconds)
            elif fault.kind is Kind.EXPIRE_TOKEN:
                refusal = dialect.expired()
            else:
                return _broken(dialect, call, fault.kind)
        body = _work(dialect, call, refusal)
        if dialect.state.faults.take(dialect.platform, call.method, (Kind.LOSE_REPLY,)):
            return drop_connection()
        return dialect.write(call, body)

    view.__name__ = f"{dialect.platform}_gateway"
    return view


def _broken(dialect: Dialect, call: Call, kind: Kind) -> Response:
    dialect.state.world.note_call(dialect.platform, call.method, shown(call.params), kind.value)
    if kind is Kind.CUT_CONNECTION:
        return drop_connection()
    status = 500 if kind is Kind.HTTP_500 else 200
    return Response(GATEWAY_PAGE, status=status, content_type="text/html")


def _work(dialect: Dialect, call: Call, refusal: Refused | None) -> Body:
    world = dialect.state.world
    with world.lock:
        world.advance()
        try:
            if refusal is not None:
                raise refusal
            with world.without(_hidden(dialect, call)):
                body = dialect.answer(call)
            code = call.outcome
        except Refused as error:
            body, code = error.body, error.code
        if call.listed and dialect.state.faults.take(dialect.platform, call.method, (Kind.SHIFT,)):
            world.touch(call.listed[0])
        world.note_call(dialect.platform, call.method, shown(call.params), code)
    return body


def _hidden(dialect: Dialect, call: Call) -> str:
    fault = dialect.state.faults.take(dialect.platform, call.method, (Kind.HIDE,))
    return fault.order_id if fault else ""


def shown(params: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in params.items() if name not in SECRET}


def sent_params() -> dict[str, str]:
    """Query and form together; where both name a parameter the form, which is what the platforms sign, wins."""
    return {**request.args.to_dict(), **request.form.to_dict()}


def is_number(text: str) -> bool:
    """Plain digits; full-width ones are refused, as the platforms' parsers do."""
    return text.isascii() and text.isdecimal()


def page_of(rows: list[Order], page: int, size: int) -> tuple[list[Order], bool]:
    start = (page - 1) * size
    return rows[start : start + size], len(rows) > start + size
