"""Shops, workshops and dormitories without a number: in a village that is named everybody knows them, and a word that
names nobody (咖啡店, 学生宿舍, a chain without its branch) is no place in a whole district."""

from __future__ import annotations

import re
from typing import Final

# A village by its name: not 村里, not 我们村, and no 山庄 that is a hotel.
_VILLAGE: Final = re.compile(
    r"(?:(?![我咱你本哪那这某同农乡全各个们])[\u4e00-\u9fff·]){1,12}?"
    r"(?:村(?![里口头尾上东西南北]|委|部|民|办|小学|医|卫)|(?P<small>屯|(?<![山饭农茶布钱])庄|寨|嘎查))"
    r"(?!新?村?[东西南北中]?(?:路|大?街|大道|巷|胡同|小区|花园|镇|乡|桥|大厦|公寓|苑|城|商场|广场|工业|地铁|立交))"
)
# What people in a village work at or sell in. 十里铺, 刘家店, 三社 and 李屋 are villages themselves.
_TRADE: Final = (
    r"[\u4e00-\u9fff](?<![里家一二三四五六七八九十])(?:铺|店)|[\u4e00-\u9fff][厂馆]"
    r"|[商车粮电金货银材洗肉酒茶果药]行|[养殖农牧林猪鸡羊牛鸭鹅渔鱼石沙砂料木货屠驾训菜茶菌药种砖苗花工]场"
    r"|[油气购收修理服护机医生维送料水粮回作化]站|(?:诊|生|务|理|医|修|粮|电|政)所|医院|卫生院|[敬养]老院|疗养院"
    r"|[市营售理修务卖发业购工送材]部|(?:磨|油|作|酒|染|工|糕|腐|条|丝|皮|饼|面|绣|茶)坊|[网酒书茶水氧]吧"
    r"|[具材电灯装食饰商]城|合作社|供销社|旅行社|[教食]堂|[农饭茶布]庄|超市|便利|百货|公司|基地|工作室|车间"
    r"|农家乐|(?<![作就营毕农工企事失转待副专创])业|五金|汽修|汽配|农机|摩托|轮胎|家电|理发|美发|农资|饲料|化肥|种子|建材"
    r"|门窗|家具|不锈钢|铝合金|电焊|彩钢|快修|修理|维修|装饰|加工|小吃|快餐|烧烤|火锅|裁缝|废品|书屋"
    "|配件|水暖|电器|日杂|副食|粮油|烟酒|茶叶|水果|早[餐点]|蛋糕|文具|批发|零售|养殖|种植|棋牌"
)
_IN_IT: Final = r" ?(?:里面?|内|收|代收|处|前台)?"
_SIDE: Final = r"(?:旁边?|对面|斜对面|隔壁|附近|后面|前面|边上)"
# Where the shop is may be said behind it: (村委会旁), 小学对面.
_BEHIND: Final = rf"(?: ?[(（\[][^)）\]]*[)）\]]|[ ,，]+(?!{_SIDE})[\u4e00-\u9fff]{{2,10}}{_SIDE})?[ ,，。]*$"
_SHOP: Final = re.compile(rf"(?:{_TRADE}){_IN_IT}{_BEHIND}")

