from __future__ import annotations

from pathlib import Path

import pytest

from texts.regions import Region, find


@pytest.mark.parametrize(
    ("text", "province", "city", "district"),
    [
        ("浙江省杭州市西湖区文三路1号", "浙江省", "杭州市", "西湖区"),
        ("浙江杭州西湖区文三路", "浙江省", "杭州市", "西湖区"),
        ("浙江省 杭州市 西湖区 紫金花路", "浙江省", "杭州市", "西湖区"),
        ("上海浦东新区世纪大道1号", "上海市", "上海市", "浦东新区"),
        ("上海 上海市 浦东新区 张江镇", "上海市", "上海市", "浦东新区"),
        ("北京市朝阳区建国路", "北京市", "北京市", "朝阳区"),
        ("重庆城口县", "重庆市", "重庆市", "城口县"),
        ("杭州市西湖区", "浙江省", "杭州市", "西湖区"),
        ("深圳南山区科技园", "广东省", "深圳市", "南山区"),
        ("湖北省仙桃市沔阳大道", "湖北省", "", "仙桃市"),
        ("仙桃市沔阳大道", "湖北省", "", "仙桃市"),
        ("义乌市北苑街道", "浙江省", "金华市", "义乌市"),
        ("云南大理市", "云南省", "大理白族自治州", "大理市"),
        ("延边朝鲜族自治州延吉市", "吉林省", "延边朝鲜族自治州", "延吉市"),
        ("吉林吉林市昌邑区", "吉林省", "吉林市", "昌邑区"),
        ("广西南宁市青秀区", "广西壮族自治区", "南宁市", "青秀区"),
        ("内蒙古呼和浩特市新城区", "内蒙古自治区", "呼和浩特市", "新城区"),
        ("广东省东莞市长安镇德政路", "广东省", "东莞市", ""),
        ("江苏省苏州市工业园区星湖街", "江苏省", "苏州市", "苏州工业园区"),
        ("合肥市高新区望江西路", "安徽省", "合肥市", "高新区"),
        ("香港特别行政区中西区", "香港特别行政区", "香港特别行政区", "中西区"),
        ("新疆和田地区和康县", "新疆维吾尔自治区", "和田地区", "和康县"),
        ("王小明住在浙江省杭州市西湖区", "浙江省", "杭州市", "西湖区"),
    ],
)
def test_a_region_is_found_however_it_is_written(text: str, province: str, city: str, district: str) -> None:
    found = find(text)
    assert found is not None
    assert (found.province, found.city, found.district) == (province, city, district)


@pytest.mark.parametrize(
    "text", ["", "青岛啤酒2箱", "张海南 139", "西湖区文三路", "北京烤鸭", "马克杯", "朝阳", "南京路步行街", "杭州"]
)
def test_what_only_sounds_like_a_region_is_none(text: str) -> None:
    assert find(text) is None


def test_a_surname_and_a_short_city_are_no_region() -> None:
    assert find("李朝阳 上海市静安区南京西路") == Region("上海市", "上海市", "静安区", "", 4, 10)


def test_a_district_of_another_city_is_not_put_right_in_silence() -> None:
    found = find("北京市浦东新区世纪大道")
    assert found is not None
    assert (found.city, found.district, "北京市浦东新区世纪大道"[found.end :]) == ("北京市", "", "浦东新区世纪大道")


def test_an_estate_is_no_district() -> None:
    found = find("杭州市阳光小区3幢")
    assert found is not None
    assert (found.district, "杭州市阳光小区3幢"[found.end :]) == ("", "阳光小区3幢")


def test_the_town_and_the_end_are_told() -> None:
    text = "收：浙江省杭州市余杭区五常街道文一西路969号"
    found = find(text)
    assert found is not None
    assert (found.town, text[: found.start], text[found.end :]) == ("五常街道", "收：", "文一西路969号")


def test_the_table_is_whole() -> None:
    lines = (Path(__file__).parents[2] / "texts" / "regions.txt").read_text(encoding="utf-8").splitlines()
    assert len({tuple(line.split(" ")[:2]) for line in lines}) == len(lines), "a city stands once"
    assert len({line.split(" ")[0] for line in lines}) == 34
    assert sum(len(line.split(" ")) - 2 for line in lines) > 3000
    for line in lines:
        province, city, *districts = line.split(" ")
        name = f"{province}{'' if city in ('-', province) else city}{districts[0] if districts else ''}"
        found = find(name)
        assert found is not None, name
        assert found.province == province, name


def test_a_district_that_two_cities_have_is_not_guessed() -> None:
    found = find("河北省桥西区人民路1号")
    assert found is not None
    assert (found.province, found.city, found.district, found.end) == ("河北省", "", "", 3)
