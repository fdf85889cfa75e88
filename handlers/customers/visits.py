"""A customer looks at the page of one order, and may allow single notices there.

Whoever has the link sees how the order stands, and nothing of anybody's person. Whose WeChat it is the platform tells;
that is kept in a signed pass for as long as the page is likely to stay open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Row, text

from handlers.customers import binding, credits, journey, notices, state
from handlers.customers.events import EVENTS
from handlers.customers.journey import Journey
from handlers.desk import Desk, Refusal
from models.stages import OPEN, Stage

PASS_LIFE: Final = timedelta(hours=1)
MOST: Final = 3  # notices in one tap: how many the platform takes is written nowhere, of a mini program it is three
_CHANNEL: Final = "wechat_subscribe"
_SHOWN: Final = timedelta(days=180)  # an order older than that is nobody's question any more
_COMING: Final = ("shipped", "delayed", "stock", "refunded", "part_refunded", "solved")
"""What an open order may still have to tell, the likeliest first."""
_SALT: Final = "customer.visit"
_THERE: Final = text("SELECT EXISTS (SELECT FROM orders WHERE id = :id AND created_at > :since)")


@dataclass(frozen=True, slots=True)
class Offer:
    """A notice that can be allowed once."""

    template: str
    title: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """`number`: its last four; `offers`: notices that may still come."""

    number: str
    journey: Journey
    offers: tuple[Offer, ...]


def link(desk: Desk, order_id: int) -> str:
    """The page's address, "" where customers have no such page."""
    account = desk.settings.weixin
    if account is None or not account.page:
        return ""
    return f"{desk.settings.hub.base_url}/o/{binding.scene(desk, order_id)}"


def page(desk: Desk, scene: str) -> OrderPage:
    """Raises Refusal for a link that is none of ours, or too old."""
    order = _order(desk, scene)
    return OrderPage(order.external_id[-4:], journey.of(desk, order), _offers(desk, order))


def allowed(desk: Desk, scene: str, openid: str, templates: Sequence[str]) -> str:
    """They allowed notices on the order's page: it is told of to them from now on. Raises Refusal."""
    order = _order(desk, scene)
    known = {one.template for one in _offers(desk, order)}
    taken = [one for one in templates if one in known]
    if not taken:
        raise Refusal("您没有同意接收通知。想收到时再点一次就行")
    if binding.is_anothers(desk, ("wechat_oa", openid), order):
        raise Refusal("这个订单已由另一个微信登记，通知会发到那里")
    binding.opt_in(desk, "wechat_oa", openid)
    binding.bind(desk, ("wechat_oa", openid), order, "订单页订阅", follows=binding.is_follower(desk, openid))
    for template in taken:
        credits.at_least_one(desk, _CHANNEL, openid, template)
    return "已订阅，有进展会在微信的「服务通知」里告诉您"


def visit_pass(desk: Desk, openid: str) -> str:
    ends = int((desk.now + PASS_LIFE).timestamp())
    return _signer(desk).dumps([openid, ends])


def visitor(desk: Desk, given: str) -> str:
    """The openid that a pass names, "" for one that is not ours or too old."""
    try:
        openid, ends = _signer(desk).loads(given)
    except (BadData, ValueError, TypeError):
        return ""
    return str(openid) if isinstance(ends, int) and ends > desk.now.timestamp() else ""


def _signer(desk: Desk) -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(desk.settings.security.button_keys)), salt=_SALT)  # it signs with the last


def _order(desk: Desk, scene: str) -> Row[Any]:
    order_id = binding.order_of(desk, scene)
    asked = {"id": order_id, "since": desk.now - _SHOWN}
    if order_id is None or not desk.session.execute(_THERE, asked).scalar_one():
        raise Refusal("没有找到这个订单")
    return state.order(desk, order_id)


def _offers(desk: Desk, order: Row[Any]) -> tuple[Offer, ...]:
    account = desk.settings.weixin
    if account is None or Stage(order.stage) not in OPEN:
        return ()
    found: dict[str, Offer] = {}
    for event in _COMING:
        template = notices.configured(account.notices, event)
        if template is not None and notices.notice(desk, event).on:
            found.setdefault(template.id, Offer(template.id, EVENTS[event].title))
    return tuple(found.values())[:MOST]
