"""Which part of the work somebody asks about: a stage, a shop, their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk, Refusal
from handlers.parse import spoken, without_chatter
from models.stages import OPEN, TITLES, Stage

BETWEEN: Final = re.compile(r"[\s,，、]+|的(?=\S)")
_STAGES: Final = {
    **{TITLES[stage]: stage for stage in OPEN},
    "审核": Stage.PENDING_REVIEW, "配货": Stage.PENDING_PICK, "发货": Stage.PENDING_SHIP,
}  # fmt: skip
_TITLE: Final = re.compile(f"({'|'.join(TITLES[stage] for stage in OPEN)})")  # 京东待发货的
_SHOPS: Final = text("SELECT id, slug, platform, prefix, name FROM shops ORDER BY id")


@dataclass(frozen=True, slots=True)
class Scope:
    """`shop_ids` None: every shop; `rest` are the words that name neither stage nor shop."""

    stage: Stage | None = None
    shop_ids: tuple[int, ...] | None = None
    title: str = ""
    rest: tuple[str, ...] = ()

    @property
    def stages(self) -> tuple[Stage, ...]:
        return OPEN if self.stage is None else (self.stage,)

    @property
    def parameters(self) -> dict[str, Any]:
        """For `IN_SCOPE`."""
        shops = None if self.shop_ids is None else list(self.shop_ids)
        return {"stages": [str(stage) for stage in self.stages], "shops": shops}


IN_SCOPE: Final = (
    "o.stage IN ('pending_review', 'pending_pick', 'pending_ship') AND o.stage = ANY(:stages) "
    "AND (cast(:shops AS int[]) IS NULL OR o.shop_id = ANY(:shops))"
)
"""The first half lets the index of the open orders be used, whatever the parameters are."""


def read(desk: Desk, words: str) -> Scope:
    """A stage and a shop in any order, and what else was said."""
    stage: Stage | None = None
    shops: list[Row[Any]] | None = None
    rest = []
    for said in BETWEEN.split(_TITLE.sub(r" \1 ", words).strip()):
        bare = without_chatter(said)
        for word in dict.fromkeys((said, bare)) if bare else ():  # a shop may be called like what is only said around
            if word in _STAGES and stage is None:
                stage = _STAGES[word]
                break
            if shops is None and (found := _shops_called(desk, word)):
                shops = found
                break
        else:
            rest += [said] if bare else []
    names = "、".join(shop.name for shop in shops or ())
    title = " ".join(part for part in (names, TITLES[stage] if stage else "") if part)
    return Scope(stage, None if shops is None else tuple(shop.id for shop in shops), title, tuple(rest))


def whole(desk: Desk, words: str, how: str) -> Scope:
    """The same where nothing else may be said. Raises Refusal naming the shops."""
    scope = read(desk, words)
    if scope.rest:
        names = "、".join(shop.name for shop in desk.session.execute(_SHOPS))
        unread = " ".join(without_chatter(word) for word in scope.rest)
        raise Refusal(f"「{unread[:20]}」看不懂。{how}。店铺有：{names}")
    return scope


def _shops_called(desk: Desk, word: str) -> list[Row[Any]]:
    """By slug, prefix or name; all of a marketplace (京东); else those whose name holds the word."""
    shops = list(desk.session.execute(_SHOPS))
    wanted = word.lower()
    exact = [shop for shop in shops if wanted in (shop.slug, shop.prefix.lower(), shop.name.lower())]
    platform = spoken.SHOPS.get(word.removesuffix("店"), "")
    return exact or [shop for shop in shops if shop.platform == platform] or [
        shop for shop in shops if len(wanted) > 1 and wanted in shop.name.lower()
    ]  # fmt: skip
