"""Promise 5: every change leaves a row in the same transaction, and whoever edits history is found."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import text

import handlers.stock
from handlers import trail
from models import Order
from models.case import short_code
from sandbox.world_order import OPEN
from tests.flows.chats import controls, is_live
from tests.flows.house import Ground, House, in_parallel, open_house

SKU = "QH-CUP-RED"
WAYBILL = "SF1234567890123"

# What the hub keeps for itself: when to look again, by which version it was read, the chain's own head.
_CHANGES = """
    SELECT 'order:' || o.shop_id || ':' || o.external_id AS subject,
        md5((to_jsonb(o) - ARRAY['trail_hash', 'recheck_at', 'stored_at', 'content_hash', 'revision', 'receiver',
            'modified_at', 'platform_status'])::text || coalesce((
            SELECT string_agg(concat_ws('|', c.id, c.kind, c.state, c.owner_id, c.claimed_until, c.solution, c.blocks),
                '+' ORDER BY c.id) FROM cases c WHERE c.order_id = o.id), '')) AS state
    FROM orders o
    UNION ALL
    SELECT 'case:' || c.id, md5(concat_ws('|', c.state, c.owner_id, c.claimed_until, c.solution))
    FROM cases c WHERE c.order_id IS NULL
"""


def states(house: House) -> dict[str, str]:
    """Every order and every matter without one, as it stands."""
    with house.hub.engine.connect() as connection:
        return {row.subject: row.state for row in connection.execute(text(_CHANGES))}


def rows(house: House) -> dict[str, int]:
    """Subject → rows of its trail."""
    with house.hub.engine.connect() as connection:
        counted = connection.execute(text("SELECT subject, count(*) AS many FROM trail GROUP BY subject"))
        return {row.subject: row.many for row in counted}


class Day:
    """Steps by which people, platforms and the clock change orders, in any order."""

    def __init__(self, house: House, chance: random.Random) -> None:
        self.house, self.chance = house, chance
        self.steps: list[Callable[[], object]] = [
            self.new, self.new, self.platform, self.platform, self.step, self.step, self.step, self.step, self.case,
            self.case, self.case, self.press, self.press, self.time, self.time, self.stock, self.note, self.assign,
        ]  # fmt: skip

    def order(self) -> str:
        return self.chance.choice(list(self.house.orders()) or ["1"])

    def new(self) -> None:
        kind = self.chance.choice(("plain", "vague", "note", "delay", "multi_line"))
        self.house.order_in(self.chance.choice(("taobao", "jd", "pdd")), kind=kind)
        self.house.move(minutes=16)
        self.house.pull()

    def platform(self) -> None:
        world, chosen = self.house.world, self.chance.choice(self.house.world.orders())
        acts: list[Callable[[], object]] = [
            partial(world.edit, chosen.id, memo=f"备注 {self.chance.random()}"),
            partial(world.edit, chosen.id, buyer_message="晚三天再发"),
            partial(world.ask_refund, chosen.id),
            partial(world.close_refund, chosen.id, paid=self.chance.random() < 0.5),
        ]
        if chosen.status in OPEN:
            acts += [partial(world.cancel, chosen.id), partial(world.ship, chosen.id, "圆通速递", "YT1234567890123")]
        self.chance.choice(acts)()
        self.house.move(minutes=16)
        self.house.pull()

    def step(self) -> str:
        chosen = self.house.order(self.order()) if self.house.orders() else None
        fitting = {"pending_review": "审核", "pending_pick": "配货", "pending_ship": f"发货 {{}} 顺丰 {WAYBILL}"}
        verb = fitting.get(chosen.stage if chosen else "", self.chance.choice(("审核", "收件 {} 打单核对", "配货")))
        number = chosen.external_id if chosen else "1"
        return self.house.ask("chenjie", verb.format(number) if "{}" in verb else f"{verb} {number} {self.order()}")

    def note(self) -> str:
        return self.house.ask("xiaoli", f"备注 {self.order()} 小心轻放")

    def assign(self) -> str:
        return self.house.ask("chenjie", f"指派 {self.order()} {self.chance.choice(('小李', '老王', '赵姐'))}")

    def case(self) -> str:
        with self.house.hub.engine.connect() as connection:
            ids = list(connection.scalars(text("SELECT id FROM cases")))
        code = short_code(self.chance.choice(ids)) if ids else "2222"
        verb = self.chance.choice(("认领", "释放", "完成", "转 陈姐", "+2h", "忽略 误报", "重开", "重试", "改期 12-30"))
        return self.house.ask("chenjie", f"{code} {verb}")

    def press(self) -> object:
        live = [one for one in self.house.said("app:chenjie") if is_live(one, "chenjie")]
        if not live:
            return None
        card = self.chance.choice(live)
        return self.house.pressed("chenjie", card, self.chance.choice(list(controls(card, "chenjie"))))

    def time(self) -> None:
        self.house.move(minutes=self.chance.choice((5, 40, 130)))
        self.house.look()

    def stock(self) -> None:
        with self.house.hub.open_desk() as desk:
            handlers.stock.count(desk, SKU, self.chance.randint(0, 9))
        self.house.look()


def test_every_change_leaves_a_row_and_every_chain_stays_whole(ground: Ground, chat: str) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    with open_house(ground, chat=chat, online=False, stock={SKU: 5}) as house:
        day = Day(house, random.Random(seed))
        for _ in range(3):
            day.new()
        changed = 0
        for _ in range(40):
            before, counted = states(house), rows(house)
            step = day.chance.choice(day.steps)
            step()
            after, now_counted = states(house), rows(house)
            assert before.keys() <= after.keys(), "nothing goes away"
            for subject in [one for one in after if after[one] != before.get(one)]:
                changed += 1
                assert now_counted.get(subject, 0) > counted.get(subject, 0), f"{step.__name__} left no row: {subject}"
        assert changed > 5
        for subject in rows(house):
            house.trail(subject)
        dropped = [one for one in house.complaints() if not one.startswith("dropped")]
        assert not dropped


def test_what_did_not_happen_leaves_no_row(office: House) -> None:
    order = office.arrived("taobao")
    before = rows(office)
    for who, line in (
        ("laowang", f"审核 {order.tag}"),
        ("laowang", f"配货 {order.tag}"),
        ("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}"),
        ("xiaoli", f"备注 {order.tag}"),
        ("xiaoli", f"收件 {order.tag}"),
        ("chenjie", f"指派 {order.tag} 没有这个人"),
        ("xiaoli", f"查 {order.tag}"),
        ("waiguan", f"审核 {order.tag}"),
    ):
        office.ask(who, line)
    office.pull()
    office.look()
    assert rows(office) == before


@contextmanager
def refusing(house: House, table: str) -> Iterator[None]:
    """The database refuses every row of `table`."""
    with house.hub.engine.begin() as connection:
        connection.execute(
            text("""
            CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$
        """)
        )
        connection.execute(text(f"CREATE TRIGGER refused BEFORE INSERT ON {table} EXECUTE FUNCTION refused()"))
    try:
        yield
    finally:
        with house.hub.engine.begin() as connection:
            connection.execute(text("DROP FUNCTION refused() CASCADE"))


def owed(house: House) -> int:
    """Messages, without the answers to who asked or pressed."""
    counted = "SELECT count(*) FROM notifications WHERE dedupe_key !~ '^(press|answer):'"
    with house.hub.engine.connect() as connection:
        return int(connection.scalar(text(counted)) or 0)


@pytest.mark.parametrize("table", ["notifications", "trail"])
def test_a_change_and_its_row_and_its_message_stand_or_fall_together(office: House, table: str) -> None:
    order = office.arrived("taobao")
    office.ask("chenjie", f"指派 {order.tag} 小李")
    card = office.card("app:xiaoli", order.tag)
    before, counted, told = states(office), rows(office), owed(office)
    with refusing(office, table):
        for who, line in (("chenjie", f"指派 {order.tag} 陈姐"), ("chenjie", f"审核 {order.tag}")):
            outcome = office.say(who, line)
            assert not outcome.answered or "没有办成" in str(outcome.answer)
        office.press("xiaoli", card, "审核")
    assert states(office) == before
    assert rows(office) == counted
    assert owed(office) == told
    assert "小李" in office.pressed("xiaoli", card, "审核"), "and afterwards it goes on"
    assert office.actions(order)[-1] == "审核"


def test_eight_at_once_make_one_chain(office: House) -> None:
    order = office.arrived("taobao")
    in_parallel([partial(office.say, "xiaoli", f"备注 {order.tag} 第 {one} 条") for one in range(8)])
    office.work()
    assert office.actions(order).count("备注") == 8


def a_history(house: House) -> Order:
    """An order with a past of six rows or more."""
    order = house.arrived("taobao")
    for who, line in (
        ("xiaoli", f"备注 {order.tag} 易碎"),
        ("xiaoli", f"审核 {order.tag}"),
        ("laowang", f"配货 {order.tag}"),
        ("laowang", f"发货 {order.tag} 顺丰 {WAYBILL}"),
    ):
        house.ask(who, line)
    assert len(house.trail(order)) >= 6
    return order


MINE = "subject = :s"
SECOND = "id = (SELECT id FROM trail WHERE subject = :s ORDER BY id OFFSET 1 LIMIT 1)"
THIRD = "id = (SELECT id FROM trail WHERE subject = :s ORDER BY id OFFSET 2 LIMIT 1)"
LAST = "id = (SELECT max(id) FROM trail WHERE subject = :s)"
COLUMNS = "subject, at, actor, actor_id, source, action, detail, previous, hash"
EDITS = {
    "another person": f"UPDATE trail SET actor = '陈姐' WHERE {THIRD}",
    "another person's id": f"UPDATE trail SET actor_id = 4 WHERE {THIRD}",
    "another time": f"UPDATE trail SET at = at - interval '1 microsecond' WHERE {SECOND}",
    "another action": f"UPDATE trail SET action = '撤销' WHERE {THIRD}",
    "another place": f"UPDATE trail SET source = 'web' WHERE {THIRD}",
    "other words": f"UPDATE trail SET detail = replace(detail, '易碎', '不碎') WHERE {SECOND}",
    "one blank": f"UPDATE trail SET detail = detail || ' ' WHERE {SECOND}",
    "the last one changed": f"UPDATE trail SET detail = '{{}}' WHERE {LAST}",
    "the first one gone": f"DELETE FROM trail WHERE id = (SELECT min(id) FROM trail WHERE {MINE})",
    "one in the middle gone": f"DELETE FROM trail WHERE {THIRD}",
    "the last one gone": f"DELETE FROM trail WHERE {LAST}",
    "all gone": f"DELETE FROM trail WHERE {MINE}",
    "two rows change places": f"UPDATE trail SET id = 2 * (SELECT max(id) FROM trail) - id WHERE {MINE}",
    "one moved to the end": f"UPDATE trail SET id = 1000000 WHERE {SECOND}",
    "one twice": f"INSERT INTO trail ({COLUMNS}) SELECT {COLUMNS} FROM trail WHERE {LAST}",
    "one made up": f"""INSERT INTO trail ({COLUMNS}) SELECT subject, at, '系统', NULL, 'pull', '平台更新', '{{}}', hash,
        sha256(hash) FROM trail WHERE {LAST}""",
    "one made up, and the order agrees": f"""WITH made AS (INSERT INTO trail ({COLUMNS})
        SELECT subject, at, '系统', NULL, 'pull', '平台更新', '{{}}', hash, sha256(hash) FROM trail WHERE {LAST}
        RETURNING hash)
        UPDATE orders SET trail_hash = made.hash FROM made WHERE 'order:' || shop_id || ':' || external_id = :s""",
    "one of another order": f"""UPDATE trail SET subject = :s WHERE id =
        (SELECT max(id) FROM trail WHERE NOT {MINE} AND subject LIKE 'order:%')""",
    "the order's own note": """UPDATE orders SET trail_hash = sha256('x')
        WHERE 'order:' || shop_id || ':' || external_id = :s""",
}


def test_every_edit_of_history_is_found_and_said(office: House) -> None:
    order = a_history(office)
    other = office.order_in("jd")
    office.pull("jd")
    subject = f"order:{order.shop_id}:{order.external_id}"
    assert "被改动过" not in office.ask("chenjie", f"轨迹 {order.tag}")
    browser = office.enter_board("chenjie")
    for name, statement in EDITS.items():
        with office.hub.sessions() as session:
            session.execute(text(statement), {"s": subject})
            session.flush()
            assert not trail.verify(session, subject), f"{name}: not found"
            session.rollback()
            assert trail.verify(session, subject), "put back"
    with office.hub.sessions() as session:
        session.execute(text(EDITS["other words"]), {"s": subject})
        session.commit()
    assert "被改动过" in office.ask("chenjie", f"轨迹 {order.tag}")
    assert "被改动" in browser.get(f"{office.url}/orders/{order.id}", timeout=10).text
    assert "被改动过" not in office.ask("chenjie", f"轨迹 {other.id}"), "the others' are whole"


def test_a_trail_that_was_edited_stays_so_whatever_follows(office: House) -> None:
    order = a_history(office)
    subject = f"order:{order.shop_id}:{order.external_id}"
    with office.hub.sessions() as session:
        session.execute(text(EDITS["another person"]), {"s": subject})
        session.commit()
    office.ask("xiaoli", f"备注 {order.tag} 后来又写了一条")
    assert "被改动过" in office.ask("chenjie", f"轨迹 {order.tag}")
