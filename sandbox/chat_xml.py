"""XML as the platforms write it, and the reading of what the hub answers."""

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from sandbox.chat_crypto import ProtocolError, Sealed

# Elements of a card that the XML form repeats without a wrapper [90241].
LISTS = {
    "HorizontalContentList",
    "VerticalContentList",
    "JumpList",
    "ButtonList",
    "SelectList",
    "OptionList",
    "ActionList",
}
NUMBERS = {"Type", "Style", "Mode", "DescColor", "AspectRatio"}
YES_NO = {"Disable", "IsChecked"}
# Names whose snake case is not simply the split of their capitals.
NAMES = {"CheckBox": "checkbox", "KeyName": "keyname", "UserId": "userid", "AppId": "appid", "PagePath": "pagepath"}
NAMES |= {"Appid": "appid", "Pagepath": "pagepath", "Userid": "userid", "Keyname": "keyname", "Checkbox": "checkbox"}


def cdata(value: str) -> str:
    return "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def write(fields: dict[str, Any]) -> str:
    """Nested dicts become nested elements, lists repeat their element, numbers stay bare, text becomes CDATA."""
    return "<xml>" + _inner(fields) + "</xml>"


def _inner(fields: dict[str, Any]) -> str:
    parts: list[str] = []
    for name, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            bare = str(item) if isinstance(item, int) else cdata(str(item))
            text = _inner(item) if isinstance(item, dict) else bare
            parts.append(f"<{name}>{text}</{name}>")
    return "".join(parts)


def parse(raw: bytes | str) -> Element:
    try:
        root: Element = ElementTree.fromstring(raw)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ProtocolError(f"the answer is not XML: {error}") from error
    return root


def text_of(root: Element, name: str) -> str:
    return (root.findtext(name) or "").strip()


def sealed_of(raw: bytes) -> Sealed:
    """The envelope of a passive reply; each of its four parts must be there."""
    root = parse(raw)
    parts = [text_of(root, name) for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")]
    if not all(parts):
        raise ProtocolError("a passive reply needs Encrypt, MsgSignature, TimeStamp and Nonce")
    if not parts[2].isdigit():
        raise ProtocolError("TimeStamp of a passive reply must be a number of seconds")
    return Sealed(parts[0], parts[1], parts[2], parts[3])


def snake(name: str) -> str:
    if name in NAMES:
        return NAMES[name]
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


def card_of(element: Element) -> dict[str, Any]:
    """`TemplateCard` in XML as the JSON card it stands for."""
    card: dict[str, Any] = {}
    for child in element:
        value: Any = card_of(child) if len(child) else (child.text or "").strip()
        if child.tag in NUMBERS and isinstance(value, str):
            value = _number(child.tag, value)
        elif child.tag in YES_NO and isinstance(value, str):
            value = value.lower() in {"1", "true"}
        if child.tag in LISTS:
            card.setdefault(snake(child.tag), []).append(value)
        else:
            card[snake(child.tag)] = value
    return card


def _number(tag: str, value: str) -> float | int:
    try:
        return float(value) if tag == "AspectRatio" else int(value)
    except ValueError as error:
        raise ProtocolError(f"TemplateCard/{tag} must be a number") from error
