"""Would a parcel arrive at what stands behind the region? Reasons in Chinese why not; none where it would."""

from __future__ import annotations

import re
from typing import Final

from rules.address_houses import house_in_village
from rules.address_instead import MAIL, mail_alone, wish_alone
from rules.address_shops import any_couriers, nobodys, nobodys_door, shop_in_village

_HIDDEN: Final = re.compile(r"[*＊✱●•█■]+")

# Said instead of an address. The words that were found are the reason.
_ALWAYS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"测试(?!中心|技术|有限|科技|研究|基地|大厦|园|场|站|部|院|楼|仪|公司|路|工程|实验)|(?<![a-z])(?i:test)(?![a-z])"
        r"|试单|(?<![a-z])demo(?![a-z])",
        r"无效|作废|假地址|乱(?:写|填)|瞎(?:写|填)|随便(?:写|填|寄|发|送)|不告诉|保密(?!发|包|寄|性|局)|没有地址|暂无|待定|不详|未知",
        r"(?<!颜色)(?<!尺码)(?<!尺寸)(?<!款式)(?<!型号)(?<!规格)(?<!要求)[见看]备注|备注(?:里|上|中|为准|说明|栏)|[见看]留言|详见|见聊天|聊天记录|[问联]客服"
        r"|联系卖家|问卖家|和客服说",
        r"老地方(?!.{0,3}(?:店|馆|饭|餐|酒|烧烤|火锅|茶|网吧|宾|厨|面|菜))|老地址|老位置",
        r"(?<![大])同上(?![\u4e00-\u9fff]*[路街村海河])|同前|同之前|照旧|照上次|如上"
        r"|[跟和与同]?上(?:次|回|一?单|个订单)(?!海)",
        r"(?:原来|原先|之前|以前|以往|平时|平常)的?(?:那个|那里|那边)?(?:地址|地方|收货|寄的|一样)"
        r"|原地址|默认地址|常用地址|系统地址",
        r"你们?(?:都)?知道|懂的|还是那[里边个儿]|就是那[里边个儿]|就那[里个儿]|那个谁",
        r"(?:具体|详细|地址|位置|门牌|楼号|房号|几栋|其余|其它|其他)[^,，。;]{0,4}(?:电联|电话|微信"
        r"|私聊|再说|再告诉|另行|到了|问我)",
        r"加我?微信|(?<!就)微信(?:联系|发你|告诉|说|聊|定位)|发(?:你)?定位|私信|私聊|旺旺(?:联系|说)",
    )
)
_BOX: Final = re.compile(r"(?:邮政|专用|军邮)?信箱(?!路|街)|\d+(?:号)?(?:分|邮)箱|(?i:p\.? ?o\.? ?box)")
_BOX_WHOLE: Final = re.compile(r"\d*号?(?:邮政|专用|军邮)?信箱(?:\d+号?)?(?:\d*号?分箱)?|\d+号?(?:分|邮)箱")
# A road and its number: the box and the unit behind it are only where to go inside the gate.
_STREET: Final = re.compile(
    r"[\u4e00-\u9fff]{2}(?:路|街(?!道)|大道|巷|胡同)[东西南北中]?[一二三四五六七八九十]?段? ?[甲乙丙附]?"
    r"\d+(?! ?部队|\d*部队)"
)
_TROOPS: Final = re.compile(
    r"(?<!\d)\d{5}(?:部队|分队)|[某0-9]部队|(?<![\u4e00-\u9fff])部队(?!大院|家属|路|干休)|\d+分队"
)
_HOLDER: Final = re.compile(
    r"某{2,}|某(?=[路街巷镇村乡区小大公单])|(?<![A-Za-z])[xX×]{2,}(?![A-Za-z])|[?？]{2,}|。{2,}|…|\.{3,}|—{2,}"
    r"|(?i:asd|qwe|aaa|abc123)|([啊哈呵嗯哦额])\1|(?<!\d)(?:1{5,}|0{4,}|123456)(?!\d)"
)
_CALL: Final = re.compile(
    r"电联|(?:打|拨打?|致)电话?(?:联系|问|给我|沟通)?|电话(?:联系|沟通|通知|问)|来电|联系我|打我(?:电话|手机)|CALL|call"
)
# 送货前请电联 is a wish of somebody whose address may be whole.
_CALL_WISH: Final = re.compile(
    r"(?:到(?:了|达|货|时候?|楼下|门口|付)|[送派配收寄]送?(?:货|件|到)?之?前|快到了?|上门前?|务必|一定要?"
    r"|提前|不[用要必]|别|勿|无需|请先?|先|麻烦|来之?前|不在家?|没人"
    r"|有事|有问题|如有|白天|送货|派送|派件|快递员?|周末|下班后?|签收前|密码锁?|门禁|门锁|进不[来去]|上不来|找不到|开门|取件)[^\d]{0,8}?"
    r"(?:电联|(?:打|拨打?|致)(?:电话|我|手机)?|电话|来电|联系)[^\d]{0,6}"
)
# Said to stand somewhere else; behind a whole address it is about the goods.
_ELSEWHERE: Final = re.compile(
    r"(?:(?:详细|具体|收货|收件|完整|准确)?(?:地址|位置|门牌))?(?:请|在)?"
    r"(?<!颜色)(?<!尺码)(?<!尺寸)(?<!款式)(?<!型号)(?<!规格)(?<!要求)"
    r"[见看](?:买家|卖家|订单|下单|客户|我的?)的?(?:备注|留言)(?:里|上|中|为准)?"
)
# Where to put it down, which is none of the address.
_PUT: Final = re.compile(
    r"(?:请|麻烦|直接|就|帮我|可以|可|也?能?|不在家?|没人|家里没人|白天)*(?:放到?|存放?|丢|搁|挂"
    r"|送(?:货)?上门|送到(?=门口|家|楼上|楼下)|送至(?=门口|家))"
    r"(?:在|到|于)?[\u4e00-\u9fff]{0,4}?(?:门口|驿站|丰巢|快递柜|柜子|柜|门卫|保安(?:室|亭)?|物业|前台"
    r"|收发室|传达室|楼下|家里|自提点|超市|小卖部"
    r"|代收点|菜鸟|门把手|鞋柜|电表箱|水表箱|消防栓|地垫)(?:里|内|上|处|就行|就好|即可|就可以|谢谢"
    r"|吧|哈|那)*|送货上门|送上门"
)
_NEAR_WORDS: Final = (
    "附近|旁边?|对面|斜对过|对过|斜对面|正对面|后面|前面|背后|隔壁|周边|边上|楼下|一带"
    "|往[东西南北前里].{0,6}|里面|路口|交叉口|交汇处|交界处?|拐弯处?"
    "|拐角|转角|十字路口|丁字路口|三岔路口|红绿灯|侧面|沿线|门口|门前|大门口?|出入口"
    "|[东西南北正后侧]门口?|[东西南北]侧|[东西南北]头|尽头|口(?=$|[ ,])"
)
_NEAR: Final = re.compile(rf"(?:{_NEAR_WORDS})")
_OURS: Final = re.compile(
    r"我(?:家|们?公司|单位|们?学校|店|们?小区|这|老家|妈|爸|爷|奶|姥|宿舍|办公室|的)|^家里?$|^(?:公司|单位"
    r"|学校|家里|老家|宿舍|店里)$|娘家|婆家|那边|那里|那儿|这边|这里|那[个家栋座]|这[个家栋]"
)

