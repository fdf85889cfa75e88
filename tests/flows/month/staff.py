"""The people of the company, as robots: they read their phones, press and answer, review, pick and ship."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

import handlers.batches.running
import jobs
from handlers.kinds import kind_of
from models.case import short_code
from sandbox.chat_store import Message
from sandbox.month import Month, Planted
from tests.flows.chats import controls, is_card, shown
from tests.flows.house import House
from tests.flows.month.ends import ENDS
from tests.flows.month.people import WHO
from tests.ingest.sheet import books
from workers import batches

_CODE: Final = re.compile(r"(?<![0-9A-Z])[2-9A-HJ-KM-NP-Z]{4}(?![0-9A-Z])")
_BATCH: Final = re.compile(r"批\d+")
_TAG: Final = re.compile(r"[A-Z]+-\d{8}-\d+")
_DRAFT: Final = "请核对后确认"
_RULE: Final = re.compile(r"规则 改 (\d+)")
_A_MINUTE: Final = 25
_MORE: Final = "办完再发一次"
_PATIENCE: Final = 5
_LINES: Final = 150  # parcels in one message

LIVE: Final = text("""
    SELECT c.id, c.kind, c.role, c.state, c.evidence, c.group_key, c.opened_at, o.tag, o.external_id, o.stage
    FROM cases c LEFT JOIN orders o ON o.id = c.order_id WHERE c.state IN ('open', 'claimed') ORDER BY c.id
""")
_TO_SHIP: Final = text("""
    SELECT o.id, o.tag, o.external_id, m.merge_id FROM orders o
    LEFT JOIN merge_orders m JOIN merges g ON g.id = m.merge_id AND g.state = 'together' ON m.order_id = o.id
    WHERE o.stage = 'pending_ship' AND o.lock_reason = '' AND o.hold = '' AND o.stage_entered_at < :before
        AND (o.not_before_at IS NULL OR o.not_before_at <= :now) ORDER BY o.id
""")
_STAGES: Final = text("SELECT external_id, stage, tag FROM orders WHERE external_id = ANY(:numbers)")
_UNREAD: Final = text("SELECT id FROM received WHERE state IN ('fetching', 'unread') ORDER BY id")
_MENDS: Final = text("""
    SELECT o.external_id, x.external_id AS mended FROM order_links k JOIN orders o ON o.id = k.order_id
    JOIN orders x ON x.id = k.original_order_id WHERE x.external_id = ANY(:numbers) ORDER BY o.id
