"""Which shop somebody means."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk, Refusal

_SHOPS: Final = text("""
    SELECT id, slug, platform, prefix, name FROM shops WHERE slug = ANY(:slugs) ORDER BY id
""")


def read_shops(desk: Desk) -> list[Row[Any]]:
    """The shops (id, slug, platform, prefix, name) that are read now."""
    slugs = [shop.slug for shop in desk.settings.shops if shop.enabled]
    return list(desk.session.execute(_SHOPS, {"slugs": slugs}))


def which(desk: Desk, words: str) -> Row[Any]:
    """By slug, prefix or name, or a part of the name that only one has. Raises Refusal."""
    shops = read_shops(desk)
    wanted = words.strip().lower()
    exact = [shop for shop in shops if wanted in (shop.slug, shop.prefix.lower(), shop.name.lower())]
    found = exact or [shop for shop in shops if wanted and wanted in shop.name.lower()]
    if len(found) == 1:
        return found[0]
    names = "、".join(f"{shop.name}（{shop.slug}）" for shop in found or shops)
    if found:
        raise Refusal(f"「{words[:20]}」有几家店：{names}，请写括号里的代号")
    raise Refusal(f"没有店铺「{words[:20]}」，可以是：{names}" if wanted else f"请写上店铺，可以是：{names}")
