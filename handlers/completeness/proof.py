"""对账: what a proof (ingest/proof.py) means to people: the day's card, and a case where orders are still missing after
the back-fill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, owe, trail
from handlers.completeness import which_shop
from handlers.completeness.backfill import Period, check
from handlers.desk import Actor, Desk, Job, Refusal
from handlers.matter import Opening
from handlers.wording import day_of
from models import Proof, Role
from models.beijing import day_start

KIND: Final = "missing_order"
CLOCK: Final = Actor(name="系统", source="clock")
AGAIN_DAYS: Final = 7  # a day that is not green is proved again that long
_NAMED: Final = 5

_ONE: Final = text(
    "SELECT p.*, s.name, s.prefix, s.slug FROM proofs p JOIN shops s ON s.id = p.shop_id WHERE p.id = :id"
)
_BEFORE: Final = text("""
    SELECT still FROM proofs WHERE day = :day AND shop_id = :shop AND id < :id AND state = 'red'
    ORDER BY id DESC LIMIT 1
""")
_NEWEST: Final = """
    SELECT DISTINCT ON (p.day, p.shop_id) p.*, s.name, s.prefix, s.slug FROM proofs p JOIN shops s ON s.id = p.shop_id
    WHERE p.day >= :first AND p.day <= :last ORDER BY p.day, p.shop_id, p.id DESC
"""
_DAYS: Final = text(_NEWEST)
# A shop whose first pull has not come to the end of yesterday has no days to prove yet.
_BEGUN: Final = text("""
    SELECT slug FROM shops s WHERE EXISTS (SELECT FROM proofs WHERE shop_id = s.id)
        OR EXISTS (SELECT FROM cursors WHERE shop_id = s.id AND synced_to >= :before)
""")
# Whole days since the first pull of which no proof stands: the night that should have brought it was lost.
_UNPROVED: Final = text("""
    SELECT s.slug, one::date AS day FROM shops s
    JOIN (SELECT shop_id, min(began_at) AS began_at FROM cursors GROUP BY 1) c ON c.shop_id = s.id
    CROSS JOIN generate_series(CAST(:first AS timestamp), CAST(:last AS timestamp), interval '1 day') AS one
    WHERE one AT TIME ZONE 'Asia/Shanghai' >= c.began_at
        AND NOT EXISTS (SELECT FROM proofs p WHERE p.day = one::date AND p.shop_id = s.id)
""")
_CARDLESS: Final = text("""
    SELECT DISTINCT p.day FROM proofs p JOIN cursors c ON c.shop_id = p.shop_id
    WHERE p.day >= :first AND p.day <= :last AND p.day::timestamp AT TIME ZONE 'Asia/Shanghai' >= c.began_at
        AND NOT EXISTS (SELECT FROM notifications n
            WHERE n.subject = 'proof:' || to_char(p.day, 'YYYYMMDD') AND n.purpose = 'card')
""")
_REVISION: Final = text("SELECT coalesce(sum(revision), 0) FROM proofs WHERE day = :day")
_CARD: Final = text("""
    SELECT count(*) AS cards, coalesce(bool_or(state IN ('owed', 'sending')), false) AS on_its_way
    FROM notifications WHERE subject = :subject AND purpose = 'card'
""")
_EDITABLE: Final = text("""
    SELECT true FROM sent_cards WHERE subject = :subject AND response_code <> '' AND response_expires_at > :now LIMIT 1
""")
_CHANGED: Final = text("""
    SELECT true FROM proofs p LEFT JOIN LATERAL (
        SELECT state, still FROM proofs o WHERE o.day = p.day AND o.shop_id = p.shop_id AND o.id < p.id
        ORDER BY o.id DESC LIMIT 1) before ON true
    WHERE p.id = ANY(:ids) AND (before.state, before.still) IS DISTINCT FROM (p.state, p.still) LIMIT 1
""")
_LIVE: Final = text("""
    SELECT id, reason FROM cases WHERE kind = 'missing_order' AND group_key = :key AND order_id IS NULL
        AND state IN ('open', 'claimed')
""")
_WHY: Final = text("""
    SELECT problem FROM raw_payloads WHERE shop_id = :shop AND external_id = ANY(:ids) AND problem IS NOT NULL LIMIT 1
