"""The judgement on a month as people read it."""

from __future__ import annotations

from collections import Counter, defaultdict

from tests.flows.month.judge import Found, Judgement

_HEADS = ("#", "kind", "role", "planted", "found", "once", "role ok", "ended", "trail", "channel", "script", "design",
          "wrong")  # fmt: skip
_SHOWN = 12


def table(judgement: Judgement) -> str:
    """One line for each kind, then the false alarms."""
    kinds: dict[tuple[int, str, str], list[Found]] = defaultdict(list)
    for one in judgement.found:
        kinds[one.planted.story.number if one.main else 0, one.kind, one.role].append(one)
    rows = [_HEADS, *(_row(key, kinds[key]) for key in sorted(kinds)), _row((0, "all", ""), judgement.found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", *_false(judgement), *_wrong(judgement)])


def _row(key: tuple[int, str, str], found: list[Found]) -> tuple[str, ...]:
    number, kind, role = key
    told = Counter(one.message for one in found if one.main)
    counts = (
        len(found), sum(bool(one.cases) for one in found), sum(one.once for one in found),
        sum(one.right for one in found), sum(one.ended for one in found), sum(one.trailed for one in found),
        told["channel"], told["script"], told["design"], sum(bool(one.wrong) for one in found),
    )  # fmt: skip
    return (str(number or ""), kind, role, *map(str, counts))


def _false(judgement: Judgement) -> list[str]:
    kinds = Counter(case.kind for case in judgement.false)
    beside = Counter(case.kind for case in judgement.beside)
    named = "、".join(f"{kind} {count}" for kind, count in kinds.most_common()) or "none"
    others = "、".join(f"{kind} {count}" for kind, count in beside.most_common()) or "none"
    lines = [
        f"false alarms: {len(judgement.false)} on {judgement.clean} clean orders = {judgement.rate:.4%} ({named})",
        f"beside what was planted, on its orders: {len(judgement.beside)} ({others})",
    ]
    return lines + [f"  {case.kind} {case.tag or case.group_key} {case.external_id}: {case.reason[:90]}"
                    for case in (*judgement.false, *judgement.beside)[:_SHOWN]]  # fmt: skip


def _wrong(judgement: Judgement) -> list[str]:
    if not judgement.missed:
        return []
    lines = [
        f"  {one.planted.story.name} ({one.kind}) on {one.planted.platform} {one.planted.orders[:1]}: "
        f"{'; '.join(one.wrong)} {[(c.id, c.state, c.solution, c.reason) for c in one.cases]}"
        for one in judgement.missed
    ]
    return [f"not as it had to be: {len(lines)}", *lines[: 3 * _SHOWN]]
