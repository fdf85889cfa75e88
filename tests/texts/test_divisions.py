from __future__ import annotations

import re

import pytest

from texts.divisions import division_in
from texts.regions import rows

PROVINCE_END = re.compile("(?:省|(?:壮族|回族|维吾尔)?自治区)$")


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
        ("陕西省西安市国际港务区港务西路", "陕西省", "西安市", "国际港务区"),
        ("苏州工业园区星湖街", "江苏省", "苏州市", "苏州工业园区"),
        ("成都市高新区天府三街", "四川省", "成都市", "高新区"),
        ("河北雄安新区容城县", "河北省", "保定市", "容城县"),
        ("广东省东莞市长安镇", "广东省", "东莞市", ""),
        ("余杭区文一西路", "浙江省", "杭州市", "余杭区"),
        ("张三 昆山玉山镇", "江苏省", "苏州市", "昆山市"),
        ("浙江杭州余杭区 浙江省杭州市余杭区文一西路", "浙江省", "杭州市", "余杭区"),
        ("香港九龙旺角", "香港特别行政区", "香港特别行政区", "九龙"),
        ("重庆市 县 云阳县 双江街道", "重庆市", "重庆市", "云阳县"),
        ("重庆市 县 彭水苗族土家族自治县 汉葭街道", "重庆市", "重庆市", "彭水苗族土家族自治县"),
        ("重庆 县 忠县", "重庆市", "重庆市", "忠县"),
        ("湖北省 直辖县级 潜江市 园林街道", "湖北省", "", "潜江市"),
        ("河南省 省直管县 邓州市", "河南省", "南阳市", "邓州市"),
        ("四川成都锦江东大街68号", "四川省", "成都市", "锦江区"),
        ("辽宁沈阳和平南大街80号", "辽宁省", "沈阳市", "和平区"),
        ("河南郑州金水花园路85号", "河南省", "郑州市", "金水区"),
        ("陕西西安碑林书院门12号", "陕西省", "西安市", "碑林区"),
        ("浙江宁波镇海区雄镇路1号", "浙江省", "宁波市", "镇海区"),
        ("福建厦门湖里悦华路153号", "福建省", "厦门市", "湖里区"),
        ("河北石家庄桥西区中山西路83号", "河北省", "石家庄市", "桥西区"),
        ("黑龙江哈尔滨道里中央大街8号", "黑龙江省", "哈尔滨市", "道里区"),
        ("河北唐山路南区建设南路12号", "河北省", "唐山市", "路南区"),
        ("浙江台州路桥财富大道12号", "浙江省", "台州市", "路桥区"),
        ("山东青岛市南香港中路40号", "山东省", "青岛市", "市南区"),
        ("济南市中区经四路12号", "山东省", "济南市", "市中区"),
        ("三门峡湖滨区黄河路1号", "河南省", "三门峡市", "湖滨区"),
        ("北京门头沟新桥大街12号", "北京市", "北京市", "门头沟区"),
        ("河南郑州二七大学路40号", "河南省", "郑州市", "二七区"),
        ("北京海淀学院路30号", "北京市", "北京市", "海淀区"),
        ("福建福州鼓楼湖东路155号", "福建省", "福州市", "鼓楼区"),
        ("浙江杭州拱墅湖墅南路271号", "浙江省", "杭州市", "拱墅区"),
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
        ("安徽省固始县", "省与区县矛盾：固始县不在安徽省"),
        ("浙江省杭州市西湖区昆山市", "写了两个地区：西湖区与昆山市"),
    ],
)
def test_what_contradicts_the_table_is_told(text: str, doubt: str) -> None:
    found = division_in(text)

    assert found is not None
    assert found.doubt == doubt


@pytest.mark.parametrize(
    "text",
    [
        "山西省太原市迎泽西大街100号",  # in 万柏林区
        "广东广州海珠中路119号",  # in 越秀区
        "辽宁省大连市中山路12号",
        "北京朝阳门内大街8号",  # in 东城区
        "绍兴市县前街8号",
        "青岛市南京路12号",
        "江苏徐州云龙湖东路3号",
        "济南市中医医院",
        "山东济南市中山路3号",
    ],
)
def test_a_road_that_has_a_districts_name_tells_no_district(text: str) -> None:
    found = division_in(text)

    assert found is not None
    assert found.district == ""


def test_a_district_that_several_cities_have_is_nobodys() -> None:
    found = division_in("朝阳区建国路88号")

    assert found is not None
    assert (found.city, found.shared) == ("", "朝阳区")


@pytest.mark.parametrize("text", ["", "高新区科技路8号", "南京东路100号", "深圳大学", "中山市场路", "文三路90号"])
def test_what_only_sounds_like_a_region_is_none(text: str) -> None:
    assert division_in(text) is None


def test_a_road_beside_which_something_lies_contradicts_no_region() -> None:
    found = division_in("上海市虹口区唐山路南侧100号")

    assert found is not None
    assert (found.district, found.doubt) == ("虹口区", "")


def test_every_district_is_read_however_it_is_written() -> None:
    """All whole, and with short names above: of more than two thousand districts."""
    lost = []
    for province, city, districts in rows():
        if not city or province.startswith(("台湾", "香港", "澳门")):
            continue
        above = province if province == city else province + city
        short = (
            city.removesuffix("市") if province == city else PROVINCE_END.sub("", province) + city.removesuffix("市")
        )
        for district in districts:
            lost += [
                text
                for text in (f"{above}{district}建设路12号", f"{short}{district}建设路12号")
                if (found := division_in(text)) is None or found.district != district or found.doubt
            ]

    assert lost == []


@pytest.mark.parametrize(
    ("text", "district", "behind"),
    [
        ("浙江杭州萧山市心中路288号", "萧山区", "市心中路288号"),
        ("浙江省杭州市萧山市心北路168号", "萧山区", "市心北路168号"),
        ("浙江杭州萧山市心广场3幢", "萧山区", "市心广场3幢"),
        ("萧山市心路8号", "萧山区", "市心路8号"),
        ("浙江绍兴上虞市民大道678号", "上虞区", "市民大道678号"),
        ("广东广州番禺市桥街道大北路128号", "番禺区", "市桥街道大北路128号"),
        ("广东广州番禺市良路18号", "番禺区", "市良路18号"),
        ("江苏苏州吴江市中山南路88号", "吴江区", "中山南路88号"),
        ("江苏苏州吴江市人民路88号", "吴江区", "人民路88号"),
        ("山东青岛胶南市民大道8号", "黄岛区", "民大道8号"),  # 胶南 alone is no name of today
        ("浙江余杭市府前路8号", "余杭区", "府前路8号"),
        ("浙江绍兴上虞市民丰路8号", "上虞区", "民丰路8号"),
        ("广东广州番禺市桥南街道福德路8号", "番禺区", "桥南街道福德路8号"),
    ],
)
def test_a_road_that_begins_with_the_citys_own_sign_is_not_cut_by_a_former_name(
    text: str, district: str, behind: str
) -> None:
    found = division_in(text)

    assert found is not None
    assert (found.district, text[found.end :]) == (district, behind)


def test_a_former_name_of_a_whole_city_is_never_cut() -> None:
    found = division_in("湖北襄樊市民大道8号")

    assert found is not None
    assert found.city == "襄阳市"


def test_a_city_abroad_is_no_county_that_it_begins_with() -> None:
    assert division_in("吉隆坡 武吉免登路168号") is None
    assert division_in("西藏吉隆 坡头路12号") is not None
