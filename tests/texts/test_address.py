from __future__ import annotations

import pytest

from texts.address import read, town_of


def test_the_parts_of_a_whole_address() -> None:
    parts = read("浙江省杭州市余杭区五常街道文一西路969号3幢201").parts

    assert parts == {
        "province": "浙江省", "city": "杭州市", "district": "余杭区", "town": "五常街道", "road": "文一西路",
        "number": "969号", "rest": "3幢201",
    }  # fmt: skip


def test_people_phones_and_labels_are_no_part_of_it() -> None:
    texts = (
        "收货人：李四 手机：13911112222 地址：四川省绵阳市涪城区临园路东段72号",
        "李四，139-1111-2222，四川省绵阳市涪城区临园路东段72号",
        "四川省绵阳市涪城区临园路东段72号 李四 13911112222 621000",
        "四川省 绵阳市 涪城区　临园路东段７２号",
    )

    assert {read(text).detail for text in texts} == {"临园路东段72号"}
    assert read(texts[0]).phoned
    assert not read(texts[3]).phoned


def test_traditional_characters_are_read_as_simplified() -> None:
    assert read("臺灣省台北市大安區忠孝東路四段100號").road == "忠孝东路四段"


def test_a_text_without_a_region_is_all_detail() -> None:
    assert (read("老地方").region, read("老地方").detail) == (None, "老地方")


def test_a_road_or_a_villages_government_is_no_town() -> None:
    assert town_of("三墩镇紫金花路") == ("三墩镇", "紫金花路")
    assert town_of("豫灵镇镇政府") == ("豫灵镇", "镇政府")
    assert town_of("街道口88号")[0] == ""


@pytest.mark.parametrize(
    ("detail", "town"),
    [
        ("重庆路街道重庆南路966号", "重庆路街道"),
        ("浆洗街街道高升桥路9号", "浆洗街街道"),
        ("那大镇中兴大道35号", "那大镇"),
        ("金滩镇小漳村56号", "金滩镇"),
        ("倘塘镇中心卫生院", "倘塘镇"),
        ("大陆村镇小枣村8号", "大陆村镇"),
        ("文三路90号", ""),
    ],
)
def test_a_town_ends_where_its_name_does(detail: str, town: str) -> None:
    assert town_of(detail)[0] == town


@pytest.mark.parametrize(
    ("detail", "road", "number"),
    [
        ("国道G316线 兴隆镇中石化加油站", "国道G316线", ""),
        ("S203省道旁修理厂", "S203省道", ""),
        ("丽江国际大酒店前台转612房", "", ""),
        ("白沟箱包交易城3楼B区1088", "", "1088"),
        ("人民医院住院部16楼护士站", "", ""),
        ("大王庄村3组15号", "", "15号"),
        ("第一中学高二3班", "", ""),
        ("昆仑路街道八一中路43号", "八一中路", "43号"),
        ("城北三合街道平都大道86号", "平都大道", "86号"),
        ("幸福小区12号楼3层", "", "12号楼"),
        ("102团 梧桐小区 8栋 1单元 202", "", "8栋"),
        ("十团 3连 职工小区 17号", "", "17号"),
        ("民治梅龙路 七星商业广场b座 1603", "民治梅龙路", ""),
        ("文三路 幸福里 2单元502", "文三路", ""),
        ("文三路 12号 b座 1603", "文三路", "12号"),
        ("冉庄村 地道战纪念馆12号", "", "12号"),
        ("北四路 18小区 26栋 2单元 302", "北四路", "26栋"),
        ("望京SOHO塔1 B座1203", "", ""),
        ("望京SOHO 塔3 1206", "", "1206"),
        ("双塔1号", "", "1号"),
        ("test123", "", ""),
        ("zhangwei88@qq.com", "", ""),
        ("加微信lily_2020发定位", "", ""),
    ],
)
def test_a_number_is_a_doors_and_a_road_is_one(detail: str, road: str, number: str) -> None:
    parts = read(f"四川省绵阳市涪城区{detail}").parts

    assert (parts["road"], parts["number"]) == (road, number)


def test_characters_that_stand_apart_are_read_together() -> None:
    spaced = read("山 西 省 大 同 市 平 城 区 魏 都 大 道 1 2 3 号")

    assert spaced.parts == read("山西省大同市平城区魏都大道123号").parts
    assert read("安徽 合肥 庐 阳 区 濉 溪 路 2 9 8 号").district == "庐阳区"
    assert read("湖北省武汉市武昌区八一路9号 3 5 1").detail == "八一路9号 3 5 1"


def test_a_persons_house_is_a_place_and_whoever_stands_behind_it_is_none() -> None:
    village = "安徽省阜阳市临泉县鲖城镇李庄村"

    assert read(f"{village} 李德胜家 13800001234").detail == "鲖城镇李庄村 李德胜家"
    assert read(f"{village} 李德胜家里 李德胜 13800001234").detail == "鲖城镇李庄村 李德胜家里"
    assert read(f"{village} 李德胜 13800001234").detail == "鲖城镇李庄村"
