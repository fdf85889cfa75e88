"""The answers to 积压, 超时, 异常, 日报 and 瓶颈. Texts are masked already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.stages import Stage


@dataclass(frozen=True, slots=True)
class Load:
    """Orders that lie somewhere: in a stage, or of a shop."""

    title: str
    orders: int
    stale: int
    oldest_at: datetime | None
    paid_fen: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open order in a list; `codes` are those of its live cases."""

    tag: str
    stage: Stage
    stage_entered_at: datetime
    ship_by_at: datetime | None
    stale: bool
    paid_fen: int
    shop: str
    owner: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BacklogView:
    """`积压`: by stage and by shop; `title` names what was asked about, "" for everything."""

    at: datetime
    title: str
    stages: tuple[Load, ...]
    shops: tuple[Load, ...]
    oldest: tuple[Waiting, ...]
    note: str = ""

    @property
    def orders(self) -> int:
        return sum(load.orders for load in self.stages)


@dataclass(frozen=True, slots=True)
class Tier:
    """How near to the platform's deadline: 已超, 危险, 紧急, 预警."""

    title: str
    orders: int
    paid_fen: int


@dataclass(frozen=True, slots=True)
class LateCase:
    """A live case that nobody took in time, or that was not done by the promised time."""

    code: str
    title: str
    tag: str
    owner: str  # a name, or the role in Chinese
    due_at: datetime
    claimed: bool


@dataclass(frozen=True, slots=True)
class OverdueView:
    """`超时`: the worst first; `stale`: orders over their stage's time."""

    at: datetime
    title: str
    tiers: tuple[Tier, ...]
    stale: int
    total: int
    rows: tuple[Waiting, ...]
    cases: tuple[LateCase, ...]
    case_total: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class KindCount:
    title: str
    cases: int
    unclaimed: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class OpenCase:
    code: str
    title: str
    tag: str
    reason: str
    owner: str  # a name, or the role in Chinese
    claimed: bool
    severity: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class ExceptionsView:
    """`异常`: live cases by kind and by who has them; the most urgent as rows."""

    at: datetime
    title: str
    total: int
    kinds: tuple[KindCount, ...]
    owners: tuple[tuple[str, int], ...]
    rows: tuple[OpenCase, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class PersonDay:
    name: str
    done: tuple[tuple[str, int], ...]  # 审核 12, 发货 30


@dataclass(frozen=True, slots=True)
class DailyView:
    """`日报`. `new`: placed that day on the platforms; `shipped`: left that day, `shipped_late` of them after their
    deadline; `review`: the median from an order's coming to its 审核, `solve` from a case's opening to its end;
    `by_itself`: of the solved cases, how many nobody had to touch; `passed_alone` of the `passed` orders
    went through 待审核 by themselves, None where none can. `open_late`: over their deadline now, None for a day that is
    over. `mishaps`: where the wrong, missing, short or damaged goods that were settled that day went wrong."""

    day: date
    at: datetime
    new: int
    shipped: int
    shipped_late: int
    shipped_fen: int
    shops: tuple[tuple[str, int, int], ...]  # name, new, shipped
    opened: int
    solved: int
    by_itself: int
    kinds: tuple[tuple[str, int], ...]  # opened that day
    review: timedelta | None
    solve: timedelta | None
    open_orders: int | None
    stale: int | None
    open_late: int | None
    people: tuple[PersonDay, ...] = ()
    note: str = ""
    passed_alone: int | None = None
    passed: int = 0
    mishaps: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """How long orders stay in a stage, or of a shop, or cases of a kind stay open. `waiting` and `oldest_at`: those
    that are there now. `median` and `p90` count what was finished in the period and what is there, as long as it has
    been so far; None where there was none. `share`: of all the waiting, 0 to 1."""

    title: str
    who: str
    finished: int
    waiting: int
    median: timedelta | None
    p90: timedelta | None
    oldest_at: datetime | None
    share: float


@dataclass(frozen=True, slots=True)
class BottleneckView:
    """`瓶颈` of the last `days`: a sentence first."""

    at: datetime
    days: int
    verdict: str
    stages: tuple[Stay, ...]
    shops: tuple[Stay, ...]
    kinds: tuple[Stay, ...]
    waits: tuple[tuple[str, int], ...]  # "缺货，等采购": orders that a case locks
    note: str = ""
