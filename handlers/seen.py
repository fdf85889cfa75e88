"""A press on a card whose content has changed since: it does nothing, and says what changed. What the hub's own people
did since (备注, 认领) is no such change."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import mask, trail
from handlers.desk import Desk, Late
from handlers.wording import REFUNDS

_NEWS: Final = text("""
    SELECT detail FROM trail WHERE subject = :subject AND action = '平台更新' ORDER BY id DESC LIMIT 5
""")
# What the marketplace tells of a memo that was written from here is no news.
_OURS: Final = text("""
    SELECT line FROM write_backs WHERE order_id = :id AND kind = 'memo' AND position(line IN :memo) > 0
""")
_SINCE: Final = text("""
    SELECT subject, actor, action, detail FROM trail WHERE subject = ANY(:subjects)
        AND (at >= :since OR action = '平台更新') ORDER BY id
""")
_HARMLESS: Final = frozenset((
    "备注", "撤销备注", "平台备注", "平台备注失败", "认领", "认领过期", "指派", "转单", "放回待认领", "接收交接",
    "提醒", "升级提醒", "再次提醒", "评价提醒", "通知客户", "没通知到客户", "撤回客户通知", "客户绑定", "生成绑定码",
    "查看收件信息", "导出收件信息",
))  # fmt: skip
"""Steps in an order's trail that leave it what it was: they say something, or whose it is."""
_STATUS: Final = frozenset(("平台状态", "环节计时"))  # how it stands, not what is in it
_SHOWN: Final = 60


def check_case(desk: Desk, case: Row[Any]) -> None:
    """Raises Late where the press is on a card that shows another finding than there is now."""
    shown, renewed = desk.shown(f"case:{case.id}"), int(case.evidence.get("renewed", 0))
    if 0 < shown < renewed:
        was, now = mask.phones(str(case.evidence.get("was", ""))), mask.phones(case.reason)
        raise Late(f"没有动：「{was[:_SHOWN]}」已变成「{now[:_SHOWN]}」，请看一眼再按")


def check_order(desk: Desk, order: Row[Any], subject: str) -> None:
    """The same for an order's card, and what its platform told of the order since. `subject`: its trail's. Asks the
    database only where the card is an older one."""
    shown = desk.shown(f"order:{order.id}")
    if not 0 < shown < order.revision:
        return
    for row in desk.session.execute(_NEWS, {"subject": subject}):
        detail = json.loads(row.detail)
        if shown < int(detail.get("_revision", 0)) and (said := _said(desk, order.id, detail)):
            raise Late(f"没有动：{order.tag} 平台上有变化（{said}），请看一眼再按")


def since(desk: Desk, asked: Sequence[tuple[Row[Any], int]], at: datetime) -> dict[int, str]:
    """What changed of orders about which somebody was asked at that moment: order id → in words, "" where nobody can
    tell. `asked`: those that have another revision now, each with the one that was shown. Those of which people only
    noted something, or who only went to somebody else, are left out."""
    subjects = {trail.order_subject(row.shop_id, row.external_id): (row.id, shown) for row, shown in asked}
    found: dict[int, list[str]] = defaultdict(list)
    for step in desk.session.execute(_SINCE, {"subjects": list(subjects), "since": at}).all():
        order_id, shown = subjects[step.subject]
        if (said := _step(desk, order_id, shown, step)) is not None:
            found[order_id].append(said)
    untold = {order_id: "" for order_id, _ in subjects.values() if order_id not in found}
    said_of = {order_id: "；".join(dict.fromkeys(filter(None, said))) for order_id, said in found.items()}
    return untold | {order_id: words for order_id, words in said_of.items() if words}


def _step(desk: Desk, order_id: int, shown: int, step: Row[Any]) -> str | None:
    """What a step changed, "" for nothing; None for what the platform had told before."""
    if step.action in _HARMLESS:
        return ""
    if step.action == "异常":
        return "有新的异常"
    if step.action != "平台更新":
        return f"{step.actor}：{step.action}"
    detail = json.loads(step.detail)
    if shown >= int(detail.get("_revision", 0)):
        return None
    said = _said(desk, order_id, detail)
    return f"平台上{said}" if said else ""


def _said(desk: Desk, order_id: int, detail: Mapping[str, Any]) -> str:
    """In what way the content changed, "" where it did not."""
    found = {label: change for label, change in detail.items() if not label.startswith("_")}
    if not found:
        return "货品或其他内容"
    parts = [_part(label, change) for label, change in found.items() if label not in _STATUS]
    if "备注" in found and _is_ours(desk, order_id, *found["备注"]):
        parts = [part for part in parts if not part.startswith("备注")]
    return "；".join(parts)


def _part(label: str, change: Any) -> str:
    if not isinstance(change, list):
        return f"{label}{change}"
    now = REFUNDS.get(change[1], change[1]) if label == "退款" else change[1]
    return f"{label}：{mask.phones(str(now))[:_SHOWN] or '没有了'}"


def _is_ours(desk: Desk, order_id: int, before: str, now: str) -> bool:
    """Whether all that is new in the memo is what was written from here."""
    written = desk.session.execute(_OURS, {"id": order_id, "memo": now}).scalars().all()
    return any(line not in before for line in written)
