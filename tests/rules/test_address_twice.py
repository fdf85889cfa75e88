from __future__ import annotations

import pytest

from rules.address_twice import two_places

HERE = ("江苏省", "苏州市", "吴中区")


@pytest.mark.parametrize(
    "detail",
    [
        "宝带西路1155号 或者 山东省青岛市崂山区海尔路1号",
        "宝带西路1155号/浙江省杭州市西湖区文三路100号",
        "宝带西路1155号,周末寄江苏省昆山市前进中路1号",
        "宝带西路1155号,不在就寄上海市普陀区曹杨路1号",
        "宝带西路1155号还是人民路8号",
    ],
)
def test_a_second_place_is_seen(detail: str) -> None:
    assert two_places(detail, HERE)


@pytest.mark.parametrize(
    "detail",
    [
        "宝带西路1155号",
        "宝带西路1155号/2座301",
        "宝带西路1155号或放东门驿站",
        "宝带西路1155号,江苏省苏州市吴中区宝带西路1155号",
        "宝带西路1155号 上海银行",
        "宝带西路1155号,浙江省商会",
        "宝带西路1155号或者宝带西路门卫",
    ],
)
def test_the_same_place_again_and_a_wish_are_none(detail: str) -> None:
    assert not two_places(detail, HERE)