""")


def ask(desk: Desk, shops: Sequence[Row[Any]], day: date, actor: Actor) -> None:
    """Have these shops proved for `day`. Raises Refusal for a day that is not over or no longer shown."""
    check_day(desk, shops, day)
    for shop in shops:
        trail.write(desk, f"shop:{shop.id}", actor, action="对账", detail={"日期": day.isoformat()})
    _prove_later(desk, day, [shop.slug for shop in shops], actor.staff_id or 0)


def check_day(desk: Desk, shops: Sequence[Row[Any]], day: date) -> None:
    """Raises Refusal for a day that is not over or that a platform shows no longer."""
    if day >= day_of(desk.now):
        raise Refusal("这一天还没有过完，最近可以对昨天的账")
    for shop in shops:
        check(Period(day, day), shop, desk.now)


def nightly(desk: Desk) -> None:
    """Yesterday of every shop, and the days before that are not green yet or were never proved."""
    yesterday = day_of(desk.now) - timedelta(days=1)
    first = yesterday - timedelta(days=AGAIN_DAYS - 1)
    open_days = {(row.slug, row.day) for row in newest(desk, first, yesterday) if row.state != "green"}
    open_days |= _unproved(desk, first, yesterday)
    _prove_later(desk, yesterday, _begun(desk), 0)
    _prove_days(desk, {(slug, day) for slug, day in open_days if day < yesterday})


def ask_again(desk: Desk) -> None:
    """What a lost night owes: days of which no proof stands though their night is over, and cards of days that were
    proved."""
    yesterday = day_of(desk.now) - timedelta(days=1)
    first = yesterday - timedelta(days=AGAIN_DAYS - 1)
    unproved = _unproved(desk, first, yesterday)
    _prove_days(desk, unproved)
    cardless = set(desk.session.execute(_CARDLESS, {"first": first, "last": yesterday}).scalars())
    for day in sorted(cardless - {day for _, day in unproved}):
        concluded(desk, day, [])


def _unproved(desk: Desk, first: date, last: date) -> set[tuple[str, date]]:
    return {(row.slug, row.day) for row in desk.session.execute(_UNPROVED, {"first": first, "last": last})}


def _begun(desk: Desk) -> list[str]:
    begun = set(desk.session.execute(_BEGUN, {"before": day_start(day_of(desk.now))}).scalars())
    return [shop.slug for shop in which_shop.read_shops(desk) if shop.slug in begun]


def _prove_days(desk: Desk, open_days: set[tuple[str, date]]) -> None:
    """The newest day first."""
    slugs = _begun(desk)
    for day in sorted({day for _, day in open_days}, reverse=True):
        _prove_later(desk, day, [slug for slug in slugs if (slug, day) in open_days], 0)


def _prove_later(desk: Desk, day: date, slugs: Sequence[str], staff_id: int) -> None:
    """One job for the day, so that its card is drawn once, when all of it is known."""
    if slugs:
        desk.ask_later(Job.PROVE, day.isoformat(), ",".join(slugs), staff_id)


def newest(desk: Desk, first: date, last: date) -> list[Row[Any]]:
    """The proof that counts of each shop and day."""
    return list(desk.session.execute(_DAYS, {"first": first, "last": last}))


def written(desk: Desk, proof_id: int) -> None:
    """A proof was written or rewritten: the shop's case follows, in the same transaction."""
    row = desk.session.execute(_ONE, {"id": proof_id}).one()
    if row.state == "red" and _lacks(row):
        _open(desk, row)
    elif row.state in ("green", "red"):
        _close(desk, row)


def broke(desk: Desk, slug: str, day: date) -> int:
    """The program broke at a shop's proof: nothing is proved, and that is shown."""
    shop = next(shop for shop in which_shop.read_shops(desk) if shop.slug == slug)
    made = Proof(
        shop_id=shop.id, day=day, state="unknown", proved_at=desk.now, reason="程序出错，没有对完，请联系管理员",
        missing=[], still=[], strangers=[],
    )  # fmt: skip
    desk.session.add(made)
    desk.session.flush()  # its number goes on the day's card
    return made.id


