"""Owed messages: rows written in the same transaction as their cause. The bot sends them at least once; the dedupe
key makes a message owed only once however often its cause is looked at."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import text

from handlers import urgency as urgencies
from handlers.customers import notices, whose
from handlers.desk import Actor, Desk, Job
from handlers.wording import customer_time
from models import Urgency, Vault
from models.people import customer_key

MOST_BYTES: Final = 512 * 1024  # of a file: until it is sent it lies in its row
ENCLOSED: Final = b"notifications.file"


@dataclass(frozen=True, slots=True)
class Owed:
    """`channel`: group (which goes to every home group), staff, customer. `purpose`: card, edit, text, template, file
    (to one of the staff alone). `urgency`: where its cause does not say it, as of a summary."""

    key: str
    channel: str
    purpose: str
    subject: str
    recipient: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    urgency: Urgency | None = None


_INSERT: Final = text("""
    INSERT INTO notifications (
        dedupe_key, channel, recipient, purpose, subject, body, urgency, next_try_at, created_at)
    SELECT key, channel, recipient, purpose, subject, cast(body AS jsonb), urgency, :now, :now FROM unnest(
        cast(:key AS text[]), cast(:channel AS text[]), cast(:recipient AS text[]), cast(:purpose AS text[]),
        cast(:subject AS text[]), cast(:body AS text[]), cast(:urgency AS smallint[])
    ) AS owed (key, channel, recipient, purpose, subject, body, urgency)
    ON CONFLICT (dedupe_key) DO NOTHING
""")

# Of a message about no order that is known here: by whom its teller means.
_KEYS: Final = f"{whose.KEYS} UNION ALL SELECT owed.shop_id, owed.buyer_key, {whose.WHOLE} WHERE o.id IS NULL"
# To whoever is bound in any way, to all of the buyer's orders before to this one alone; without a binding only where a
# text message may go. The receiver is a person, whatever key each order has: an openid, else an address on another way,
# else a phone. What mends another order is told by that one's number, which its buyer knows; not to who is bound to the
# new order alone.
_WHOM: Final = f"""
    FROM unnest(
        cast(:key AS text[]), cast(:shop AS int[]), cast(:buyer AS text[]), cast(:subject AS text[]),
        cast(:body AS text[]), cast(:sms AS boolean[])
    ) AS owed (key, shop_id, buyer_key, subject, body, sms)
    CROSS JOIN LATERAL (SELECT CASE split_part(owed.subject, ':', 1)
        WHEN 'order' THEN cast(split_part(owed.subject, ':', 2) AS bigint)
        WHEN 'case' THEN (SELECT order_id FROM cases WHERE id = cast(split_part(owed.subject, ':', 2) AS bigint))
    END AS order_id) about
    LEFT JOIN orders o ON o.id = about.order_id
    LEFT JOIN LATERAL ({whose.ORDER}) whose ON true
    CROSS JOIN LATERAL (SELECT jsonb_build_object('whose', whose.id) || jsonb_set(said.body, '{{values}}',
            said.body -> 'values' || jsonb_build_object('number', whose.external_id) || CASE
                WHEN said.body -> 'values' ? 'goods' THEN jsonb_build_object('goods',
                    CASE o.kind WHEN 'exchange' THEN '换货：' ELSE '补发：' END || (said.body -> 'values' ->> 'goods'))
                ELSE '{{}}' END) AS body
        FROM (SELECT cast(owed.body AS jsonb) AS body) said
    ) of_another
    LEFT JOIN LATERAL (
        SELECT w.channel || ':' || w.address AS one, known.rank
        FROM ({_KEYS}) known JOIN customer_ways w ON w.shop_id = known.shop_id AND w.buyer_key = known.buyer_key
        ORDER BY known.rank, one DESC LIMIT 1
    ) way ON true
    LEFT JOIN LATERAL (
        SELECT c.openid, c.state, known.rank
        FROM ({_KEYS}) known JOIN customers c ON c.shop_id = known.shop_id AND c.buyer_key = known.buyer_key
        ORDER BY known.rank LIMIT 1
    ) account ON true
    CROSS JOIN LATERAL (
        SELECT account.openid AS recipient, account.rank
        WHERE account.state = 'following' OR owed.sms OR way.one IS NOT NULL
            OR EXISTS (SELECT FROM customer_credits k WHERE k.openid = account.openid AND k.remaining > 0)
        UNION ALL SELECT coalesce(way.one, 'phone:' || encode(coalesce(whose.phone_hash, o.phone_hash), 'hex'),
            'buyer:' || coalesce(whose.shop_id, owed.shop_id) || ':' || coalesce(whose.customer, owed.buyer_key)),
            coalesce(way.rank, {whose.WHOLE})
        WHERE account.openid IS NULL AND ((:unbound AND owed.sms) OR way.one IS NOT NULL)
    ) whom
    WHERE whom.recipient IS NOT NULL AND NOT EXISTS (SELECT FROM opt_outs x WHERE x.address = whom.recipient)
