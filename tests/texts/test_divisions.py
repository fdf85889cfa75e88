from __future__ import annotations

import pytest

from texts.divisions import division_in


@pytest.mark.parametrize(
    ("text", "province", "city", "district"),
    [
        ("浙江省杭州市西湖区文三路1号", "浙江省", "杭州市", "西湖区"),
        ("浙江杭州西湖文三路1号", "浙江省", "杭州市", "西湖区"),
        ("上海浦东张江", "上海市", "上海市", "浦东新区"),
        ("北京市市辖区东城区", "北京市", "北京市", "东城区"),
        ("重庆市县云阳县", "重庆市", "重庆市", "云阳县"),
        ("内蒙呼和浩特赛罕区", "内蒙古自治区", "呼和浩特市", "赛罕区"),
        ("恩施州利川市", "湖北省", "恩施土家族苗族自治州", "利川市"),
        ("景宁县鹤溪镇", "浙江省", "丽水市", "景宁畲族自治县"),
        ("河南省省直辖县级行政区划济源市", "河南省", "", "济源市"),
        ("苏州工业园区星湖街", "江苏省", "苏州市", "苏州工业园区"),
        ("成都市高新区天府三街", "四川省", "成都市", "高新区"),
        ("河北雄安新区容城县", "河北省", "保定市", "容城县"),
        ("广东省东莞市长安镇", "广东省", "东莞市", ""),
        ("余杭区文一西路", "浙江省", "杭州市", "余杭区"),
        ("张三 昆山玉山镇", "江苏省", "苏州市", "昆山市"),
        ("浙江杭州余杭区 浙江省杭州市余杭区文一西路", "浙江省", "杭州市", "余杭区"),
        ("香港九龙旺角", "香港特别行政区", "香港特别行政区", "九龙"),
    ],
)
def test_a_region_is_read_however_it_is_written(text: str, province: str, city: str, district: str) -> None:
    found = division_in(text)

    assert found is not None
    assert (found.province, found.city, found.district, found.doubt) == (province, city, district, "")


@pytest.mark.parametrize(
    ("text", "district", "note"),
    [
        ("杭州市江干区凯旋路", "上城区", "江干区今为上城区"),
        ("山东省章丘市双山街道", "章丘区", "章丘市今为章丘区"),
        ("天津市滨海新区塘沽区", "滨海新区", "塘沽区今为滨海新区"),
    ],
)
def test_a_former_name_leads_to_todays(text: str, district: str, note: str) -> None:
    found = division_in(text)

    assert found is not None
    assert (found.district, found.notes[:1]) == (district, (note,))


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("广东省杭州市西湖区", "省与市矛盾：杭州市不在广东省"),
        ("北京市浦东新区", "市与区矛盾：浦东新区不属于北京市"),
        ("浙江省宁波市余杭区", "市与区矛盾：余杭区不属于宁波市"),
        ("杭州市西湖区余杭区", "写了两个地区：西湖区与余杭区"),
    ],
)
def test_what_contradicts_the_table_is_told(text: str, doubt: str) -> None:
    found = division_in(text)

    assert found is not None
    assert found.doubt == doubt


def test_a_district_that_several_cities_have_is_nobodys() -> None:
    found = division_in("朝阳区建国路88号")

    assert found is not None
    assert (found.city, found.shared) == ("", "朝阳区")


@pytest.mark.parametrize("text", ["", "南京东路100号", "深圳大学", "中山市场路", "文三路90号"])
def test_what_only_sounds_like_a_region_is_none(text: str) -> None:
    assert division_in(text) is None
