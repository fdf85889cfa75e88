"""An order that somebody wrote in words: a text in, its parts out. What is not understood is kept as the remark, so
that nothing that a customer said is lost. No I/O but the division table, no clock; what is not there is empty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from models.narrow import NARROW
from texts import regions
from texts.goods import EDGES, UNITS, Wanted, count_of, goods_in
from texts.negation import first_meant

MOST_FEN: Final = 100_000_000
_INVISIBLE: Final = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))

_LABELS: Final = {
    "name": "收货人姓名 收件人姓名 收货人 收件人 联系人 姓名 名字",
    "phone": "手机号码 手机号 联系电话 联系方式 收货电话 电话号码 手机 电话",
    "address": "收货地址 收件地址 详细地址 所在地区 收货地区 寄到 地区 地址",
    "goods": "商品名称 商品信息 商品 货品 宝贝 产品 款式 货号 SKU sku 订购 要货",
    "quantity": "数量 件数",
    "paid": "实付金额 订单金额 实付 实收 合计 总价 总计 金额 价格 付款 货款",
    "remark": "买家留言 备注 留言 说明 备住",
}
_FIELD_OF: Final = {label: field for field, labels in _LABELS.items() for label in labels.split()}
_LABEL: Final = re.compile(rf"(?<![\u4e00-\u9fffA-Za-z])({'|'.join(_FIELD_OF)}) *[::]\s*")

# A mobile number, perhaps virtual with an extension; a landline with its area code. Blanks and dashes may divide them.
_MOBILE: Final = re.compile(
    r"(?<![\d])(?:\+?86[ -]?)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?: ?(?:-|转|,转|分机|#|\()\s?(\d{1,6})\)?)?(?!\d)"
)
_LANDLINE: Final = re.compile(r"(?<![\d-])(0\d{2,3})[ -]?(\d{7,8})(?: ?(?:-|转|分机) ?(\d{1,6}))?(?!\d)")

_MENDS: Final = {
    "补发": "reship", "补寄": "reship", "漏发": "reship", "重发": "reship", "换货": "exchange", "换码": "exchange",
    "换色": "exchange",
}  # fmt: skip
# Not 补发票, 重发货通知, 漏发率, 换货币; and what has been sent again already is said of the order that was sold.
_MENDING: Final = re.compile(
    rf"(?<!已)(?<!已经)(?:{'|'.join(_MENDS)})(?!发?票|货?通知|货?单(?!独)|短信|邮件|链接|验证码|合同|率|币|运险|政策|须知)"
)

_BARE_SUM: Final = re.compile(r"\d{1,6}(?:\.\d{1,2})?")  # all that is left behind the goods
_MONEY: Final = re.compile(
    r"(?:(?:合计|总共|共计|一共|实付|实收|收款|总价|金额|付了|收了|共|付|[¥￥]|RMB|rmb) *:?){1,2}"
    r" *(\d{1,7}(?:\.\d{1,2})?) *(?:元|块钱|块)?(?![\d.])|(?<![\d.A-Za-z])(\d{1,7}(?:\.\d{1,2})?) *(?:元|块钱)"
)
_NUMBER: Final = re.compile(r"[¥￥]? *(\d{1,7}(?:\.\d{1,2})?) *(?:元|块钱|块)?")

_NAME: Final = re.compile(r"[\u4e00-\u9fff]{1,3}(?:·[\u4e00-\u9fff]{1,6})?[\u4e00-\u9fff](?:先生|女士|小姐)?")
_NO_NAME: Final = re.compile(
    r"[路街道巷弄镇村县区市省号楼栋幢室杯碗盘巾灯锅刀垫架盒枕被壶纸帘布衣鞋帽裤包毯]$|色$"
    r"|新单|下单|订单|补发|换货|谢谢|你好|尽快|加急|发货|包邮|快递|收到|麻烦|送礼|现货|到付"
)
_HERE: Final = "\x00"  # where the phone stood
_DOOR: Final = "号楼|号院|号|弄|栋|幢|楼|室|单元|座|层|期"
_PLACE: Final = (
    "路|街|大道|巷|胡同|村|组|小区|社区|花园|公寓|大厦|广场|家园|苑|新城|城|庄|学校|大学|中学|小学|医院|厂|车站|店|校区"
    "|园区|家属院|宿舍|代收点|驿站|门卫|快递柜|丰巢|中心"
)
_GOES_ON: Final = re.compile(  # what may follow an address after a blank: a door, a room, a named place
    rf"[ ,]+(?:[A-Za-z]{{1,8}} (?=[\u4e00-\u9fff]+(?:{_PLACE})))?"
    rf"(?:[A-Za-z]?\d+[A-Za-z]?(?:-\d+)* *(?:{_DOOR})[\u4e00-\u9fffA-Za-z0-9·#-]*"
    rf"|\d{{3,5}}(?:-\d+)*室?(?! *(?:{UNITS}|元|[×xX*.\d]))(?![A-Za-z])"
    rf"|[\u4e00-\u9fffA-Za-z0-9·#]*[\u4e00-\u9fff](?:{_PLACE})[A-Za-z0-9#-]*)(?=[ ,\n]|$)"
)


@dataclass(frozen=True, slots=True)
class OrderText:
    """The parts of an order; "" and None are what was not there. `phone` is digits, an extension after a dash
    ("18877771111-1234", "0571-88886666"). `address` is what stands behind the region."""

    name: str = ""
    phone: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    address: str = ""
    goods: tuple[Wanted, ...] = ()
    paid_fen: int | None = None
    remark: str = ""

    @property
    def region(self) -> str:
        return "".join(dict.fromkeys(part for part in (self.province, self.city, self.district, self.town) if part))


def is_order(text: str) -> bool:
    """Whether a pasted text is an order by all appearance: who, a phone, and where to."""
    parts = read(text)
    return bool(parts.name and parts.phone and (parts.city or parts.district) and parts.address)


def holds_receiver(text: str) -> bool:
    """Whether who, a phone and where to stand together, as in one cell of a table."""
    parts = read(text)
    return bool(parts.name and parts.phone and parts.region)


def begins_with_label(text: str) -> bool:
    """收件人：… is a form that somebody filled in, whatever else 收件人 may be called."""
    return _LABEL.match(normal(text)) is not None


def mends(text: str) -> tuple[str, str] | None:
    """("reship" or "exchange", the word that suggests it) of a remark; None where nothing does. Words only suggest."""
    found = first_meant(_MENDING, text)
    return (_MENDS[found[0]], found[0]) if found else None


def normal(text: str) -> str:
    """Half width, without invisible characters; lines stay."""
    return text.translate(NARROW).translate(_INVISIBLE).strip()


def read(text: str) -> OrderText:
    """The parts of a text in which an order may stand."""
    order, loose, times = OrderText(), [], 0
    for field, value in _pieces(normal(text)):
        if field == "quantity":
            times = count_of(value)
        elif field:
            order = _labelled(order, field, value)
        else:
            loose.append(value)
    order = _unlabelled(order, "\n".join(loose))
    if times and len(order.goods) == 1 and order.goods[0].quantity == 1:
        return replace(order, goods=(replace(order.goods[0], quantity=times),))
    return order


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """(field, value) of what stands behind labels, ("", text) of what stands before them. A label's value ends with its
    line, but for goods, which may be several lines."""
    end, field = 0, ""
    for found in _LABEL.finditer(text):
        yield from _values(field, text[end : found.start()])
        end, field = found.end(), _FIELD_OF[found[1]]
    yield from _values(field, text[end:])


def _values(field: str, text: str) -> Iterator[tuple[str, str]]:
    if field in ("", "goods"):
        yield field, text.strip()
        return
    line, _, rest = text.strip().partition("\n")
    yield field, line.strip(EDGES) if field != "remark" else line.strip()
    if rest.strip():
        yield "", rest.strip()


def _labelled(order: OrderText, field: str, value: str) -> OrderText:
    if not value:
        return order
    match field:
        case "name":
            return _with_name(order, value)
        case "phone":
            return replace(order, phone=phone_in(value) or order.phone)
        case "address":
            return _labelled_address(order, value)
        case "goods":
            goods, rest = goods_in(value)
            return replace(order, goods=order.goods + goods, remark=_joined(order.remark, rest))
        case "paid":
            found = fen_of(value)
            return order if found is None else replace(order, paid_fen=found)
        case _:
            return replace(order, remark=_joined(order.remark, value))


def _labelled_address(order: OrderText, value: str) -> OrderText:
    """All of it, but for goods that somebody wrote behind it on the same line."""
    placed, rest = _take_address(order, value)
    goods, remark = goods_in(rest)
    if not goods or order.address or order.city:
        return with_address(order, value)
    return replace(placed, goods=order.goods + goods, remark=_joined(order.remark, remark))


def _with_name(order: OrderText, value: str) -> OrderText:
    """A form may hold the phone in the same field: 李雷 13800001234."""
    phone, rest = _take_phone(value)
    order = replace(order, phone=order.phone or phone)
    name = rest.strip(EDGES + _HERE)
    return replace(order, name=name) if name and len(name) <= 30 else order


def phone_in(text: str) -> str:
    """The first phone number in `text`, "" where there is none."""
    return _take_phone(normal(text))[0]


def _take_phone(text: str) -> tuple[str, str]:
    """The first phone number, and the text with a mark in its place."""
    found = _MOBILE.search(text)
    if found is not None:
        number, extension = re.sub(r"\D", "", found[1]), found[2]
    elif (found := _LANDLINE.search(text)) is not None:
        number, extension = f"{found[1]}-{found[2]}", found[3]
    else:
        return "", text
    rest = f"{text[: found.start()]}{_HERE}{text[found.end() :]}"
    return (f"{number}-{extension}" if extension else number), rest


def fen_of(text: str) -> int | None:
    """A sum of money that stands alone: "138", "¥138.50", "138 元"."""
    found = _NUMBER.fullmatch(normal(text))
    return _fen(found[1]) if found else None


def _fen(yuan: str) -> int | None:
    whole, _, part = yuan.partition(".")
    fen = int(whole) * 100 + int(part.ljust(2, "0") or 0)
    return fen if fen <= MOST_FEN else None


def with_address(order: OrderText, text: str) -> OrderText:
    """The order with the address in `text`: with the region that it names, or behind the region that is known."""
    found = regions.find(text)
    if found is None:
        return replace(order, address=_joined(order.address, _one_line(text), " "))
    detail = _one_line(f"{text[: found.start]} {text[found.end :]}")
    return replace(
        order, province=found.province, city=found.city, district=found.district, town=found.town,
        address=_joined(order.address, detail, " "),
    )  # fmt: skip


def _unlabelled(order: OrderText, text: str) -> OrderText:
    """Whatever is still missing, from what stands without a label; the rest is the remark."""
    if not order.phone:
        phone, text = _take_phone(text)
        order = replace(order, phone=phone)
    if not order.address and not order.city:
        order, text = _take_address(order, text)
    if order.paid_fen is None:
        order, text = _take_money(order, text)
    if not order.name:
        order, text = _take_name(order, text)
    goods, rest = goods_in(text.replace(_HERE, "\n"))
    order = replace(order, goods=order.goods + goods)
    if order.paid_fen is None and order.goods and (sum_alone := _BARE_SUM.fullmatch(rest.strip())):
        return replace(order, paid_fen=_fen(sum_alone[0]))
    return replace(order, remark=_joined(order.remark, rest))


def _take_address(order: OrderText, text: str) -> tuple[OrderText, str]:
    """From the region to the end of what still reads like an address."""
    found = regions.find(text)
    if found is None:
        return order, text
    first = re.match(r"[ ,]*[^ \n,;。\x00]*", text[found.end :])
    assert first is not None
    end = found.end + first.end()
    while (more := _GOES_ON.match(text, end)) is not None:
        end = more.end()
    placed = replace(
        order, province=found.province, city=found.city, district=found.district, town=found.town,
        address=_one_line(text[found.end : end]),
    )  # fmt: skip
    return placed, f"{text[: found.start]}\n{text[end:]}"


def _take_money(order: OrderText, text: str) -> tuple[OrderText, str]:
    found = _MONEY.search(text)
    if found is None:
        return order, text
    return replace(order, paid_fen=_fen(found[1] or found[2])), f"{text[: found.start()]}\n{text[found.end() :]}"


def _take_name(order: OrderText, text: str) -> tuple[OrderText, str]:
    """A person's name stands alone, or beside the phone. Without a phone nobody's name is looked for: it would be
    found in the goods."""
    if not order.phone:
        return order, text
    alone = re.finditer(rf"(?:^|(?<=[\n,、;/|{_HERE}]))[ \t]*([^\s,、;/|{_HERE}]+)[ \t]*(?=[\n,、;/|{_HERE}]|$)", text)
    beside = re.finditer(rf"([^\s,、;/|{_HERE}]+)[ ,]*(?={_HERE})|(?<={_HERE})[ ,]*([^\s,、;/|{_HERE}]+)", text)
    for found in (*alone, *beside):
        place = found.lastindex or 0
        if _NAME.fullmatch(found[place]) and not _NO_NAME.search(found[place]):
            return replace(order, name=found[place]), f"{text[: found.start(place)]}\n{text[found.end(place) :]}"
    return order, text


def _joined(one: str, other: str, between: str = "；") -> str:
    return between.join(part for part in (one, other) if part)


def _one_line(text: str) -> str:
    return " ".join(text.strip(EDGES).split())
