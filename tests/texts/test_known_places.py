from __future__ import annotations

from pathlib import Path

import pytest

from texts import known_places
from texts.division_names import named_at
from texts.known_places import fixed_by_name


@pytest.mark.parametrize(
    ("detail", "province", "city"),
    [
        ("清华大学紫荆公寓3号楼", "北京市", "北京市"),
        ("电子科技大学清水河校区", "四川省", "成都市"),
        ("电子科技大学清水河校区", "四川省", ""),
        ("中山大学南校园", "广东省", "珠海市"),
        ("北京大学第三医院", "北京市", "北京市"),
    ],
)
def test_a_place_that_the_country_knows_tells_where_it_is(detail: str, province: str, city: str) -> None:
    assert fixed_by_name(detail, province, city)


@pytest.mark.parametrize(
    ("detail", "province", "city"),
    [
        ("清华大学紫荆公寓3号楼", "河北省", ""),
        ("武汉大学信息学部", "湖北省", "宜昌市"),
        ("中山大学南校园", "广东省", ""),  # it has a house in three cities
        ("南京大学路8号", "江苏省", "南京市"),
        ("北京大学附近", "北京市", "北京市"),
        ("幸福大学3号楼", "北京市", "北京市"),
        ("文三路9号浙江大学", "浙江省", "杭州市"),
    ],
)
def test_another_place_and_what_lies_near_one_does_not(detail: str, province: str, city: str) -> None:
    assert not fixed_by_name(detail, province, city)


def test_every_known_place_lies_in_a_city_that_there_is() -> None:
    lines = Path(known_places.__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    cities = [tuple(line.split(" ")[:2]) for line in lines]

    own = {"石河子市", "阿拉尔市"}  # of a province itself
    assert len(set(cities)) == len(cities)
    assert all(
        any(name.place.province == province for name in named_at(city, "district" if city in own else "city"))
        or city == province
        for province, city in cities
    )
