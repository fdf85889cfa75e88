"""Proves that the hub has every order that a platform has of one Beijing day of creation; what it lacks is read at once
and counted again. A platform that could not be asked proves nothing: the day stays unknown, never green.

No order is looked for by its time: the hub's orders of a day are named by their tags, whose numbers are gapless.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, text, update

from ingest.reading import BATCH, Reading, Told, batches, said
from ingest.snapshot import OrderSnapshot, Unreadable
from ingest.source import Action, PlatformError, Record
from models import Proof
from models.beijing import day_start

log = structlog.get_logger()
_MOST_ASKED: Final = 200  # orders of the hub that the list does not show, asked for one by one
_SECOND: Final = timedelta(seconds=1)
_NAMED: Final = 5
_BY_DEAL: Final = frozenset({"pdd"})  # whose list goes by the moment of the deal (`paid_at`), not of the order
_SENT_LATER: Final = {"mail": timedelta(0), "sheet": timedelta(days=31)}
"""What people send is listed where it came (`modified_at`) on the order's day, or so long after it."""

_LAST: Final = text("SELECT last FROM tag_counters WHERE prefix = :prefix AND day = :day")
_OF_TAGS: Final = text("""
    SELECT external_id, effect, created_at, paid_at, modified_at FROM orders WHERE tag = ANY(:tags) AND shop_id = :shop
""")
_CHANGED_AFTER: Final = text("""
    SELECT external_id FROM orders WHERE shop_id = :shop AND external_id = ANY(:ids) AND modified_at > :read_to
""")
_READ_TO: Final = text("SELECT synced_to FROM cursors WHERE shop_id = :shop AND api = :api")
_HERE: Final = text("SELECT external_id FROM orders WHERE shop_id = :shop AND external_id = ANY(:ids)")


@dataclass(slots=True)
class Count:
    """One comparison. `stated`: the platform's own number, None where it states none; `listed`: the numbers that its
    list shows; `lacking`: those that the hub has not; `strangers`: orders of the hub's that the platform does not know;
    `unlisted`: such that it knows, or was not asked about, and that its list of the day leaves out.
    """

    stated: int | None = None
    listed: set[str] = field(default_factory=set)
    lacking: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)

    @property
    def platform(self) -> int:
        return len(self.listed) if self.stated is None else self.stated

    @property
    def hub(self) -> int:
        return len(self.listed) - len(self.lacking) + len(self.strangers) + len(self.unlisted)

    @property
    def state(self) -> str:
        """An empty list beside orders of the hub's proves nothing, neither that all are here nor that one is not."""
        if self.lacking or self.strangers or self.unlisted or self.platform != self.hub:
            return "unknown" if self.unlisted and not self.listed and not self.stated else "red"
        return "green"


def prove(reading: Reading, day: date, *, told: Told) -> Proof:
    """Compare, back-fill what is missing, compare again. `told` runs in each transaction that writes the proof: with
    what was missing before it is read, and with what came of it."""
    start = day_start(day)
    work = _Work(reading, day, (start, start + timedelta(days=1) - _SECOND), told)
    try:
        work.run()
    except PlatformError as error:
        log.warning("proof_cut_short", shop=reading.shop.slug, day=day.isoformat(), code=error.code)
        work.cut_short(error)
    return work.proof


