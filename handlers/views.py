"""Answers as values. A handler returns one of these; the bot dresses it as a card, the board as a page.

Texts are Chinese and already safe for the place they go to: receiver data is masked unless the view is a `RevealView`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from handlers.batches.view import BatchView
from handlers.buttons import Choice, Offer
from handlers.completeness.view import ProofView
from handlers.dispatch.view import DispatchView
from handlers.drafts.view import DraftView
from handlers.duty.view import AbsenceView, DutyView, HandoverView
from handlers.lock_reason import besides
from handlers.reports.view import BacklogView, BottleneckView, DailyView, ExceptionsView, OverdueView
from handlers.rulebook.view import RuleView
from handlers.usefulness.view import AdviceView
from models.stages import Stage


@dataclass(frozen=True, slots=True)
class TextView:
    """A plain sentence or a few lines of markdown."""

    text: str
    private: bool = False  # to the asker alone, never into the group


@dataclass(frozen=True, slots=True)
class StageCount:
    stage: Stage
    count: int
    stale: int
    oldest_entered_at: datetime | None
    paid_fen: int


@dataclass(frozen=True, slots=True)
class BoardView:
    """`看板`: one row per open stage, live cases by kind, what was done today."""

    at: datetime
    stages: tuple[StageCount, ...]
    cases: tuple[tuple[str, int], ...]  # (Chinese title of the kind, count)
    done_today: int
    new_today: int
    stopped_shops: tuple[str, ...]
    link: str = ""
    unreadable: tuple[tuple[str, int], ...] = ()  # (shop, records that nobody could read), for supervisors
    note: str = ""


@dataclass(frozen=True, slots=True)
class LineView:
    title: str
    spec: str
    sku: str
    quantity: int
    refund: str


@dataclass(frozen=True, slots=True)
class OrderCase:
    """A live case on the page of its order; `blocks`: it locks the order."""

    case_id: int
    revision: int
    code: str
    title: str
    reason: str
    role: str  # Chinese
    owner: str
    blocks: bool
    offers: tuple[Offer, ...]
    more: tuple[Offer, ...]
    choice: Choice | None
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class OrderView:
    """`查`: one order. `note` is a line about what just happened (after a press); `offers` fit the asker's roles
    only as a hint."""

    order_id: int
    revision: int
    tag: str
    external_id: str
    shop: str
    kind: str  # Chinese, "" for a normal order
    kind_evidence: str
    stage: Stage
    stage_entered_at: datetime
    stale: bool
    paid_fen: int
    paid_at: datetime | None
    ship_by_at: datetime | None
    lines: tuple[LineView, ...]
    buyer_message: str
    seller_memo: str
    receiver: str  # masked, with region
    hold: str
    refund: str
    lock_reason: str
    owner: str
    waybill: str
    courier: str
    cases: tuple[str, ...]  # "地址模糊：缺区县（A7F2）"
    offers: tuple[Offer, ...] = ()
    choice: Choice | None = None
    note: str = ""
    at: datetime | None = None
    more: tuple[Offer, ...] = ()  # behind 更多
    unknown: tuple[str, ...] = ()  # what the rules cannot tell: "详细地址由平台隐藏，看不到门牌"
    live: tuple[OrderCase, ...] = ()  # the same cases as `cases`, with their buttons
    related: tuple[str, ...] = ()  # "原单 TB-20251222-001", "补发单 CHAT-…（待审核）", "与 TB-…（待发货）合并发货"
    special: tuple[str, ...] = ()  # "加急（备注“加急”）"
    parcels: tuple[str, ...] = ()  # the last word of each parcel on its way
    erp: str = ""  # what the ERP made of it: "聚水潭 异常：地址不详"
    fields: tuple[tuple[str, str], ...] = ()  # the company's own, those that are set: ("礼盒", "是")

    @property
    def locked_besides(self) -> list[str]:  # what the lock says beside the matters of its own
        return besides(self.lock_reason, [case.title for case in self.live if case.blocks])


@dataclass(frozen=True, slots=True)
class OrderRow:
    order_id: int
    tag: str
    stage: Stage
    stage_entered_at: datetime
    stale: bool
    summary: str  # goods in a few words
    shop: str = ""
    paid_fen: int = 0
    marks: tuple[str, ...] = ()  # what is wrong with it: "地址模糊", "缺货"; lateness is `stale`


@dataclass(frozen=True, slots=True)
class OrderListView:
    """Several orders: a search with more than one hit, `我的` …"""

    title: str
    rows: tuple[OrderRow, ...]
    total: int
    hint: str = ""


@dataclass(frozen=True, slots=True)
class CaseRow:
    code: str
    title: str
    tag: str
    reason: str
    opened_at: datetime
    owner: str


@dataclass(frozen=True, slots=True)
class MineView:
    """`我的`: live cases and orders that a person has, and the most urgent ones of the person's roles that nobody
    has."""

    name: str
    roles: str
    cases: tuple[CaseRow, ...]
    case_total: int
    orders: tuple[OrderRow, ...]
    order_total: int
    at: datetime
    note: str = ""
    free_cases: tuple[CaseRow, ...] = ()
    free_case_total: int = 0
    free_orders: tuple[OrderRow, ...] = ()
    free_order_total: int = 0


@dataclass(frozen=True, slots=True)
class CaseView:
    """The one card of a case, at every moment of its life. `settled`: no buttons any more, `note` says by whom."""

    case_id: int
    revision: int
    code: str
    kind: str
    title: str  # "地址模糊", "待审核超时"
    reason: str
    severity: str  # P1, P2, P3
    order_id: int | None
    tag: str
    shop: str
    stage: Stage | None
    stage_entered_at: datetime | None
    ship_by_at: datetime | None
    paid_fen: int
    goods: str
    receiver: str  # masked
    owner: str
    owner_userids: Mapping[str, str]  # platform → userid
    role: str  # Chinese
    state: str
    opened_at: datetime
    claimed_until: datetime | None
    at: datetime
    lines: tuple[str, ...] = ()  # the orders of a group matter
    total: int = 0
    note: str = ""
    told: str = ""  # what the customer heard of its end
    settled: bool = False
    offers: tuple[Offer, ...] = ()
    more: tuple[Offer, ...] = ()  # behind 更多
    choice: Choice | None = None
    after: tuple[Offer, ...] = ()  # what can still be said of it once it is over
    calls: Mapping[str, str] = field(default_factory=dict)  # who is called by @ where many read it


@dataclass(frozen=True, slots=True)
class StockView:
    """`库存`: what lies there of a SKU (None: nobody has counted it), and what open orders still need of it."""

    sku: str
    title: str  # as the newest order calls it, "" where none does
    on_hand: int | None
    waiting_pieces: int
    waiting: tuple[OrderRow, ...]  # the first of them get it first
    waiting_orders: int
    note: str = ""
    locked: int = 0  # held by others than the hub's orders
    incoming: int = 0
    incoming_at: datetime | None = None
    source: str = ""  # the ERP that counts it
    outside: int = 0  # pieces that left without that ERP, which it still counts: `on_hand` is without them


@dataclass(frozen=True, slots=True)
class TrailEntry:
    at: datetime
    actor: str
    action: str
    detail: str


@dataclass(frozen=True, slots=True)
class TrailView:
    tag: str
    entries: tuple[TrailEntry, ...]
    total: int
    whole: bool  # the hash chain is unbroken
    parcels: tuple[str, ...] = ()  # each parcel's way, the newest line first
    note: str = ""


@dataclass(frozen=True, slots=True)
class HelpEntry:
    """A command; `brief`: what it does in a few characters; `who`: a sentence on the roles that may give it, "" for
    everybody."""

    group: str
    usage: str
    does: str
    example: str = ""
    names: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    who: str = ""
    brief: str = ""


@dataclass(frozen=True, slots=True)
class HelpView:
    """`帮助`: the commands that the asker may give, in the order of their groups; about one command or one group where
    `topic` names it."""

    name: str
    roles: str
    commands: tuple[HelpEntry, ...]
    topic: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RevealView:
    """Receiver data in clear, to one person, after a reason was given and recorded."""

    tag: str
    name: str
    phone: str
    address: str
    unknown: str = ""  # what the platform keeps hidden, said plainly


View = (
    TextView | BoardView | OrderView | OrderListView | MineView | CaseView | TrailView | HelpView | RevealView
    | StockView | DraftView | ProofView | BatchView | DutyView | AbsenceView | HandoverView | DispatchView
    | BacklogView | OverdueView | ExceptionsView | DailyView | BottleneckView | RuleView | AdviceView
)  # fmt: skip