# Digits that are no door's: 地铁2号线, 104国道, 3号门, 500米, 5期, 3组.
_NO_DOOR: Final = re.compile(
    r"\d+ ?号线|地铁\d+|\d+号?(?:出|入)?口|[A-Za-z]\d?(?:出|入)?口|\d+号?(?:大?门(?![面市店])|国道|省道|县道|乡道|线)"
    r"|[GSXKgsxk]\d{2,4}(?!号)(?:国道|省道|县道)?"
    r"|\d+ ?(?:米|公里|km|里地|分钟|点钟?|元|年|月|站|期|后|环|小学|中学|医院|中|[组队社](?!\d*号)|工区|连"
    r"|营|团|师|部队|分队)"
    r"|\d+路(?:公交|车|站)|第?[一二三四五六七八九十百]+(?:组|队|社|连|营|生产队|村民小组|小组)"
    r"|\d+(?:村民小组|小组|生产队)"
    r"|(?:纬|经|第|纵|横|规划)\d+(?:路|街)|\d+号?(?:大街|大道|公路|路|街(?!坊)|艺术区|广场|文创园|创意园"
    r"|大厦|商场)|[一二三四五六七八九十]+号(?:大街|路|街|线|桥|门)|\d{5}(?=部队)"
)
_DOOR: Final = re.compile(
    r"\d|[一二三四五六七八九十百零〇]+ ?(?:号(?!路|街|线|桥|门)|栋|幢|座|单元|室|弄|楼|层|排|房)(?!新?[村庄屯寨镇乡])"
    r"|(?<![A-Za-z])[A-Za-z] ?(?:座|栋|幢|区|楼|馆|塔|单元)|[甲乙丙丁](?:座|栋|楼)(?!新?[村庄屯寨镇乡])"
    r"|[东西南北](?:座|楼|塔)(?!街|路|新?[村庄屯寨镇乡])|壹号"
)
_UNITS: Final = re.compile(
    r"[\dA-Za-z#\-–—~/.,，、;:()（） ]+|[一二三四五六七八九十百零〇]+(?=号|栋|幢|座|单元|室|弄|楼|层|排|房)"
    r"|(?:号楼|号院|号|栋|幢|座|单元|室|弄|楼|层|户|房间?|门|排|门牌|组|队|社|米|附|之|院)+"
)
_PICKUP: Final = re.compile(
    r"驿站|菜鸟|丰巢|蜂巢|快递柜|自提[点柜]|代收|快递(?:超市|网?点|站|室|服务|公司|营业|分部)|[通达丰兔](?:快递|速运|速递)|营业网?点|兔喜|收发室|传达室|门卫室?"
    r"|物业|邮局|邮政所?|门岗|保安室"
)
_PICKUP_WORDS: Final = re.compile(
    r"菜鸟|驿站|丰巢|蜂巢|智能|快递柜|自提[点柜]?|自取|代收点?|快递|超市|妈妈|兔喜|生活|收发室|传达室|门卫室?"
    r"|物业|[东西南北]门|门口|旁|邮局|邮政所?|柜|点|站|门岗|保安室|里|内"
)
# One door by its own name: whoever asks there finds the receiver, or takes the parcel.
_NAMED: Final = re.compile(
    r"(?:大学|学院|学校|中学|[一二三四五六七八九十\d]+中(?:学|$|[ ,])|小学|幼儿园|党校|医院|卫生院"
    r"|卫生[所室]|诊所|保健院|疾控|政府|管委会|派出所|公安|交警|法院|检察院"
    r"|[\u4e00-\u9fff]{2}局|税务|供电所|银行|支行|分行|信用社|酒店"
    r"|宾馆|饭店|旅馆|旅舍|客栈|招待所|民宿|公司|集团|[\u4e00-\u9fff]{2}厂(?!房)"
    r"|研究[院所]|设计院|事务所|工作室|[\u4e00-\u9fff]{2}店|小卖[部铺]|杂货铺|百货|粮油|供销社|代销[店点]|农资|超市|药房|商行|经营部|门市部|专卖|网吧|影城"
    r"|图书馆|博物馆|体育馆|居委会|村委会?(?:会)?|村部|大队部"
    r"|敬老院|养老院|福利院|管理[处站所]|合作社|养护站|服务站|度假村|[\u4e00-\u9fff]{2}馆|档案馆|海关|营业厅|售票[厅处]|农家乐|美容院|养[^路街]{0,2}场|粮[站库]|[变水]电站|消防(?:队|站|救援)|监狱|看守所|[农林牧茶渔]场|加油站|收费站|服务区|项目部"
    r"|社区服务中心|党群|便民服务|[\u4e00-\u9fff]{2}(?:酒业|实业|药业|纺织|服饰|科技|电子|机械|贸易|商贸"
    r"|建材|家具|食品|置业|物流|传媒|装饰|五金|汽修|化工|印刷|包装|工贸|制衣|针织|鞋业|玩具)(?=$|[ ,(])"
    r"|行政中心|政务|教堂|清真寺|电视台|气象)"
    r"(?![东西南北中]?[一二三四五六]?(?:路|街|巷|大道)|站|城(?!校区)|小区|新村|花园|家属|步行街|片区"
    r"|生活区|地铁|公交|公园)"
)
_BARE_NAMED: Final = re.compile(
    r"^(?:小|大|家|路|村口?|楼下|门口|街边|路边|镇上|县城|市区|本地|某|那个|一个)?(?:学校|医院|超市|酒店|饭店|宾馆|公司"
    r"|银行|小卖[部铺]|小店|便利店|杂货[店铺]|食杂店|副食店|烟酒店|水果店|理发店|早餐店|面馆|粮油店?|百货店?|供销社|代销[店点]|农资店?"
    r"|药店|商店|饭馆|餐馆|菜馆|茶馆|旅馆|网吧|工厂|厂里|加油站|火车站|车站|机场)(?:里|内|门口|收|代收|前台)?$"
)
_ANYBODYS: Final = re.compile(
    r"(?:我?们?(?:单位|公司|学校|小区|家里?|店里?|宿舍|村口?|村里|楼下|附近|工厂|厂里|医院|本地|最近的?|哪个|那个"
    r"|同学|同事|朋友|邻居|家人|亲戚|别人|老公|老婆|爸爸?|妈妈?|小卖[部铺]|小店|杂货[店铺]|便利店|药店|商店"
    r"|随便|任意)[的里内]?)+$"
)
_VILLAGE: Final = re.compile(
    r"^(?:[\u4e00-\u9fff·]{0,12}?(?:村|屯|庄|寨|湾|嘎查|大队|坝|沟|岭|坪|营|堡|店|社区|组|队|社|乡|镇|分场"
    r"|生产队)[ ,]*)*"
    r"(?:[\u4e00-\u9fff]{0,5}(?:\d+|[一二三四五六七八九十]+)?(?:村民小?组|生产队|小组|组|队|社|屯|村口"
    r"|村头|村尾|村里|庄|村|寨|嘎查|大队|自然村))$"
)
_GROUP: Final = re.compile(
    r"(?:^|村|屯|庄|\d|[一二三四五六七八九十])(?:村口|村头|村里|组|队|社)$|村$|屯$|嘎查$|大队$|庄$|寨$"
)
_PLACE: Final = re.compile(
    r"[路街道巷弄里坊苑园城庄寨湾屯村组队区场厦楼店厂校院站寓府墅宫居郡庭轩阁邸座栋幢塔港镇乡道桥门市库所室]"
    r"|胡同|中心|广场|花园|公寓|国际|新天地"
)
_SHORT: Final = 8
# Most addresses: a name, then a door, and no letter with which anything else begins that this file knows.
_SUSPECT: Final = re.compile(
    r"[测试废效假乱瞎随密暂定详备留聊客卖址同照单先原前往以时常默系知懂那谁微私旺信箱队某xX×?？。….—啊哈呵嗯哦额电打拨致联来放存丢搁挂送我家]"
    r"|[A-Za-z]{3}|0{4}|1{5}|123456"
)
_PLAIN: Final = re.compile(
    r"(?![一二三四五六七八九十])[\u4e00-\u9fff]{2}.*?\d ?(?:号(?![线门口路街大出进码桥])|栋|幢|室|单元)"
)


