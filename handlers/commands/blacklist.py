"""黑名单: buyers whose orders wait for a supervisor; who is on the list, put there, and taken off it."""

from __future__ import annotations

import re
from typing import Final

from handlers import find, parse
from handlers.blacklist import keeping
from handlers.commands.command import Command, Group, Looking, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import Reference
from handlers.views import TextView, View

_ADD: Final = ("加入", "添加", "增加", "加上", "拉黑", "加")
_REMOVE: Final = ("移出", "移除", "去掉", "去除", "删除", "删掉", "取消", "解除", "去", "删")
_BLANKS: Final = " ,，.。:：;；"
_WHY: Final = re.compile(r"^(?:的?原因|因为|理由)(?:是|为)?")
_BUYER: Final = re.compile(
    r"^(?:买家|账号|买家账号|买家ID)[ :：]*(?=[A-Za-z0-9_\-=+/~]{4})([A-Za-z0-9_\-=+/~]{4,64})", re.I
)
_ONE: Final = r"(?:第|#)? *\d{1,6}(?![\d\-A-Za-z]) *(?:条|号)?"
_NUMBERS: Final = re.compile(rf"^{_ONE}(?: *[、;；和跟与及/&+] *{_ONE})*")
_NUMBERS_LOOSE: Final = re.compile(rf"^{_ONE}(?:[ ,，、;；和跟与及/&+]+{_ONE})*(?=[ ,，。:：]*(?:的?原因|因为|理由))")
_JOINED: Final = re.compile(r"^ *[、;；/和跟与及&+][ ,，、]*")
_WHICH: Final = "移出哪几条？几条请用顿号连着写，例如：黑名单 去 1、2 原因 已谈妥"
_HOW: Final = (
    "黑名单怎么改？加：黑名单 加 TB-20251222-001 原因 多次恶意退款（也可以写手机号，或 买家 平台账号）；"
    "去：黑名单 去 3 原因 已谈妥；看全部请发：黑名单"
)


def run(desk: Desk, request: Request, actor: Actor) -> View:
    rest = request.rest.strip(_BLANKS)
    if not rest:
        return TextView(keeping.listed(desk), private=True)
    for words, change in ((_ADD, _add), (_REMOVE, _remove)):
        verb = next((word for word in words if rest.startswith(word)), None)
        if verb is not None:
            return TextView(change(desk, actor, rest[len(verb) :].strip(_BLANKS)), private=True)
    raise Refusal(_HOW)


def _add(desk: Desk, actor: Actor, rest: str) -> str:
    who, reason = _somebody(desk, rest)
    return keeping.add(desk, actor, who, reason)


def _remove(desk: Desk, actor: Actor, rest: str) -> str:
    if (found := _NUMBERS_LOOSE.match(rest) or _NUMBERS.match(rest)) is not None:
        behind = _reason(rest[found.end() :])
        if re.match(r"\d+(?:[ ,，、]|$)", behind):
            raise Refusal(_WHICH)
        return keeping.remove(desk, actor, [int(one) for one in re.findall(r"\d+", found[0])], behind)
    who, reason = _somebody(desk, rest)
    return keeping.remove(desk, actor, keeping.numbers_of(desk, who), reason)


def _somebody(desk: Desk, rest: str) -> tuple[keeping.Somebody, str]:
    """Who is meant, and why. Raises Refusal for a name: many people are called alike."""
    if (found := _BUYER.match(rest)) is not None:
        return keeping.of_buyer(desk, found[1]), _reason(_alone(desk, rest[found.end() :]))
    named = parse.leading(rest)
    if named is None or _is_tail(named[0]):
        raise Refusal(_HOW)
    wanted, behind = named
    if wanted.kind == "name":
        raise Refusal("姓名会重名，不能加黑名单。请写订单编号、完整手机号，或 买家 平台账号")
    who = keeping.of_phone(desk, wanted.text) if wanted.kind == "phone" else keeping.of_order(desk, wanted)
    return who, _reason(_alone(desk, behind, by_phone=wanted.kind == "phone"))


def _alone(desk: Desk, behind: str, *, by_phone: bool = False) -> str:
    """What stands behind somebody. Raises Refusal where it begins with somebody else, who would become part of the
    reason."""
    find.alone(desk, behind, "改")
    rest = _JOINED.sub("", behind)
    named = parse.leading(rest.strip(_BLANKS)) if by_phone or rest != behind else None
    if (rest != behind and _BUYER.match(rest)) or (named is not None and named[0].kind == "phone"):
        raise Refusal("一次只改一位，后面还写着另一位，所以都没有动。请一位一条，分开发")
    return behind


def _is_tail(wanted: Reference) -> bool:
    """Four digits may be anybody's."""
    return wanted.kind == "digits" and len(wanted.text) == 4


def _reason(words: str) -> str:
    return _WHY.sub("", words.strip(_BLANKS)).strip(_BLANKS)


COMMAND = Command(
    ("黑名单", "拉黑名单"),
    "黑名单 [加/去 订单编号或手机号 原因]",
    "不放心的买家：他们的单先锁住，由主管决定；看全部、加、去",
    run,
    keeping.READ,
    group=Group.STEER,
    example="黑名单 加 TB-20251222-001 原因 多次恶意退款",
    brief="可疑买家",
    more=(
        "写订单编号，就记下它的买家、收件人和电话；也可以写完整手机号，或 买家 平台账号",
        "黑名单 去 3 原因 已谈妥：移出第 3 条，几条写 1、2；加和去只有主管可以，都要写原因",
        "手机号和账号只存加密后的指纹，名单里看不到完整号码",
    ),
    changes=keeping.CHANGE,
    looking=Looking("黑名单", "不放心的买家：他们的单先锁住，由主管决定；看全部", "黑名单"),
)