class _Work:
    def __init__(self, reading: Reading, day: date, window: tuple[datetime, datetime], told: Told) -> None:
        self._reading, self._window, self._written = reading, window, told
        self.proof = Proof(shop_id=reading.shop_id, day=day, state="unknown", proved_at=reading.now())

    def run(self) -> None:
        shop = self._reading.shop
        if shop.state == "stopped":
            self._write(state="unknown", reason=f"店铺已停止同步：{shop.problem or '原因不明'}")
        elif self._reading.closed() < self._window[1]:
            self._write(state="unknown", reason="这一天还没有结束")
        elif (read_to := self._read_to()) is None or read_to < self._window[1]:
            self._write(state="unknown", reason="同步还没有读到这一天的末尾")
        else:
            self._prove(read_to)

    def cut_short(self, error: PlatformError) -> None:
        """What is known to be missing stays missing; where nothing is known, nothing is proved."""
        reason = f"平台没有答完：{said(error)}"
        self._write(state="red" if self.proof.still else "unknown", reason=reason)

    def _prove(self, read_to: datetime) -> None:
        first = self._count()
        if not first.lacking:
            self._conclude(first, missing=[])
            return
        self._write(
            state="filling", platform_orders=first.platform, hub_orders=first.hub, missing=first.lacking,
            still=first.lacking, reason=f"缺 {len(first.lacking)} 单，正在补拉",
        )  # fmt: skip
        self._reading.take_created(*self._window)
        on_its_way = self._changed_after(read_to, first.lacking)
        self._conclude(self._count(), missing=[number for number in first.lacking if number not in on_its_way])

    def _conclude(self, found: Count, *, missing: list[str]) -> None:
        self._write(
            state=found.state, platform_orders=found.platform, hub_orders=found.hub,
            missing=missing, still=found.lacking, strangers=found.strangers, reason=_reason(found),
        )  # fmt: skip

    def _read_to(self) -> datetime | None:
        api = self._reading.marketplace.api
        with self._reading.sessions() as session:
            return session.execute(_READ_TO, {"shop": self._reading.shop_id, "api": api}).scalar()

    def _changed_after(self, read_to: datetime, ids: list[str]) -> set[str]:
        """Those that were paid or changed since the last pull: the next one would have brought them."""
        wanted = {"shop": self._reading.shop_id, "ids": ids, "read_to": read_to}
        with self._reading.sessions() as session:
            return set(session.execute(_CHANGED_AFTER, wanted).scalars())

    def _write(self, **values: object) -> None:
        """The row, and what people hear of it, are one transaction."""
        with self._reading.sessions() as session:
            if self.proof.id is None:
                for name, value in values.items():
                    setattr(self.proof, name, value)
                session.add(self.proof)
                session.flush()  # its number is what people are told by
            else:
                change = update(Proof).where(Proof.id == self.proof.id)
                session.execute(change.values(**values, revision=Proof.revision + 1, proved_at=self._reading.now()))
            self._written(session, self.proof.id)
            session.commit()
            self.proof = session.get_one(Proof, self.proof.id, populate_existing=True)

    def _count(self) -> Count:
        found = self._reading.call(self._listed)
        if found.platform != len(found.listed):  # an order may have been paid between the two questions
            found = self._reading.call(self._listed)
        own = {row.external_id: row for row in self._own()}
        for ids in _chunks(sorted(found.listed)):
            here = self._here(ids)
            found.lacking += [number for number in ids if number not in here]
        self._look_for(found, [own[number] for number in sorted(own.keys() - found.listed)])
        return found

    def _listed(self) -> Count:
        """The numbers alone are kept: a day may hold a hundred thousand."""
        start, end = self._window
        found = Count(stated=self._reading.marketplace.count_created(start, end))
        for batch in batches(self._reading.marketplace.created(start, end)):
            found.listed.update(record.external_id for record in batch)
        return found

    def _own(self) -> Iterator[Row[Any]]:
        shop, day = self._reading.shop, self.proof.day.strftime("%Y%m%d")
        with self._reading.sessions() as session:
            last = session.execute(_LAST, {"prefix": shop.prefix, "day": day}).scalar() or 0
            # Whole tags: a range of texts would depend on the database's collation.
            for first in range(1, last + 1, BATCH):
                tags = [f"{shop.prefix}-{day}-{n:03d}" for n in range(first, min(first + BATCH, last + 1))]
                yield from session.execute(_OF_TAGS, {"tags": tags, "shop": shop.id})

    def _here(self, ids: Sequence[str]) -> set[str]:
        with self._reading.sessions() as session:
            return set(session.execute(_HERE, {"shop": self._reading.shop_id, "ids": list(ids)}).scalars())

    def _look_for(self, found: Count, unlisted: Sequence[Row[Any]]) -> None:
        """Of the hub's orders that the list leaves out: which the platform does not know, and which it should list."""
        missed = [row for row in unlisted if not self._is_elsewhere(row)]
        paid = [row.external_id for row in missed if row.effect != "unpaid"]
        unpaid = [row.external_id for row in missed if row.effect == "unpaid"]
        if len(paid) > _MOST_ASKED:
            found.unlisted += paid
            return
        for number in [*paid, *unpaid][:_MOST_ASKED]:
            record = self._told(number)
            if record is not None and not self._is_told_elsewhere(record):
                found.unlisted.append(number)
            # What was never paid some platforms forget without a word: it is nobody's loss.
            elif record is None and number not in unpaid:
                found.strangers.append(number)

    def _is_elsewhere(self, order: Row[Any] | OrderSnapshot) -> bool:
        """Whether the platform lists such an order under another day, or not at all: one that is no deal (yet)."""
        start, end = self._window[0], self._window[1] + _SECOND
        platform = self._reading.shop.platform
        if platform in _BY_DEAL:
            if order.effect in ("unpaid", "cancelled") or order.paid_at is None:
                return True
            return not start <= order.paid_at < end
        if platform in _SENT_LATER and not start <= order.modified_at < end + _SENT_LATER[platform]:
            return True
        return not start <= order.created_at < end

    def _is_told_elsewhere(self, record: Record) -> bool:
        """The same, by what the platform says now; what cannot be read is no excuse."""
        try:
            return self._is_elsewhere(self._reading.marketplace.parse(record))
        except Unreadable:
            return False

    def _told(self, number: str) -> Record | None:
        try:
            return self._reading.call(lambda: self._reading.marketplace.order(number))
        except PlatformError as error:
            if error.resolution.action is not Action.PARK:
                raise
            return None


def _reason(found: Count) -> str:
    """Chinese, "" where hub and platform agree."""
    words = []
    if found.lacking:
        words.append(f"补拉后仍缺 {len(found.lacking)} 单")
    if found.strangers:
        words.append(f"平台查不到本店 {len(found.strangers)} 单")
    if found.unlisted:
        words.append(f"列表没有给出 {len(found.unlisted)} 单：{_named(found.unlisted)}")
    if found.state == "unknown":
        words.append("列表是空的，不能证明一单不少")
    if found.platform != len(found.listed):
        words.append(_misstated(found.platform, len(found.listed)))
    return "；".join(words)


def _misstated(stated: int, listed: int) -> str:
    if stated < listed:
        return f"平台说只有 {stated} 单，列表却给出 {listed} 单，总数不可信"
    return f"平台说有 {stated} 单，列表给出 {listed} 单，差 {stated - listed} 单说不出编号"


def _named(numbers: Sequence[str]) -> str:
    more = " 等" if len(numbers) > _NAMED else ""
    return "、".join(numbers[:_NAMED]) + more


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(ids), BATCH):
        yield ids[first : first + BATCH]
