"""Invented buyers and the places they live in, and the masks under which each platform shows them."""

from __future__ import annotations

import base64
import hashlib
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    province: str
    city: str
    district: str
    town: str
    detail: str


@dataclass(frozen=True, slots=True)
class Buyer:
    key: str
    name: str
    phone: str
    address: Address


SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
GIVEN = ("晓雨", "静怡", "志强", "丽", "建国", "思远", "欣妍", "伟", "雨桐", "海燕", "浩然", "敏", "子涵", "国庆", "婷")

# The last four are places where couriers charge more or arrive late.
PLACES: tuple[tuple[str, str, str, str, str], ...] = (
    ("浙江省", "杭州市", "西湖区", "三墩镇", "紫金花路"),
    ("浙江省", "宁波市", "鄞州区", "下应街道", "海晏北路"),
    ("浙江省", "金华市", "义乌市", "稠城街道", "工人北路"),
    ("江苏省", "南京市", "江宁区", "秣陵街道", "胜太路"),
    ("江苏省", "苏州市", "吴中区", "木渎镇", "金枫南路"),
    ("上海", "上海市", "浦东新区", "张江镇", "祖冲之路"),
    ("上海", "上海市", "闵行区", "莘庄镇", "莘松路"),
    ("广东省", "广州市", "天河区", "石牌街道", "龙口西路"),
    ("广东省", "深圳市", "南山区", "粤海街道", "科苑路"),
    ("广东省", "东莞市", "东城街道", "", "莞樟路"),
    ("北京", "北京市", "朝阳区", "望京街道", "阜通东大街"),
    ("北京", "北京市", "海淀区", "上地街道", "信息路"),
    ("四川省", "成都市", "武侯区", "桂溪街道", "天府大道"),
    ("湖北省", "武汉市", "洪山区", "关山街道", "珞喻路"),
    ("湖南省", "长沙市", "岳麓区", "梅溪湖街道", "环湖路"),
    ("河南省", "郑州市", "金水区", "文化路街道", "东风路"),
    ("河南省", "", "济源市", "沁园街道", "黄河大道"),  # run by the province: no city level
    ("山东省", "青岛市", "市南区", "香港中路街道", "漳州二路"),
    ("福建省", "厦门市", "思明区", "莲前街道", "莲前西路"),
    ("陕西省", "西安市", "雁塔区", "长延堡街道", "长安南路"),
    ("辽宁省", "沈阳市", "和平区", "南湖街道", "三好街"),
    ("新疆维吾尔自治区", "乌鲁木齐市", "天山区", "新华北路街道", "人民路"),
    ("西藏自治区", "拉萨市", "城关区", "扎细街道", "江苏路"),
    ("内蒙古自治区", "呼和浩特市", "赛罕区", "大学东路街道", "学苑东街"),
    ("青海省", "西宁市", "城西区", "胜利路街道", "五四大街"),
)

HERO = Buyer(
    "hero", "林晓雨", "13857105678", Address("浙江省", "杭州市", "西湖区", "三墩镇", "紫金花路 88 号 3 幢 1201")
)


def buyer_from(rng: random.Random, key: str) -> Buyer:
    province, city, district, town, road = rng.choice(PLACES)
    door = f"{road} {rng.randint(1, 399)} 号 {rng.randint(1, 28)} 幢 {rng.randint(1, 30)}0{rng.randint(1, 4)}"
    phone = f"1{rng.choice('35789')}{rng.randint(0, 999_999_999):09d}"
    return Buyer(key, rng.choice(SURNAMES) + rng.choice(GIVEN), phone, Address(province, city, district, town, door))


def buyer_named(key: str, seed: int) -> Buyer:
    """The same key is the same person in every shop; "hero" is the one of the story."""
    return HERO if key == HERO.key else buyer_from(random.Random(f"{seed}/buyer/{key}"), key)


def opaque(*parts: str, length: int = 48) -> bytes:
    """Bytes that look random and never change for the same parts."""
    return hashlib.shake_256("/".join(parts).encode()).digest(length)


def digits_of(*parts: str, count: int = 12) -> str:
    return str(int.from_bytes(opaque(*parts, length=16)))[:count]


def jd_cipher(*parts: str) -> str:
    # 67 bytes leave one over, so that the text ends in "==" as JD's does.
    return "AAS/" + base64.b64encode(opaque("jd", *parts, length=67)).decode()


def pdd_cipher(*parts: str, wrap: str = "~") -> str:
    body = base64.b64encode(opaque("pdd", *parts, length=55)).decode()
    return f"{wrap}AgAAAA{body}{wrap}0{wrap}"


def top_name(name: str) -> str:
    return f"{name[0]}**"


def top_phone(phone: str) -> str:
    return "*" * 7 + phone[-4:]


def jd_phone(phone: str) -> str:
    return f"{phone[:3]}{'*' * 7}{phone[-1]}"


def pdd_name(name: str) -> str:
    return f"{name[0]}*"


def pdd_phone(phone: str) -> str:
    return f"{phone[0]}{'*' * 8}{phone[-2:]}"
