"""The worker's door to ERPs and to the courier interface: what they tell goes to the handlers, which decide.

One job reads one ERP up to now; another asks about the parcels whose time has come, a bounded number per run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Final, Literal

import structlog
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

import handlers.supply.erp
import handlers.supply.erps
import handlers.supply.levels
import handlers.supply.parcel_news
import handlers.supply.parcels
import handlers.upstream
import ingest.erp.engine
from config import Erp as ErpSettings
from handlers.desk import Desk, Job
from handlers.supply.parcels import Wanted
from ingest.courier import TRACKERS, Tracker
from ingest.courier.source import Ask, TrackRefused
from ingest.erp import ERPS
from ingest.erp.engine import Takers
from ingest.erp.source import ErpShipment, StockLevel
from ingest.http import Unanswered, Unreached
from ingest.means import Means
from ingest.source import Action, PlatformError
from models.parcel import Tracked
from wire import Hub, enqueue, hub, started
from workers.shop import at_desk
from workers.tracking import PUSH_PATH

log = structlog.get_logger()
_What = Literal["subscribe", "query"]
_UNREACHED: Final = 50.0  # seconds after which the next run, a minute later, asks again
_BEHIND: Final = 5.0
_STOPPED: Final = 600.0
_MANY: Final = 5  # refusals one after the other
_REMEMBERED: Final = 3 * 24 * 3600  # seconds
_AT_ONCE: Final[dict[_What, int]] = {"subscribe": 200, "query": 20}  # per run; the next one is a minute away


def read_erp(slug: str) -> str:
    """Read one ERP up to now, and tell the platforms what it has not told them in time."""
    here = hub()
    started(here, Job.READ_ERP, slug)
    settings = next((erp for erp in here.settings.erp if erp.slug == slug), None)
    if settings is None:
        return "no such ERP"
    with here.open_desk() as desk:
        handlers.supply.erp.owe_late(desk)
    later: list[tuple[Job, tuple[object, ...]]] = []
    client = ERPS[settings.kind](settings, _means(here))
    try:
        report = ingest.erp.engine.read(here.sessions, slug, client, _takers(here, settings, later), now=here.now)
    finally:
        for job, arguments in later:
            enqueue(here, job, arguments)
    if not report.busy and not report.stopped and report.skipped != "stopped":
        _at_desk(here, lambda desk: _note_reading(desk, settings, finished=report.finished))
    if report.more:
        enqueue(here, Job.READ_ERP, (slug,))
    log.info("erp_read", erp=slug, report=str(report))
    return str(report)


def _note_reading(desk: Desk, settings: ErpSettings, *, finished: bool) -> None:
    """What the ERP's matter becomes. One whose interface fails is a matter already."""
    if finished:
        handlers.supply.erps.resumed(desk, settings.slug)
    elif not handlers.upstream.is_down(desk, settings.kind):
        handlers.supply.erps.unread(desk, settings.slug)


def _takers(here: Hub, settings: ErpSettings, later: list[tuple[Job, tuple[object, ...]]]) -> Takers:
    def orders(desk: Desk, page: Sequence[ErpShipment]) -> None:
        handlers.supply.erp.take_in(desk, settings, [handlers.supply.erp.Told(**asdict(one)) for one in page])

    def stock(desk: Desk, page: Sequence[StockLevel]) -> None:
        levels = [handlers.supply.levels.Level(**asdict(one)) for one in page]
        net = settings.stock == "net"
        handlers.supply.levels.told(desk, settings.slug, levels, net=net, shops=list(settings.shops))

    take_stock: Callable[[Session, Sequence[StockLevel]], None] | None = None
    if settings.stock != "none":
        take_stock = at_desk(here, later, stock)
    return Takers(at_desk(here, later, orders), take_stock, at_desk(here, later, handlers.supply.erps.stopped))


def _means(here: Hub) -> Means:
    return Means(now=here.now, sessions=here.sessions, redis=here.redis)


def track_parcels() -> str:
    """Have new parcels told by themselves, and ask about those that were not heard of. The gate before the interface
    keeps its pace; the first answer that shows it to be down or spent ends the run."""
    here = hub()
    started(here, Job.TRACK_PARCELS)
    settings = here.settings.courier
    if settings is None:
        return "no courier interface"
    tracker = TRACKERS[settings.kind](settings, here.settings.hub.base_url + PUSH_PATH, _means(here))
    done = {what: _ask_all(here, tracker, what) for what in _AT_ONCE}
    return str(done)


