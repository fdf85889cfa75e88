"""What the platforms tell of customers: each message and event once, though it may be repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, assert_never

import structlog

from bot import router, xmltext
from bot.calls import Call, Reply, Take
from bot.card import Drawing, Text
from bot.channels import held
from bot.channels.sms.provider import Answer, Provider, Report
from bot.channels.wechat_oa.parse import Allowed, Delivered, Heard, Left, Said
from bot.phrases import printable
from config_customers import Sms
from handlers.customers import binding, complaints, credits, hearing, sends, service, texting
from handlers.desk import Desk, Job, OpenDesk
from handlers.incoming import Attached

log = structlog.get_logger()
T = TypeVar("T")
_TAKEN: Final = b'{"result":0,"errmsg":"OK"}'
_CUSTOMERS: Final = 3  # origin of a message that a customer wrote


def hear(desk: Desk, heard: Heard | None) -> Drawing | None:
    """What to say to it, None for nothing."""
    if heard is None:
        return None
    return router.once(desk, ("wechat_oa", heard.message_id), lambda: _work(desk, heard))


def _work(desk: Desk, heard: Heard) -> Drawing | None:
    if isinstance(heard, Said):
        words = _answer(desk, heard)
        return Text(words) if words else None
    if isinstance(heard, Left):
        binding.leaves(desk, heard.openid)
    elif isinstance(heard, Allowed):
        for template, more in heard.templates:
            credits.allowed(desk, "wechat_subscribe", heard.openid, template, more=more)
    elif isinstance(heard, Delivered):
        for msgid, status in heard.ends:
            sends.delivered(desk, msgid, status)
    else:
        assert_never(heard)
    return None


def _answer(desk: Desk, said: Said) -> str:
    who = said.incoming.sender
    for picture in said.incoming.pictures:  # the platform sends each by itself
        return complaints.pictured(desk, ("wechat_oa", who), picture)
    if said.followed or said.scene:
        return hearing.scanned(desk, who, said.scene, followed=said.followed)
    return hearing.hear(desk, who, said.incoming.text)


def ask_for_kf(desk: Desk, message: bytes) -> None:
    """WeCom says that something came for 微信客服; a worker fetches it."""
    tree = xmltext.parse(message)
    if desk.settings.kf is not None and xmltext.text(tree, "Event") == "kf_msg_or_event":
        desk.ask_later(Job.READ_KF, xmltext.text(tree, "Token"))


def hear_kf(desk: Desk, message: Mapping[str, Any]) -> None:
    """One message of 微信客服, as its interface lists it. What colleagues and the hub wrote is listed as well."""
    kind = str(message.get("msgtype", ""))
    told = message.get(kind)
    if message.get("origin") != _CUSTOMERS or kind not in ("text", "image") or not isinstance(told, dict):
        return
    msgid, who, at = str(message.get("msgid", "")), str(message.get("external_userid", "")), message.get("send_time")
    if not msgid or not who or not isinstance(at, int):
        return
    about = (msgid, datetime.fromtimestamp(at, UTC))
    if kind == "image":
        picture = Attached(f"{held.KF}{told.get('media_id', '')}", "")
        router.once(desk, ("wecom_kf", msgid), lambda: service.pictured(desk, who, picture, about))
        return
    words = printable(str(told.get("content", "")))
    router.once(desk, ("wecom_kf", msgid), lambda: service.heard(desk, who, words, about))


def of_sms(settings: Sms, open_desk: OpenDesk) -> Take:
    """The provider's reports of what became of messages, at an address that only it knows."""

    def note(desk: Desk, report: Report) -> None:
        sends.receipt(desk, report.msgid, arrived=report.arrived, why=report.why)

    return _from_provider(settings, open_desk, (lambda provider, body: provider.receipts(body), note))


def of_sms_answers(settings: Sms, open_desk: OpenDesk) -> Take:
    """What people write back to an SMS, at an address beside the one for reports."""

    def heed(desk: Desk, answer: Answer) -> None:
        texting.heard(desk, answer.number, printable(answer.words)[:200])

    return _from_provider(settings, open_desk, (lambda provider, body: provider.answers(body), heed))


def _from_provider(
    settings: Sms, open_desk: OpenDesk, how: tuple[Callable[[Provider, bytes], list[T]], Callable[[Desk, T], None]]
) -> Take:
    """`how`: reads what the provider tells, raising ValueError for what is none, and takes in each of it."""
    read, take_in = how

    def take(call: Call) -> Reply:
        from bot.channels.sms.providers import provider  # loads the provider's client: only where it tells something

        try:
            told = read(provider(settings), call.body)
        except ValueError:
            log.warning("sms_word_unreadable", bytes=len(call.body))
            return Reply(status=400)
        with open_desk() as desk:
            for one in told:
                take_in(desk, one)
        return Reply(_TAKEN, "application/json")

    return take
