"""What customers write or scan: they name an order, hear how it stands, and are told from then on."""

from __future__ import annotations

import hmac
import re
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import trail
from handlers.customers import binding, complaints, mends, state
from handlers.desk import Actor, Desk
from handlers.parse import normal
from models.stages import OPEN

_NUMBER: Final = re.compile(r"\d{6}-\d{15}|[A-Za-z0-9][A-Za-z0-9-]{7,39}")
_TAIL: Final = re.compile(r"(?<![A-Za-z0-9-])(\d{4})(?![A-Za-z0-9-])")
_HOW: Final = "请发送您的平台订单号，并加上收件手机号后 4 位，例如：1234567890123456789 5678"
_KNOWN: Final = (
    "您登记过的订单，发货和处理进度会在这里通知您。发「进度」看您的订单现在怎样，发「退订」不再通知。"
    "想再登记一单，请发：订单号 空格 手机号后 4 位。改地址、退款等请直接联系店铺客服，这里收不到"
)
_NOTHING: Final = "没有找到这个订单，或者手机号后 4 位不符。请核对后再发一次：订单号 空格 手机号后 4 位"
_UNPROVED: Final = "（平台隐藏了这单的手机号，后 4 位没法核对，只绑定这一单；要看其他订单请让客服发绑定码）"
_ENOUGH: Final = "今天核对的次数太多了，请明天再试，或直接联系店铺客服"
_OUT: Final = "已停止通知。想再收到通知，请发：恢复"
FOLLOWED: Final = "感谢关注！发送您的订单号，即可收到发货和处理进度通知。"
_STOP: Final = (
    "退订", "取消通知", "不要通知", "不要通知了", "不要再通知", "不要再通知了", "别通知了", "别再通知了",
    "TD", "T", "N",
)  # fmt: skip
_SIGNS: Final = '?？!！。.~ ,，、;；…"“”「」【】'
_RESUME: Final = ("恢复", "恢复通知", "订阅")
_ASKS: Final = ("查询", "查", "订单", "我的订单", "查订单", "查询订单", "快递", "我的快递", "查快递", "查询快递")
# However they put it; not with what only people can do.
_ASKS_HOW: Final = re.compile(
    "进度|物流|到哪|在哪|走到|发货了?(没|吗|么|$)|发了(没|吗|么)|(订单|快递|包裹).{0,3}(状态|情况|怎么样|怎样)"
    "|(什么时候|啥时候|几时|何时|哪天|几天|多久|怎么还?[没不]|为什么还?[没不]|为啥还?[没不]|还没有?).{0,4}[发到寄送]"
)
_FOR_PEOPLE: Final = re.compile("[改退换]|取消|地址|电话|投诉|发票|拒收|不要|赔")
_LONGEST: Final = 30
_SHOWN: Final = 5
_NOTED: Final = 20
_CUSTOMER: Final = Actor("客户")

_ORDER: Final = text(f"""
    SELECT {state.COLUMNS} FROM orders o WHERE o.external_id = :number ORDER BY o.created_at DESC LIMIT 2
""")
# The buyer's own, and the single orders that were named.
_MINE: Final = text(f"""
    SELECT * FROM (
        SELECT {state.COLUMNS}, o.created_at FROM (
            SELECT shop_id, buyer_key FROM customers WHERE :channel = 'wechat_oa' AND openid = :address
            UNION SELECT shop_id, buyer_key FROM customer_ways WHERE channel = :channel AND address = :address
        ) c JOIN orders o ON o.shop_id = c.shop_id AND o.buyer_key = c.buyer_key AND o.buyer_key <> ''
        UNION
        SELECT {state.COLUMNS}, o.created_at FROM (
            SELECT shop_id, buyer_key FROM customers WHERE :channel = 'wechat_oa' AND openid = :address
            UNION SELECT shop_id, buyer_key FROM customer_ways WHERE channel = :channel AND address = :address
        ) c JOIN orders o ON o.external_id = substring(c.buyer_key FROM 7) AND o.shop_id = c.shop_id
            WHERE c.buyer_key LIKE 'order:%'
    ) mine WHERE stage = ANY(:open) OR created_at > cast(:now AS timestamptz) - interval '30 days'
        OR EXISTS (SELECT FROM order_links k JOIN orders x ON x.id = k.order_id WHERE k.original_order_id = mine.id
            AND x.platform = 'chat' AND x.stage <> 'cancelled'
            AND (x.stage = ANY(:open) OR x.created_at > cast(:now AS timestamptz) - interval '30 days'))
    ORDER BY stage = ANY(:open) DESC, created_at DESC LIMIT :most
""")


