"""What stands in a message beside the wish for later shipping, or undoes it: the text of a card, words that are taken
back, another language."""

from __future__ import annotations

import re
from typing import Final

_CARD: Final = (
    r"(?:贺卡|卡片|明信片|(?:留言|祝福|生日|心意|感谢|圣诞|新年|情人节|小|礼品?|手写)卡片?|祝福语|寄语|赠言"
    r"|[字纸]条|便[签条]|便利贴)"
)
_A_CARD: Final = re.compile(_CARD)
_WRITE: Final = r"(?:写|印|打印|手写|抄)(?:上|着|成)?(?![好完字清漂什啥不没了名])"
# 贺卡内容：, 卡片请写, 写在卡片上：. 贺卡写好再发 is about the card itself.
_CARD_BEGINS: Final = re.compile(
    rf"{_CARD}(?:上面|[上里中])?的?[,\s]?(?:(?:内容|文字|留言|祝福)(?:就|请|帮我)?(?:[:,\s]|{_WRITE}|是|为)"
    rf"|(?:请|帮我|帮忙|麻烦|就|要|给我)*{_WRITE}|(?=:))(?:一?句话?|一?下)?[:,\s]*"
    rf"|{_WRITE}(?:在|到|进)?{_CARD}(?:上面|[上里中])?[:,\s]+"
)
_ONTO_CARD: Final = re.compile(
    rf"(?P<text>[^,。;!?~\s]+)[,\s]*(?:这[句几]个?[话字]?)?(?:请|帮我|麻烦)*{_WRITE}(?:在|到|进){_CARD}"
)
_QUOTED: Final = re.compile("[“\"「『《'‘].{0,200}?[”\"」』》'’]")
_A_THOUGHT: Final = re.compile(r"[^,。;!?~\s]*[,。;!?~\s]*")
# A thought that no card holds: the text is over.
_TO_THE_SHOP: Final = re.compile(
    r"发货|(?:再|才|先|后|别|不要|号|天|[周期拜][一二三四五六日末])(?:给我|帮我|安排)*(?:发|寄)(?!财|达|光|芽|现|誓|呆)|寄出|寄(?=$|[,。;!])"
    r"|出货|快递|派送|送[到达货]|通知|不在家|没人|签收|收[货件]|包装|打包|发票|地址|电话|联系"
)

_TAKE_BACK: Final = r"(?:取消|忽略|无视|收回|撤回|撤销|不用管|别管|不要管|不用理|不要理|划掉|删掉)"
# 25号以后发，取消发票 is about the invoice: behind the word nothing of that kind may follow.
_TAKEN_BACK: Final = (
    rf"(?:作废|不作数|不算数?|当我没说|{_TAKE_BACK})[掉了]?(?:吧|哈|哦|啊|就行|就好|即可)*"
    r"(?=$|[,。;!~谢]|请|直接|马上|现在|立即|尽快|正常|改|按)"
)
_THOSE_WORDS: Final = r"的?(?:[那这](?:一?[句条个段])?|[句条])(?:话|备注|留言|要求|说法)?|的?(?:备注|留言|要求|话)"
_TAKEN_BACK_BEHIND: Final = re.compile(
    rf"[货件吧]*,?(?:{_THOSE_WORDS})?,?(?:都|就|请|麻烦|已经?|现在|可以|全|帮我)*"
    rf"(?:{_TAKEN_BACK}|改[成为](?:马上|立即|立刻|现在|直接|正常|今天))"
)
_TAKEN_BACK_AHEAD: Final = re.compile(
    rf"(?:{_TAKE_BACK}掉?|作废:)(?:之前|前面|上面|刚才|刚刚|原来|我|那|这|[句条个]|的|说|备注|留言|写|先|都|请|暂时?)*$"
)
_THOSE_ABOVE: Final = re.compile(
    r"(?<![\u4e00-\u9fff])(?:还有|但|不过|我)*(?:上面|前面|刚才|刚刚|上一|[那这](?=[句条]))(?:我|那|这|的|说|写|一|[句条个]|备注|留言|要求|话)*(?:都|就|请|麻烦|已经?|全)*"
    + _TAKEN_BACK
)