_OF_ALL: Final = (
    "咖啡|奶茶|水果|蔬菜|理发|美发|手机|服装|衣服|服饰|女装|男装|童装|五金|鞋子?|鲜?花|面包|蛋糕|早餐|早点|包子|烧烤|火锅"
    "|快餐|小吃|药|书|文具|玩具|母婴|孕婴|烟酒|茶叶|粮油|杂货|食杂|副食|便利|便民|百货|家电|电器|家具|建材|汽修|修车"
    "|修理|维修|洗车|汽车|摩托车?|电动车|自行车|干洗|洗衣|眼镜|照相|打印|复印|宠物|美甲|美容|按摩|足浴|棋牌|麻将|台球"
    "|健身|化妆品|饰品|珠宝|零食|生鲜|海鲜|猪?肉|米|面|米线|米粉|饺子|馄饨|麻辣烫|炸鸡|汉堡|饮料|甜品|冷饮|轮胎|配件"
    "|农资|种子|饲料|小|商|饭|餐|菜|茶|酒|网|旅|宾"
)
_NOBODYS_SHOP: Final = (
    rf"(?:{_OF_ALL}){{1,4}}(?:店|馆|铺|行|厅|屋|吧|部|门市部?|超市)|小卖[部铺]|(?:生活|平价)?超市|供销社"
    "|代销[店点]|网咖"
)
_NOBODYS_WORKSHOP: Final = "(?:汽修|修理|汽车修理|家具|服装|五金|电子|玩具|鞋|纸箱|包装|加工)厂"
_SOMEWHERE: Final = (
    r"(?:(?:我们?|咱们?|本)?(?:村|镇|乡|街|路|巷|县城|市区|小区|学校|单位|公司|楼|门)"
    r"(?:[东西南北]头|中间|门口|里|上|口|头|尾|边|旁|下|内)?的? ?)?"
)
_CHAIN: Final = (
    r"(?:瑞幸|星巴克|库迪|幸运咖|肯德基|麦当劳|必胜客|汉堡王|华莱士|德克士|塔斯汀|蜜雪冰城|喜茶|奈雪(?:的茶)?|古茗"
    r"|茶百道|霸王茶姬|沪上阿姨|一点点|正新鸡排|绝味鸭脖|绝味|周黑鸭|海底捞|沙县小吃|兰州拉面|杨国福|张亮麻辣烫|全家|罗森|美宜佳"
    r"|便利蜂|名创优品|屈臣氏|海澜之家|优衣库)"
    r"(?:咖啡|餐厅|快餐|奶茶|炸鸡|汉堡|火锅|麻辣烫|便利|旗舰|专卖|体验|门)*店?"
)
_UNNAMED: Final = re.compile(rf"{_SOMEWHERE}(?:{_NOBODYS_SHOP}|{_NOBODYS_WORKSHOP}){_IN_IT}(?:门口)?")
_UNNAMED_THERE: Final = re.compile(
    r"(?:我们?|咱们?|本)?[村镇乡街](?:[东西南北]头|中间|里|上|口|头|尾|边)"
    r"的?(?:学校|小学|中学|幼儿园|诊所|卫生[室所院]|医院|饭店|酒店|宾馆)(?:里|门口)?"
)
_UNNAMED_CHAIN: Final = re.compile(rf"{_CHAIN}{_IN_IT}(?:门口)?")
_COURIER: Final = (
    "中通|申通|圆通|韵达|顺丰|极兔|百世|德邦|京东|邮政|天天|快运|速递|速运|营业|网|部|的|公司|服务|分|丰巢"
)
_COURIERS: Final = re.compile(rf"(?:{_COURIER})*")
_DORMITORY: Final = (
    r"(?:学生|员工|职工|教工|教师|老师|工人|男生?|女生?|单身|集体|公司|工厂|厂里?|学校|单位|研究生|本科生?){0,4}"
    r"(?:宿舍|寝室|公寓)楼?|小区|家属[院区楼]|出租屋|公司|单位|工厂|厂里|厂房|车间|仓库|办公楼|写字楼|宿舍区"
)
_OF_THE_BUYER: Final = r"(?:(?:我们?|咱们?|本|我家) ?)?"
_INSTITUTION: Final = "学校|教学楼|医院|幼儿园|小学|中学"
_WARD: Final = "(?:住院|门诊|急诊)(?:部|大?楼)|病房|[内外妇儿骨产]科"
# No 大学城 and no 大学生公寓: these are estates.
_OF_A_CAMPUS: Final = rf"(?:大学|学院|高校)(?:(?:里|内|的)? ?(?:{_DORMITORY}))?"
_LOCKER: Final = r"(?:菜鸟|丰巢|蜂巢|兔喜|智能|快递|小区|门口|楼下)*(?:快递柜|自提柜|丰巢柜?|蜂巢柜?|菜鸟驿站|快递驿站)"
_UNITS: Final = (
    r"(?: ?[#\-]?[A-Za-z\d一二三四五六七八九十]++ ?(?:号[楼柜床]?|[栋幢座室层楼房门舍床柜格#\-]|单元|病区)?)+"
    r"[ #]*(?:前台|门口|代收|收)?"
)
_DOOR_OF_NOBODY: Final = re.compile(rf"(?:{_OF_THE_BUYER}(?:{_DORMITORY})|{_NOBODYS_SHOP}|{_CHAIN}){_IN_IT}{_UNITS}")
_DOOR_OF_NO_SCHOOL: Final = re.compile(rf"{_OF_THE_BUYER}(?:(?:(?:{_INSTITUTION}|{_WARD}) ?)+|{_OF_A_CAMPUS}){_UNITS}")
_UNNAMED_WARD: Final = re.compile(rf"(?:医院 ?)?(?:{_WARD})")
_LOCKER_OF_NOBODY: Final = re.compile(rf"{_SOMEWHERE}{_LOCKER}{_UNITS}")


def shop_in_village(rest: str, town: str) -> bool:
    """Whether `rest` names a village and in it a shop, a workshop, a clinic; 村委会旁边 may stand between them. 小寨
    and 八里庄 are whole quarters of cities: only in a small town are they villages."""
    village = _VILLAGE.match(rest)
    if village is None or (village["small"] and not _small(town)):
        return False
    return _SHOP.search(rest, village.end()) is not None


def nobodys(rest: str, town: str) -> bool:
    """Whether `rest`, without a number, is what every district has many of. In a small town a chain is one."""
    if _UNNAMED.fullmatch(rest) or _UNNAMED_THERE.fullmatch(rest):
        return True
    return not _small(town) and any(unnamed.fullmatch(rest) for unnamed in (_UNNAMED_CHAIN, _UNNAMED_WARD))


def nobodys_door(rest: str, town: str) -> bool:
    """Whether the number in `rest` is of something without a name: 学生宿舍 6栋 412. A small town has one school, and
    within a town or a street district a courier knows the lockers."""
    if _DOOR_OF_NOBODY.fullmatch(rest) or (not town and _LOCKER_OF_NOBODY.fullmatch(rest)):
        return True
    return not _small(town) and _DOOR_OF_NO_SCHOOL.fullmatch(rest) is not None


def any_couriers(name: str) -> bool:
    """Whether what is left of a pick-up point's name is only whose it is: 中通快递点."""
    return _COURIERS.fullmatch(name) is not None


def _small(town: str) -> bool:
    return town.endswith(("镇", "乡"))
