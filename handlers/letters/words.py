"""Owed messages as people talk of them: to whom, about what, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import mask
from handlers.desk import Desk
from handlers.kinds import title_of
from handlers.wording import moment
from models.case import short_code

CHATS: Final = {
    "group": "企业微信群", "group_dingtalk": "钉钉群", "chat_dingtalk": "钉钉群聊", "customer": "顾客",
    "customer_kf": "微信客服里的顾客",
}  # fmt: skip
WAYS: Final = {
    "wecom_app": "企业微信应用",
    "wecom_bot": "企业微信机器人",
    "wecom_hook": "企业微信群机器人",
    "wecom_appchat": "企业微信应用群",
    "dingtalk": "钉钉",
    "dingtalk_hook": "钉钉群机器人",
    "dingtalk_notice": "钉钉工作通知",
    "wechat_oa": "服务号",
    "wechat_subscribe": "订阅通知",
    "wechat_mini": "小程序",
    "wecom_kf": "微信客服",
    "sms": "短信",
}
_LONGEST: Final = 30
_SEALED: Final = ("sealed", "card_sealed")

_CASES: Final = text("""
    SELECT c.id, c.kind, c.evidence, coalesce(o.tag, '') AS tag FROM cases c LEFT JOIN orders o ON o.id = c.order_id
    WHERE c.id = ANY(:ids)
""")
_TAGS: Final = text("SELECT id, tag FROM orders WHERE id = ANY(:ids)")
_NAMES: Final = text("SELECT id, name FROM staff WHERE id = ANY(:ids)")


@dataclass(frozen=True, slots=True)
class Names:
    """Of the matters and people that some rows are about: subject → its name, staff id as text → name."""

    subjects: Mapping[str, str]
    people: Mapping[str, str]


def names(desk: Desk, rows: Sequence[Row[Any]]) -> Names:
    """Read once for all `rows`."""
    cases = _numbers(rows, "case")
    orders = _numbers(rows, "order")
    subjects: dict[str, str] = {}
    for case in desk.session.execute(_CASES, {"ids": cases}) if cases else ():
        named = f"{title_of(case.kind, case.evidence)} {case.tag}".rstrip()
        subjects[f"case:{case.id}"] = f"「{named}」{short_code(case.id)}"
    for order in desk.session.execute(_TAGS, {"ids": orders}) if orders else ():
        subjects[f"order:{order.id}"] = order.tag
    staff = sorted({int(row.recipient) for row in rows if row.channel == "staff" and row.recipient.isdecimal()})
    found = desk.session.execute(_NAMES, {"ids": staff}) if staff else ()
    return Names(subjects, {str(one.id): one.name for one in found})


def _numbers(rows: Sequence[Row[Any]], kind: str) -> list[int]:
    parts = {row.subject.partition(":") for row in rows}
    return sorted(int(number) for found, _, number in parts if found == kind and number.isdecimal())


def to_whom(row: Row[Any], known: Names) -> str:
    return CHATS.get(row.channel) or known.people.get(row.recipient) or ("所有卡片" if row.purpose == "edit" else "？")


def about(row: Row[Any], known: Names) -> str:
    """The matter, else the beginning of the words; what is private stays so."""
    if row.purpose == "template":
        return f"{known.subjects.get(row.subject, '')}通知".strip()
    if named := known.subjects.get(row.subject):
        return f"{named}{'更新卡片' if row.purpose == 'edit' else ''}"
    if any(name in row.body for name in _SEALED):
        return "私密内容"
    said = mask.phones(" ".join(str(row.body.get("text", "")).split()))
    return f"“{said[:_LONGEST]}{'…' if len(said) > _LONGEST else ''}”" if said else "卡片"


def by_way(carried_by: str) -> str:
    """企业微信应用, or with （文字） where a card went as words."""
    channel, _, as_text = carried_by.partition("+")
    return WAYS.get(channel, channel) + ("（文字）" if as_text else "")


def became(row: Row[Any]) -> str:
    """What became of it, with when and why. `row`: state, problem, sent_at, next_try_at, carried_by, merged_into and,
    of the row that carries it, into_state and into_sent_at."""
    if row.state in ("sent", "delivered"):
        read = "，已送达" if row.state == "delivered" else ""
        return f"{moment(row.sent_at)} 经{by_way(row.carried_by) or '原渠道'}发出{read}{_left_out(row.problem)}"
    if row.state == "merged":
        return f"{row.problem or '合并发送'}（#{row.merged_into}，{_carried(row)}）"
    if row.state == "sending":
        return "正在发送"
    if row.state == "owed":
        return f"{moment(row.next_try_at)} 发送{f'：{row.problem}' if row.problem else ''}"
    titles = {"failed": "没发成", "unsure": "不确定是否送达", "dropped": "没有发"}
    return f"{titles.get(row.state, row.state)}：{row.problem or '没有记下原因'}"


def _left_out(problem: str) -> str:
    return f"（{problem}）" if problem else ""


def _carried(row: Row[Any]) -> str:
    if row.into_state in ("sent", "delivered"):
        return f"{moment(row.into_sent_at)} 已发出"
    titles = {"failed": "没发成", "unsure": "不确定是否送达", "dropped": "没有发"}
    return titles.get(row.into_state, "等待发送")
