"""擅长: what somebody is good at: shops, marketplaces, kinds of matters; nothing said: everything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import text

from handlers import trail
from handlers.desk import Actor, Desk, Refusal
from handlers.kinds import kind_of
from handlers.manners import mute
from handlers.parse.spoken import SHOPS as PLATFORMS
from handlers.people import Person
from handlers.permissions import Permit
from models import Role

SET: Final = Permit("设置擅长", frozenset({Role.SUPERVISOR}))
NOTHING: Final = "全部"

_ALL: Final = text("SELECT staff_id, array_agg(what ORDER BY what) AS what FROM skills GROUP BY staff_id")
_DROP: Final = text("DELETE FROM skills WHERE staff_id = :id")
_ADD: Final = text("INSERT INTO skills (staff_id, what) SELECT :id, unnest(cast(:what AS text[]))")


def of_all(desk: Desk) -> dict[int, frozenset[str]]:
    """By staff id; who is not there takes everything."""
    return {row.staff_id: frozenset(row.what) for row in desk.session.execute(_ALL)}


def put(desk: Desk, actor: Actor, person: Person, what: Sequence[str]) -> str:
    """From now on they are good at these, and no more; returns it in words."""
    desk.session.execute(_DROP, {"id": person.id})
    if what:
        desk.session.execute(_ADD, {"id": person.id, "what": list(what)})
    said = shown(desk, what)
    detail = {"姓名": person.name, "擅长": said}
    trail.write(desk, f"staff:{person.id}", actor, action="设置擅长", detail=detail)
    return said


def read(desk: Desk, words: Iterable[str]) -> list[str]:
    """京东 退款 天猫旗舰店 → skills. A word that several kinds bear in their titles means all of them. Raises Refusal
    naming what there is."""
    found: dict[str, None] = {}
    for word in words:
        meant = _meant(desk, word)
        if not meant:
            platforms, shops = "、".join(PLATFORMS), "、".join(shop.name for shop in desk.settings.shops)
            raise Refusal(
                f"「{word[:12]}」不是平台、店铺或异常类型。可以写：{platforms}；{shops}；或 缺货、退款、地址 这样的类型"
            )
        found.update(dict.fromkeys(meant))
    return list(found)


def _meant(desk: Desk, word: str) -> list[str]:
    shops = [shop.slug for shop in desk.settings.shops if word in (shop.name, shop.prefix, shop.slug)]
    if shops:
        return [f"shop:{slug}" for slug in shops]
    if word in PLATFORMS:
        return [f"platform:{PLATFORMS[word]}"]
    return [f"kind:{slug}" for slug in mute.KINDS if word in kind_of(slug).title]


def shown(desk: Desk, what: Iterable[str]) -> str:
    """京东、发货前退款."""
    return "、".join(dict.fromkeys(named(desk, one) for one in what)) or NOTHING


def named(desk: Desk, skill: str) -> str:
    sort, _, slug = skill.partition(":")
    if sort == "shop":
        return next((shop.name for shop in desk.settings.shops if shop.slug == slug), slug)
    if sort == "platform":
        return next((title for title, platform in PLATFORMS.items() if platform == slug), slug)
    return kind_of(slug).title
