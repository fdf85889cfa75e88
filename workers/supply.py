"""The worker's door to ERPs and to the courier interface: what they tell goes to the handlers, which decide.

One job reads one ERP up to now; another asks about the parcels whose time has come, a bounded number per run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final, Literal

import structlog
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
from ingest.means import Means
from ingest.source import Action, PlatformError
from models.parcel import Tracked
from wire import Hub, enqueue, hub, started
from workers.shop import at_desk
from workers.tracking import PUSH_PATH

log = structlog.get_logger()
_What = Literal["subscribe", "query"]
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
    for number, one in enumerate(found):
        try:
            _ask(here, tracker, one)
        except PlatformError as error:
            log.warning("courier_asked_in_vain", what=what, code=error.code, message=error.message)
            _put_off(here, found[number : number + 1] if _is_its_own(error) else found[number:], error)
            if not _is_its_own(error):
                return number
    return len(found)


def _is_its_own(error: PlatformError) -> bool:
    """Whether the failure may be this parcel's alone, so that the others are still asked about."""
    return error.resolution.action in (Action.RETRY, Action.PARK) and error.code != "network"


def _ask(here: Hub, tracker: Tracker, one: Wanted) -> None:
    ask = Ask(one.courier, one.waybill, one.phone_tail)
    try:
        if one.what == "subscribe":
            tracker.subscribe(ask)
            _at_desk(here, lambda desk: handlers.supply.parcels.subscribed(desk, one.parcel_id))
        else:
            _heard(here, tracker, one, tracker.query(ask))
    except TrackRefused as refusal:
        why = str(refusal)
        _at_desk(here, lambda desk: handlers.supply.parcels.refused(desk, one.parcel_id, why))


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


def _put_off(here: Hub, parcels: Sequence[Wanted], error: PlatformError) -> None:
    with here.open_desk() as desk:
        for one in parcels:
            handlers.supply.parcels.failed(desk, one.parcel_id, one.what, error.wait_seconds)
