"""What is owed to people, what was sent, what came in already, and what is owed to platforms."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import BigInteger, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class Urgency(IntEnum):
    """What goes first where not all can go at once: the smaller number."""

    ALERT = 0  # a deadline with a penalty runs out: never dropped, never behind anything
    ANSWER = 1  # what somebody asked for and looks at the chat for
    CARD = 2  # a matter that is new to somebody
    EDIT = 3  # a card that shows an older state
    DIGEST = 4  # a summary: dropped where the channel has no room


class Notification(Base):
    """An owed message, written in the same transaction as its cause; bot/deliver.py sends it at least once.

    `channel` is who is told, not how: group (and further home groups, as the settings name them), staff, customer; the
    bot's ladder finds the way there.
    `purpose`: card (show the subject), edit (bring its sent cards up to date), text (body.text), template (body),
    file (body.sealed under body.name; body.text where it cannot be sent).
    `subject`: what it is about, "case:12", "order:5"; a card is drawn from the state at sending time.
    `recipient`: "" for the home group, a staff id as text, or a customer's openid.
    `state`: owed, sending; sent, delivered; merged (`merged_into` carries it); dropped; failed; unsure (the platform
    gave no answer: it has arrived most likely, and a second copy would be worse).
    `problem`: why it waits, failed or was dropped, in words for people.
    `carried_by`: the rung that took it, or that may have it since an answer was lost; "" for none.
    `unsaid`: dropped for want of room, and its receiver does not know yet.
    """

    __tablename__ = "notifications"

    id: Mapped[Id]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    recipient: Mapped[str]
    purpose: Mapped[str]
    subject: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    state: Mapped[str] = mapped_column(server_default="owed")
    urgency: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    next_try_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime]
    again_at: Mapped[datetime | None]  # when a person had it sent once more
    sent_at: Mapped[datetime | None]
    msgid: Mapped[str] = mapped_column(server_default="")
    problem: Mapped[str] = mapped_column(server_default="")
    carried_by: Mapped[str] = mapped_column(server_default="")
    merged_into: Mapped[int | None] = mapped_column(BigInteger)
    unsaid: Mapped[bool] = mapped_column(server_default=text("false"))

    __table_args__ = (
        # deliver: what is owed, the most urgent first; "sending" rows come back when their lease ends.
        Index("ix_notifications_due", "urgency", "next_try_at", postgresql_where=text("state IN ('owed', 'sending')")),
        # 未送达: what did not arrive, newest first.
        Index("ix_notifications_lost", "created_at", postgresql_where=text("state IN ('failed', 'unsure')")),
        # deliver: who must hear that something was dropped.
        Index("ix_notifications_unsaid", "channel", "recipient", postgresql_where=text("unsaid")),
        # 为什么没收到: one person's last days.
        Index("ix_notifications_created_at", "created_at", postgresql_using="brin"),
        Index("ix_notifications_subject", "subject"),
        # What a customer was told today, and what still waits for them.
        Index("ix_notifications_customer", "recipient", text("created_at DESC"),
              postgresql_where=text("channel = 'customer'")),
        Index("ix_notifications_msgid", "msgid", postgresql_where=text("msgid <> ''")),
        # What travelled with a message: each of its orders' trails says what became of it.
        Index("ix_notifications_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )  # fmt: skip


class SentCard(Base):
    """A card in somebody's chat, with what is needed to change it there."""

    __tablename__ = "sent_cards"

    id: Mapped[Id]
    channel: Mapped[str]
    recipient: Mapped[str]
    task_id: Mapped[str]
    subject: Mapped[str]
    revision: Mapped[int]
    response_code: Mapped[str] = mapped_column(server_default="")  # one use
    response_expires_at: Mapped[datetime | None]
    msgid: Mapped[str] = mapped_column(server_default="")
    sent_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]  # when it last got another face there
    tier: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))  # the step of escalation that it told

    __table_args__ = (
        Index("uq_sent_cards_channel_task_id", "channel", "task_id", unique=True),
        Index("ix_sent_cards_subject", "subject"),
    )


class SeenMessage(Base):
    """An incoming message or press that was taken; a repeat gets the same answer and does nothing."""

    __tablename__ = "seen_messages"

    channel: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
    answer: Mapped[bytes | None]


class WriteBack(Base):
    """Something a marketplace must be told (intent → call → re-read → confirmed): that an order left ("ship", body
    {"courier", "waybill"}, and the "lines" of a part, whose rest leaves later), or a line for its memo ("memo", body
    {"line", "flag", "by"}: who wrote it).

    `state`: owed, confirmed, failed, or elsewhere (the platform shows another number, and people were told)."""

    __tablename__ = "write_backs"

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(BigInteger)
    shop_id: Mapped[int]
    kind: Mapped[str]  # ship, memo
    line: Mapped[str] = mapped_column(server_default="")  # of a memo, or a part's number: each is owed once
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default="owed")
    tries: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (
        Index("uq_write_backs_order_id_kind_line", "order_id", "kind", "line", unique=True),
        Index("ix_write_backs_due", "next_try_at", postgresql_where=text("state = 'owed'")),
        # 发货: is this number another order's already?
        Index("ix_write_backs_waybill", text("(body ->> 'waybill')"), postgresql_where=text("kind = 'ship'")),
    )
