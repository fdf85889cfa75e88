"""What buyers type, as they meant it: blanks where commas belong, one letter for another that sounds like it, words
from home, and things that are sent but are no parcel."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from rules.delay_aside import without_card
from texts.plain import plain

_COURIER: Final = r"顺丰|京东|德邦|邮政|EMS|ems|中通|圆通|申通|韵达|极兔|百世|天天|丰网"
_BRACKETS: Final = re.compile(r"[()\[\]【】「」《》]")
_BLANK: Final = re.compile(r"\s+")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_DAY_ENDS: Final = r"(?:[号日天周月底初旬末后起]|[周期拜][一二三四五六1-7])"
_WAITS_FOR_DAY: Final = re.compile(
    r"(?:[到至于在约月第]|[周期拜]|[晚迟缓隔过后延推]|尺码|码数|鞋码|尺寸|色号|型号|编号|颜色|口红|生日|选|换|拍)$"
)
_GOES_ON: Final = re.compile(rf"(?:[以之]后|[以之]?前|后|起|左右|再|才|[发寄](?!{_COURIER}))")

# One letter for another that sounds or looks like it, and what is said at home: (as typed, as meant).
_MEANT: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(typed), meant)
    for typed, meant in (
        (r"\.{2,}|…+", ","),
        (r"(?i)\b(?:pls|plz|please|thx|thanks|thank you)\b", " "),
        (r"(?i)(?<![a-z])(?:ship|send)(?![a-z])", "发"),
        (r"(?<!\d)(20\d\d[./-]\d{1,2}[./-]\d{1,2})\s?\d{1,2}:\d\d(?::\d\d)?", r"\1"),
        (r"俩个?月(?!底|初|中|末)", "两个月"),
        (r"(?<!\d)半月(?=[以之]?后|再)", "半个月"),
        (r"仨个?月(?!底|初|中|末)", "三个月"),
        (r"(?<![\d一二三四五六七八九十])两月(?=[以之]?后)", "两个月"),
        (r"俩个?(?=天|周|礼拜|星期)", "两"),
        (r"仨个?(?=天|周|礼拜|星期)", "三"),
        (r"(?:已后|以候)", "以后"),
        (r"之候", "之后"),
        (r"等侯", "等候"),
        (r"再出(?=$|[,。!~吧哈哦谢，])", "再出货"),
        (r"不[忙慌](?:到|着)?(?=[发寄])", "先不要"),
        (
            r"(?<![\d.:/A-Za-z码号月第双-])(1\d|2\d|3[01]|二?十[一二三四五六七八九]|二十|三十一?)(?=[之以]后再?[发寄送]|再[发寄])",
            r"\1号",
        ),
        (
            r"(?<=最早|最快|改到|推到|延到|等到)(1\d|2\d|3[01]|二?十[一二三四五六七八九]|二十|三十一?)"
            r"(?=[发寄再,]|[之以]后|$)",
            r"\1号",
        ),
        (r"时侯", "时候"),
        (r"元但|圆旦", "元旦"),
        (r"[法髪]货|发贷|发或(?=$|[,。!吧])", "发货"),
        (
            r"(?:(?<=[号日天底初旬末后完了好齐家间])|(?<=[周期拜][一二三四五六1-7])|(?<=下周)|(?<=下个月)|(?<=下礼拜)|(?<=下星期)|(?<=下个礼拜)|(?<=下个星期)|(?<=通知)"
            r"|(?<=消息)|(?<=电话)|(?<=回来))在(?=[发寄](?!货?的?(?:时|前|之前|途|路|了|后|吗|么|没)))",
            "再",
        ),
        (r"得唔得|得未", "可以吗"),
        (r"唔好|[覅嫑]", "不要"),
        (r"等埋", "等"),
        (r"嗰", "那"),
        (r"一齐", "一起"),
        (r"唔", "不"),
        (r"冇|没得(?=人)", "没"),
        (r"屋头|屋企", "家里"),
        (r"[咁恁](?=快|急|早|赶)", "那么"),
        (r"嘅", "的"),
        (r"(?<=[发寄货])住(?=$|[,。!~\s]|先)", ""),
        (r"(?<=[莫别勿要用])[急慌忙](?:到|倒|着)?(?=[发寄])", "急着"),
        (r"(?:那么|这么|太)[急赶慌](?:着)?(?=[发寄])", "那么快"),
        (
            r"(?<=[\u4e00-\u9fff])[鸭丫叭捏哒咯喽嘞噻撒嗷昂噢喔哟呦唷呗哩奥欧呐]+"
            r"(?=$|[,。!~;?\s]|我|谢|麻烦|亲|等)",
            "哈",
        ),
    )
)  # fmt: skip
_CANTONESE: Final = re.compile(r"[唔咁嘅冇喺]")
_FIRST_IS_THEN: Final = re.compile(r"(?<=[一二三四五六日号后尾底末初])先(?=[发寄])")
_STRETCH: Final = re.compile(
    r"(?<![\d./:月年第-])([12]?\d|3[01])[号日]?\s?[-~到至—]\s?([12]?\d|3[01])"
    r"(?=[号日](?!\s?(?:色|码|楼|款|链接|店|线|针|床|柜|栋|院|电池)))"
)
_ON_SCREEN: Final = (
    r"(?:发票|专票|普票|收据|链接|照片|图片|视频|截图|单号|电子版|定位|身份证|优惠券|红包|二维码|教程|报价|账号|密码"
    r"|激活码|卡密|合同|清单|效果图|设计图|实拍)"
)
_OF_THE_BUYER: Final = r"(?:地址|定位|尺寸|尺码|电话|号码|身份证号?|图纸?|文案|名单|内容|资料|信息|logo|税号|抬头)"
_SOON: Final = (
    r"(?:晚点|晚些|等下|等一下|稍后|等会儿?|一会儿?|待会儿?|回头|今晚|晚上|明天|明早|后天|过[两几]天|下午|中午|下周)"
)
# What is sent but leaves no warehouse: in each of them 传 is written for the verb.
_NO_PARCEL: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(sent), told)
    for sent, told in (
        (r"[发寄](给?(?:你|您)们?)(?!.{0,1}(?:再|先|别|看|定|等|就|自己|随|决定|说|们))", r"传\1"),
        (r"(给(?:你们?|您)再?)[发寄](?!货)", r"\1传"),
        (r"[发寄]((?:到|给|至)?我?的?(?:电子)?(?:邮箱|邮件|微信|旺旺|手机|QQ|qq|钉钉))", r"传\1"),
        (r"[发寄邮](回(?:去|给|你|您|厂|店))", r"传\1"),
        (r"[发寄]((?:给?我|一下|下|一?[个张份条段])+[^,。;!?货]{0,4}" + _ON_SCREEN + ")", r"传\1"),
        (
            rf"({_ON_SCREEN}(?:(?![好完齐]|后(?!天)|了|确认|一起|一并|同|随|别|不要|不用)[^,。;!?]){{0,10}}?)[发寄邮]"
            r"(?=给?我|一下|一?份|来|过来|$|[,。!~;?]|也|就|吧|都|即可|哈|哦)",
            r"\1传",
        ),
        (rf"[发寄](?={_ON_SCREEN})", "传"),
        (
            r"((?:^|[,。;!])(?:我们?|公司|单位)?的?(?:工资|薪水|奖金|年终奖?)(?:要|得|都|是|在)?[^,。;!再才就发]{0,8}才?)"
            r"发(?=$|[,。;!了])",
            r"\1领",
        ),
        (
            r"发(?=[了完]?(?:工资|薪|奖金|奖学金|年终奖?|生活费|补[贴助]|退休金|提成|钱)"
            r"(?![包夹币箱袋封礼福条]|红包))",
            "领",
        ),
        (rf"({_OF_THE_BUYER}我?(?:再)?{_SOON}我?(?:再|才|就)?)发(?!货)", r"\1传"),
    )
)  # fmt: skip
ALL_RIGHT: Final = re.compile(r"(?<=[发寄送货出])(?:可以|行|好|成)(?:吗|么|嘛|不)")
MAY_I: Final = re.compile(
    r"((?:可以|能不能|能否|可否|能)[^,。;!?]{1,12}再(?:给我|帮我|安排)*[发寄送出邮](?:货|出|库|快递|给我)?(?:过来)?)(?:吗|么|嘛|\?)+"
)


def as_meant(text: str) -> str:
    """The text in one spelling, without blanks. 一周后发货行吗 is 一周后发货,行吗; who asks 可以三天后再发吗 wants
    it."""
    words = without_card(plain(text))
    if _CANTONESE.search(words):
        words = _FIRST_IS_THEN.sub("再", words)
    for typed, meant in _MEANT:
        words = typed.sub(meant, words)
    words = _STRETCH.sub(r"\1号-\2", _BRACKETS.sub("", _without_blanks(words)))
    for sent, told in _NO_PARCEL:
        words = sent.sub(told, words)
    return MAY_I.sub(r"\1", ALL_RIGHT.sub(r",\g<0>", words))


def _without_blanks(words: str) -> str:
    return _BLANK.sub(_joint(words), words.strip())


def _joint(words: str) -> Callable[[re.Match[str]], str]:
    """A blank ends a thought, unless it stands within a day or before what is said of one: 25 号, 推迟到 26号,
    25号 再发."""
    words = words.strip()

    def joint(blank: re.Match[str]) -> str:
        before, after = words[: blank.start()], words[blank.end() :]
        if not re.match(r"[\w]", after) or not re.search(r"[\w)\]】」》]$", before):
            return ""
        if re.search(r"[发寄走用]$", before) and re.match(_COURIER, after):
            return ""
        if re.search(rf"{_DAY_ENDS}$", before) and _GOES_ON.match(after):
            return ""
        if before[-1].isdigit():
            return "," if after[0].isdigit() else ""
        if after[0].isdigit():
            return "" if _WAITS_FOR_DAY.search(before) else ","
        return "," if _HAN.match(after) else ""

    return joint
