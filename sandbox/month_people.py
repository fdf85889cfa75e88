"""Buyers of whom there is nothing to find: where they live, and what people write who want nothing."""

from __future__ import annotations

import random

from sandbox.world_people import GIVEN, SURNAMES, Address, Buyer

# Province, city, district, towns: as each of them is written on a parcel.
_REGIONS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("浙江省", "杭州市", "西湖区", ("三墩镇", "古荡街道")),
    ("浙江省", "杭州市", "余杭区", ("良渚街道", "五常街道")),
    ("浙江省", "宁波市", "鄞州区", ("下应街道", "首南街道")),
    ("浙江省", "温州市", "瓯海区", ("娄桥街道",)),
    ("浙江省", "金华市", "义乌市", ("稠城街道", "北苑街道")),
    ("江苏省", "南京市", "江宁区", ("秣陵街道", "东山街道")),
    ("江苏省", "苏州市", "吴中区", ("木渎镇", "长桥街道")),
    ("江苏省", "无锡市", "滨湖区", ("蠡园街道",)),
    ("江苏省", "常州市", "武进区", ("湖塘镇",)),
    ("上海", "上海市", "浦东新区", ("张江镇", "川沙新镇")),
    ("上海", "上海市", "闵行区", ("莘庄镇", "七宝镇")),
    ("广东省", "广州市", "天河区", ("石牌街道", "珠吉街道")),
    ("广东省", "广州市", "番禺区", ("大石街道",)),
    ("广东省", "深圳市", "南山区", ("粤海街道", "桃源街道")),
    ("广东省", "深圳市", "宝安区", ("西乡街道",)),
    ("广东省", "佛山市", "南海区", ("桂城街道",)),
    ("北京", "北京市", "朝阳区", ("望京街道", "三里屯街道")),
    ("北京", "北京市", "海淀区", ("上地街道", "中关村街道")),
    ("天津", "天津市", "南开区", ("王顶堤街道",)),
    ("重庆", "重庆市", "渝北区", ("龙溪街道",)),
    ("四川省", "成都市", "武侯区", ("桂溪街道", "簇桥街道")),
    ("四川省", "绵阳市", "涪城区", ("普明街道",)),
    ("湖北省", "武汉市", "洪山区", ("关山街道", "珞南街道")),
    ("湖北省", "宜昌市", "西陵区", ("西陵街道",)),
    ("湖南省", "长沙市", "岳麓区", ("梅溪湖街道",)),
    ("河南省", "郑州市", "金水区", ("文化路街道", "未来路街道")),
    ("河南省", "洛阳市", "涧西区", ("南昌路街道",)),
    ("山东省", "青岛市", "市南区", ("香港中路街道",)),
    ("山东省", "济南市", "历下区", ("姚家街道",)),
    ("福建省", "厦门市", "思明区", ("莲前街道",)),
    ("福建省", "泉州市", "丰泽区", ("东湖街道",)),
    ("安徽省", "合肥市", "蜀山区", ("三里庵街道",)),
    ("江西省", "南昌市", "红谷滩区", ("沙井街道",)),
    ("陕西省", "西安市", "雁塔区", ("长延堡街道",)),
    ("辽宁省", "沈阳市", "和平区", ("南湖街道",)),
    ("辽宁省", "大连市", "甘井子区", ("凌水街道",)),
    ("吉林省", "长春市", "朝阳区", ("桂林街道",)),
    ("黑龙江省", "哈尔滨市", "南岗区", ("荣市街道",)),
    ("河北省", "石家庄市", "裕华区", ("裕兴街道",)),
    ("山西省", "太原市", "小店区", ("坞城街道",)),
    ("广西壮族自治区", "南宁市", "青秀区", ("新竹街道",)),
    ("云南省", "昆明市", "五华区", ("华山街道",)),
    ("贵州省", "贵阳市", "南明区", ("花果园街道",)),
    ("海南省", "海口市", "龙华区", ("金贸街道",)),
    ("内蒙古自治区", "呼和浩特市", "赛罕区", ("大学东路街道",)),
    ("宁夏回族自治区", "银川市", "金凤区", ("长城中路街道",)),
    ("甘肃省", "兰州市", "城关区", ("雁南街道",)),
    ("青海省", "西宁市", "城西区", ("胜利路街道",)),
    ("新疆维吾尔自治区", "乌鲁木齐市", "天山区", ("新华北路街道",)),
)
_ROADS = ("人民路", "中山路", "解放大道", "建设路", "新华街", "滨江路", "学院路", "创业大道", "和平西路", "朝阳北路")
_HOMES = (
    "翠苑小区",
    "阳光花园",
    "金色家园",
    "万科城",
    "碧桂园",
    "锦绣华庭",
    "绿地世纪城",
    "保利香槟",
    "幸福里",
    "东方名邸",
)
_WORK = ("科技大厦", "国际商务中心", "创意产业园", "财富广场", "软件园")
CLOSED = ("西藏自治区", "那曲市", "色尼区", "那曲镇")
"""Where couriers do not go this month: nobody without a story lives there."""

POLITE = (
    "谢谢",
    "谢谢老板",
    "辛苦了",
    "好的谢谢",
    "麻烦了，谢谢",
    "期待收货",
    "感谢",
    "老板辛苦了，谢谢",
    "拜托啦",
    "谢谢亲",
)
"""What asks for nothing. Whoever writes more than that wants to be read by somebody."""
SAYS_SOMETHING = 0.08
"""The share of buyers who write, of whom nothing is wanted."""


def buyer(rng: random.Random, key: str) -> Buyer:
    """Somebody at an address that any courier finds."""
    phone = f"1{rng.choice('35789')}{rng.randint(0, 999_999_999):09d}"
    return Buyer(key, rng.choice(SURNAMES) + rng.choice(GIVEN), phone, address(rng))


def address(rng: random.Random) -> Address:
    province, city, district, towns = rng.choice(_REGIONS)
    return Address(province, city, district, rng.choice(towns), _door(rng))


def words(rng: random.Random) -> str:
    """A message that asks for nothing; mostly none at all."""
    return rng.choice(POLITE) if rng.random() < SAYS_SOMETHING else ""


def _door(rng: random.Random) -> str:
    road = f"{rng.choice(_ROADS)}{rng.randint(1, 899)}号"
    floor = f"{rng.randint(1, 30)}{rng.randint(1, 12):02d}"
    kind = rng.random()
    if kind < 0.6:
        return f"{road}{rng.choice(_HOMES)}{rng.randint(1, 40)}幢{rng.randint(1, 4)}单元{floor}室"
    if kind < 0.8:
        return f"{road}{rng.choice(_WORK)}{rng.choice('ABC')}座{floor}"
    return f"{road}{rng.randint(1, 28)}栋{floor}"
