"""What became of a message to a customer: on the trail of every order that it is about, and on what is known of the
customer's ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from handlers import owe, people, trail
from handlers.customers import manners
from handlers.customers.events import EVENTS
from handlers.desk import SYSTEM, Desk, Job
from handlers.wording import day
from models import Notification, Role

WAYS: Final = {
    "wechat_oa": "服务号模板消息",
    "wechat_subscribe": "订阅通知",
    "wechat_mini": "小程序订阅消息",
    "wecom_kf": "微信客服",
    "sms": "短信",
}
_GONE: Final = 40037
REFUSED: Final = "refused"
"""Of an error: that template alone; of a customer: everything that the account sends."""

_ORDERS: Final = text("""
    SELECT DISTINCT cast(body ->> 'order' AS bigint) AS id FROM notifications
    WHERE (id = :id OR merged_into = :id) AND body ->> 'order' IS NOT NULL ORDER BY 1
""")
_THERE: Final = text("SELECT id FROM orders WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE")
_STATE: Final = text("UPDATE customers SET state = :state WHERE openid = :openid")
_REFUSED: Final = text("""
    INSERT INTO refused_templates (openid, template_id, at) VALUES (:openid, :template, :now)
    ON CONFLICT (openid, template_id) DO UPDATE SET at = excluded.at
""")
_USE: Final = text("""
    UPDATE customer_credits SET remaining = CASE WHEN :all THEN 0 ELSE greatest(remaining - 1, 0) END, changed_at = :now
    WHERE channel = :channel AND openid = :openid AND template_id = :template
""")
_USE_WAY: Final = text("""
    UPDATE customer_ways SET remaining = CASE WHEN :all THEN 0 ELSE greatest(remaining - 1, 0) END
    WHERE channel = :channel AND address = :address AND remaining IS NOT NULL
""")
_TEMPLATE_GONE: Final = text("""
    INSERT INTO account_templates (template_id, title, keys, read_at, gone) VALUES (:id, '', '[]', :now, true)
    ON CONFLICT (template_id) DO UPDATE SET gone = true
""")
_DELIVERED: Final = text("""
    UPDATE notifications SET state = :state, problem = :problem,
        carried_by = CASE WHEN :again THEN '' ELSE carried_by END,
        tries = CASE WHEN :again THEN 0 ELSE tries END, next_try_at = CASE WHEN :again THEN :now ELSE next_try_at END
    WHERE msgid = :msgid AND channel = 'customer' AND state IN ('sent', 'sending')
    RETURNING id, recipient, body
""")
_EARLY: Final = timedelta(days=3)
# Whoever writes down the sending and whoever hears of the end: the second sees what the first wrote.
_ONE_BY_ONE: Final = text("SELECT pg_advisory_xact_lock(hashtext('notice_end'), hashtext(:msgid))")
_KEEP_EARLY: Final = text("""
    INSERT INTO notice_ends (msgid, status, at) VALUES (:msgid, :status, :now) ON CONFLICT DO NOTHING
""")
_TAKE_EARLY: Final = text("DELETE FROM notice_ends WHERE msgid = :msgid RETURNING status")
_FORGET_EARLY: Final = text("DELETE FROM notice_ends WHERE at < :old")
_BY_MSGID: Final = text("SELECT id FROM notifications WHERE msgid = :msgid AND channel = 'customer'")


@dataclass(frozen=True, slots=True)
class Refused:
    """A way that did not take the message. `address`: whom it did not reach there. `customer`: what that says of the
    customer's binding. `ours`: nothing is wrong with the customer, but with what we send."""

    channel: str
    address: str
    code: int | str | None
    why: str
    customer: str = ""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """`channel` and `address`: by which it went, "" where it did not; `refused`: what was tried before that."""

    state: str
    channel: str = ""
    address: str = ""
    problem: str = ""
    refused: Sequence[Refused] = ()


def lock(desk: Desk, notification_id: int) -> list[int]:
    """The orders that a message is about, locked: orders come before messages, as everywhere."""
    ids = [row.id for row in desk.session.execute(_ORDERS, {"id": notification_id})]
    return [row.id for row in desk.session.execute(_THERE, {"ids": ids})] if ids else []


def noted(desk: Desk, row: Notification, sent: Sent, orders: Sequence[int]) -> None:
    """`orders`: as `lock` gave them. A message that only waits is not worth a line."""
    for one in sent.refused:
        _learn(desk, row, one)
    if sent.channel:
        template = str(dict(row.body.get("templates", {})).get(sent.channel, ""))
        _use(desk, sent.channel, sent.address, template)
    parted = sent.state == "failed" and manners.part(desk, row)
    if parted:
        row.state, row.next_try_at, row.tries = "owed", desk.now, 0
    if sent.state != "owed":
        _write(desk, row.body, orders, _became(replace(sent, state="parted") if parted else sent))