def hear(desk: Desk, address: str, words: str, channel: str = "wechat_oa") -> str:
    """Answer a customer. An order number with the receiver's last four digits binds that buyer to `address`; a number
    whose phone the platform hides, or whose buyer it does not tell, that order alone."""
    line = normal(words)
    asked = bare(line)
    if asked.upper() in _STOP:
        if binding.opt_out(desk, channel, address):
            _note(desk, (channel, address), "客户退订", "发了退订，不再通知")
        return _OUT
    if asked in _RESUME:
        was_out = binding.opt_in(desk, channel, address)
        if was_out:
            _note(desk, (channel, address), "客户恢复通知", "发了恢复")
        return "已恢复通知，发货和处理进度会在这里告诉您" if was_out else _known(desk, channel, address)
    if asks(line):
        return progress(desk, address, channel) or _HOW
    found = _number(line)
    no_order = found is None or complaints.is_a_phone(found[0])
    if no_order and (said := complaints.heard(desk, channel, address, line)):
        return said
    if found is None:
        return _known(desk, channel, address)
    return _named(desk, (channel, address), line, found)


def asks(line: str) -> bool:
    """Whether somebody who names no order wants to know how theirs stand."""
    if bare(line) in _ASKS or line in _ASKS:
        return True
    if len(line) > _LONGEST or _number(line) is not None or _FOR_PEOPLE.search(line) or complaints.is_one(line):
        return False
    return _ASKS_HOW.search(bare(line)) is not None or _ASKS_HOW.search(line) is not None


def _number(line: str) -> re.Match[str] | None:
    """The order's number, wherever in the line; a phone only where there is nothing else."""
    numbers = list(_NUMBER.finditer(line))
    return next((one for one in numbers if not complaints.is_a_phone(one[0])), numbers[0] if numbers else None)


def _tail(rest: str) -> str:
    """The end of the phone, "" for none: four digits by themselves, else of a whole number."""
    alone = _TAIL.search(rest)
    if alone is not None:
        return alone[1]
    phones = (one[0] for one in _NUMBER.finditer(rest) if complaints.is_a_phone(one[0]))
    return next((phone[-4:] for phone in phones), "")


def _note(desk: Desk, who: tuple[str, str], action: str, said: str) -> None:
    """On the trail of the orders that they hear of."""
    channel, address = who
    by = replace(_CUSTOMER, source=channel)
    values = {"channel": channel, "address": address, "open": list(OPEN), "now": desk.now, "most": _NOTED}
    for order_id in sorted(row.id for row in desk.session.execute(_MINE, values)):
        trail.write_order(desk, order_id, actor=by, action=action, detail={"消息": said})


def _named(desk: Desk, who: tuple[str, str], line: str, found: re.Match[str]) -> str:
    """An order was named. The same words for a wrong number and for wrong digits, and ten of them a day: nobody finds
    out numbers by trying."""
    if binding.tried_enough(desk, *who):
        return _ENOUGH
    tail = _tail(line[: found.start()] + " " + line[found.end() :])
    orders = desk.session.execute(_ORDER, {"number": found.group()}).all()
    order = next((one for one in orders if _knows(desk, one, tail)), None)
    if order is None and not tail:
        if not orders and not complaints.is_a_phone(found.group()):
            binding.missed(desk, *who)
        return f"{_HOW}（为保护隐私，需要手机号后 4 位）"
    # Where the platform hides the phone a number takes nobody's notices away.
    if order is None or (order.phone_tail_hash is None and binding.is_anothers(desk, who, order)):
        binding.missed(desk, *who)
        return _NOTHING
    proved = order.phone_tail_hash is not None
    binding.bind(desk, who, order, "订单号和手机尾号" if proved else "订单号", whole=proved)
    wrong = complaints.of_order(desk, order, line)
    unproved = f"\n{_UNPROVED}" if tail and not proved else ""
    return f"{wrong}\n订单 {found.group()}：{mends.said(desk, order)}。{_from_now_on(desk, *who)}{unproved}".strip()


