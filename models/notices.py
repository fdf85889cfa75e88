"""What customers are told, in which words, by which ways, and who wants to hear nothing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class NoticeText(Base):
    """One change of an event's notice: the newest of an event that was not undone holds; without one the settings do.

    `body`: {"on": bool, "template": id of the account's template, "fields": {key of the template: words with {names}},
    "plain": words for ways without a template}; `before`: the same until then."""

    __tablename__ = "notice_texts"

    id: Mapped[Id]
    event: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    change: Mapped[str]  # in words for people
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    set_by_id: Mapped[int | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str] = mapped_column(server_default="")

    # Which words hold?
    __table_args__ = (Index("ix_notice_texts_event", "event", "id", postgresql_where=text("undone_at IS NULL")),)


class AccountTemplate(Base):
    """A template as its account shows it. `keys`: [{"key", "label", "words": approved values or []}]. `gone`: the
    account shows it no longer, or refused it."""

    __tablename__ = "account_templates"

    template_id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    keys: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    read_at: Mapped[datetime]
    gone: Mapped[bool] = mapped_column(server_default=text("false"))


class CustomerWay(Base):
    """Another way than the service account to a buyer of a shop, or to one order (`buyer_key` as of Customer).
    `channel`: wechat_mini, wecom_kf. `remaining` messages may go until `until_at`; both NULL where the channel counts
    otherwise."""

    __tablename__ = "customer_ways"

    shop_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    buyer_key: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]
    bound_at: Mapped[datetime]
    remaining: Mapped[int | None] = mapped_column(SmallInteger)
    until_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_customer_ways_address", "channel", "address"),)


class CustomerCredit(Base):
    """How many one-time notices of a template somebody allowed, at least: the platform does not push every tap."""

    __tablename__ = "customer_credits"

    channel: Mapped[str] = mapped_column(primary_key=True)  # wechat_subscribe, wechat_mini
    openid: Mapped[str] = mapped_column(primary_key=True)
    template_id: Mapped[str] = mapped_column(primary_key=True)
    remaining: Mapped[int] = mapped_column(SmallInteger)
    changed_at: Mapped[datetime]


class RefusedTemplate(Base):
    """Somebody takes no messages of one template of the service account; others reach them."""

    __tablename__ = "refused_templates"

    openid: Mapped[str] = mapped_column(primary_key=True)
    template_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]  # the last time


class OptOut(Base):
    """Somebody said 退订: nothing is sent to that address on any way of theirs until they say 恢复. Of `sms` the
    address is a phone's keyed hash, and SMS alone is closed."""

    __tablename__ = "opt_outs"

    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class KfCursor(Base):
    """Up to where the messages to a 微信客服 account were read."""

    __tablename__ = "kf_cursors"

    open_kfid: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[str]


class NoticeEnd(Base):
    """What a platform told of a message that was not yet written down as sent: its event may be faster than we are."""

    __tablename__ = "notice_ends"

    msgid: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    at: Mapped[datetime]


class BindingMiss(Base):
    """How often an address named an order on that Beijing day without knowing the end of its phone."""

    __tablename__ = "binding_misses"

    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    misses: Mapped[int] = mapped_column(SmallInteger)
