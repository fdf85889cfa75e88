"""What became of a file's rows, told to whoever handed it in: counted from what stands, so that it can be asked at any
time and by any worker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import text

from handlers import trail
from handlers.desk import SYSTEM, Desk
from handlers.received import bad_rows, bodies, doubled, on_the_way, received, undo
from handlers.received.bad_rows import Cells
from handlers.received.bodies import Brought
from models import Received
from models.received import State
from models.stages import Stage

_AT_ONCE: Final = 1000
_SHOWN: Final = 8  # problems that a message names
_KEPT: Final = 5000  # problems that a report keeps
_DECIDE: Final = "别的店已有的先锁定了，请在订单上说发哪一单；整个文件发错了，可以在「导入」页撤销"
_ORDERS: Final = text("""
    SELECT id, external_id, tag, stage, effect, platform_status, content_hash, stored_at, modified_at FROM orders
    WHERE shop_id = :shop AND external_id = ANY(:ids)
""")
_RAW: Final = text("""
    SELECT id, external_id, payload, received_at FROM raw_payloads
    WHERE shop_id = :shop AND external_id = ANY(:ids) AND received_at >= :since ORDER BY id
""")
_PROBLEMS: Final = text("""
    SELECT external_id, content_hash, problem FROM raw_payloads
    WHERE shop_id = :shop AND external_id = ANY(:ids) AND problem IS NOT NULL
