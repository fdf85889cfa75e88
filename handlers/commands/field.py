"""字段: the company's own fields: the list, what an order has of them, and what a supervisor changes of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sqlalchemy import text

from handlers import codes, find, permissions, show
from handlers.batches import asking, wording
from handlers.batches.asking import Asked
from handlers.batches.choose import choose
from handlers.batches.verbs import BATCHES
from handlers.commands.command import Command, Group, Looking, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.fields import defining, naming, setting
from handlers.fields import show as show_fields
from handlers.fields.kinds import KINDS, called
from handlers.fields.living import Field, living
from handlers.parse import Reference, as_typed, code_in, normal
from handlers.permissions import Permit
from handlers.views import TextView, View
from handlers.wording import day_of

_VERB: Final = re.compile(
    rf"({'|'.join(sorted(naming.VERBS, key=len, reverse=True))})(?:字段)?(?:[\s:：,，]+(.*))?", re.DOTALL
)
_BEHIND: Final = re.compile(r"(\S+)\s*(停用|启用|恢复|删除)")
_NAMED: Final = re.compile(r"[\s:,]+")
_APART: Final = re.compile(r"[/、,，|;；\s]+")
_TO: Final = re.compile(r"(\S+?)[\s,，]*(?:\s|→|->|改为|改成|为|到)[\s,，]*(\S+)")
_TAG: Final = text("SELECT o.tag FROM cases c JOIN orders o ON o.id = c.order_id WHERE c.id = :id")
_MANY: Final = ("range", "shop", "all")
_NEW: Final = "请发：字段 新增 礼盒 是否，或 字段 新增 等级 选项 普通/VIP"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    named, words = wording.split(request.rest, {shop.prefix for shop in desk.settings.shops})
    if not named and (of_case := _of_case(desk, request.rest)) is not None:
        named, words = [Reference("tag", of_case[0])], of_case[1]
    words = as_typed(request.incoming.text, words)
    if (asked := _VERB.fullmatch(words)) is not None:  # a reply to a card brings the card's order along
        return _steer(desk, actor, naming.VERBS[asked[1]], (asked[2] or "").strip())
    return _on_orders(desk, request, actor, (named, words)) if named else _on_fields(desk, actor, words)


def on_case(desk: Desk, request: Request, actor: Actor) -> View | None:
    """A7F2 礼盒=是: of the order of a case. None for words without a =, and for a case of no order."""
    of_case = _of_case(desk, f"{request.code} {request.rest}") if "=" in request.rest else None
    if of_case is None:
        return None
    words = as_typed(request.incoming.text, of_case[1])
    return _ask(desk, request, actor, ([Reference("tag", of_case[0])], words))


def _of_case(desk: Desk, rest: str) -> tuple[str, str] | None:
    """The tag of the order of the case whose short code stands first, and what stands behind it."""
    code = code_in(rest)
    if code is None or not codes.is_known(desk, code[0]):
        return None
    tag = desk.session.execute(_TAG, {"id": codes.case_of(desk, code[0])}).scalar_one_or_none()
    return (tag, code[1]) if tag is not None else None


def _on_fields(desk: Desk, actor: Actor, words: str) -> View:
    if not words:
        return TextView(show_fields.listed(desk))
    if (behind := _BEHIND.fullmatch(words)) is not None:
        return _steer(desk, actor, naming.VERBS[behind[2]], behind[1])
    if any(one.name == words for one in living(desk)):
        return TextView(show_fields.one(desk, defining.named(desk, words)))
    said = naming.read(words, living(desk), day_of(desk.now))
    raise Refusal(f"填到哪一单？请发：字段 JD-20251222-001 {'，'.join(one.shown for one in said)}")


def _on_orders(desk: Desk, request: Request, actor: Actor, said: tuple[list[Reference], str]) -> View:
    named, words = said
    if words:
        return _ask(desk, request, actor, said)
    if len(named) == 1 and named[0].kind not in _MANY:
        return show.show_order(desk, find.one(desk, named[0]), actor)
    raise Refusal("填什么？请发：字段 编号、编号 礼盒 是")


def _ask(desk: Desk, request: Request, actor: Actor, said: tuple[list[Reference], str]) -> View:
    named, words = said
    found = naming.read(words, living(desk), day_of(desk.now))
    act = asking.act_of(desk, "field", actor, words="，".join(one.shown for one in found))
    chosen = choose(desk, BATCHES["field"], named, act)
    detail = setting.detail(found)
    return asking.ask(desk, request, Asked("field", act, chosen, details={row.id: detail for row in chosen.rows}))


def _steer(desk: Desk, actor: Actor, verb: str, rest: str) -> View:
    if verb == "list":
        return TextView(show_fields.listed(desk))
    permissions.check(desk, defining.DEFINE, actor)
    return TextView(_STEER[verb](desk, actor, " ".join(normal(rest).split())))


def _new(desk: Desk, actor: Actor, rest: str) -> str:
    name, _, behind = _NAMED.sub(" ", rest, count=1).partition(" ")
    word, _, more = _NAMED.sub(" ", behind, count=1).partition(" ")
    if not name:
        raise Refusal(f"叫什么名字？{_NEW}")
    kind = called(word)
    if kind is None:
        kinds = "、".join(one.title for one in KINDS.values())
        said = (
            f"没有「{word[:12]}」这种类型，可以是：{kinds}" if word else f"「{name[:12]}」是什么类型？可以是：{kinds}"
        )
        raise Refusal(f"{said}。{_NEW}")
    choices = _choices(more)
    if kind == "choice" and not choices:
        raise Refusal(f"有哪些选项？请发：字段 新增 {name[:12]} 选项 普通/VIP")
    field = defining.define(desk, actor, Field(0, name, kind, tuple(choices)))
    return "\n".join([f"已新增字段「{field.name}」（{defining.titled(field)}），马上能填", *_how(desk, field.name)])


def _how(desk: Desk, name: str) -> list[str]:
    return show_fields.one(desk, defining.named(desk, name)).splitlines()[-1:]


def _rename(desk: Desk, actor: Actor, rest: str) -> str:
    found = _TO.fullmatch(rest)
    if found is None:
        raise Refusal("请发：字段 改名 旧名 新名，例如：字段 改名 礼盒 礼品盒")
    field, rules = defining.rename(desk, actor, found[1], found[2])
    follow = f"；{'、'.join(rules)}的条件也跟着改了" if rules else ""
    return f"「{found[1]}」改名为「{field.name}」，填过的值都在{follow}"


def _choose(desk: Desk, actor: Actor, rest: str) -> str:
    name, _, behind = _NAMED.sub(" ", rest, count=1).partition(" ")
    if not name or not _choices(behind):
        raise Refusal("请发：字段 选项 等级 普通/VIP/SVIP，写全部选项")
    field, left, broken = defining.choose(desk, actor, name, _choices(behind))
    kept = f"；有 {left} 单填的是去掉的选项，值还在" if left else ""
    return f"「{field.name}」的选项：{'、'.join(field.choices)}{kept}{_named_broken(broken)}"


def _end(desk: Desk, actor: Actor, rest: str) -> str:
    field, broken = defining.end(desk, actor, _one_name(rest, "停用"))
    return f"已停用字段「{field.name}」，填过的值留着。恢复请发：字段 启用 {field.name}{_named_broken(broken)}"


def _again(desk: Desk, actor: Actor, rest: str) -> str:
    field = defining.again(desk, actor, _one_name(rest, "启用"))
    return f"已启用字段「{field.name}」（{defining.titled(field)}），以前填的值都回来了"


def _one_name(rest: str, verb: str) -> str:
    if not rest:
        raise Refusal(f"{verb}哪个字段？请发：字段 {verb} 礼盒")
    return rest


def _named_broken(rules: list[str]) -> str:
    return f"\n⚠ {'、'.join(rules)}的条件现在读不懂，只会给「不确定」，请改条件或停用" if rules else ""


def _choices(words: str) -> list[str]:
    return [one for one in _APART.split(normal(words)) if one]


_STEER: Final[dict[str, Callable[[Desk, Actor, str], str]]] = {
    "new": _new, "rename": _rename, "choices": _choose, "end": _end, "again": _again,
}  # fmt: skip

COMMAND = Command(
    ("字段", "自定义字段"),
    "字段 [编号 礼盒 是 / 新增 礼盒 是否]",
    "公司自己的订单字段：看、填；主管新增、改名、停用",
    run,
    Permit("字段"),
    about_order=True,
    group=Group.STEER,
    example="字段 JD-20251222-001 礼盒 是",
    brief="订单字段",
    more=(
        "填：字段 编号 礼盒 是 等级 VIP，也可以 编号 礼盒=是；清掉写 礼盒 清空；几单一起填会先问一次",
        "查：查 礼盒=是；规则里直接写：规则 新增 礼盒 且 金额 > 500",
        "主管：字段 新增 礼盒 是否，字段 新增 等级 选项 普通/VIP",
        "类型有 文字、数字、金额、日期、是否、选项",
        "主管：字段 改名 礼盒 礼品盒，字段 选项 等级 普通/VIP/SVIP，字段 停用 礼盒，字段 启用 礼盒",
    ),
    changes=defining.DEFINE,
    looking=Looking(
        "字段 [编号 礼盒 是]",
        "公司自己的订单字段：看、填",
        "字段 JD-20251222-001 礼盒 是",
        ("填：字段 编号 礼盒 是 等级 VIP；清掉写 礼盒 清空；几单一起填会先问一次", "查：查 礼盒=是"),
    ),
)