""")
_TAGS: Final = text("SELECT external_id, tag FROM orders WHERE tag = ANY(:tags)")
_MOMENTS: Final[dict[str, Any]] = {
    "pending_review": "pulled", "pending_pick": "approved", "pending_ship": "picked", "done": "shipped",
}  # fmt: skip


@dataclass
class Staff:
    """`scripts`: platform number → what was shown to be pasted for its buyer. `refused`: what the hub did not do, in
    its words. `seen`, `tried`: cases that somebody looked at, and how often somebody tried to end them. `cards`: the
    newest card of a matter, by its code, with the chat in which it lies. `unanswered`: lines that were typed again."""

    house: House
    month: Month
    scripts: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    tried: dict[int, int] = field(default_factory=dict)
    cards: dict[str, tuple[str, Message]] = field(default_factory=dict)
    presses: int = 0
    unanswered: int = 0
    typed: int = 0
    _read_to: int = 0
    _lines: dict[str, int] = field(default_factory=dict)

    # talking

    def say(self, who: str, words: str) -> str:
        """Type it to the hub's robot; what it answers. Whoever hears nothing asks again, as people do."""
        house, self.typed = self.house, self.typed + 1
        self._takes_time(who)
        name = house.phones.chat_name(who, house.edge.place("bot"))
        before = {one.id for one in house.chat(name)}
        for _ in range(_PATIENCE):
            outcome = house.say(who, words, "bot")
            if outcome.answered:
                break
            self.unanswered += 1
        else:
            raise AssertionError(f"{who}: {words!r} was not answered: {outcome.why}")
        if outcome.kind == "ack":
            house._answered(who, name, before)
        if all(one.id in before for one in house.said(name)):
            jobs.deliver()
        return "\n".join(shown(one, who) for one in house.said(name) if one.id not in before)

    def _takes_time(self, who: str) -> None:
        """Nobody types a hundred lines in a minute, and no platform would show the answers."""
        self._lines[who] = self._lines.get(who, 0) + 1
        if self._lines[who] > _A_MINUTE:
            self.house.move(minutes=1)
            self._lines.clear()

    def read_phones(self) -> None:
        """Remember the newest card of each matter."""
        store = self.house.phones.store
        for message in [one for one in store.messages if one.seq > self._read_to]:
            self._read_to = message.seq
            if is_card(message):
                viewer = message.chat.partition(":")[2]
                for code in _CODE.findall(shown(message, viewer)):
                    self.cards[code] = (message.chat, message)

    def forget_old(self) -> None:
        """Nobody scrolls back farther than a day and a half."""
        store, old = self.house.phones.store, self.house.hub.now() - timedelta(hours=36)
        with store.changed:
            gone = [one for one in store.messages if one.at < old]
            store.messages[:] = [one for one in store.messages if one.at >= old]
            for one in gone:
                store._by_id.pop(one.id, None)
        self.cards = {code: found for code, found in self.cards.items() if found[1].at >= old}

    def write_rules(self) -> None:
        """The first morning: what the company wants of the month's orders stands in its rule book."""
        rules = {one.story.rule: None for one in self.month.plan.planted if one.story.rule}
        for words in rules:
            made = _RULE.search(self.say(WHO["supervisor"], f"规则 新增 {words}"))
            assert made is not None, words
            self.say(WHO["supervisor"], f"规则 启 {made[1]}")

    # many orders

    def step(self, words: str, who: str) -> None:
        """审核 全部, 配货 全部: asked, agreed to, and done to the end; of very many again and again."""
        asked = _MORE
        while _MORE in asked:
            asked = self.say(who, words)
            found = _BATCH.search(asked)
            if found is not None:
                self.say(who, f"{found[0]} 确认")
                self.run_batches()

    def run_batches(self) -> None:
        with self.house.hub.open_desk() as desk:
            live = handlers.batches.running.live(desk)
        for batch_id in live:
            batches.run_batch(batch_id)

    def hand_in(self) -> None:
        """Whatever lies on paper goes to the robot as one table, which reads it."""
        papers, self.month.papers[:] = list(self.month.papers), []
        if not papers:
            return
        house, rows = self.house, [books.row(books.PDD, **dict(one)) for one in papers]
        content = books.xlsx(books.PDD, *rows)
        outcome = house.phones.send_file(WHO["service"], house.edge.place("bot"), "补录订单.xlsx", content)
        assert outcome.answered, outcome.why
        with house.hub.sessions() as session:
            waiting = list(session.execute(_UNREAD).scalars())
        for file_id in waiting:
            jobs.read_received(file_id)

    def ship(self) -> None:
        """What lies ready since before this hour leaves."""
        now = self.house.hub.now()
        with self.house.hub.sessions() as session:
            rows = list(session.execute(_TO_SHIP, {"before": now - timedelta(minutes=20), "now": now}))
        ready = [row for row in rows if not self.month.is_kept(row.external_id)]
        for start in range(0, len(ready), _LINES):
            self._ship(ready[start : start + _LINES])

    def _ship(self, rows: Sequence[Row[Any]]) -> None:
        numbers = {row.external_id: _waybill(row) for row in rows}
        lines = [f"{row.tag} 圆通 {numbers[row.external_id]}" for row in rows]
        words = f"发货 {lines[0]}" if len(lines) == 1 else "发货\n" + "\n".join(lines)
        asked = self.say(WHO["warehouse"], words)
        found = _BATCH.search(asked)
        if found is not None:
            self.say(WHO["warehouse"], f"{found[0]} 确认")
            self.run_batches()
        for row in self.stages(list(numbers)):
            if row.stage == "done":
                self.month.left(row.external_id, numbers[row.external_id])

    def stages(self, numbers: Sequence[str]) -> list[Row[Any]]:
        with self.house.hub.sessions() as session:
            return list(session.execute(_STAGES, {"numbers": list(numbers)}))

    def tell_month(self) -> None:
        """How far the orders of the stories are."""
        self._join_what_mends()
        for row in self.stages([one for one in self.month.of if not self.month.is_over(one)]):
            if row.stage in _MOMENTS:
                self._reached(row, _MOMENTS[row.stage])
            if row.external_id in self.month.at_home:
                self._reached(row, "signed")

    def _join_what_mends(self) -> None:
        """Orders that people made in chat belong to the story of the one that they mend."""
        with self.house.hub.sessions() as session:
            found = session.execute(_MENDS, {"numbers": list(self.month.of)}).all()
        for row in found:
            self.month.joined(row.external_id, self.month.of[row.mended])

    def _reached(self, row: Row[Any], moment: Any) -> None:
        planted = self.month.of[row.external_id]
        new = moment not in planted.happened
        self.month.reached(row.external_id, moment)
        if planted.openid and "bound" not in planted.happened:
            self._bind(planted, row.external_id)
        story = planted.story
        if new and moment in story.says:
            who = WHO[story.by or story.role]
            self.confirm(who, self.say(who, story.says[moment].format(tag=row.tag)))

    def confirm(self, who: str, answer: str) -> None:
        """A draft is looked over, and is right; what is pointed out beside it is meant so."""
        if _DRAFT in answer:
            self.say(who, next((words for words in ("仍要补发", "仍要换货") if words in answer), "确认"))

    def _bind(self, planted: Planted, number: str) -> None:
        """The buyer tells the shop's account which order is theirs."""
        planted.happened.add("bound")
        order = self.house.world.find(number)
        assert order is not None
        self.house.phones.customer_say(planted.openid, f"{number} {order.buyer.phone[-4:]}")

    # matters

    def live(self) -> list[Row[Any]]:
        with self.house.hub.sessions() as session:
            return list(session.execute(LIVE))

    def work_on_matters(self) -> None:
        self.read_phones()
        for case in self.live():
            if case.id not in self.seen:
                self._take_up(case)
            else:
                self._end(case)

    def _take_up(self, case: Row[Any]) -> None:
        """The first look at a matter: the buyer is written to, and somebody says that it is theirs."""
        self.seen.add(case.id)
        for number, tag in self.concerned(case):
            self._write_buyer(number, tag)
        if case.id % 2 and case.state == "open":
            self.act(case, "认领")
        if case.external_id is not None:
            self.month.reached(case.external_id, "asked" if case.kind == "refund_wait" else "taken")
        elif case.kind == "stale_group":
            self.look_for_the_forgotten()

    def look_for_the_forgotten(self) -> None:
        """Those of whom the list says that they stand too long are taken in hand."""
        tags = _TAG.findall(self.say(WHO["warehouse"], "超时 待发货"))
        with self.house.hub.sessions() as session:
            found = session.execute(_TAGS, {"tags": tags}).all() if tags else []
        for row in found:
            self.month.reached(row.external_id, "taken")

    def concerned(self, case: Row[Any]) -> list[tuple[str, str]]:
        """The orders whose buyer is to be written to."""
        if case.external_id is not None:
            return [(case.external_id, case.tag)]
        tags = case.evidence.get("tags", ()) if case.kind == "unmerged" else ()
        with self.house.hub.sessions() as session:
            found = session.execute(_TAGS, {"tags": list(tags)}).all() if tags else []
        return [(row.external_id, row.tag) for row in found]

    def _write_buyer(self, number: str, tag: str) -> None:
        """In the platform's own chat, with the words that the hub shows."""
        planted = self.month.of.get(number)
        bound = planted is not None and bool(planted.openid)
        if not bound or (planted is not None and planted.story.hears == "script"):
            answer = self.say(WHO["service"], f"话术 {tag}")
            if f"{tag} 的话术" in answer and "亲，" in answer:
                self.scripts[number] = answer

    def _end(self, case: Row[Any]) -> None:
        words = ENDS[case.kind](self, case) if case.kind in ENDS else kind_of(case.kind, case.evidence).solved
        if words and self.tried.get(case.id, 0) < 4:
            self.tried[case.id] = self.tried.get(case.id, 0) + 1
            self.act(case, words)

    def first(self, case: Row[Any]) -> bool:
        """Whether nobody has tried to end it before; now somebody has."""
        tried = self.tried.get(case.id, 0)
        self.tried[case.id] = tried + 1
        return tried == 0

    def act(self, case: Row[Any], words: str) -> None:
        """Press it where a card carries it, else type it behind the matter's code."""
        who, code = WHO[case.role], short_code(case.id)
        chat, card = self.cards.get(code, ("", None))
        if card is not None and words in controls(card, who) and self._reads(who, chat):
            self.presses += 1
            outcome = self.house.press(who, card, words)
            if outcome.answered:
                return
        answer = self.say(who, f"{code} {words}")
        if "订单中枢" not in answer and ("不能" in answer or "请发" in answer or "没有" in answer or not answer):
            self.refused.append(f"{case.kind} {case.tag or case.group_key} {words}: {answer[:160]}")

    def _reads(self, who: str, chat: str) -> bool:
        return chat in ("group", "dgroup") or chat.endswith(f":{who}")


def _waybill(row: Row[Any]) -> str:
    """One for each parcel: what was merged leaves in one."""
    return f"YT{2 * 10**12 + row.id if row.merge_id is None else 3 * 10**12 + row.merge_id:013d}"
