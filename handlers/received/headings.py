"""What the columns of a table mean: said once by a person, and remembered for every table with the same headings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.dialects.postgresql import insert

from handlers import trail
from handlers.desk import Actor, Desk, Refusal
from models import Headings
from models.fields import FIELDS, SKIP, field_named, title
from models.narrow import NARROW

_PAIR: Final = re.compile(r"(\S.*?)\s*[=＝:：]\s*([^\s=＝:：,，;；、]+)[\s,，;；、]*")
_HOW: Final = "请写：列 表头=意思，例如：列 收货信息=地址 货品=商品"


def pairs(text: str) -> dict[str, str]:
    """heading → field of "收货信息=地址 货品=商品". Raises Refusal naming what is not understood."""
    found, end = {}, 0
    for pair in _PAIR.finditer(text.strip()):
        if pair.start() != end:
            break
        end, field = pair.end(), field_named(pair[2].translate(NARROW))
        if field is None:
            raise Refusal(f"「{pair[2][:20]}」不是可以用的意思。可以写：{meanings()}")
        found[pair[1].strip()] = field
    if not found or end != len(text.strip()):
        raise Refusal(_HOW)
    return found


def meanings() -> str:
    return "、".join([title(field) for field in FIELDS] + ["不用"])


def example(unknown: Sequence[str], missing: Sequence[str]) -> str:
    """An answer with the first headings that nobody knows; whether they mean that, only people know."""
    named = [*unknown, *(f"第{place}列表头" for place in range(len(unknown) + 1, len(missing) + 1))]
    return "列 " + " ".join(f"{name}={title(field)}" for name, field in zip(named, missing, strict=False))


def applied(
    columns: Sequence[tuple[str, str]], said: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:  # fmt: skip
    """The columns with what was said of them; one field has one column: the said one. Raises Refusal for a heading
    that is not there."""
    known = {_plain(name): name for name, _ in columns}
    wanted = {}
    for heading, field in said.items():
        if _plain(heading) not in known:
            raise Refusal(f"表里没有「{heading[:20]}」这一列。表头有：{'、'.join(name for name, _ in columns[:20])}")
        wanted[known[_plain(heading)]] = "" if field == SKIP else field
    taken = set(filter(None, wanted.values()))
    return tuple((name, wanted.get(name, "" if field in taken else field)) for name, field in columns)


def remember(desk: Desk, mark: bytes, columns: Sequence[tuple[str, str]], actor: Actor) -> None:
    """For every table with these headings, from now on."""
    said = {name: field or SKIP for name, field in columns}
    row = {"mark": mark, "columns": said, "said_by": actor.staff_id, "said_at": desk.now}
    made = insert(Headings).values(row)
    change = {name: made.excluded[name] for name in ("columns", "said_by", "said_at")}
    desk.session.execute(made.on_conflict_do_update(index_elements=["mark"], set_=change))
    shown = {name: title(field) for name, field in columns if field in FIELDS}
    trail.write(desk, f"headings:{mark.hex()}", actor, action="说明表头", detail=shown)


def _plain(name: str) -> str:
    return "".join(name.translate(NARROW).split()).lower()
