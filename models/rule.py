"""Rules that business people write. A rule is its versions, which are added and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class OwnRuleRow(Base):
    """`version`: the number of the version that holds. `revision`: of its card. `expires_at`: a draft that nobody
    switched on until then is dropped; null once it was. `by_stage`: it judges, and names the stage or the time in it:
    whatever moves an order has it looked at again."""

    __tablename__ = "rules"

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(server_default="1")
    revision: Mapped[int] = mapped_column(server_default="1")
    by_stage: Mapped[bool] = mapped_column(server_default=text("false"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class RuleVersion(Base):
    """`state`: draft, on, shadow, off, dropped. `severity`: P1, P2, P3. `actions`: what a hit leads to beside a case;
    `quiet`: there is none. `change`: what was changed against the version before, as people read it; `rolled_from`: the
    version that this one repeats. `owner`: who answers for the rule."""

    __tablename__ = "rule_versions"

    rule_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    condition: Mapped[str]
    state: Mapped[str]
    role: Mapped[str]
    severity: Mapped[str]
    blocks: Mapped[bool] = mapped_column(server_default=text("false"))
    claim_minutes: Mapped[int]
    solve_minutes: Mapped[int]
    owner: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    quiet: Mapped[bool] = mapped_column(server_default=text("false"))
    change: Mapped[str] = mapped_column(server_default="")
    rolled_from: Mapped[int | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    made_by_id: Mapped[int | None]


class ShadowHit(Base):
    """An order on which a rule in shadow would have opened a case; once per version."""

    __tablename__ = "rule_shadow_hits"

    rule_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime]

    # How many in seven days?
    __table_args__ = (Index("ix_rule_shadow_hits_at", "rule_id", "at"),)


class RuleAct(Base):
    """What a rule did to an order beside its case: once for the same words, whatever else of the rule changes. `deed`:
    handlers/rulebook/deeds.py `key_of`; `number`: of the version that did it last; `tag`: where the order bears one by
    it; `kept`: what taking it back needs, or why it reached nobody. `undone_at`: of what lasts, when it was taken back;
    of what reached nobody, the same as `at`."""

    __tablename__ = "rule_acts"

    order_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    rule_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    deed: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    tag: Mapped[str | None]
    kept: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    __table_args__ = (
        # On how many orders in seven days?
        Index("ix_rule_acts_at", "rule_id", "at"),
        # Which orders bear the tag?
        Index("ix_rule_acts_tag", "tag", "order_id",
              postgresql_where=text("tag IS NOT NULL AND undone_at IS NULL")),
    )  # fmt: skip


class DryRun(Base):
    """A replay that somebody asked for. `wish`: the version that is tried, as RuleVersion; `state`: asked, running,
    done, failed; `after`: the last order that was looked at; `found`: counts and order ids so far."""

    __tablename__ = "rule_dry_runs"

    id: Mapped[Id]
    rule_id: Mapped[int | None] = mapped_column(BigInteger)
    wish: Mapped[dict[str, Any]] = mapped_column(JSONB)
    days: Mapped[int]
    asked_by: Mapped[int | None]
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="asked")
    total: Mapped[int] = mapped_column(server_default="0")
    looked: Mapped[int] = mapped_column(server_default="0")
    after: Mapped[int] = mapped_column(BigInteger, server_default="0")
    found: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    finished_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_rule_dry_runs_live", "id", postgresql_where=text("state IN ('asked', 'running')")),)
