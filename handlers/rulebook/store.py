"""Rules as rows: a version is added for every change, and none is ever changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Actor, Desk, Refusal
from models import Role
from models.people import ROLE_TITLES

LIVE: Final = ("on", "shadow")
STATES: Final = {"draft": "草稿", "on": "启用", "shadow": "影子", "off": "停用", "dropped": "已取消"}

_WISHED: Final = """title, condition, state, role, severity, blocks, claim_minutes, solve_minutes, owner, note,
    valid_from, valid_to, actions, quiet"""
_VERSION: Final = f"v.rule_id, v.number, {_WISHED}, v.change, v.rolled_from, v.made_at, v.made_by"
_NEWEST: Final = text(f"""
    SELECT {_VERSION}, r.revision, r.expires_at FROM rules r
        JOIN rule_versions v ON v.rule_id = r.id AND v.number = r.version WHERE r.id = :id
""")
_ALL: Final = text(f"""
    SELECT {_VERSION}, r.revision, r.expires_at FROM rules r
        JOIN rule_versions v ON v.rule_id = r.id AND v.number = r.version
    WHERE v.state NOT IN ('draft', 'dropped') OR (v.state = 'draft' AND r.expires_at > :now) ORDER BY r.id
""")
_VERSIONS: Final = text(f"""
    SELECT {_VERSION}, 0 AS revision, NULL AS expires_at FROM rule_versions v WHERE v.rule_id = :id
    ORDER BY v.number DESC
""")
_LOCK: Final = text("SELECT id FROM rules WHERE id = :id FOR NO KEY UPDATE")
_ADD: Final = text("INSERT INTO rules (made_at, expires_at) VALUES (:now, :expires_at) RETURNING id")
_WRITE: Final = text(f"""
    INSERT INTO rule_versions (rule_id, number, {_WISHED}, change, rolled_from, made_at, made_by, made_by_id)
    VALUES (:rule_id, :number, :title, :condition, :state, :role, :severity, :blocks, :claim_minutes, :solve_minutes,
        :owner, :note, :valid_from, :valid_to, cast(:actions AS jsonb), :quiet, :change, :rolled_from, :now, :by,
        :by_id)
""")
_HEAD: Final = text("""
    UPDATE rules SET version = :number, revision = revision + 1, by_stage = :by_stage, expires_at = :expires_at
    WHERE id = :id RETURNING revision
""")
_HITS: Final = text("""
    SELECT r.id,
        greatest((SELECT count(*) FROM cases c WHERE c.kind = 'own_' || r.id AND c.opened_at > :since),
            (SELECT count(DISTINCT order_id) FROM rule_acts a WHERE a.rule_id = r.id AND a.at > :since)) AS opened,
        (SELECT count(DISTINCT order_id) FROM rule_shadow_hits s WHERE s.rule_id = r.id AND s.at > :since) AS shadowed
    FROM rules r WHERE r.id = ANY(:ids)