""")


class Standing(Protocol):
    """One order of the file as a reader finds it there (ingest/sheet/client.py). `mark`: the fingerprint of what its
    rows say; `unreadable_id`: the number under which it is kept where its own is too long."""

    @property
    def external_id(self) -> str: ...
    @property
    def unreadable_id(self) -> str: ...
    @property
    def mark(self) -> bytes: ...
    @property
    def rows(self) -> Sequence[int]: ...
    @property
    def by_content(self) -> bool: ...


@dataclass(slots=True)
class Outcome:
    """`problems`: (rows, reason). `repeated`: unchanged ones that are known by their content alone. `unread`: the pull
    has not come to them. `rows`: order id → where it stands. `notes`, `cancelled`: order id → what people should look
    at; the latter of orders that were cancelled and come as open or sent."""

    new: list[int] = field(default_factory=list)
    changed: int = 0
    same: int = 0
    repeated: int = 0
    problems: list[tuple[Sequence[int], str]] = field(default_factory=list)
    unread: int = 0
    rows: dict[int, Sequence[int]] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    cancelled: dict[int, str] = field(default_factory=dict)


def settle(desk: Desk, file: Received, orders: Sequence[Standing], cells: Cells) -> bool:
    """Write and tell the file's report; False while a part of it has not been read yet. `cells`: asked for where the
    bad rows go back."""
    outcome = Outcome()
    for first in range(0, len(orders), _AT_ONCE):
        _compare(desk, file, orders[first : first + _AT_ONCE], outcome)
    if outcome.unread:
        return False
    revived = undo.revive(desk, file, list(outcome.rows))
    doubles = doubled.look(desk, list(outcome.rows))
    report = _report(outcome, revived, sum(len(order.rows) for order in orders))
    report |= {"notes": _notes(outcome, revived, doubles)[:_KEPT], "doubled": len(doubles)}
    file.report, file.state = {**report, "undone": (file.report or {}).get("undone", [])}, State.DONE
    counts = {name: report[name] for name in ("new", "changed", "same")}
    trail.write(desk, received.subject(file), SYSTEM, action="导入完成", detail=counts)
    back = bad_rows.table(file, cells)
    received.tell(desk, file, "done", words(file, enclosed=back is not None))
    if back is not None:
        bad_rows.send(desk, file, back)
    return True


def _report(outcome: Outcome, revived: Sequence[int], rows: int) -> dict[str, Any]:
    return {
        "rows": rows, "new": len(outcome.new) + len(revived), "changed": outcome.changed - len(revived),
        "same": outcome.same, "repeated": outcome.repeated, "ids": [*outcome.new, *revived],
        "problems": [[list(found), why] for found, why in sorted(outcome.problems)[:_KEPT]],
        "problem_rows": sum(len(found) for found, _ in outcome.problems),
    }  # fmt: skip


def _notes(outcome: Outcome, revived: Sequence[int], doubles: Mapping[int, str]) -> list[tuple[list[int], str]]:
    """(rows, what to look at)"""
    cancelled = {one: why for one, why in outcome.cancelled.items() if one not in set(revived)}
    found = [pair for notes in (outcome.notes, cancelled, doubles) for pair in notes.items()]
    return sorted((list(outcome.rows[one]), why) for one, why in found)


def _compare(desk: Desk, file: Received, orders: Sequence[Standing], outcome: Outcome) -> None:
    ids = [*(order.external_id for order in orders), *(order.unreadable_id for order in orders)]
    asked = {"shop": file.shop_id, "ids": ids, "since": file.received_at}
    stand = {row.external_id: row for row in desk.session.execute(_ORDERS, asked)}
    unread = desk.session.execute(_PROBLEMS, asked)
    problems = {(row.external_id, bytes(row.content_hash)): row.problem for row in unread}
    brought = bodies.brought(desk, file, desk.session.execute(_RAW, asked))
    changed: dict[str, Brought] = {}
    for order in orders:
        why = problems.get((order.external_id, order.mark)) or problems.get((order.unreadable_id, order.mark))
        found = stand.get(order.external_id)
        if why is not None:
            outcome.problems.append((tuple(order.rows), why))
        elif found is None:
            outcome.unread += 1
        else:
            outcome.rows[found.id] = order.rows
            own = brought.get(order.external_id)
            if _count(outcome, order, found, at=own.at if own else None, ready_at=file.ready_at) and own:
                changed[order.external_id] = own
            if found.stage == Stage.CANCELLED and found.effect in ("admit", "shipped"):
                outcome.cancelled[found.id] = f"{found.tag} 已取消，表里是{found.platform_status}：没有恢复，请核对"
    outcome.notes |= on_the_way.changes(desk, file, stand, changed)


def _count(outcome: Outcome, order: Standing, found: Any, *, at: datetime | None, ready_at: datetime | None) -> bool:
    """Whether the file changed the order. `at`: when this file's version of it was stored, None where it brought
    none."""
    if at is not None and at == found.stored_at:
        outcome.new.append(found.id)
    elif at is not None:
        outcome.changed += 1
    elif bytes(found.content_hash) == order.mark or found.modified_at > ready_at:
        outcome.same += 1
        outcome.repeated += order.by_content
    else:
        outcome.unread += 1
    return at is not None and at != found.stored_at


# -- told


def words(file: Received, *, enclosed: bool = False) -> str:
    """`enclosed`: the bad rows follow as a table."""
    report = file.report or {}
    lines = [f"{received.named(file)}导入完成：{counted(report)}", *problem_lines(report, _SHOWN)]
    notes = _together(report.get("notes", []), _SHOWN)
    if notes:
        lines[1:1] = ["请核对：", *notes, *([_DECIDE] if report.get("doubled") else [])]
    if report.get("problems"):
        how = "有问题的行和原因另发一个表格给您：改好后" if enclosed else "改好这几行后"
        lines.append(f"{how}把表格再发一次就行，已经导入的不会重复。")
        lines.append("全部问题在看板的「导入」页，可以下载")
    if report.get("repeated"):
        lines.append(repeated_words(report))
    return "\n".join(lines)


def counted(report: Mapping[str, Any]) -> str:
    if "said" in report:  # a table of stock
        return str(report["said"])
    parts = [f"新建 {report['new']} 单"]
    parts += [f"{word} {report[name]} 单" for name, word in (("changed", "更新"), ("same", "没有变化")) if report[name]]
    if report["problem_rows"]:
        parts.append(f"{report['problem_rows']} 行有问题")
    return "，".join(parts)


def repeated_words(report: Mapping[str, Any]) -> str:
    return (
        f"其中 {report['repeated']} 单和以前导入的一模一样，表里又没有单号，当作同一单。"
        "如果是新的订单，请加上「单号」或「日期」一列再发"
    )


def problem_lines(report: Mapping[str, Any], most: int) -> list[str]:
    return _together(report.get("problems", []), most)


def _together(found: Iterable[tuple[Sequence[int], str]], most: int) -> list[str]:
    """第 12 行：…; equal reasons stand together."""
    together: dict[str, list[int]] = defaultdict(list)
    for rows, why in found:
        together[why] += rows
    shown = sorted(together.items(), key=lambda one: one[1])
    lines = [f"第 {_numbers(rows)} 行：{why}" for why, rows in shown[:most]]
    return [*lines, f"还有 {len(shown) - most} 种，见看板的「导入」页"] if len(shown) > most else lines


def _numbers(rows: Sequence[int]) -> str:
    shown = "、".join(map(str, sorted(rows)[:10]))
    return f"{shown} 等 {len(rows)}" if len(rows) > 10 else shown