def hidden(detail: str) -> bool:
    """Whether a platform has masked a part of it."""
    return _HIDDEN.search(detail) is not None


def said_reasons(detail: str) -> list[str]:
    """What is said instead of an address, wherever it stands; of a masked detail this is all that can be told."""
    said = [match[0].strip(" ,;、") for pattern in _ALWAYS if (match := pattern.search(detail))]
    found = [f"地址写着「{word}」" for word in said]
    if _HOLDER.search(detail):
        found.append("地址是占位的字，不是真地址")
    if _BOX.search(detail) and not _STREET.search(_BOX_WHOLE.sub(" ", detail)):
        found.append("写的是信箱，快递送不到")
    return list(dict.fromkeys(found))


def called_reasons(detail: str) -> list[str]:
    """A call is asked for in place of an address: 电联."""
    called = _CALL.search(_CALL_WISH.sub(" ", detail))
    return [f"地址写着「{called[0]}」"] if called else []


def detail_reasons(detail: str, town: str = "") -> list[str]:
    """Why a parcel would not arrive at `detail`, the whole text behind region and `town` in `plain` spelling."""
    if _PLAIN.match(detail) and not _SUSPECT.search(detail) and not nobodys_door(detail, town):
        return []
    if mail_alone(detail):
        return [MAIL]
    if wish_alone(detail):
        return _lacking("", "", town)
    reasons = said_reasons(detail)
    rest = _PUT.sub(" ", _CALL_WISH.sub(" ", detail)).strip(" ,;、。")
    for instead in (_CALL, _ELSEWHERE):
        if (said := instead.search(rest)) is None:
            continue
        rest = instead.sub(" ", rest).strip(" ,;、。")
        lacks = _lacking(rest, _NO_DOOR.sub(" ", rest), town)  # behind a whole address it is a wish
        if lacks and not any(said[0] in reason for reason in reasons):
            reasons.append(f"地址写着「{said[0]}」")
    bare = _NO_DOOR.sub(" ", rest)
    if reasons and not _DOOR.search(bare):
        return reasons if len(rest) < _SHORT else [*reasons, *_lacking(rest, bare, town)]
    return reasons + _lacking(rest, bare, town)


