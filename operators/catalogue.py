"""The catalogue of exceptions, line by line beside what the hub does: what finds each, whose it is, and why something
is otherwise. docs/catalogue.md comes from here: `python -m operators.catalogue`. A test holds the file, the registry
and this table against each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config_orders import Stale
from handlers.kinds import LEAD, OTHERS, Kind, force_of, kind_of, steps_of
from models.people import ROLE_TITLES, Role
from rules import RULES

DOC: Final = Path(__file__).resolve().parent.parent / "docs" / "catalogue.md"
BEGIN: Final = "<!-- catalogue: python -m operators.catalogue -->"
END: Final = "<!-- /catalogue -->"
_S, _W, _P, _B = Role.SERVICE, Role.WAREHOUSE, Role.PURCHASING, Role.SUPERVISOR
_NO_FINANCE: Final = "there is no role for finance"
_AT_HAND: Final = "from approval on the paper is in the warehouse's hands; before it nothing has to be stopped"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the catalogue. `kinds`: what the hub opens for it, the main one first; none where it sees none.
    `role`, `up`: whose it is there and who hears next, as roles of ours; `severity`, `minutes` (to claim, to solve) and
    `force` as the catalogue has them, "" and None where it has none. `seen`: how the hub knows; `why`: what is
    otherwise than there, or not seen, and for what reason."""

    number: int
    code: str
    title: str
    kinds: tuple[str, ...]
    role: Role
    up: Role
    severity: str
    minutes: tuple[int, int] | None
    force: str
    seen: str
    why: str = ""