def understands(words: str) -> bool:
    """Whether `hear` has an answer of its own for it, and not only how to ask."""
    line = normal(words)
    return (
        is_wish(words)
        or asks(line)
        or complaints.is_one(line)
        or (_NUMBER.search(line) is not None and any(letter.isdigit() for letter in line))
    )


def is_wish(words: str) -> bool:
    """Whether they ask for quiet, or to hear again; that holds however late it is read."""
    return wants_quiet(words) or wants_to_hear(words)


def wants_quiet(words: str) -> bool:
    return bare(normal(words)).upper() in _STOP


def wants_to_hear(words: str) -> bool:
    return bare(normal(words)) in _RESUME


def bare(line: str) -> str:
    """Without signs around it, and what only makes it polite."""
    return line.strip(_SIGNS).removeprefix("请").lstrip(_SIGNS).rstrip(_SIGNS + "吗呢啊吧")


def scanned(desk: Desk, openid: str, code: str, *, followed: bool) -> str:
    """A code was scanned, by somebody who follows since then (`followed`) or did already. It binds where nobody else
    is bound; a code that was handed on must not take a customer's notices away."""
    binding.follows(desk, openid)
    order_id = binding.order_of(desk, code)
    order = state.order(desk, order_id) if order_id is not None and _exists(desk, order_id) else None
    if order is None:
        return FOLLOWED if followed else _known(desk, "wechat_oa", openid)
    if binding.is_anothers(desk, ("wechat_oa", openid), order):
        return f"这个订单已由另一个微信登记。如果是您的订单，{_HOW}"
    binding.bind(desk, ("wechat_oa", openid), order, "扫码")
    return f"{_short(order)}：{mends.said(desk, order)}。{_from_now_on(desk, 'wechat_oa', openid)}"


def progress(desk: Desk, address: str, channel: str = "wechat_oa") -> str:
    """All that is bound: what is open, then what left or ended within 30 days; "" for nothing."""
    values = {"channel": channel, "address": address, "open": list(OPEN), "now": desk.now, "most": _SHOWN + 1}
    rows = desk.session.execute(_MINE, values).all()
    what = state.goods_of(desk, [row.id for row in rows])
    said = zip(rows, mends.all_said(desk, rows), strict=True)
    lines = [f"{_short(row, what.get(row.id, ''))}：{words}" for row, words in said][:_SHOWN]
    return "\n".join([*lines, "更早的订单请发订单号查询"] if len(rows) > _SHOWN else lines)


def _short(order: Row[Any], what: str = "") -> str:
    """An order without its whole number: 订单 …7777（餐盘）."""
    return f"订单 …{order.external_id[-4:]}" + (f"（{what[:16]}）" if what else "")


def _exists(desk: Desk, order_id: int) -> bool:
    return bool(
        desk.session.execute(text("SELECT EXISTS (SELECT FROM orders WHERE id = :id)"), {"id": order_id}).scalar()
    )


def _knows(desk: Desk, order: Row[Any], tail: str) -> bool:
    """Whether the asker knows the phone's end; where the platform hides it the number alone must do."""
    if order.phone_tail_hash is None:
        return True
    return bool(tail) and hmac.compare_digest(bytes(order.phone_tail_hash), desk.vault.lookup("tail", tail))


def _known(desk: Desk, channel: str, address: str) -> str:
    if binding.is_out(desk, channel, address):
        return _OUT
    values = {"channel": channel, "address": address, "open": list(OPEN), "now": desk.now, "most": 1}
    return _KNOWN if _binds(desk, channel, address) or desk.session.execute(_MINE, values).first() else _HOW


def _binds(desk: Desk, channel: str, address: str) -> bool:
    found = text("""
        SELECT EXISTS (SELECT FROM customers WHERE :channel = 'wechat_oa' AND openid = :address)
            OR EXISTS (SELECT FROM customer_ways WHERE channel = :channel AND address = :address)
    """)
    return bool(desk.session.execute(found, {"channel": channel, "address": address}).scalar_one())


def _from_now_on(desk: Desk, channel: str, address: str) -> str:
    if binding.is_out(desk, channel, address):
        return "您退订过通知，想收到请发：恢复"
    return "之后的发货和处理进度会在这里通知您"
