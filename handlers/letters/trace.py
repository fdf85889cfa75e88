"""Why somebody did not get a message: what was owed about a matter, or to a person, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import codes, find, people
from handlers.desk import Actor, Desk, Refusal
from handlers.letters import words
from handlers.parse import code_in, leading, normal
from handlers.wording import moment
from models import Role

_DAYS: Final = 2
_SHOWN: Final = 12
_NOTHING_NAMED: Final = ("", "消息", "提醒", "通知", "卡片")  # 没收到消息
_ROW: Final = """
    SELECT n.id, n.channel, n.recipient, n.purpose, n.subject, n.body, n.state, n.problem, n.created_at, n.sent_at,
        n.next_try_at, n.carried_by, n.merged_into, m.state AS into_state, m.sent_at AS into_sent_at
    FROM notifications n LEFT JOIN notifications m ON m.id = n.merged_into
"""
_ABOUT: Final = text(f"""
    {_ROW} WHERE n.subject = ANY(:subjects)
        AND (:all OR n.channel <> 'staff' OR n.recipient = :me OR n.purpose = 'edit')
    ORDER BY n.id DESC LIMIT :most
""")
_TO: Final = text(f"""
    {_ROW} WHERE n.channel = 'staff' AND n.recipient = :me AND n.purpose <> 'edit' AND n.created_at >= :since
    ORDER BY n.state IN ('sent', 'delivered'), n.id DESC LIMIT :most
""")
_CASES: Final = text("SELECT id FROM cases WHERE order_id = :id")


def why(desk: Desk, actor: Actor, asked: str) -> str:
    """`asked`: a short code, an order, a colleague's name (for supervisors), or nothing, for one's own last days.
    Raises Refusal."""
    if normal(asked).rstrip("?吗呢") in _NOTHING_NAMED:
        return _to(desk, str(actor.staff_id), "您")
    person = _person(desk, normal(asked))
    if person is not None:
        if person.id != actor.staff_id and Role.SUPERVISOR not in actor.roles:
            raise Refusal("别人的消息只有主管可以查，请让对方自己发「为什么没收到」")
        return _to(desk, str(person.id), person.name)
    return about(desk, _subjects(desk, asked), actor)


def about(desk: Desk, subjects: Sequence[str], actor: Actor) -> str:
    """Every message about a matter that concerns `actor`: a supervisor sees all, others their own and the groups'."""
    everything = Role.SUPERVISOR in actor.roles
    values = {"subjects": list(subjects), "all": everything, "me": str(actor.staff_id), "most": _SHOWN}
    rows = desk.session.execute(_ABOUT, values).all()
    if not rows:
        whom = "过消息" if everything else "您过消息：您不是负责人，也不在要通知的岗位"
        return f"这件事没有给{whom}"
    return "\n".join(["**这件事的消息**", *_lines(desk, rows)])


def _to(desk: Desk, staff_id: str, whom: str) -> str:
    values = {"me": staff_id, "since": desk.now - timedelta(days=_DAYS), "most": _SHOWN}
    rows = desk.session.execute(_TO, values).all()
    if not rows:
        return f"近 {_DAYS} 天没有要发给{whom}的消息"
    return "\n".join([f"**近 {_DAYS} 天给{whom}的消息**（没送到的在前）", *_lines(desk, rows)])


def _lines(desk: Desk, rows: Sequence[Row[Any]]) -> list[str]:
    known = words.names(desk, rows)
    lines = [
        f"- {moment(row.created_at)} 给{words.to_whom(row, known)} {words.about(row, known)}：{words.became(row)}"
        for row in rows
    ]
    return [*lines, f"> 只列最近 {_SHOWN} 条"] if len(rows) == _SHOWN else lines


def _person(desk: Desk, name: str) -> people.Person | None:
    found = [person for person in people.staff(desk) if name in (person.name, *person.userids.values())]
    return found[0] if len(found) == 1 else None


def _subjects(desk: Desk, asked: str) -> list[str]:
    """A matter by its short code, or an order with all its matters. Raises Refusal."""
    line = normal(asked)
    if line.partition(":")[0] in ("case", "order") and line.partition(":")[2].isdecimal():
        return [line]  # as operators name it
    code = code_in(line)
    if code is not None and not code[1] and not code[0].isdigit():
        return [f"case:{codes.case_of(desk, code[0])}"]
    named = leading(line)
    if named is None:
        raise Refusal("请写卡片上的短码或订单编号，例如：为什么没收到 A7F2")
    order_id = find.one(desk, named[0])
    cases = desk.session.execute(_CASES, {"id": order_id}).scalars()
    return [f"order:{order_id}", *(f"case:{case_id}" for case_id in cases)]