def concluded(desk: Desk, day: date, proof_ids: Sequence[int], *, first_card: bool = True) -> None:
    """All that was asked for of a day is proved: its card comes (`first_card`), or is edited where it can be. A chat
    that lets no card be edited without a press gets another one, but only where something has changed; one whose cards
    always can be, a line instead of it (`bot/nudge.py`)."""
    subject = subject_of(day)
    card = desk.session.execute(_CARD, {"subject": subject}).one()
    if not card.cards:
        owe.owe(desk, [owe.Owed(f"{subject}:card:group", "group", "card", subject)] if first_card else [])
        return
    if card.on_its_way or desk.session.execute(_CHANGED, {"ids": list(proof_ids)}).first() is None:
        return  # it is drawn when it is sent
    revision = revision_of(desk, day)
    owed = [owe.Owed(f"{subject}:edit:{revision}", "staff", "edit", subject)]
    if desk.session.execute(_EDITABLE, {"subject": subject, "now": desk.now}).first() is None:
        owed.append(owe.Owed(f"{subject}:card:group:{revision}", "group", "card", subject))
    owe.owe(desk, owed)


def answer(desk: Desk, proof_id: int, staff_id: int) -> None:
    """Whoever asked hears of the result, too: a card that is edited makes no sound."""
    row = desk.session.execute(_ONE, {"id": proof_id}).one()
    if row.state == "filling":
        return
    words = f"{row.name} {row.day:%m-%d} 对账：{result(row)}"
    owe.owe(desk, [owe.note(f"proof:{proof_id}:answer", staff_id, subject_of(row.day), words)])


def result(row: Row[Any]) -> str:
    """One shop's day in a few words."""
    refilled = len(set(row.missing) - set(row.still))
    back = f"，其中 {refilled} 单是补回的" if refilled else ""
    if row.state == "green":
        return f"✓ 一致，平台 {row.platform_orders} 单，系统 {row.hub_orders} 单{back}"
    if row.state == "unknown":
        return f"? 没有对成：{row.reason}"
    counts = "" if row.platform_orders is None else f"平台 {row.platform_orders} 单，系统 {row.hub_orders} 单；"
    return f"✗ {counts}{row.reason}{back}"


def number_of(day: date) -> int:
    return int(f"{day:%Y%m%d}")


def day_of_number(number: int) -> date:
    """Raises Refusal for what is no day."""
    try:
        return date(number // 10000, number // 100 % 100, number % 100)
    except ValueError:
        raise Refusal("这张卡片已经失效，请重新查询") from None


def subject_of(day: date) -> str:
    return f"proof:{number_of(day)}"


def revision_of(desk: Desk, day: date) -> int:
    """Grows with every proof of the day that is written or rewritten."""
    return int(desk.session.execute(_REVISION, {"day": day}).scalar_one())


def _lacks(row: Row[Any]) -> bool:
    """Orders are missing, whether their numbers are known or not."""
    return bool(row.still) or (row.platform_orders or 0) > (row.hub_orders or 0)


def _open(desk: Desk, row: Row[Any]) -> None:
    reason = _reason(desk, row)
    live = list(desk.session.execute(_LIVE, {"key": _key(row)}))
    if live:
        opening.change_many(desk, [(case.id, reason, {}) for case in live if case.reason != reason])
        return
    before = desk.session.execute(_BEFORE, {"day": row.day, "shop": row.shop_id, "id": row.id}).scalar()
    if before is not None and sorted(before) == sorted(row.still):
        return  # a person ended it: nothing has changed since
    made = Opening(KIND, reason, Role.SUPERVISOR, shop_id=row.shop_id, group_key=_key(row))
    for case in opening.open_many(desk, [made]):
        trail.write(desk, f"case:{case.id}", CLOCK, action="异常", detail={"漏单": reason})


def _close(desk: Desk, row: Row[Any]) -> None:
    live = desk.session.execute(_LIVE, {"key": _key(row)})
    for case in opening.close_many(desk, [(one.id, "已补齐") for one in live]):
        trail.write(desk, f"case:{case.id}", CLOCK, action="异常解除", detail={"漏单": "已补齐"})


def _reason(desk: Desk, row: Row[Any]) -> str:
    words = f"{row.name} {row.day:%m-%d} {row.reason}"
    if row.still:
        words += f"：{named(row.still)}"
    why = desk.session.execute(_WHY, {"shop": row.shop_id, "ids": list(row.still)}).scalar()
    return f"{words}。有记录读不懂（{why}），请联系管理员" if why else words


def named(numbers: Sequence[str]) -> str:
    """The first few, and how many there are."""
    more = f" 等 {len(numbers)} 单" if len(numbers) > _NAMED else ""
    return "、".join(numbers[:_NAMED]) + more


def _key(row: Row[Any]) -> str:
    return f"missing:{row.shop_id}:{number_of(row.day)}"