def _lacking(rest: str, bare: str, town: str) -> list[str]:
    name = _UNITS.sub("", bare)
    if not rest:
        return ["只写到街道或乡镇"] if town else ["没有详细地址"]
    if _DOOR.search(bare):
        return _of_a_door(name, rest, town)
    if _reached(rest, town) and not _OURS.search(rest):
        return []
    return _without_a_door(rest)


def _without_a_door(rest: str) -> list[str]:
    if ours := _OURS.search(rest):
        return [f"口语指代「{ours[0].strip()}」"]
    if _TROOPS.search(rest):
        return ["只有部队代号，快递不一定送得到"]
    village = _VILLAGE.match(rest)
    near = _NEAR.search(rest)
    if near and not village:
        return [f"口语指代「{near[0].strip()}」", "无门牌号"]
    if village and _GROUP.search(rest) and not rest.endswith(("新村", "小区")):
        return ["只写到村组"]
    if not _PLACE.search(rest):
        return ["没有路名、门牌或村名"]
    return ["无门牌号", f"详细地址不足 {_SHORT} 个字"] if len(rest) < _SHORT else ["无门牌号"]


def _of_a_door(name: str, rest: str, town: str) -> list[str]:
    """A number is of something: 88号 alone is nobody's."""
    if _TROOPS.search(rest) and len(name) < 6 and not _STREET.search(rest):
        return ["只有部队代号，快递不一定送得到"]
    if nobodys_door(rest, town):
        return ["没有路名、小区或村名"]
    if len(re.findall(r"[\u4e00-\u9fff]", name)) >= 2 or re.search(r"[A-Za-z]{3,}|[\u4e00-\u9fff][路街巷弄道村]", rest):
        return []
    return ["没有路名、小区或村名"]


def _reached(rest: str, town: str) -> bool:
    """Without a number: a pick-up point or a house that its own name tells, and not what lies near it."""
    pickup = _PICKUP.search(rest)
    if pickup:
        name = _UNITS.sub("", _PICKUP_WORDS.sub("", rest))
        if any_couriers(name) and len(name) >= 2:
            return bool(town)
        return (len(name) >= 2 and not _ANYBODYS.match(name)) or town.endswith(("镇", "乡"))
    if nobodys(rest, town):
        return False
    if shop_in_village(rest, town) or house_in_village(rest, town):
        return True
    last = None
    for found in _NAMED.finditer(rest):
        last = found
    if last is None or _BARE_NAMED.match(rest):
        return False
    beside = list(_NEAR.finditer(rest, 0, last.end()))
    if beside and last.end() - beside[-1].end() < 4:  # 火车站对面宾馆
        return False
    return _NEAR.match(rest, last.end()) is None and not _NEAR.search(rest[last.end() :])
