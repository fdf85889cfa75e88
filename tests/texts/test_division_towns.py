from __future__ import annotations

import pytest

from texts.division_names import districts_of
from texts.division_towns import elsewhere, towns


@pytest.mark.parametrize(
    ("city", "town", "where"),
    [
        ("东莞市", "小榄镇升平中路12号", ("小榄镇", "中山市")),
        ("中山市", "虎门镇", ("虎门镇", "东莞市")),
        ("东莞市", "古镇镇中兴大道8号", ("古镇镇", "中山市")),
        ("东莞市", "石岐街道办事处", ("石岐街道", "中山市")),
        ("嘉峪关市", "那大镇", ("那大镇", "儋州市")),
        ("东莞市", "虎门镇", None),
        ("中山市", "小榄镇", None),
        ("东莞市", "盛泽镇", None),
        ("东莞市", "小榄镇路8号", None),
        ("东莞市", "小榄大道8号", None),
        ("佛山市", "小榄镇", None),
    ],
)
def test_a_town_of_another_city_is_told(city: str, town: str, where: tuple[str, str] | None) -> None:
    assert elsewhere(city, town) == where


def test_only_cities_without_districts_stand_in_the_table_and_no_town_twice() -> None:
    every = [town for below in towns().values() for town in below]

    assert set(towns()) == {"东莞市", "中山市", "儋州市", "嘉峪关市"}
    assert len(every) == len(set(every)) > 70
    assert not any(districts_of(province, city) for city in towns() for province in ("广东省", "海南省", "甘肃省"))