# 安装师傅等我通知再来,货先发: who comes to the house waits for the call, and the parcel does not.
_A_FITTER: Final = r"(?:安装|(?:安装|上门|测量|维修)师傅|师傅|(?<!送货)(?<!送)上门|量尺|测量|调试)"
_FITTER_AHEAD: Final = re.compile(rf"{_A_FITTER}(?:(?!货|东西|[发寄])[^,。;!?~])*$")
_WAITS_FOR_CALL: Final = re.compile("等|听|时间|通知|联系")
_COMES: Final = re.compile(r"(?:之?后|了)?(?:再|才)(?:来|上门|过来|过去|安?装|测量|量|约)(?![^,。;!?~]*[发寄])")
_SHIPPED_FIRST: Final = re.compile(
    r"(?<![别勿莫])(?<!不要)(?<!不用)(?<!不能)先(?:把[^,。;!?]{1,4}?)?(?:给我|帮我|安排)*(?:发(?!票|一半|一部分|[图我]|安装|说明|视频|照片)|寄(?!存))"
    r"|(?:货|东西)(?:就|可以|还是|请|麻烦)*(?:正常|照常|直接|照样|尽快)(?:给我|安排)*[发寄]"
)
_PARCEL_WAITS: Final = re.compile(r"[^,。;!?~]*?(?:[发寄]|送货|出货)|[,。;!~](?:货|东西)?(?:再|才|之后|然后)")

_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_KANA: Final = re.compile(r"[\u3041-\u306d\u306f-\u3096\u30a1-\u30fa]")  # の alone is a Chinese fashion
_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")
_SHIPS_ABROAD: Final = re.compile(
    r"(?i)(?<![a-z])(?:ship(?:s|ped|ping|ments?)?|send(?:s|ing)?|sent|deliver(?:y|ies|ed|s|ing)?"
    r"|dispatch(?:ed|ing)?|delay(?:ed|ing)?|postpone[ds]?|hold|mailed|arrive[ds]?)(?![a-z])"
    r"|liefer|versend|livraison|livrer|достав|отправ|[発發发]送|出荷|配送|配達|届け|送って|발송|배송|보내"
)


def without_card(words: str) -> str:
    """The words without what shall be written on a card: 卡片写：等我回来。25号再发货 is 卡片写:25号再发货. `words`
    still hold their blanks and brackets."""
    if not _A_CARD.search(words):
        return words
    onto = _ONTO_CARD.search(words)
    if onto is not None and not _TO_THE_SHOP.search(onto["text"]):
        words = words[: onto.start()] + words[onto.end("text") :]
    at = 0
    while (begins := _CARD_BEGINS.search(words, at)) is not None:
        at = begins.end()
        end = _card_ends(words, at)
        # A stop in its place: what stands before the card and behind it is not one thought.
        words = f"{words[:at]}。{words[end:]}" if end > at else words
    return words


def _card_ends(words: str, begin: int) -> int:
    quoted = _QUOTED.match(words, begin)
    if quoted is not None:
        return quoted.end()
    end = begin
    while end < len(words):
        thought = _A_THOUGHT.match(words, end)
        if thought is None or not thought[0] or _TO_THE_SHOP.search(thought[0]):
            break
        end = thought.end()
    return end


def taken_back(words: str, start: int, end: int) -> bool:
    """Whether what is said from `start` to `end` is withdrawn: 25号以后发那句作废."""
    return bool(_TAKEN_BACK_BEHIND.match(words, end) or _TAKEN_BACK_AHEAD.search(words[:start]))


def of_the_fitter(words: str, start: int, end: int) -> bool:
    """Whether the phrase from `start` to `end`, which waits for a call, holds a fitter and not the parcel."""
    if not _WAITS_FOR_CALL.search(words, start, end) or not _FITTER_AHEAD.search(words, 0, start):
        return False
    if _PARCEL_WAITS.match(words, end) or re.search(r"[发寄]", words[start:end]):
        return False
    return bool(_COMES.match(words, end) or _SHIPPED_FIRST.search(words))


def takes_back(words: str, end: int) -> str:
    """上面那句作废: words behind `end` that withdraw something said above, here or in another message; "" where none
    stand there."""
    above = _THOSE_ABOVE.search(words, end)
    return above[0] if above is not None else ""


def shipping_abroad(text: str) -> str:
    """The word of shipping in a text that is wholly in another language; "" where it is not, or speaks of none."""
    said = _SHIPS_ABROAD.search(text)
    if said is None:
        return ""
    japanese = len(_KANA.findall(text)) >= 3
    foreign = japanese or not _HAN.search(text) or len(_HANGUL.findall(text)) >= 3
    return said[0] if foreign else ""
