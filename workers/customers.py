"""A worker's part of what concerns customers: the account's templates, codes for binding."""

from __future__ import annotations

import structlog

import bot.customers
import handlers.customers.account
import handlers.customers.binding
import handlers.customers.late
import handlers.customers.service
import handlers.customers.state
import handlers.customers.visits
from bot.channels.sending import SendError
from bot.channels.wechat_oa.account import Account
from bot.channels.wecom_kf.client import KfSender
from handlers import owe
from handlers.desk import Job
from wire import Hub, hub, started

log = structlog.get_logger()


def read_templates() -> int:
    """The service account's templates as they are now; how many."""
    here = hub()
    started(here, Job.READ_TEMPLATES)
    return read_templates_now(here)


def read_templates_now(here: Hub) -> int:
    if here.settings.weixin is None:
        return 0
    try:
        listed = Account(here.settings.weixin, here.redis).templates()
    except SendError as error:
        log.warning("templates_not_read", why=str(error))
        return 0
    with here.open_desk() as desk:
        return handlers.customers.account.keep(desk, listed)


def tell_late(here: Hub) -> int:
    """Owe customers word of what leaves later than they were told; of how many orders."""
    with here.open_desk() as desk:
        return handlers.customers.late.look(desk)


def read_kf(token: str = "") -> int:
    """What customers wrote to 微信客服 since the last time; how many messages. `token`: of the platform's event."""
    here = hub()
    started(here, Job.READ_KF, token)
    return read_kf_now(here, token)


def read_kf_now(here: Hub, token: str = "") -> int:
    """Page by page: where a page ends is written down together with what it said."""
    settings, company = here.settings.kf, here.settings.wecom
    if settings is None or company is None:
        return 0
    service, many = KfSender(settings, company.corpid, here.redis), 0
    with here.open_desk() as desk:
        cursor = handlers.customers.service.cursor(desk, settings.open_kfid)
    while True:
        before = cursor
        try:
            page, cursor, more = service.read(before, token)
        except SendError as error:
            log.warning("kf_not_read", why=str(error))
            return many
        with here.open_desk() as desk:
            for message in page:
                bot.customers.hear_kf(desk, message)
            handlers.customers.service.move_cursor(desk, settings.open_kfid, cursor)
        many += len(page)
        if not more or cursor == before:  # a page may be empty, with more behind it
            return many


def bind_code(order_id: int, staff_id: int) -> str:
    """Has an order's code made, and owes it to whoever asked."""
    here = hub()
    started(here, Job.BIND_CODE, order_id, staff_id)
    return bind_code_now(here, order_id, staff_id)


def bind_code_now(here: Hub, order_id: int, staff_id: int) -> str:
    assert here.settings.weixin is not None
    with here.open_desk() as desk:
        scene, order = handlers.customers.binding.scene(desk, order_id), handlers.customers.state.order(desk, order_id)
    key = f"answer:bindcode:{order_id}:{here.now():%Y%m%d%H%M%S}"
    try:
        made = Account(here.settings.weixin, here.redis).code(scene)
    except SendError as error:
        with here.open_desk() as desk:
            words = f"{order.tag} 的绑定码没有生成：{error}。请稍后再发：绑定码 {order.tag}"
            owe.owe(desk, [owe.note(key, staff_id, f"order:{order_id}", words)])
        return str(error)
    enclosed = owe.Enclosure(f"绑定码 {order.tag}.jpg", made.picture, f"{order.tag} 的绑定码：{made.link}")
    with here.open_desk() as desk:
        owe.owe(desk, [owe.file(desk.vault, key, staff_id, subject=f"order:{order_id}", enclosed=enclosed)])
        if page := handlers.customers.visits.link(desk, order_id):
            words = f"{order.tag} 的进度页，可以直接发给客户，不用关注也能订阅通知：{page}"
            owe.owe(desk, [owe.note(f"{key}:page", staff_id, f"order:{order_id}", words)])
    return made.link
