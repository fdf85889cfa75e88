from __future__ import annotations

import pytest

from rules.address_quality import Region, judge_parts, judge_text
from rules.verdict import Outcome

TOWN = "湖北省黄冈市蕲春县横车镇"
DISTRICT = "湖北省武汉市洪山区"


@pytest.mark.parametrize(
    "detail",
    [
        "白树村 黄记修车铺",
        "白树村村委会旁边黄记修车铺",
        "白树村 村委会对面 黄记修车铺",
        "白树村 黄记修车铺(村委会旁)",
        "白树村 黄记修车铺 村小学对面",
        "冉庄村 地道战纪念馆旁边小卖部",
        "九棵松村 2组 刘家小卖部",
        "九棵松村2组 老王汽车修理部",
        "大李庄 大众养猪场",
        "白树村 老王家具城",
        "白树村 红光木业",
        "白树村 阿木洗车行",
        "白树村 李记豆腐坊",
        "白树村 三叔废品收购站",
        "白树村 王大夫诊所",
        "白树村 顺达农机修理",
        "巴彦嘎查 草原超市",
        "靠山屯 村口理发店里",
        "白树村 文化广场旁边 阿强五金",
    ],
)
def test_a_shop_in_a_named_village_is_found(detail: str) -> None:
    assert judge_text(TOWN + detail).outcome is Outcome.MISS
    assert judge_parts(Region("湖北省", "黄冈市", "蕲春县", "横车镇"), detail, whole=True).outcome is Outcome.MISS


@pytest.mark.parametrize(
    "detail",
    [
        "白树村",
        "白树村 三社",
        "白树村 十里铺",
        "白树村 村委会旁边",
        "白树村 公交站",
        "白树村 文化广场",
        "白树村 黄记修车铺旁边",
        "白树村 我家修车铺",
        "我们村 修车铺",
        "村里 修车铺",
    ],
)
def test_a_village_alone_and_what_is_near_a_shop_are_not(detail: str) -> None:
    assert judge_text(TOWN + detail).outcome is Outcome.HIT


@pytest.mark.parametrize("detail", ["小寨 黄记修车铺", "八里庄路 黄记修车铺", "石牌村路 黄记修车铺"])
def test_what_a_city_calls_after_a_village_is_none(detail: str) -> None:
    assert judge_text(f"{DISTRICT} {detail}").outcome is Outcome.HIT


@pytest.mark.parametrize(
    "detail",
    [
        "学生宿舍 6栋 412",
        "宿舍 412",
        "员工宿舍B栋512",
        "男生宿舍楼3单元",
        "小区 3栋502",
        "家属院 3栋",
        "公司 3楼",
        "咖啡店",
        "咖啡店里",
        "奶茶店 2楼",
        "汽修厂",
        "瑞幸咖啡店里",
        "星巴克店",
        "华莱士汉堡店",
        "村里小卖部",
        "村东头超市",
        "街上饭店",
        "我们村 小卖部",
        "小区里便利店",
        "大学宿舍6栋302",
        "大学 宿舍 6栋302",
        "大学男生宿舍6栋302",
        "学院宿舍6栋302",
        "我们大学宿舍6栋302",
        "医院住院部5楼12床",
        "医院 住院部 5楼 12号床",
        "医院住院部 12床",
        "医院住院部",
        "住院部12床",
        "医院3病区12床",
        "医院内科5楼12床",
        "我们公司3楼",
        "我公司 3楼前台",
        "我们单位 2号楼",
        "我们小区3栋502",
        "丰巢快递柜8号柜",
        "小区门口丰巢快递柜8号柜",
        "菜鸟驿站3号柜",
        "快递柜8号",
        "快递点",
        "中通快递点",
        "顺丰速运营业点",
    ],
)
def test_a_word_without_a_name_is_no_place(detail: str) -> None:
    assert judge_text(f"{DISTRICT} {detail}").outcome is Outcome.HIT


@pytest.mark.parametrize(
    "text",
    [
        f"{DISTRICT} 武汉理工大学 学生宿舍 6栋 412",
        f"{DISTRICT} 鲁磨路 宿舍 412",
        f"{DISTRICT} 瑞幸咖啡(光谷天地店)",
        f"{DISTRICT} 老街咖啡店",
        f"{DISTRICT} 珞喻路星巴克店里",
        f"{DISTRICT} 狮子山街道中通快递网点",
        f"{TOWN} 中通快递点",
        f"{TOWN} 瑞幸咖啡店",
        f"{TOWN} 卫生院 3楼",
        f"{TOWN} 中学 3号楼",
        f"{DISTRICT} 纺织厂 3号楼 502",
        f"{DISTRICT} 如家酒店 302",
        f"{DISTRICT} 华中科技大学 大学宿舍6栋302",
        f"{DISTRICT} 武汉大学宿舍6栋302",
        f"{DISTRICT} 大学路 宿舍6栋302",
        "江苏省南京市鼓楼区南京大学宿舍6栋302",
        "江苏省南京大学宿舍6栋302",
        "北京市海淀区北京大学宿舍6栋302",
        f"{DISTRICT} 南溪山医院住院部5楼12床",
        f"{DISTRICT} 第三医院住院部5楼12床",
        f"{DISTRICT} 人民医院住院部",
        "江苏省徐州市丰县医院住院部5楼12床",
        "江苏省徐州市丰县县医院住院部5楼12床",
        f"{TOWN} 医院住院部5楼12床",
        f"{DISTRICT} 淮海公司3楼",
        f"{DISTRICT} 光谷软件园3号楼 我们公司3楼",
        f"{DISTRICT} 我爱我家小区3号楼502",
        f"{DISTRICT} 云龙小区 丰巢快递柜8号柜",
        f"{DISTRICT} 珞喻路 丰巢快递柜8号柜",
        f"{DISTRICT} 狮子山街道 丰巢快递柜8号柜",
        f"{TOWN} 菜鸟驿站3号",
    ],
)
def test_with_a_name_or_in_a_small_town_it_is(text: str) -> None:
    assert judge_text(text).outcome is Outcome.MISS