def _ask_all(here: Hub, tracker: Tracker, what: _What) -> int:
    with here.open_desk() as desk:
        found = handlers.supply.parcels.wanted(desk, what, _AT_ONCE[what])
    row = _Row(here, tracker.kind, what)
    for number, one in enumerate(found):
        try:
            _ask(here, tracker, one, row)
        except PlatformError as error:
            log.warning("courier_asked_in_vain", what=what, code=error.code, message=error.message)
            if not _is_its_own(error):
                _stop(here, found[number:], error)
                row.tell(error)
                return number
            _failed(here, one, error)
    row.tell()
    return len(found)


def _is_its_own(error: PlatformError) -> bool:
    """Whether the failure may be this parcel's alone, so that the others are still asked about."""
    return error.resolution.action in (Action.RETRY, Action.PARK) and not isinstance(error, Unanswered)


def _ask(here: Hub, tracker: Tracker, one: Wanted, row: _Row) -> None:
    ask = Ask(one.courier, one.waybill, one.phone_tail)
    try:
        if one.what == "subscribe":
            tracker.subscribe(ask)
            row.worked()
            _at_desk(here, lambda desk: handlers.supply.parcels.subscribed(desk, one.parcel_id))
        else:
            told = tracker.query(ask)
            row.worked()
            _heard(here, tracker, one, told)
    except TrackRefused as refusal:
        why = str(refusal)
        _at_desk(here, lambda desk: handlers.supply.parcels.refused(desk, one.parcel_id, why))
        if refusal.perhaps_all:
            row.refused(why)


class _Row:
    """How one interface takes one kind of question, over all runs: many refusals one after the other are a matter of
    what the account may, which no circuit sees. Without Redis they are counted for this run only."""

    def __init__(self, here: Hub, party: str, what: _What) -> None:
        self._here, self._party, self._what = here, party, what
        self._key = f"hub:refusals:{party}:{what}"
        self._worked, self._many, self._why = False, 0, ""

    def worked(self) -> None:
        if not self._worked or self._many:
            self._redis(lambda: self._here.redis.delete(self._key))
        self._worked, self._many = True, 0

    def refused(self, why: str) -> None:
        self._many, self._why = self._many + 1, why
        self._many = max(self._many, int(self._redis(lambda: self._here.redis.incr(self._key)) or 0))
        self._redis(lambda: self._here.redis.expire(self._key, _REMEMBERED))

    def tell(self, error: PlatformError | None = None) -> None:
        """The run is over; `error` ended it."""
        why = error.resolution.text if error and error.resolution.action in (Action.STOP, Action.PAUSE) else ""
        if not why and self._many >= _MANY:
            why = f"{self._why}（连续 {self._many} 个包裹）"
        if why:
            _at_desk(self._here, lambda desk: handlers.upstream.refused(desk, self._party, self._what, why))
        elif self._worked:
            _at_desk(self._here, lambda desk: handlers.upstream.worked(desk, self._party, self._what))

    def _redis(self, tell: Callable[[], Any]) -> Any:
        try:
            return tell()
        except RedisError:
            return None


def _heard(here: Hub, tracker: Tracker, one: Wanted, told: Tracked | None) -> None:
    if told is not None and told.lines:
        _at_desk(here, lambda desk: handlers.supply.parcel_news.heard(desk, told))
        return
    guesses = _guesses(tracker, one)
    _at_desk(here, lambda desk: handlers.supply.parcels.nothing_yet(desk, one.parcel_id, guesses))


def _at_desk(here: Hub, work: Callable[[Desk], object]) -> None:
    with here.open_desk() as desk:
        work(desk)


def _guesses(tracker: Tracker, one: Wanted) -> list[str]:
    """Whose number it looks like, where it is not this courier's. Only a guess, so nothing hangs on it."""
    try:
        found = tracker.detect(one.waybill)
    except PlatformError:
        return []
    return [] if one.courier in found else found


def _failed(here: Hub, one: Wanted, error: PlatformError) -> None:
    with here.open_desk() as desk:
        handlers.supply.parcels.failed(desk, one.parcel_id, one.what, error.wait_seconds)


def _stop(here: Hub, left: Sequence[Wanted], error: PlatformError) -> None:
    """The interface is down, spent, or does not want us: nobody else is asked about now, and the next run begins with
    another one, should it be this one that it does not stand."""
    seconds = error.wait_seconds or (_STOPPED if error.resolution.action is Action.STOP else _UNREACHED)
    first, rest = left[0], left[1:]
    asked = isinstance(error, Unanswered) and not isinstance(error, Unreached) and first.what == "query"
    own = handlers.supply.parcels.SOONEST.total_seconds() if asked else seconds + _BEHIND
    with here.open_desk() as desk:
        handlers.supply.parcels.put_off(desk, first.what, [one.parcel_id for one in rest], seconds)
        handlers.supply.parcels.put_off(desk, first.what, [first.parcel_id], own)