"""
_CUSTOMERS: Final = text(f"""
    INSERT INTO notifications (dedupe_key, channel, recipient, purpose, subject, body, next_try_at, created_at)
    SELECT owed.key, 'customer', whom.recipient, 'template', owed.subject,
        CASE WHEN whose.id <> o.id AND whom.rank < {whose.OWN} THEN of_another.body ELSE cast(owed.body AS jsonb) END
            || jsonb_build_object('order', about.order_id), :now, :now
    {_WHOM}
    ON CONFLICT (dedupe_key) DO NOTHING
""")
_REACHED: Final = text(f"SELECT owed.key {_WHOM}")

_ORDER_EDITS: Final = text("""
    INSERT INTO notifications (dedupe_key, channel, recipient, purpose, subject, urgency, next_try_at, created_at)
    SELECT DISTINCT s.subject || ':edit:' || o.revision, 'staff', '', 'edit', s.subject, cast(:urgency AS smallint),
        cast(:now AS timestamptz), cast(:now AS timestamptz)
    FROM orders o JOIN sent_cards s ON s.subject = 'order:' || o.id WHERE o.id = ANY(:ids)
    ON CONFLICT (dedupe_key) DO NOTHING
""")


def owe(desk: Desk, messages: Iterable[Owed], *, by: Actor | None = None) -> None:
    """Owe `messages`; nobody is told of the own act."""
    own = str(by.staff_id) if by and by.staff_id is not None else None
    meant = (copy for one in messages for copy in _at_home(desk, one))
    kept = [one for one in meant if not (one.channel == "staff" and one.purpose != "edit" and one.recipient == own)]
    if not kept:
        return
    columns: dict[str, Any] = {
        name: [getattr(one, name) for one in kept] for name in ("key", "channel", "recipient", "purpose", "subject")
    }
    columns["body"] = [json.dumps(dict(one.body), ensure_ascii=False) for one in kept]
    columns["urgency"] = [int(one) for one in urgencies.of(desk, kept)]
    desk.session.execute(_INSERT, {**columns, "now": desk.now})
    desk.ask_later(Job.DELIVER)


def _at_home(desk: Desk, message: Owed) -> Iterator[Owed]:
    """What is for the group goes to each home group that there is; the first keeps the key."""
    if message.channel != "group":
        yield message
        return
    for number, home in enumerate(desk.settings.homes):
        yield replace(message, channel=home, key=f"{message.key}:{home}" if number else message.key)


def edit(case_id: int, revision: int) -> Owed:
    """Bring every sent card of a case up to date. Changing goes through the app, as messages to staff do."""
    return Owed(f"case:{case_id}:edit:{revision}", "staff", "edit", f"case:{case_id}")


def order_edit(order_id: int, revision: int) -> Owed:
    """Bring every sent card of an order up to date."""
    return Owed(f"order:{order_id}:edit:{revision}", "staff", "edit", f"order:{order_id}")


def order_edits(desk: Desk, order_ids: Sequence[int]) -> None:
    """The same for many orders, where there are cards at all."""
    if order_ids:
        made = desk.session.execute(
            _ORDER_EDITS, {"ids": list(order_ids), "now": desk.now, "urgency": int(Urgency.EDIT)}
        )
        if made.rowcount:  # type: ignore[attr-defined]
            desk.ask_later(Job.DELIVER)


def card(case_id: int, occasion: str, *, staff_id: int | None = None) -> Owed:
    """A case's card to the home group, or to one person. `occasion` is why: open, step1, assigned …"""
    key = f"case:{case_id}:{occasion}"
    if staff_id is None:
        return Owed(f"{key}:group", "group", "card", f"case:{case_id}")
    return Owed(f"{key}:staff:{staff_id}", "staff", "card", f"case:{case_id}", str(staff_id))


