"""The facts that this company's conditions may name: those of every order, its shops by their names, its own fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from handlers.desk import Desk
from handlers.fields.living import living
from rules.facts import OrderFacts
from rules.language import Catalogue, Condition, Field, Sort, compile_condition, own_field
from rules.language.order_fields import FIELDS

Own = tuple[str, str, tuple[str, ...], int]
"""A field of the company's own: its name, its sort, what it can be, its id."""
Shops = tuple[tuple[str, str, str], ...]
"""(slug, prefix, name) of each."""
_SHOP: Final = "店铺"
_KEPT: Final = 64


def catalogue(desk: Desk) -> Catalogue:
    return _catalogue(_shops(desk), own_fields(desk))


def compiled(desk: Desk, text: str) -> Condition:
    """Read once in a process. Raises ConditionError."""
    return _compiled(text, _shops(desk), own_fields(desk))


def own_fields(desk: Desk) -> tuple[Own, ...]:
    """The company's own fields."""
    return tuple((one.name, one.manner.sort.name, one.choices, one.id) for one in living(desk))


def _shops(desk: Desk) -> Shops:
    return tuple((shop.slug, shop.prefix, shop.name) for shop in desk.settings.shops)


@lru_cache(maxsize=_KEPT)
def _catalogue(shops: Shops, own: tuple[Own, ...]) -> Catalogue:
    named = {name: own_field(name, Sort[sort], choices=choices, key=f"#{id}") for name, sort, choices, id in own}
    return Catalogue({**FIELDS, _SHOP: _shop_field(shops)}, named)


@lru_cache(maxsize=512)
def _compiled(text: str, shops: Shops, own: tuple[Own, ...]) -> Condition:
    return compile_condition(text, _catalogue(shops, own))


def _shop_field(shops: Shops) -> Field:
    """By whatever people call a shop; an unknown one is a slip of the pen."""
    names = {slug: name for slug, _, name in shops}
    called = {word.lower(): name for slug, prefix, name in shops for word in (slug, prefix, name)}

    def canon(word: str) -> str:
        return called.get(word.lower(), word)

    def read(facts: OrderFacts, _now: datetime) -> str:
        return names.get(facts.shop, facts.shop)

    return replace(FIELDS[_SHOP], read=read, canon=canon, choices=tuple(names.values()))
