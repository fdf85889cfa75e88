"""ADDR_VAGUE: a parcel sent there would not arrive. Works on the region and on what can be read of the detail; what a
platform hides is unknown, not fine."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict

# Cities without districts: their streets hang directly below the city.
_NO_DISTRICT: Final = ("东莞", "中山", "儋州", "嘉峪关")
_WORDS: Final = ("测试", "无效", "电联", "见备注", "老地方")
_HIDDEN: Final = re.compile(r"[*＊✱●•]+")
# A road, house, building, village or named place with a number or a name before it.
_PLACE: Final = re.compile(
    r"[路街道巷弄里坊胡同大厦广场小区花园公寓校院厂店市场站园区城苑庄寨湾屯]|\d+\s*(号|幢|栋|楼|室|单元|座|层)|[A-Za-z]\d*座|村"
)
_ONLY_GROUP: Final = re.compile(r"^[\d一二三四五六七八九十东西南北上下大小前后老新]{0,4}(村口|组|队|社)$")
_SHORTEST: Final = 8


class AddressVague(Rule):
    slug = "address_vague"
    title = "地址模糊"
    role = Role.SERVICE
    severity = "P2"
    blocks = True
    claim_minutes = 15
    solve_minutes = 120
    solved = "已确认"
    customer = "地址已确认"

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")
        if not (facts.province or facts.city or facts.district):
            return self._without_region(facts)
        reasons = _region_reasons(facts) + _detail_reasons(facts)
        if reasons:
            return Verdict.hit("、".join(reasons), mark="|".join(reasons), evidence={"reasons": reasons})
        if not facts.address_whole:
            return Verdict.unknown("详细地址由平台隐藏，看不到门牌")
        return Verdict.miss("地址完整")

    def _without_region(self, facts: OrderFacts) -> Verdict:
        reasons = [f"地址写着「{word}」" for word in _WORDS if word in facts.address_seen]
        if reasons:
            return Verdict.hit("、".join(reasons), mark="|".join(reasons), evidence={"reasons": reasons})
        return Verdict.unknown("平台没有给出收货地区")


def _region_reasons(facts: OrderFacts) -> list[str]:
    reasons = []
    # 济源, 仙桃, 石河子 …: run by the province, no city level, the county stands in the district.
    if not facts.city and not facts.district:
        reasons.append("缺城市和区县")
    elif not facts.district and not facts.city.startswith(_NO_DISTRICT):
        reasons.append("缺区县")
    if not facts.province:
        reasons.append("缺省份")
    return reasons


def _detail_reasons(facts: OrderFacts) -> list[str]:
    seen = _HIDDEN.sub("", facts.address_seen).strip()
    reasons = [f"地址写着「{word}」" for word in _WORDS if word in seen]
    if not facts.address_whole or reasons:
        return reasons  # a part cannot tell what the whole lacks
    if not seen:
        return ["没有详细地址"]
    if _ONLY_GROUP.match(seen):
        return ["只写到村组"]
    if not _PLACE.search(seen):
        return ["没有路名、门牌或村名"]
    if len(seen) < _SHORTEST and not any(letter.isdigit() for letter in seen):
        return [f"详细地址不足 {_SHORTEST} 个字"]
    return []