def note(key: str, staff_id: int, subject: str, words: str) -> Owed:
    """A plain sentence to one person."""
    return Owed(f"{key}:staff:{staff_id}", "staff", "text", subject, str(staff_id), {"text": words})


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file for one person. `instead`: what they are told where no way to them takes files, with where to get it."""

    name: str
    content: bytes = field(repr=False)
    instead: str


def file(vault: Vault, key: str, staff_id: int, *, subject: str, enclosed: Enclosure) -> Owed:
    """A file to one person 1:1, sealed until it is sent. Raises ValueError for one of more than MOST_BYTES."""
    if len(enclosed.content) > MOST_BYTES:
        raise ValueError(f"{len(enclosed.content)} bytes are too many to be owed")
    sealed = base64.b64encode(vault.seal(enclosed.content, ENCLOSED)).decode()
    body = {"name": enclosed.name, "sealed": sealed, "text": enclosed.instead}
    return Owed(f"{key}:staff:{staff_id}", "staff", "file", subject, str(staff_id), body)


@dataclass(frozen=True, slots=True)
class CustomerMessage:
    """A template message to whoever is bound to that buyer of that shop; nobody bound, nobody told.

    `buyer`: the key by which the customer is known (`customer_key`)."""

    key: str
    shop_id: int
    buyer: str
    subject: str
    template: str
    values: Mapping[str, str]


def solved_message(desk: Desk, case_id: int, buyer: tuple[int, str, str], words: str) -> CustomerMessage:
    """`buyer`: shop id, the platform's buyer key, platform number. `words`: what came of it, at most five
    characters."""
    shop_id, buyer_key, number = buyer
    known = customer_key(buyer_key, number)
    values = {"number": number, "result": words, "time": customer_time(desk.now)}
    return CustomerMessage(f"case:{case_id}:solved:customer", shop_id, known, f"case:{case_id}", "solved", values)


def owe_customers(desk: Desk, messages: Sequence[CustomerMessage]) -> None:
    """Owe them to whoever can be reached and did not say 退订; what is switched off (模板) is not owed."""
    messages = _wanted(desk, messages)
    if not messages:
        return
    desk.session.execute(_CUSTOMERS, {**_columns(desk, messages), "now": desk.now})
    desk.ask_later(Job.DELIVER)


def reached(desk: Desk, messages: Sequence[CustomerMessage]) -> frozenset[str]:
    """The keys of those that `owe_customers` would owe now, if it has not."""
    messages = _wanted(desk, messages)
    if not messages:
        return frozenset()
    return frozenset(desk.session.execute(_REACHED, _columns(desk, messages)).scalars())


def _columns(desk: Desk, messages: Sequence[CustomerMessage]) -> dict[str, Any]:
    sms = desk.settings.sms
    return {
        "key": [one.key for one in messages],
        "shop": [one.shop_id for one in messages],
        "buyer": [one.buyer for one in messages],
        "subject": [one.subject for one in messages],
        "body": [
            json.dumps({"template": one.template, "values": dict(one.values)}, ensure_ascii=False) for one in messages
        ],
        "sms": [sms is not None and one.template in sms.important for one in messages],
        "unbound": sms is not None and sms.unbound,
    }


def _wanted(desk: Desk, messages: Sequence[CustomerMessage]) -> Sequence[CustomerMessage]:
    if not messages:
        return ()
    told = {event for event in {one.template for one in messages} if notices.told(desk, event)}
    return [one for one in messages if one.template in told]
