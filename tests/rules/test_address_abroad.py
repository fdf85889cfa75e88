from __future__ import annotations

import pytest

from rules.address_abroad import abroad, abroad_before


@pytest.mark.parametrize(
    "detail",
    [
        "日本大阪府大阪市中央区难波5-1-60",
        "首尔市中区明洞8街",
        "1600 Amphitheatre Parkway, Mountain View, CA 94043",
        "221B Baker Street, London",
        "Unit 8, 100 King St W, ON M5V 2T6",
        "12 Rue de Rivoli, Paris",
    ],
)
def test_another_country_is_known_by_its_name_a_city_or_a_postcode(detail: str) -> None:
    assert abroad(detail)


@pytest.mark.parametrize(
    "detail",
    [
        "日本料理店3楼",
        "巴黎春天3栋",
        "东京城镇渤海街36号",
        "No. 88 Wensan Road, Hangzhou, China",
        "Room 1203, No. 88 Wensan Road, Hangzhou",
        "文三路90号 London Pub",
    ],
)
def test_what_is_only_called_after_it_is_not_abroad(detail: str) -> None:
    assert not abroad(detail)


def test_a_country_before_a_district_of_here_is_abroad() -> None:
    assert abroad_before("韩国首尔市")
    assert abroad_before("王五 首尔市")
    assert not abroad_before("日本料理店")
    assert not abroad_before("王五")
