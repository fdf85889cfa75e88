"""Staff and what they may do, and the customers who asked to be told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id


class Role(StrEnum):
    SERVICE = "service"
    WAREHOUSE = "warehouse"
    PURCHASING = "purchasing"
    SUPERVISOR = "supervisor"


ROLE_TITLES: Final[dict[Role, str]] = {
    Role.SERVICE: "客服",
    Role.WAREHOUSE: "仓库",
    Role.PURCHASING: "采购",
    Role.SUPERVISOR: "主管",
}


def platform_of(channel: str) -> str:
    """Whose people speak on a channel: wecom_app and wecom_bot are both WeCom's."""
    return channel.partition("_")[0]


class Staff(Base):
    __tablename__ = "staff"

    id: Mapped[Id]
    name: Mapped[str]
    wecom_userid: Mapped[str | None] = mapped_column(unique=True)  # lower case: the platform does not tell case apart
    dingtalk_userid: Mapped[str | None] = mapped_column(unique=True)
    heard_on: Mapped[str] = mapped_column(server_default="")  # the platform on which they last wrote or pressed
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    role_rows: Mapped[list[StaffRole]] = relationship(lazy="joined", cascade="all, delete-orphan")

    @property
    def userids(self) -> dict[str, str]:
        """Platform → userid, where they have one."""
        found = {"wecom": self.wecom_userid, "dingtalk": self.dingtalk_userid}
        return {platform: userid for platform, userid in found.items() if userid}

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(row.role) for row in self.role_rows)


class StaffRole(Base):
    __tablename__ = "staff_roles"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class Customer(Base):
    """Who told the service account an order number: with the end of its phone `buyer_key` is the buyer's
    (`customer_key`) in that shop, without it "order:" and the number: that order alone. `state` unfollowed: they do not
    follow, or not any more."""

    __tablename__ = "customers"

    shop_id: Mapped[int] = mapped_column(primary_key=True)
    buyer_key: Mapped[str] = mapped_column(primary_key=True)
    openid: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="following")  # following, refused, unfollowed
    bound_at: Mapped[datetime]

    __table_args__ = (Index("ix_customers_openid", "openid"),)


def customer_key(buyer_key: str, external_id: str) -> str:
    """By what the customer of an order is known: the platform's key of the buyer; where it gives none (Pinduoduo),
    only who asked for this very order is known."""
    return buyer_key or f"order:{external_id}"
