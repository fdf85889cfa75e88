"""One of every view, with invented people; and views of any length for hypothesis."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from bot.pen import Pen
from handlers.buttons import Choice, Offer
from handlers.completeness.view import ProofRow, ProofView
from handlers.drafts.view import DraftView
from handlers.views import (
    BoardView,
    CaseRow,
    CaseView,
    HelpView,
    LineView,
    MineView,
    OrderListView,
    OrderRow,
    OrderView,
    RevealView,
    StageCount,
    StockView,
    TextView,
    TrailEntry,
    TrailView,
    View,
)
from models.stages import Stage

NOW = datetime(2025, 12, 22, 2, 0, tzinfo=UTC)
KEY = bytes(range(1, 33))
PEN = Pen(KEY, NOW, "http://127.0.0.1:8780")


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def case(**changes: object) -> CaseView:
    return CaseView(**{**_CASE, **changes})  # type: ignore[arg-type]


def order(**changes: object) -> OrderView:
    return OrderView(**{**_ORDER, **changes})  # type: ignore[arg-type]


def draft(**changes: object) -> DraftView:
    return DraftView(**{**_DRAFT, **changes})  # type: ignore[arg-type]


_DRAFT: dict[str, object] = {
    "draft_id": 3,
    "revision": 2,
    "kind": "",
    "state": "",
    "shop": "青禾微信群",
    "tag": "",
    "name": "林小姐",
    "phone": "13812341234",
    "region": "浙江省杭州市西湖区",
    "address": "文三路 1 号",
    "lines": ("CHOP-10 竹木筷子 10 双 ×2", "PLATE-8-W 北欧风陶瓷餐盘 8 寸 白 ×1"),
    "paid_fen": 13_800,
    "remark": "放门卫",
    "original": "",
    "question": "",
    "doubts": (),
    "expires_at": NOW + timedelta(minutes=25),
    "at": NOW,
    "offers": (
        Offer("确认", "draft_confirm", "draft:3", 2, "normal", "main"),
        Offer("改", "draft_change", "draft:3", 2),
        Offer("取消", "draft_cancel", "draft:3", 2, style="danger"),
    ),
    "private": True,
}

_CASE: dict[str, object] = {
    "case_id": 12,
    "revision": 3,
    "code": "A7F2",
    "kind": "stale_stage",
    "title": "待审核超时",
    "reason": "在待审核停留 3 小时 12 分，上限 2 小时",
    "severity": "P1",
    "order_id": 5,
    "tag": "JD-20251222-001",
    "shop": "青禾京东店",
    "stage": Stage.PENDING_REVIEW,
    "stage_entered_at": ago(hours=3, minutes=12),
    "ship_by_at": NOW + timedelta(hours=5),
    "paid_fen": 31_800,
    "goods": "北欧风陶瓷餐盘 8 寸 ×2",
    "receiver": "林** 138****1234 浙江省杭州市西湖区",
    "owner": "小李",
    "owner_userids": {"wecom": "xiaoli", "dingtalk": "dt-xiaoli"},
    "role": "客服",
    "state": "open",
    "opened_at": ago(minutes=12),
    "claimed_until": None,
    "at": NOW,
    "offers": (
        Offer("认领", "claim", "case:12", 3, style="main"),
        Offer("审核通过", "approve", "case:12", 3),
    ),
    "more": (
        Offer("转交", "transfer", "case:12", 3),
        Offer("延后", "delay", "case:12", 3),
        Offer("忽略", "dismiss", "case:12", 3, style="danger"),
    ),
    "choice": Choice("minutes", "多久办好", (("30", "30 分钟"), ("60", "1 小时")), "30"),
}

_ORDER: dict[str, object] = {
    "order_id": 5,
    "revision": 7,
    "tag": "JD-20251222-001",
    "external_id": "3210000001",
    "shop": "青禾京东店",
    "kind": "预售",
    "kind_evidence": "商品标题含“预售”",
    "stage": Stage.PENDING_REVIEW,
    "stage_entered_at": ago(hours=1, minutes=5),
    "stale": False,
    "paid_fen": 31_800,
    "paid_at": ago(hours=2),
    "ship_by_at": NOW + timedelta(hours=46),
    "lines": (
        LineView("北欧风陶瓷餐盘", "8 寸 白", "PLATE-8-W", 2, ""),
        LineView("竹木筷子", "10 双", "CHOP-10", 1, ""),
    ),
    "buyer_message": "请放门卫",
    "seller_memo": "老客户，送贺卡",
    "receiver": "林** 138****1234 浙江省杭州市西湖区",
    "hold": "",
    "refund": "",
    "lock_reason": "",
    "owner": "小李",
    "waybill": "",
    "courier": "",
    "cases": ("地址模糊：缺区县（A7F2）",),
    "offers": (Offer("审核", "approve", "order:5", 7, style="main"), Offer("备注", "note", "order:5", 7)),
    "note": "",
    "at": NOW,
    "unknown": ("详细地址由平台隐藏，看不到门牌",),
}

_ROWS = (
    OrderRow(5, "JD-20251222-001", Stage.PENDING_REVIEW, ago(hours=3), True, "陶瓷餐盘 ×2"),
    OrderRow(6, "TB-20251222-004", Stage.DONE, ago(hours=30), False, "竹木筷子"),
)

VIEWS: dict[str, View] = {
    "text": TextView("已改派给老王。"),
    "board": BoardView(
        at=NOW,
        stages=(
            StageCount(Stage.PENDING_REVIEW, 12, 3, ago(hours=3, minutes=12), 1_230_000),
            StageCount(Stage.PENDING_PICK, 5, 0, ago(minutes=40), 410_050),
            StageCount(Stage.PENDING_SHIP, 0, 0, None, 0),
        ),
        cases=(("地址模糊", 2), ("缺货", 1)),
        done_today=31,
        new_today=48,
        stopped_shops=("青禾拼多多店",),
        unreadable=(("青禾京东店", 3), ("青禾淘宝店", 1)),
        link="http://127.0.0.1:8780/board",
    ),
    "board_calm": BoardView(NOW, (StageCount(Stage.PENDING_REVIEW, 1, 0, ago(minutes=4), 100),), (), 0, 1, ()),
    "order": order(),
    "order_shipped": order(
        stage=Stage.DONE, waybill="SF1234567890123", courier="顺丰", offers=(), note="老王 10:00 已发货", cases=()
    ),
    "order_locked": order(
        stale=True, lock_reason="缺货：PLATE-8-W 差 2 件", hold="平台风控审核中", refund="买家申请退款", paid_at=None
    ),
    "order_perhaps": order(
        kind="疑似补发",
        kind_evidence="备注提到“补发”",
        more=(
            Offer("确认补发", "confirm_kind", "order:5", 7, "perhaps_reship"),
            Offer("不是补发", "deny_kind", "order:5", 7, "perhaps_reship"),
        ),
    ),
    "order_list": OrderListView("尾号 1234", _ROWS, 5, "回复订单号看详情"),
    "case": case(),
    "case_claimed": case(
        owner="老王",
        owner_userids={"wecom": "laowang", "dingtalk": "dt-laowang"},
        claimed_until=NOW + timedelta(minutes=90),
        note="老王认领",
    ),
    "case_group": case(
        order_id=None,
        tag="",
        shop="",
        stage=None,
        stage_entered_at=None,
        ship_by_at=None,
        goods="",
        receiver="",
        owner="",
        owner_userids={},
        title="待发货超时",
        total=50,
        lines=("JD-20251222-001 已停留 3 小时", "TB-20251222-004 已停留 2 小时 40 分"),
        choice=None,
    ),
    "case_settled": case(settled=True, state="solved", note="小李 10:00 处理：已确认", revision=4),
    "mine": MineView(
        "小李",
        "客服",
        (CaseRow("A7F2", "地址模糊", "JD-20251222-001", "缺区县", ago(minutes=30), "小李"),),
        4,
        _ROWS,
        2,
        NOW,
    ),
    "mine_empty": MineView("小李", "客服", (), 0, (), 0, NOW),
    "trail": TrailView(
        "JD-20251222-001",
        (TrailEntry(ago(hours=2), "系统", "入库", ""), TrailEntry(ago(days=400), "小李", "审核", "备注：已核对")),
        9,
        True,
    ),
    "trail_broken": TrailView("JD-20251222-001", (), 0, False),
    "help": HelpView("小李", "客服", (("看板", "各环节数量"), ("查 订单号", "看一个订单"))),
    "stock": StockView("PLATE-8-W", "北欧风陶瓷餐盘 8 寸 白", 40, 3, _ROWS[:1], 2, "赵姐盘点：0 件 → 40 件"),
    "stock_short": StockView("PLATE-8-W", "", 1, 3, _ROWS[:1], 1),
    "stock_unknown": StockView("PLATE-9", "", None, 0, (), 0),
    "proof": ProofView(
        date(2025, 12, 21),
        20251221,
        3,
        (
            ProofRow("JD", "青禾京东店", "red", 80, 79, 1, ("280000000001",), ("9",), "补拉后仍缺 1 单"),
            ProofRow("PDD", "青禾拼多多店", "unknown", reason="平台没有答完：接口维护中（52102）"),
            ProofRow("TB", "青禾淘宝店", "green", 412, 412, 2),
        ),
        NOW,
    ),
    "proof_green": ProofView(
        date(2025, 12, 21), 20251221, 4, (ProofRow("TB", "青禾淘宝店", "green", 412, 412, 2),), NOW, False, "陈姐已开始"
    ),
    "proof_many": ProofView(
        date(2025, 12, 21),
        20251221,
        9,
        (
            ProofRow("JIA", "甲店", "filling", 9, 3, 0, tuple("123456"), (), "缺 6 单，正在补拉"),
            *(ProofRow("QT", name, "green", 1, 1) for name in "乙丙丁戊己"),
        ),
        NOW,
    ),
    "proof_begun": ProofView(
        date(2025, 12, 21), 20251221, 1, (ProofRow("YI", "乙店", ""), ProofRow("BING", "丙店", "green", 2, 2)), NOW
    ),
    "draft": draft(),
    "draft_question": draft(
        address="",
        lines=(),
        paid_fen=None,
        remark="",
        question="地址还缺路名、门牌，请补上",
        offers=(Offer("取消", "draft_cancel", "draft:3", 2, style="danger"),),
    ),
    "draft_doubts": draft(
        kind="补发",
        original="JD-20251222-001",
        paid_fen=0,
        doubts=("原单已经补发过 1 次（CHAT-20251222-001），再补发要主管核对",),
    ),
    "draft_made": draft(
        state="已建单", tag="CHAT-20251222-002", name="林**", phone="138****1234", address="", private=False, offers=()
    ),
    "reveal": RevealView("JD-20251222-001", "林小姐", "13812341234", "浙江省杭州市西湖区文三路 1 号", ""),
    "reveal_unknown": RevealView("JD-20251222-001", "", "", "", "平台只给密文，请到商家后台查看"),
}

# Chinese, long, with line breaks, emoji and controls: what marketplaces and people write.
WORDS = st.text(st.sampled_from("订单地址退款待发货超时 abc123\n\t\u0000\u200b😀¥*`<>|]]>“”&"), max_size=300)
OFFERS = st.lists(
    st.builds(
        Offer,
        text=WORDS,
        action=st.sampled_from(["claim", "solve", "delay"]),
        subject=st.just("case:12"),
        revision=st.integers(0, 10**9),
        value=st.text(max_size=40),
        style=st.sampled_from(["main", "plain", "danger", "odd"]),
    ),
    max_size=9,
).map(tuple)
CHOICES = st.none() | st.builds(
    Choice,
    key=st.just("q"),
    title=WORDS,
    options=st.lists(st.tuples(st.text(min_size=1, max_size=80), WORDS), max_size=15).map(tuple),
    selected=st.text(max_size=5),
)
LONG_CASES = st.builds(
    case,
    title=WORDS,
    reason=WORDS,
    tag=WORDS,
    shop=WORDS,
    goods=WORDS,
    receiver=WORDS,
    owner=WORDS,
    note=WORDS,
    role=WORDS,
    offers=OFFERS,
    choice=CHOICES,
    settled=st.booleans(),
    more=st.just(()),
    lines=st.lists(WORDS, max_size=30).map(tuple),
    total=st.integers(0, 9999),
    paid_fen=st.integers(0, 10**12),
)
LONG_ORDERS = st.builds(
    order,
    shop=WORDS,
    buyer_message=WORDS,
    seller_memo=WORDS,
    receiver=WORDS,
    lock_reason=WORDS,
    note=WORDS,
    offers=OFFERS,
    choice=CHOICES,
    cases=st.lists(WORDS, max_size=20).map(tuple),
    lines=st.lists(st.builds(LineView, WORDS, WORDS, WORDS, st.integers(1, 999), WORDS), max_size=5).map(tuple),
)
LONG_TEXTS = st.builds(TextView, WORDS.map(lambda words: words * 100))