LINES: Final = (
    Line(1, "STOCK_SHORT", "缺货", ("short_stock", "shortage"), _P, _B, "P2", (30, 240), "A",
         "the shelf beside what open orders before it need; one matter per SKU (`shortage`)"),
    Line(2, "SKU_UNMAPPED", "货品未匹配", ("sku_unmapped",), _S, _B, "P2", (30, 120), "N",
         "a platform SKU that nobody has mapped; one matter per SKU"),
    Line(3, "ADDR_VAGUE", "地址模糊", ("address_vague",), _S, _B, "P2", (15, 120), "R",
         "missing levels, no door, words instead of an address; unknown where the platform hides it",
         "N where there is no address at all"),
    Line(4, "ADDR_CHANGED", "平台改地址", ("address_changed", "receiver_changed", "intercept"), _S, _W, "P1", (5, 30),
         "R",
         "the platform's id of the receiver differs from the one at approval; packed already: 拦截",
         f"the warehouse has it: {_AT_HAND}, and the order is simply judged anew"),
    Line(5, "CONTACT_MISSING", "电话/姓名缺失", ("contact_missing",), _S, _B, "P2", (30, 120), "R",
         "name or phone empty, not merely hidden", "N where the name is missing. An expired virtual number is not "
         "seen: "
         "platforms tell it when a waybill is taken, which the hub does not do"),
    Line(6, "UNREACHABLE", "快递不可达", ("unreachable",), _S, _W, "P2", (30, 120), "R",
         "the company's own list of regions (`[checks] stopped_regions`)",
         "couriers' own reach checks belong to their waybill interfaces, which the hub does not call"),
    Line(7, "REFUND_PRESHIP", "发货前退款", ("refund_preship",), _S, _B, "P1", (5, 120), "N",
         "the platform's refund state while it has not left"),
    Line(8, "REFUND_PART", "部分退款", ("refund_part", "refund_wait"), _S, _B, "P2", (30, 120), "R",
         "some lines refunded; goods that were decided to be refunded and are not yet (`refund_wait`)"),
    Line(9, "REFUND_INFLIGHT", "已打印/在途退款", ("refund_on_the_way", "intercept"), _W, _S, "P1", (2, 30), "",
         "a refund asked while packed (拦截, the lead alone) or on its way"),
    Line(10, "MSG_TODO", "留言/备注待处理", ("message_todo",), _S, _B, "P3", (60, 240), "R",
         "words that no other rule takes up", "it does not lock, so there is nothing to force"),
    Line(11, "REMARK_CHANGED", "审核后备注变化", ("remark_changed",), _S, _W, "P2", (15, 60), "R",
         "message or memo differ from those at approval", "it does not lock, so there is nothing to force"),
    Line(12, "GOODS_CHANGED", "平台换货品/规格", ("goods_changed",), _S, _B, "P2", (15, 60), "R",
         "SKUs or pieces differ from those at approval", f"the warehouse has it: {_AT_HAND}"),
    Line(13, "INVOICE", "发票要求/变化", ("invoice",), _S, _B, "P3", (240, 1440), "R", "words in message or memo",
         f"customer service has it: {_NO_FINANCE}; it does not lock, so there is nothing to force"),
    Line(14, "UNMERGED", "同名未合并", ("unmerged",), _S, _B, "P3", (60, 240), "",
         "open orders of one buyer for one receiver; once for all of them",
         "it does not lock. To be solved before printing, which the hub does not see: 4 hours"),
    Line(15, "MERGE_ADDR_DIFF", "合单地址不一致", ("merge_addr_diff",), _S, _B, "P1", (15, 60), "R",
         "the receiver of one of those that were put together changes"),
    Line(16, "SPLIT_NEEDED", "需拆单", (), _S, _W, "P3", (60, 240), "R", "",
         "not seen as a matter of its own: the hub knows neither several warehouses nor weights and volumes. What "
         "is partly "
         "short is split by the choice 拆单先发 of line 1; what a platform has split comes as orders of their own"),
    Line(17, "PRICE_LOW", "价格异常", ("price_low",), _B, _B, "P1", (10, 60), "A",
         "a line's price apiece below its floor (`[checks] floors`)",
         "the supervisor has it at once: there is no role for operations. It holds the orders, not the SKU's "
         "listing, which "
         "only the platform can stop; cost is not known"),
    Line(18, "FIN_REVIEW", "进财审", ("finance_review",), _B, _B, "P2", (60, 240), "A",
         "sum and discount (`[checks]`)",
         f"the supervisor has it: {_NO_FINANCE}. Hand-made orders have been confirmed by whoever made them, tables "
         "(Excel) were handed in by a colleague who may and can be taken back, gifts alone are an order that the "
         "platform itself marks so, and cost is not known: none of them is a reason by itself, sum and discount are "
         "looked at in each. A company that wants more: "
         "`规则 新增 渠道 == '表格' 或 类型 == '赠品'；标题 先看一眼；角色 主管；锁单`"),
    Line(19, "GIFT_ISSUE", "赠品异常", ("gift_alone",), _S, _B, "P3", (120, 480), "R",
         "what was paid for is refunded, and its gift would leave alone; a short gift is line 1",
         "rules of gifts are the platform's or the ERP's, and not seen"),
    Line(20, "BLACKLIST", "黑名单/高风险买家", ("blacklist",), _B, _B, "P2", (60, 240), "A",
         "黑名单, kept by chat: the platform's ids of buyer and receiver, the phone; a buyer who sent most of it back "
         "(`[checks] refund_orders`, `refund_percent`)",
         "the supervisor alone lets one go; with a phone on the list, an order whose phone is hidden is unknown, not "
         "fine; "
         "many orders from one source are asked about as line 34: one question, not two. Where a platform tells "
         "neither "
         "buyer nor phone (拼多多) only the receiver's id is known again"),
    Line(21, "RISK_HOLD", "平台风控审核", (), _B, _B, "", None, "N", "",
         "seen, and no case: the platform's word holds the order (限制发货), no clock of ours runs, nobody can pass "
         "it, and it "
         "frees itself at the next pull; there is nothing for a person to do"),
    Line(22, "UNPAID", "未付/尾款未付/COD 不支持", (), _B, _S, "P3", None, "N", "",
         "seen, and no case: such an order stands outside the columns until it is paid. Which couriers take COD is "
         "told by "
         "their own interfaces, which the hub does not call"),
    Line(23, "HOLD_UNTIL", "延发/预售未到期", ("hold_until", "delay_request"), _S, _B, "P3", None, "R",
         "延发 by a person, the platform's presale day, words of the buyer (`delay_request`)",
         "延发 itself does not lock, it moves the clock; a wish locks until somebody answers it"),
    Line(24, "RETURN_NOT_IN", "换货单退货未入库", ("return_not_in",), _S, _B, "P2", (60, 480), "A",
         "an exchange that was made here"),
    Line(25, "RESEND_CHECK", "补发核对", ("resend_check",), _S, _B, "P2", (60, 240), "A",
         "a reship without its order, the second one, more pieces than there were",
         "the supervisor has it at once: whoever made it is after-sales, and somebody else is to look; a supervisor "
         "who made it is refused"),
    Line(26, "SHIPPED_ON_PLATFORM", "平台已发货, 仓库未发", ("shipped_on_platform", "erp_conflict"), _S, _B, "P1",
         (10, 60),
         "", "the platform, or the ERP, says shipped and nobody here did", "it has left the columns: nothing to force"),
    Line(27, "WRITEBACK_FAIL", "回传失败", ("writeback_fail",), _W, _S, "P2", (10, 60), "",
         "the platform refused, or did not answer, what was told it; P1 within 4 hours of the deadline",
         "the warehouse has it, which knows the waybill; there is no role for IT"),
    Line(28, "WAYBILL_FAIL", "取号失败", (), _W, _B, "P2", (10, 60), "", "",
         "not seen: the hub takes no waybills, the company's ERP or the courier's own program does. A number that "
         "does not "
         "fit its courier is refused when it is typed; a queue that is stuck is `ship_jam`"),
    Line(29, "UPSTREAM_DOWN", "快递/平台接口故障", ("upstream_down", "shop_stopped", "erp_stopped"), _B, _B, "P1",
         (5, 30), "",
         "five errors of one kind within ten minutes: one card for the storm", "the supervisor has it: there is no "
         "role for IT"),
    Line(30, "NO_PICKUP", "揽收超时", ("no_pickup", "ship_jam"), _W, _B, "P1", (30, 240), "",
         "no scan within 24 hours, warnings at 12 and 20 (`[parcels]`)"),
    Line(31, "PARCEL_STUCK", "物流停滞/派送失败/退回", ("parcel_stuck",), _S, _B, "P2", (120, 1440), "",
         "what the courier interface tells"),
    Line(32, "DEADLINE_NEAR", "临期/超时未发", ("deadline_near",), _W, _B, "P1", (10, 60), "",
         "the platform's deadline: 4 hours, 1 hour, over", "to be solved by the deadline: its steps go by the "
         "order's own clock"),
    Line(33, "URGED", "催发货", ("urged",), _S, _W, "P2", (10, 60), "",
         "words in message or memo; Pinduoduo's own urge time",
         "the warehouse has it: the parcel is what is asked for, and the customer's answer follows from it by "
         "itself (进度)"),
    Line(34, "DUP_SUSPECT", "疑似重复/刷单/测试", ("bought_twice", "test_order", "duplicate_order"), _S, _B, "P3",
         (60, 240),
         "R", "the same goods for the same buyer and door within 10 minutes: the later one waits, one case per "
         "pair; many of one "
         "source within the hour (`[checks] many_orders`); words; one number in two shops (`duplicate_order`)",
         "another door is another parcel, and no double"),
    Line(35, "COURIER_PROMISE", "指定快递/优先发货承诺", ("courier_promise",), _S, _W, "P2", (30, 240), "A",
         "words that name a courier, or refuse one; Pinduoduo's tags for 顺丰 and priority shipping",
         "the warehouse has it, which chooses the courier as it packs; it does not lock. Pinduoduo's promise "
         "records, with a "
         "clock of their own, come by push alone and are not read"),
    Line(36, "WRONG_SHORT_DAMAGED", "错发/漏发/少件/破损", ("wrong_goods",), _S, _W, "P2", (30, 1440), "",
         "登记 by a colleague, a customer's words in the service account, the mini program or 微信客服, the reason "
         "of an "
         "after-sale (微信小店)",
         "Taobao, JD, Pinduoduo and Douyin tell the reason in after-sale interfaces that the hub does not read, and "
         "no weights "
         "are known"),
    Line(37, "MISSING_ORDER", "漏单", ("missing_order", "order_gone"), _B, _B, "P1", (10, 30), "",
         "the nightly proof; the other way round: an order that its platform knows no more",
         "the supervisor has it: there is no role for IT"),
    Line(38, "AUTH_EXPIRING", "授权到期", ("auth_expiring",), _B, _B, "P2", (60, 240), "",
         "7, 3 and 1 days before its end; an authorisation that has ended is `shop_stopped`, P1"),
    Line(39, "SYNC_SILENT", "店铺静默", ("sync_silent", "pull_stopped"), _B, _B, "P2", (15, 60), "",
         "no order against what this hour usually brings", "the supervisor has it: there is no role for IT"),
    Line(40, "STALE_STAGE", "环节停留超时", ("stale_stage", "stale_group"), _S, _B, "P3", (15, 60), "",
         "longer in a stage than `[stale]` allows; whoever the stage belongs to"),
)  # fmt: skip

