from __future__ import annotations

import pytest

from rules.address_abroad import abroad, abroad_before
from rules.address_quality import ABROAD, judge_text
from rules.verdict import Outcome


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
    for before in ("马来西亚", "马来西亚槟城", "美国加州", "韩国京畿道", "日本东京都"):
        assert abroad_before(before)
    assert not abroad_before("日本料理店")
    assert not abroad_before("王五")


@pytest.mark.parametrize(
    "text",
    [
        "马来西亚 吉隆坡 武吉免登路168号",
        "马来西亚，吉隆坡，茨厂街 15号",
        "吉隆坡 武吉免登路168号",
        "韩国首尔 江南区 德黑兰路152号",
        "韩国 全州 和平路 12号",
        "王强 13812345678 泰国 曼谷 素坤逸路24巷88号",
        "阿联酋迪拜 谢赫扎耶德路 3号",
    ],
)
def test_a_country_in_front_wins_over_a_county_that_is_called_like_a_part_of_it(text: str) -> None:
    assert judge_text(text).reasons == (ABROAD,)


@pytest.mark.parametrize(
    "text",
    [
        "西藏自治区日喀则市吉隆县吉隆镇热索路8号",
        "西藏 吉隆县 宗嘎镇 坡头路12号",
        "韩国庆 男 13812345678 浙江省宁波市海曙区药行街68号",
        "美国队长 13812345678 浙江省宁波市海曙区药行街68号",
        "韩国栋五金店 浙江省宁波市海曙区药行街68号",
        "新加坡国际学校 李老师 13912345678 江苏省苏州市吴中区东吴北路88号",
        "日本国驻上海总领事馆 上海市长宁区万山路8号",
        "法国梧桐小区 湖北省武汉市江汉区新华路6号",
        "意大利风情区 天津市河北区民族路46号",
        "俄罗斯风情街 内蒙古满洲里市中苏路18号",
    ],
)
def test_what_is_called_after_a_country_stays_here(text: str) -> None:
    assert judge_text(text).outcome is Outcome.MISS
