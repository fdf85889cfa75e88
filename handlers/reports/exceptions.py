"""`异常`: live cases by kind and by who has them; of one kind, of one person, one's own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import listing, mask, people
from handlers.desk import Actor, Desk, Refusal
from handlers.kinds import OTHERS, severity_of, title_of
from handlers.parse import without_chatter
from handlers.reports import scope as scopes
from handlers.reports.view import ExceptionsView, KindCount, OpenCase
from handlers.rulebook import book as rulebook
from handlers.shortage.counted import ONCE
from models import Role
from models.case import short_code
from models.people import ROLE_TITLES
from rules import RULES

_MINE: Final = ("我的", "我", "我手上", "自己")
_UNCLAIMED: Final = ("待认领", "没人认领", "无人认领", "未认领")
_NOISE: Final = frozenset(("异常", "没处理", "没处理完", "未处理", "没解决", "未解决", "处理中"))

_LIVE: Final = text(f"""
    SELECT c.id, c.kind, c.evidence, c.reason, c.role, c.state, c.opened_at, c.owner_id, coalesce(o.tag, '') AS tag,
        o.ship_by_at, coalesce(w.name, '') AS owner
    FROM cases c LEFT JOIN orders o ON o.id = c.order_id LEFT JOIN staff w ON w.id = c.owner_id
    WHERE c.state IN ('open', 'claimed')
        AND (cast(:kinds AS text[]) IS NULL OR c.kind = ANY(:kinds))
        AND (cast(:shops AS int[]) IS NULL OR coalesce(o.shop_id, c.shop_id) = ANY(:shops))
        AND (cast(:stage AS text) IS NULL OR o.stage = :stage)
        AND (cast(:owner AS int) IS NULL OR c.owner_id = :owner OR (c.owner_id IS NULL AND c.role = ANY(:roles)))
        AND (NOT :unclaimed OR c.state = 'open') AND (NOT :once OR {ONCE})
    ORDER BY c.opened_at, c.id
""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases; `owner_id` with `roles`: theirs, and what nobody of those roles has taken."""

    title: str = ""
    kinds: tuple[str, ...] | None = None
    shop_ids: tuple[int, ...] | None = None
    stage: str | None = None
    owner_id: int | None = None
    roles: tuple[str, ...] = ()
    unclaimed: bool = False


def wanted(desk: Desk, words: str, actor: Actor) -> Wanted:
    """What `words` ask for. Raises Refusal naming the kinds that there are."""
    scope = scopes.read(desk, words)
    found = Wanted(scope.title, None, scope.shop_ids, str(scope.stage) if scope.stage else None)
    for word in scope.rest:
        if word not in _NOISE and without_chatter(word) not in _NOISE:
            found = _narrowed(desk, found, word, actor)
    return found


def _narrowed(desk: Desk, so_far: Wanted, word: str, actor: Actor) -> Wanted:
    values = {name: getattr(so_far, name) for name in Wanted.__dataclass_fields__}
    if word in _MINE:
        values |= {"owner_id": actor.staff_id, "roles": tuple(map(str, actor.roles))}
        return Wanted(**values | {"title": f"{so_far.title} 我的".strip()})
    if word in _UNCLAIMED:
        return Wanted(**values | {"unclaimed": True, "title": f"{so_far.title} 待认领".strip()})
    bare = without_chatter(word)
    words = (word.removesuffix("异常") or word, bare.removesuffix("异常") or bare)
    kinds = kinds_called(desk, words[0]) or kinds_called(desk, words[1])
    if kinds:
        return Wanted(**values | {"kinds": kinds, "title": f"{so_far.title} {_titles(desk, kinds)}".strip()})
    everybody = people.staff(desk)
    named = people.named(everybody, word) or people.named(everybody, bare)
    if len(named) == 1:
        return Wanted(**values | {"owner_id": named[0].id, "title": f"{so_far.title} {named[0].name}".strip()})
    raise Refusal(f"没有「{word[:20]}」这种异常，也没有这个人。可以是：{_titles(desk, _every(desk))}")


def kinds_called(desk: Desk, word: str) -> tuple[str, ...]:
    """The kinds of that title, else those whose title holds the word: 地址 → 地址模糊, 合单地址不一致."""
    titles = {kind: rulebook.title_of(desk, kind) for kind in _every(desk)}
    exact = tuple(kind for kind, title in titles.items() if title == word)
    return exact or tuple(kind for kind, title in titles.items() if len(word) > 1 and word in title)


def _every(desk: Desk) -> tuple[str, ...]:
    return (*RULES, *OTHERS, *rulebook.book(desk).live)


def _titles(desk: Desk, kinds: tuple[str, ...]) -> str:
    return "、".join(dict.fromkeys(rulebook.title_of(desk, kind) for kind in kinds))


def exceptions(desk: Desk, asked: Wanted) -> ExceptionsView:
    """The live cases that are asked for."""
    values = {
        "kinds": None if asked.kinds is None else list(asked.kinds),
        "shops": None if asked.shop_ids is None else list(asked.shop_ids),
        "stage": asked.stage, "owner": asked.owner_id, "roles": list(asked.roles), "unclaimed": asked.unclaimed,
        # A SKU's matter belongs to no shop, no stage, and not to whoever has one of its orders.
        "once": asked.shop_ids is None and asked.stage is None and asked.owner_id is None,
    }  # fmt: skip
    found = desk.session.execute(_LIVE, values).all()
    urgent = sorted(found, key=lambda row: (_severity(desk, row), row.opened_at))
    owners = Counter(_has(row) for row in found)
    return ExceptionsView(
        at=desk.now,
        title=asked.title,
        total=len(found),
        kinds=_by_kind(found),
        owners=tuple(sorted(owners.items(), key=lambda one: (-one[1], one[0]))),
        rows=tuple(_row(desk, row) for row in urgent[: listing.SHOWN]),
    )


def _by_kind(found: Sequence[Row[Any]]) -> tuple[KindCount, ...]:
    by_title: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in found:
        by_title[title_of(row.kind, row.evidence)].append(row)
    counts = [
        KindCount(title, len(rows), sum(row.state == "open" for row in rows), min(row.opened_at for row in rows))
        for title, rows in by_title.items()
    ]
    return tuple(sorted(counts, key=lambda one: (-one.cases, one.title)))


def _has(row: Row[Any]) -> str:
    """Who has it; what nobody has taken is named by the role that it waits for."""
    return row.owner or f"{ROLE_TITLES[Role(row.role)]}（待认领）"


def _row(desk: Desk, row: Row[Any]) -> OpenCase:
    return OpenCase(
        short_code(row.id), title_of(row.kind, row.evidence), row.tag, mask.phones(row.reason),
        row.owner or ROLE_TITLES[Role(row.role)], row.state == "claimed",
        _severity(desk, row), row.opened_at,
    )  # fmt: skip


def _severity(desk: Desk, row: Row[Any]) -> str:
    return severity_of(row.kind, row.ship_by_at, desk.now, row.evidence)