BESIDE: Final = {
    "look_failed": "the hub's own code broke on an order: a person looks instead",
    "cause_group": "many cases of one cause, told by one card",
    "person_lock": "锁定 by a person",
    "rule_ask": "a rule of the company's own asks purchasing",
}
"""Kinds of ours that the catalogue does not have."""


def differs(line: Line) -> list[str]:
    """In what its main kind is otherwise than the catalogue has it."""
    if not line.kinds:
        return ["kinds"]
    slug, kind = line.kinds[0], kind_of(line.kinds[0])
    found = {
        "role": kind.role is line.role,
        "severity": line.severity in ("", kind.severity),
        "minutes": line.minutes in (None, (kind.claim_minutes, kind.solve_minutes)),
        "force": force_of(slug) == line.force,
        "lock": kind.blocks or not line.force,
    }
    return [name for name, same in found.items() if not same]


def table() -> str:
    heads = (
        "#",
        "Code",
        "Name",
        "Kinds",
        "Whose → next",
        "Sev.",
        "Claim / solve",
        "Force",
        "How it is known",
        "Otherwise, or not seen, and why",
    )
    rows = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    rows += [f"| {' | '.join(_cells(line))} |" for line in LINES]
    return "\n".join(rows)


def _cells(line: Line) -> tuple[str, ...]:
    name = (str(line.number), line.code, line.title)
    if not line.kinds:
        return (*name, "–", "–", "–", "–", "–", "–", line.why)
    slug, kind = line.kinds[0], kind_of(line.kinds[0])
    severity = f"{kind.severity}, P1 near" if kind.near else kind.severity
    force = (force_of(slug) or "–") if kind.blocks else "–"
    kinds = ", ".join(f"`{one}`" for one in line.kinds)
    minutes = f"{_spoken(kind.claim_minutes)} / {_spoken(kind.solve_minutes)}"
    return (*name, kinds, _whose(slug, kind), severity, minutes,
            force, line.seen, line.why)  # fmt: skip


