"""One of every view, with invented people; and views of any length for hypothesis."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from bot.pen import Pen
from handlers.batches.view import BatchRow, BatchView, LeftOut
from handlers.buttons import Choice, Offer, Ticks
from handlers.completeness.view import ProofRow, ProofView
from handlers.dispatch.view import DispatchView
from handlers.drafts.view import DraftView
from handlers.duty.view import AbsenceView, DutyRole, DutyView, HandoverView
from handlers.reports.view import (
    BacklogView,
    BottleneckView,
    DailyView,
    ExceptionsView,
    KindCount,
    LateCase,
    Load,
    OpenCase,
    OverdueView,
    PersonDay,
    Stay,
    Tier,
    Waiting,
)
from handlers.rulebook.view import RuleView
from handlers.usefulness.view import AdviceView
from handlers.views import (
    BoardView,
    CaseRow,
    CaseView,
    HelpEntry,
    HelpView,
    LineView,
    MineView,
    OrderCase,
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


def batch(**changes: object) -> BatchView:
    return BatchView(**{**_BATCH, **changes})  # type: ignore[arg-type]


_BATCH: dict[str, object] = {
    "batch_id": 7,
    "revision": 1,
    "code": "批7",
    "title": "审核",
    "state": "asked",
    "scope": "全部",
    "words": "",
    "who": "小李",
    "total": 38,
    "fen": 524_400,
    "oldest": "TB-20251222-001",
    "oldest_at": ago(hours=3, minutes=12),
    "tags": tuple(f"TB-20251222-{number:03d}" for number in range(1, 9)),
    "rows": tuple(
        BatchRow(f"TB-20251222-{number:03d}", "北欧风陶瓷餐盘 8 寸 白 ×2", 13_800, NOW + timedelta(hours=number))
        for number in range(1, 9)
    ),
    "left": (
        LeftOut("已锁定", 8, ("TB-20251222-011", "TB-20251222-012", "JD-20251222-002")),
        LeftOut("买家申请退款", 1, ("JD-20251222-005",)),
    ),
    "doubts": (),
    "waiting": 38,
    "done": 0,
    "undone": 0,
    "named": (),
    "unnamed": 0,
    "undo_until": None,
    "at": NOW,
    "offers": (
        Offer("确认", "batch_confirm", "batch:7", 1, style="main"),
        Offer("取消", "batch_cancel", "batch:7", 1),
    ),
}

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
    "choice": Choice(
        "pick",
        "多久办好 / 转给谁",
        (("none", "不选"), ("minutes=30", "30 分钟内"), ("minutes=60", "1 小时内"), ("person=2", "转给老王")),
        "none",
        "认领 30",
    ),
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

_WAITING = (
    Waiting(
        "JD-20251222-001", Stage.PENDING_SHIP, ago(hours=5), ago(hours=2), True, 31_800, "青禾京东店", "小李", ("A7F2",)
    ),
    Waiting("TB-20251222-004", Stage.PENDING_REVIEW, ago(minutes=40), None, False, 6_900, "青禾淘宝店", "", ()),
)

_TWICE = OrderCase(
    12, 2, "A7F2", "重复单", "与 JD-20251222-002 货品、收件人相同", "客服", "", True,
    (
        Offer("认领", "claim", "case:12", 2, style="main"),
        Offer("两单都发", "solve", "case:12", 2),
    ),
    (), None,
)  # fmt: skip

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
    "order_one_matter": order(
        lock_reason="重复单：与 JD-20251222-002 货品、收件人相同",
        cases=("重复单：与 JD-20251222-002 货品、收件人相同（A7F2）", "付款后没人审核：已停留 3 小时（B7F3）"),
        live=(_TWICE, replace(_TWICE, case_id=13, code="B7F3", title="付款后没人审核", blocks=False, offers=())),
        offers=(Offer("刷新", "refresh", "order:5", 3),),
        more=(),
    ),
    "order_own_fields": order(fields=(("礼盒", "是"), ("等级", "VIP"), ("定金", "12.50 元"))),
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
    "case_shortage": case(
        order_id=None,
        tag="",
        shop="",
        kind="shortage",
        title="缺货",
        reason="马克杯 红色（QH-CUP-RED）缺 5 件：3 单要 6 件，可用 1 件，在途 20 件，预计 12-28 到货，"
        "赶不上最早的发货期限",
        severity="P1",
        stage=None,
        stage_entered_at=None,
        goods="",
        receiver="",
        owner="",
        owner_userids={},
        role="采购",
        paid_fen=41400,
        total=3,
        lines=(
            "TB-20251222-001 要 2 件，12-23 18:00 前发",
            "JD-20251222-002 要 2 件，12-24 10:00 前发",
            "TB-20251222-003 要 2 件",
            "日期有变请回复：A7F2 到货 日期；货到了请发：入库 QH-CUP-RED 件数",
        ),
        offers=tuple(
            Offer(words, "stock_choice", "case:12", 3, what)
            for what, words in (("wait", "等货"), ("swap", "换同款"), ("split", "拆单先发"), ("refund", "退款"))
        ),
        more=(),
        choice=None,
    ),
    "case_settled": case(settled=True, state="solved", note="小李 10:00 处理：已确认", told="正在通知客户", revision=4),
    "case_judged": case(
        settled=True,
        state="solved",
        note="小李 10:00 处理：已确认",
        revision=4,
        told="客户没有绑定，收不到通知：发「话术 JD-20251222-001」，把回复复制到平台聊天",
        after=(
            Offer("有用", "useful", "case:12", 4),
            Offer("误报", "false_alarm", "case:12", 4),
            Offer("轨迹", "trail", "case:12", 4),
        ),
    ),
    "mine": MineView(
        "小李",
        "客服",
        (CaseRow("A7F2", "地址模糊", "JD-20251222-001", "缺区县", ago(minutes=30), "小李"),),
        4,
        _ROWS,
        2,
        NOW,
    ),
    "mine_free": MineView(
        "小李",
        "客服",
        (),
        0,
        (),
        0,
        NOW,
        free_cases=(CaseRow("A7F2", "地址模糊", "JD-20251222-001", "缺区县", ago(minutes=30), ""),),
        free_case_total=1,
        free_orders=_ROWS,
        free_order_total=43,
    ),
    "mine_empty": MineView("小李", "客服", (), 0, (), 0, NOW),
    "trail": TrailView(
        "JD-20251222-001",
        (TrailEntry(ago(hours=2), "系统", "入库", ""), TrailEntry(ago(days=400), "小李", "审核", "备注：已核对")),
        9,
        True,
    ),
    "trail_broken": TrailView("JD-20251222-001", (), 0, False),
    "help": HelpView(
        "小李",
        "客服",
        (
            HelpEntry("查询", "看板", "各环节多少单", "看板"),
            HelpEntry("查询", "查 编号/单号/尾号/姓名", "一个订单的现状", "查 JD-20251222-001"),
            HelpEntry("处理", "审核 编号 [编号…]", "待审核 → 待配货", "审核 JD-20251222-001"),
        ),
    ),
    "help_one": HelpView(
        "小李",
        "客服",
        (
            HelpEntry(
                "处理",
                "发货 编号 快递 运单号",
                "填上运单号，订单发出",
                "发货 JD-20251222-001 顺丰 SF1234567890123",
                ("发货", "已发", "发出"),
                ("发出后自动回传平台",),
                "由仓库操作",
            ),
        ),
        "发货",
    ),
    "backlog": BacklogView(
        NOW,
        "",
        (Load("待审核", 12, 3, ago(hours=3), 1_230_000), Load("待配货", 0, 0, None, 0)),
        (Load("青禾京东店", 8, 3, ago(hours=3), 800_000), Load("青禾淘宝店", 4, 0, ago(minutes=40), 430_000)),
        _WAITING,
    ),
    "backlog_none": BacklogView(NOW, "青禾京东店 待发货", (Load("待发货", 0, 0, None, 0),), (), ()),
    "overdue": OverdueView(
        NOW,
        "",
        (Tier("已超", 1, 31_800), Tier("危险", 0, 0), Tier("紧急", 2, 13_800), Tier("预警", 9, 99_000)),
        5,
        14,
        _WAITING,
        (
            LateCase("A7F2", "地址模糊", "JD-20251222-001", "小李", ago(hours=1), True),
            LateCase("B9K3", "店铺静默", "", "主管", ago(minutes=20), False),
        ),
        3,
    ),
    "overdue_none": OverdueView(NOW, "待发货", (Tier("已超", 0, 0),), 0, 0, (), (), 0),
    "exceptions": ExceptionsView(
        NOW,
        "",
        7,
        (KindCount("地址模糊", 4, 3, ago(hours=3)), KindCount("缺货", 3, 0, ago(minutes=50))),
        (("客服（待认领）", 3), ("小李", 4)),
        (
            OpenCase("A7F2", "缺货", "JD-20251222-001", "QH-CUP-RED 差 2 件", "赵姐", True, "P1", ago(minutes=50)),
            OpenCase("B9K3", "地址模糊", "TB-20251222-004", "缺区县", "客服", False, "P2", ago(hours=3)),
        ),
    ),
    "exceptions_none": ExceptionsView(NOW, "我的", 0, (), (), ()),
    "daily": DailyView(
        date(2025, 12, 22),
        NOW,
        423,
        398,
        3,
        5_490_000,
        (("青禾淘宝店", 300, 290), ("青禾京东店", 123, 108)),
        21,
        18,
        9,
        (("地址模糊", 12), ("缺货", 9)),
        timedelta(minutes=47),
        timedelta(hours=1, minutes=5),
        317,
        12,
        1,
        (PersonDay("小李", (("审核", 210), ("处理异常", 6))), PersonDay("老王", (("配货", 200), ("发货", 198)))),
    ),
    "daily_over": DailyView(
        date(2025, 12, 21), NOW, 0, 0, 0, 0, (), 0, 0, 0, (), None, None, None, None, None, note="按「日报 昨天」理解的"
    ),
    "bottleneck": BottleneckView(
        NOW,
        7,
        "最近 7 天最堵的是待发货（仓库）：占全部等待的 63%，其中青禾京东店占 71%，异常里最耗时的是缺货（采购）",
        (
            Stay("待审核", "客服", 400, 12, timedelta(minutes=20), timedelta(hours=2), ago(hours=3), 0.2),
            Stay("待发货", "仓库", 390, 50, timedelta(hours=2), timedelta(hours=9), ago(hours=11), 0.63),
        ),
        (Stay("青禾京东店", "", 120, 40, timedelta(hours=2), timedelta(hours=9), ago(hours=11), 0.71),),
        (Stay("缺货", "采购", 9, 0, timedelta(hours=6), timedelta(hours=20), None, 0.8),),
        (("缺货，等采购", 12), ("地址模糊，等客服", 2)),
    ),
    "bottleneck_none": BottleneckView(NOW, 7, "最近 7 天没有订单走过流程，看不出瓶颈", (), (), (), ()),
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
    "duty": DutyView(
        NOW,
        (
            DutyRole("客服", ("小李（到 18:00）",), "", ("小李 周一至周五 09:00–18:00；12-25 休",)),
            DutyRole("仓库", ("现在没有人值班，急事找陈姐",), "老王", ("老王 默认：每天 08:00–22:00；12-22 请假",)),
        ),
        "免打扰 22:00–08:00，09:00 一起发；发货时限快到的除外",
        "小李：周一至周五 09:00–18:00",
    ),
    "absence": AbsenceView(
        7,
        2,
        "小李",
        "12-25 至 12-26",
        "回老家",
        "老王",
        "",
        True,
        ("A7F2 地址模糊 JD-20251222-001", "TB-20251222-004 待审核"),
        12,
        NOW,
        offers=(Offer("销假", "end_absence", "absence:7", 2),),
    ),
    "absence_planned": AbsenceView(
        8, 1, "小李", "12-25", "", "", "", False, (), 0, NOW, offers=(Offer("销假", "end_absence", "absence:8", 1),)
    ),
    "absence_over": AbsenceView(7, 3, "小李", "12-25 至 12-26", "", "", "已销假", False, (), 0, NOW, "小李已销假"),
    "advice": AdviceView(
        advice_id=5,
        revision=1,
        title="待审核超时",
        alerts=42,
        days=28,
        said="误报 25 件（60%），有用 3 件，有人处理 6 件",
        lines=(
            "改为 3h：42 次单独提醒 → 17 次",
            "只进日报：42 次单独提醒 → 2 次，其余在 09:00、14:00 的汇总里",
            "关闭：42 次单独提醒 → 0 次，不再开这类异常",
        ),
        over="",
        at=NOW,
        offers=(
            Offer("改为 3h", "advice_limit", "advice:5", 1),
            Offer("只进日报", "advice_quiet", "advice:5", 1),
            Offer("关闭", "advice_off", "advice:5", 1, style="danger"),
            Offer("保持", "advice_keep", "advice:5", 1),
        ),
    ),
    "advice_accepted": AdviceView(
        5,
        2,
        "待审核超时",
        42,
        28,
        "误报 25 件（60%），有用 3 件，有人处理 6 件",
        ("改为 3h：42 次单独提醒 → 17 次",),
        "陈姐已改：2 小时 → 3 小时 12-22 10:00",
        NOW,
        "马上生效；60 秒内可以撤销，之后用「阈值」改回",
        (Offer("撤销", "advice_undo", "advice:5", 2),),
    ),
    "advice_over": AdviceView(
        5,
        2,
        "待审核超时",
        42,
        28,
        "误报 25 件（60%），有用 3 件，有人处理 6 件",
        ("改为 3h：42 次单独提醒 → 17 次",),
        "陈姐已决定保持不变 12-22 10:00",
        NOW,
    ),
    "rule": RuleView(
        rule_id=3,
        revision=4,
        title="大额偏远",
        condition="金额 > 1000 且 省 属于 ['新疆', '西藏']",
        state="启用",
        judges=True,
        whose="客服 · P2 · 锁单",
        limits="30 分钟认领，4 小时处理",
        hits="12 件，影子 3 单",
        period="12-01 至 12-31",
        owner="小李",
        said="双十二用",
        does="标记「大额」、提醒仓库",
        versions=("第 2 版 12-22 09:50 陈姐：状态：草稿 → 启用", "第 1 版 12-22 09:40 陈姐：新增"),
        over="",
        expires_at=None,
        at=NOW,
        offers=(
            Offer("预演", "rule_try", "rule:3", 4),
            Offer("影子", "rule_shadow", "rule:3", 4),
            Offer("停用", "rule_off", "rule:3", 4, style="danger"),
        ),
    ),
    "rule_draft": RuleView(
        rule_id=4,
        revision=1,
        title="规则4",
        condition="买家留言 包含 '发票'",
        state="草稿",
        judges=False,
        whose="客服 · P3 · 不锁单",
        limits="30 分钟认领，4 小时处理",
        hits="0 件",
        period="",
        owner="陈姐",
        said="",
        versions=("第 1 版 12-22 10:00 陈姐：新增",),
        over="",
        expires_at=NOW + timedelta(hours=2),
        at=NOW,
        note="草稿已存，2 小时内启用有效",
        offers=(
            Offer("启用", "rule_on", "rule:4", 1, style="main"),
            Offer("影子", "rule_shadow", "rule:4", 1),
            Offer("预演", "rule_try", "rule:4", 1),
            Offer("取消", "rule_drop", "rule:4", 1, style="danger"),
        ),
        choice=Choice(
            "role",
            "归谁",
            (("service", "客服"), ("warehouse", "仓库"), ("purchasing", "采购"), ("supervisor", "主管")),
            "service",
        ),
    ),
    "handover": HandoverView(
        2,
        1,
        "小李",
        "王五",
        "",
        ("A7F2 地址模糊 JD-20251222-001", "TB-20251222-004 待审核"),
        12,
        1,
        NOW + timedelta(minutes=60),
        NOW,
        "王五不在班上，12-22 16:00 上班后才会收到",
        (
            Offer("接收", "take_over", "handover:2", 1, style="main"),
            Offer("拒绝", "refuse_over", "handover:2", 1),
            Offer("撤回交接", "keep_over", "handover:2", 1),
        ),
    ),
    "handover_done": HandoverView(
        2, 2, "小李", "王五", "王五已接收 12 件", ("A7F2 地址模糊",), 12, 0, NOW + timedelta(minutes=60), NOW
    ),
    "handover_asked": HandoverView(
        2,
        1,
        "小李",
        "王五",
        "",
        ("A7F2 地址模糊 JD-20251222-001", "TB-20251222-004 待审核"),
        12,
        0,
        NOW + timedelta(minutes=15),
        NOW,
        "",
        (
            Offer("交接", "offer_over", "handover:2", 1, style="main"),
            Offer("不交接", "keep_over", "handover:2", 1),
        ),
        asks=True,
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
    "batch": batch(),
    "batch_ticks": batch(
        title="发货",
        scope="点名 3 单",
        total=3,
        waiting=3,
        fen=41_400,
        left=(),
        rows=tuple(
            BatchRow(f"TB-20251222-00{number}", f"顺丰速运 SF123456789012{number}", 13_800, None)
            for number in (1, 2, 3)
        ),
        ticks=Ticks(
            "orders",
            (
                ("11", "TB-001 顺丰速运 SF1234567890123"),
                ("12", "TB-002 顺丰速运 SF1234567890125"),
                ("13", "JD-003 圆通速递 YT1234567890124"),
            ),
            ("11", "12", "13"),
        ),
    ),
    "batch_sample": batch(
        title="缺货等货",
        scope="缺 QH-CUP-RED 的单",
        sample="发给买家：亲，您购买的马克杯暂时缺货，到货后优先为您发出。",
    ),
    "batch_doubts": batch(
        title="发货",
        scope="点名 3 单",
        total=3,
        waiting=3,
        fen=41_400,
        tags=("TB-20251222-001 顺丰速运 SF1234567890123", "TB-20251222-002 顺丰速运 YT1234567890123"),
        rows=(
            BatchRow("TB-20251222-001", "顺丰速运 SF1234567890123", 13_800, NOW + timedelta(hours=5)),
            BatchRow("TB-20251222-002", "顺丰速运 YT1234567890123", 13_800, None),
        ),
        left=(LeftOut("还缺运单号", 1, ("TB-20251222-009",)),),
        doubts=("单号和快递对不上：TB-20251222-002 顺丰 YT1234567890123",),
    ),
    "batch_running": batch(
        state="running",
        revision=3,
        total=400,
        waiting=280,
        done=118,
        tags=(),
        named=(("TB-20251222-004", "买家申请退款"), ("TB-20251222-009", "现在是待配货")),
        offers=(Offer("撤销", "batch_undo", "batch:7", 3, style="danger"),),
    ),
    "batch_done": batch(
        state="done",
        revision=4,
        waiting=0,
        done=37,
        tags=(),
        named=(("TB-20251222-004", "问过以后又有变化（平台上留言：换成蓝色），请再看一眼"),),
        undo_until=NOW + timedelta(seconds=60),
        note="陈姐已确认",
        offers=(Offer("撤销", "batch_undo", "batch:7", 4, style="danger"),),
    ),
    "batch_undone": batch(
        state="undone",
        revision=6,
        waiting=0,
        undone=36,
        tags=(),
        named=(("TB-20251222-006", "老王之后又发货，现在是已完成"),),
        undo_until=NOW + timedelta(seconds=20),
        offers=(),
        note="陈姐撤销",
    ),
    "batch_cancelled": batch(state="cancelled", revision=2, offers=(), note="小李已取消"),
    "reveal": RevealView("JD-20251222-001", "林小姐", "13812341234", "浙江省杭州市西湖区文三路 1 号", ""),
    "reveal_unknown": RevealView("JD-20251222-001", "", "", "", "平台只给密文，请到商家后台查看"),
    "dispatch": DispatchView(
        14,
        ago(hours=3),
        Choice("matter", "哪一件", (("12", "A7F2 地址模糊"), ("13", "B8K3 缺货")), "12"),
        Choice("person", "交给谁", (("none", "请选择"), ("1", "小李 客服"), ("2", "老王 仓库")), "none"),
        NOW,
        (Offer("指派", "dispatch", "dispatch:0", 0, style="main"),),
        "A7F1 已交给老王",
    ),
    "dispatch_none": DispatchView(
        0, None, None, Choice("person", "交给谁", (("none", "请选择"), ("1", "小李 客服")), "none"), NOW
    ),
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
    told=WORDS,
    role=WORDS,
    offers=OFFERS,
    after=OFFERS,
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