""")


@dataclass(frozen=True, slots=True)
class Wish:
    """What people said of a rule. `actions`: as handlers/rulebook/deeds.py keeps them; `quiet`: without a case."""

    title: str
    condition: str
    state: str = "draft"
    role: str = str(Role.SERVICE)
    severity: str = "P3"
    blocks: bool = False
    claim_minutes: int = 30
    solve_minutes: int = 240
    owner: str = ""
    note: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    actions: tuple[Mapping[str, Any], ...] = ()
    quiet: bool = False

    @property
    def role_title(self) -> str:
        return ROLE_TITLES[Role(self.role)]

    def packed(self) -> dict[str, Any]:
        """For JSON."""
        made = {one.name: getattr(self, one.name) for one in fields(self)}
        moments = {name: made[name].isoformat() for name in ("valid_from", "valid_to") if made[name] is not None}
        return {**made, **moments, "actions": [dict(one) for one in self.actions]}

    @classmethod
    def unpacked(cls, made: Mapping[str, Any]) -> Wish:
        moments = {
            name: datetime.fromisoformat(made[name]) for name in ("valid_from", "valid_to") if made[name] is not None
        }  # fmt: skip
        return cls(**{**made, **moments, "actions": tuple(made["actions"])})


@dataclass(frozen=True, slots=True)
class Version:
    """`expires_at`: of a draft that was never switched on."""

    rule_id: int
    number: int
    wish: Wish
    change: str
    rolled_from: int | None
    made_at: datetime
    made_by: str
    revision: int
    expires_at: datetime | None

    @property
    def code(self) -> str:
        return f"规则{self.rule_id}"

    @property
    def called(self) -> str:
        return f"{self.code}「{self.wish.title}」"


def newest(desk: Desk, rule_id: int) -> Version:
    """The version that holds. Raises Refusal for no such rule."""
    row = desk.session.execute(_NEWEST, {"id": rule_id}).one_or_none()
    if row is None:
        raise Refusal(f"没有规则{rule_id}，发「规则」看有哪些")
    return _version(row)


def locked(desk: Desk, rule_id: int) -> Version:
    """The same for this transaction alone. Raises Refusal."""
    desk.session.execute(_LOCK, {"id": rule_id})
    return newest(desk, rule_id)


def everything(desk: Desk) -> list[Version]:
    """The version that holds of each rule, without drafts that are over."""
    return [_version(row) for row in desk.session.execute(_ALL, {"now": desk.now})]


def versions(desk: Desk, rule_id: int) -> list[Version]:
    """All of one rule, the newest first."""
    return [_version(row) for row in desk.session.execute(_VERSIONS, {"id": rule_id})]


def hits(desk: Desk, ids: list[int], since: datetime) -> dict[int, tuple[int, int]]:
    """Rule → cases opened, or orders on which it acted, since then; and orders on which it would have in shadow."""
    found = desk.session.execute(_HITS, {"ids": ids, "since": since})
    return {row.id: (row.opened, row.shadowed) for row in found}


def add(desk: Desk, expires_at: datetime) -> int:
    """A rule without a version, to be written at once."""
    return int(desk.session.execute(_ADD, {"now": desk.now, "expires_at": expires_at}).scalar_one())


@dataclass(frozen=True, slots=True)
class Writing:
    """`change`: what changed, as people read it. `by_stage`: as models/rule.py says."""

    wish: Wish
    change: str
    by_stage: bool = False
    rolled_from: int | None = None
    expires_at: datetime | None = None


def write(desk: Desk, actor: Actor, named: tuple[int, int], made: Writing) -> int:
    """The next version, which holds from now on; the new revision of its card. `named`: the rule, and the version's
    number."""
    rule_id, number = named
    row = {
        **made.wish.packed(), "rule_id": rule_id, "number": number, "change": made.change, "now": desk.now,
        "rolled_from": made.rolled_from, "by": actor.name, "by_id": actor.staff_id,
        "valid_from": made.wish.valid_from, "valid_to": made.wish.valid_to,
        "actions": json.dumps([dict(one) for one in made.wish.actions], ensure_ascii=False),
    }  # fmt: skip
    desk.session.execute(_WRITE, row)
    by_stage = made.by_stage and made.wish.state in LIVE
    head = {"id": rule_id, "number": number, "by_stage": by_stage, "expires_at": made.expires_at}
    return int(desk.session.execute(_HEAD, head).scalar_one())


def changed(wish: Wish, **changes: Any) -> Wish:
    return replace(wish, **changes)


def _version(row: Row[Any]) -> Version:
    wish = Wish(
        row.title, row.condition, row.state, row.role, row.severity, row.blocks, row.claim_minutes, row.solve_minutes,
        row.owner, row.note, row.valid_from, row.valid_to, tuple(row.actions), row.quiet,
    )  # fmt: skip
    return Version(
        row.rule_id, row.number, wish, row.change, row.rolled_from, row.made_at, row.made_by, row.revision,
        row.expires_at,
    )  # fmt: skip
