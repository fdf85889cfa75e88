"""Fields and their values in one line: 礼盒 是 等级 VIP, 礼盒=是，等级=VIP; and which names a field may have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from handlers import mask
from handlers.batches import wording
from handlers.desk import Refusal
from handlers.fields.kinds import KINDS
from handlers.fields.living import Field
from handlers.parse import normal, references
from rules.language.order_fields import FIELDS
from rules.language.reading import FUNCTIONS, nearest

LONGEST: Final = 12
VERBS: Final = {
    **dict.fromkeys(("新增", "新建", "添加", "增加", "加"), "new"),
    **dict.fromkeys(("改名", "重命名"), "rename"),
    **dict.fromkeys(("改选项", "选项"), "choices"),
    **dict.fromkeys(("停用", "停", "删除", "删"), "end"),
    **dict.fromkeys(("启用", "恢复", "启"), "again"),
    **dict.fromkeys(("列表", "有哪些"), "list"),
}
"""What a supervisor does to fields."""
CLEAR: Final = frozenset(("", "清空", "清除", "去掉", "不填"))
_NAME: Final = re.compile(rf"[\u4e00-\u9fff][\u4e00-\u9fffA-Za-z0-9]{{0,{LONGEST - 1}}}")
_EDGE: Final = r"\s,，、;；。"
_SIGN: Final = r"\s*[=＝:：]"
_BLANKS: Final = " \t\r\n,，、;；"


@dataclass(frozen=True, slots=True)
class Said:
    """`value`: what is to be kept, None where it is to be cleared."""

    field: Field
    value: Any

    @property
    def shown(self) -> str:
        return f"{self.field.name} {'清空' if self.value is None else self.field.manner.shown(self.value)}"


def check(name: str, living: Iterable[Field]) -> None:
    """Raises Refusal for a name that no field may have."""
    if not _NAME.fullmatch(name):
        raise Refusal(f"字段名以汉字开头，只用汉字、字母、数字，最多 {LONGEST} 个字，例如：礼盒；「{name[:20]}」不行")
    if name in FIELDS or name in FUNCTIONS:
        raise Refusal(f"「{name}」是每个订单都有的，不用再建，规则里直接写就行。请换个名字")
    if name in VERBS or any(name in kind.words for kind in KINDS.values()) or name in CLEAR:
        raise Refusal(f"「{name}」是命令里的词，请换个名字，例如：礼盒")
    if any(one.name == name for one in living):
        raise Refusal(f"已经有字段「{name}」了。看全部请发：字段")
    named, rest = wording.split(f"JD-20251222-001 {name} 是", {"JD"})
    if len(named) != 1 or not rest.startswith(name) or references(name, many=True)[0]:
        raise Refusal(f"「{name}」像订单或店铺的叫法，会分不清，请换个名字")


def read(words: str, living: Sequence[Field], today: date) -> list[Said]:
    """What is said of each field. Raises Refusal for a name that there is not, and for a value that it cannot be."""
    places = _places(words, living)
    if not places:
        raise Refusal(_unknown(words, living))
    ends = [place.start for place in places[1:]] + [len(words)]
    said: dict[str, Said] = {}
    for place, end in zip(places, ends, strict=True):
        field = place.field
        if field.name in said:
            raise Refusal(f"「{field.name}」写了两次，请只写一次")
        line = words[place.begins : end].strip(_BLANKS)
        if not line and not place.signed:
            raise Refusal(f"「{field.name}」填什么？请写{field.allowed}；不要了请写：{field.name} 清空")
        said[field.name] = Said(field, value_of(field, line, today))
    return list(said.values())


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a field's name begins, and its value; `signed`: there is a = between."""

    start: int
    begins: int
    field: Field
    signed: bool


def _places(words: str, living: Sequence[Field]) -> list[_Place]:
    """Beside 礼盒=是 a name without a sign is part of a value."""
    by_name = {one.name: one for one in living}
    names = "|".join(re.escape(one) for one in sorted(by_name, key=len, reverse=True))
    first = re.match(rf"[{_EDGE}]*({names})({_SIGN})?", words) if names else None
    if first is None:
        return []
    signed = list(re.finditer(rf"(?<=[{_EDGE}])({names})({_SIGN})", words[first.end() :]))
    plain = re.finditer(rf"(?<=[{_EDGE}])({names})()(?=[{_EDGE}]|$)", words[first.end() :])
    further = signed if signed or first[2] else plain
    behind = [
        _Place(first.end() + one.start(1), first.end() + one.end(), by_name[one[1]], bool(one[2])) for one in further
    ]
    return [_Place(first.start(1), first.end(), by_name[first[1]], bool(first[2])), *behind]


def value_of(field: Field, line: str, today: date) -> Any:
    """What is kept of it, None for 清空. Raises Refusal that says what is allowed."""
    if normal(line) in CLEAR:
        return None
    value = field.manner.read(line, field.choices, today)
    if value is not None:
        return value
    near = nearest(normal(line), list(field.choices)) if field.choices else ""
    hint = f"您是想写「{near}」吗？" if near else ""
    raise Refusal(
        f"「{field.name}」是{field.manner.title}，「{mask.phones(line[:20])}」不行。{hint}请写{field.allowed}"
    )


def _unknown(words: str, living: Sequence[Field]) -> str:
    if not living:
        return "还没有自定义字段。主管可以发：字段 新增 礼盒 是否"
    word = re.split(rf"[{_EDGE}=＝:：]", words.strip(), maxsplit=1)[0][:LONGEST]
    near = nearest(word, [one.name for one in living])
    hint = f"您是想写「{near}」吗？" if near else ""
    return f"没有字段「{mask.phones(word)}」。{hint}现在有：{'、'.join(one.name for one in living)}"
