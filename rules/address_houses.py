"""A person's house in a village that is named: whoever asks there for 李德胜家 finds it. A receiver alone (张国庆收) is
no house, and whose a relative's is (姐姐家, 王大爷家) only the buyer knows."""

from __future__ import annotations

import re
from typing import Final

# Only surnames with which no word for a place or a relative begins: not 东, 左, 路, 单, 房, 全.
_SURNAME: Final = (
    "(?:欧阳|司马|上官|诸葛|皇甫|尉迟|夏侯|慕容|司徒|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧肖程曹袁邓许傅沈曾彭吕苏卢"
    "蒋蔡贾丁魏薛叶阎闫余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武"
    "乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦柳邢骆岳齐尚梅莫庄辛管祝涂谷祁舒耿牟卜詹"
    "关苗凌费纪靳盛童欧甄项曲游阮裴柯鲍霍翁隋甘景包柏宁滕穆卓臧蒙窦晋仇楚吉])"
)
# Signs of a relative, a title, a place, an eating-house: 王大爷, 张某, 李姓人, 高老, 马路边, 刘记农.
_NO_GIVEN_NAME: Final = (
    "爷奶爸妈爹娘叔伯婶姨姑舅哥姐弟妹嫂侄婆公某姓氏人师傅医护女板任记先同邻居组局队员工农酒全各之用这那哪几第"
    "边旁口里头后前上下房墙楼门院屋村庄店厂校桥庙寺井塘坡沟便路街"
)
_PERSON: Final = rf"(?!孙[女子媳辈]|高个|.老家){_SURNAME}(?:(?![{_NO_GIVEN_NAME}])[\u4e00-\u9fff]){{1,2}}"
_NAME: Final = r"(?:(?![我咱你本哪那这某同农乡全各个们在住到上下边邻外近旁面壁路街])[\u4e00-\u9fff·])"
_NO_VILLAGE: Final = (
    r"(?!新?村?[东西南北中]?(?:路|大?街|大道|巷|胡同|小区|花园|镇|乡|桥|大厦|公寓|苑|城|商场|广场|工业|地铁|立交))"
)
_VILLAGE: Final = re.compile(
    rf"(?![老新]村)(?:{_NAME}{{1,11}}?村(?![民办小学医卫])|(?P<small>{_NAME}{{1,11}}?(?:屯|(?<![山饭农茶布钱])庄|寨|嘎查)))"
    rf"{_NO_VILLAGE}"
)
_BETWEEN: Final = r"(?:(?!小区|花园|公寓|附近|一带|周边|[楼栋幢往])[\u4e00-\u9fff\d ,，、()（）]){0,20}?"
# 村东头赵明亮家, 二组赵明亮家: a name begins where a word has ended.
_HOUSE: Final = re.compile(
    rf"{_BETWEEN}(?<=[ ,，、)）村屯庄寨查组队社湾头口边旁面侧]){_PERSON}家[里中]? ?(?:[(（]?收[)）]?)?[ ,，。]*$"
)


def house_in_village(rest: str, town: str) -> bool:
    """Whether `rest` names a village and in it a person's house; a group or 村东头 may stand between them. 小寨 and
    八里庄 are whole quarters of cities: only in a small town are they villages."""
    village = _VILLAGE.match(rest)
    if village is None or (village["small"] and not town.endswith(("镇", "乡"))):
        return False
    return _HOUSE.match(rest, village.end()) is not None