def delivered(desk: Desk, msgid: str, status: str) -> None:
    """The platform's word on a template message; a repeat changes nothing. Whoever blocks the account is told by the
    next way."""
    desk.session.execute(_ONE_BY_ONE, {"msgid": msgid})
    found = desk.session.execute(_BY_MSGID, {"msgid": msgid}).scalar_one_or_none()
    if found is None:
        values = {"msgid": msgid, "status": status[:200], "now": desk.now, "old": desk.now - _EARLY}
        desk.session.execute(_FORGET_EARLY, values)
        desk.session.execute(_KEEP_EARLY, values)
        return
    orders = lock(desk, found)
    word = status.replace(" ", "").lower()
    blocked, success = word.startswith("failed:userblock"), word == "success"
    state = "delivered" if success else "owed" if blocked else "failed"
    values = {"state": state, "problem": "" if success else status[:200], "msgid": msgid, "again": blocked}
    row = desk.session.execute(_DELIVERED, {**values, "now": desk.now}).one_or_none()
    if row is None:
        return
    if blocked:
        desk.session.execute(_STATE, {"state": REFUSED, "openid": row.recipient})
        desk.ask_later(Job.DELIVER)
    said = "已送达" if success else "没有送达：客户拒收，换下一种方式" if blocked else f"没有送达：{status[:60]}"
    _write(desk, row.body, orders, said)


def told_early(desk: Desk, row: Notification) -> None:
    """`row` was just written down as sent: its end may have been told already."""
    if row.msgid:
        desk.session.flush()  # the end is looked for under the message's id
        desk.session.execute(_ONE_BY_ONE, {"msgid": row.msgid})
        status = desk.session.execute(_TAKE_EARLY, {"msgid": row.msgid}).scalar_one_or_none()
        if status is not None:
            delivered(desk, row.msgid, status)


def receipt(desk: Desk, msgid: str, *, arrived: bool, why: str = "") -> None:
    """The same for ways whose failure leads nowhere else: subscription notices and SMS."""
    delivered(desk, msgid, "success" if arrived else f"failed: {why}")


def _became(sent: Sent) -> str:
    before = "".join(f"{WAYS.get(one.channel, one.channel)}没发成（{one.why}）；" for one in sent.refused)
    if sent.state in ("sent", "delivered"):
        return f"{before}已由{WAYS.get(sent.channel, '客户渠道')}发出"
    if sent.state == "parted":
        return f"{before}每单分开再发"
    if sent.state == "unsure":
        return f"{before}不确定是否送达：{sent.problem}"
    return f"{before}没有发送：{sent.problem}" if sent.state == "dropped" else f"{before}没有送达：{sent.problem}"


def _write(desk: Desk, body: dict[str, Any], orders: Sequence[int], said: str) -> None:
    event = EVENTS.get(str(body.get("template", "")))
    title = event.title if event is not None else "消息"
    for order_id in orders:
        trail.write_order(desk, order_id, actor=SYSTEM, action="客户通知", detail={title: said})


def _learn(desk: Desk, row: Notification, one: Refused) -> None:
    template = str(dict(row.body.get("templates", {})).get(one.channel, ""))
    if one.customer == REFUSED and one.channel == "wechat_oa":
        desk.session.execute(_REFUSED, {"openid": one.address, "template": template, "now": desk.now})
    elif one.customer and one.channel == "wechat_oa":
        desk.session.execute(_STATE, {"state": one.customer, "openid": one.address})
    elif one.customer:
        _use(desk, one.channel, one.address, template, everything=True)
    if one.code == _GONE and template:
        desk.session.execute(_TEMPLATE_GONE, {"id": template, "now": desk.now})
    if one.ours:
        _alert(desk, row, one)


def _use(desk: Desk, channel: str, address: str, template: str, *, everything: bool = False) -> None:
    """One less, or none left at all."""
    values = {"channel": channel, "openid": address, "address": address, "template": template, "now": desk.now}
    desk.session.execute(_USE, {**values, "all": everything})
    desk.session.execute(_USE_WAY, {**values, "all": everything})


def _alert(desk: Desk, row: Notification, one: Refused) -> None:
    """Supervisors hear of it once a day for each event and way: whatever is wrong is wrong for every customer."""
    event = EVENTS.get(str(row.body.get("template", "")))
    title, way = event.title if event else "消息", WAYS.get(one.channel, one.channel)
    words = f"客户「{title}」通知用{way}发不出去：{one.why}。发「模板 {title}」检查"
    key = f"notice:{row.body.get('template', '')}:{one.channel}:{day(desk.now)}"
    told = [person.id for person in people.staff(desk) if Role.SUPERVISOR in person.roles]
    owe.owe(desk, [owe.note(key, staff_id, f"notice:{row.body.get('template', '')}", words) for staff_id in told])