def _whose(slug: str, kind: Kind) -> str:
    """仓库 → 客服组长 → 主管, as the copy of the policy has it."""
    told = [target for step in steps_of(slug, Stale())[1:] for target in step["tell"]]
    others = [f"{ROLE_TITLES[Role(one.removeprefix(LEAD))]}组长" for one in told if one.startswith(LEAD)]
    last = [] if kind.role is Role.SUPERVISOR else [ROLE_TITLES[Role.SUPERVISOR]]
    return " → ".join([ROLE_TITLES[kind.role], *others, *last])


def _spoken(minutes: int) -> str:
    return f"{minutes // 60} h" if minutes >= 60 and minutes % 60 == 0 else f"{minutes} m"


def beside() -> str:
    return "\n".join(f"- `{slug}` {kind_of(slug).title}: {what}" for slug, what in BESIDE.items())


def page() -> str:
    return f"{BEGIN}\n{table()}\n\nBeside the catalogue:\n\n{beside()}\n{END}"


def filled(text: str) -> str:
    before, _, rest = text.partition(BEGIN)
    return f"{before}{page()}{rest.partition(END)[2]}"


def unplaced() -> list[str]:
    """Kinds that stand in no line, and not beside them."""
    placed = {slug for line in LINES for slug in line.kinds} | set(BESIDE)
    return [slug for slug in (*RULES, *OTHERS) if slug not in placed]


if __name__ == "__main__":
    DOC.write_text(filled(DOC.read_text(encoding="utf-8")), encoding="utf-8")
