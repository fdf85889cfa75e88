"""The couriers as each platform numbers them, with the waybill shape it accepts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Courier:
    name: str
    pattern: str
    top: str = ""
    jd: str = ""
    pdd: int = 0

    def accepts(self, waybill: str) -> bool:
        return re.fullmatch(self.pattern, waybill, re.ASCII) is not None


ANY = r"[A-Za-z0-9-]{5,35}"

COURIERS: tuple[Courier, ...] = (
    Courier("顺丰速运", r"SF\d{13}|\d{12}", "SF", "467", 44),
    Courier("中通快递", r"\d{12}|\d{14}", "ZTO", "1499", 115),
    Courier("圆通速递", r"YT\d{13}|[A-Za-z0-9]{2}\d{10,13}|[6-9]\d{17}|Y\d{12}", "YTO", "463", 85),
    Courier("申通快递", r"77\d{13}|\d{12,13}", "STO", "470", 1),
    Courier("韵达快递", r"\d{13}|\d{15}", "YUNDA", "1327", 121),
    Courier("EMS", r"[A-Z]{2}\d{9}[A-Z]{2}|1[0-2]\d{11}|5[01]\d{11}|9[5789]\d{11}", "EMS", "465", 118),
    Courier("邮政快递包裹", r"9\d{12}", "POSTB", "", 132),
    Courier("京东快递", r"JD[XK]?\d{12,13}|JDV[A-Z]\d{11}", "JD", "2087", 120),
    Courier("百世快递", ANY, "HTKY", "", 3),
    # Its codes are the sandbox's own: whoever needs them must ask the platforms for their lists.
    Courier("极兔速递", r"JT\d{12,13}", "JTSD", "773574", 384),
    Courier("德邦快递", r"\d{8,10}|DPK\d{11,}", "", "3046", 131),
    Courier("天天快递", ANY, "TTKDEX", "", 119),
    Courier("优速快递", ANY, "UC", "", 117),
    Courier("安能物流", ANY, "", "", 208),
    Courier("中通快运", ANY, "", "", 343),
    Courier("韵达快运", ANY, "", "", 344),
    Courier("宅急送", ANY, "ZJS", "", 0),
    Courier("其他", ANY, "OTHER", "", 180),
    Courier("厂家自送", r".*", "", "1274", 0),
)

BY_TOP: Mapping[str, Courier] = {courier.top: courier for courier in COURIERS if courier.top}
BY_JD: Mapping[str, Courier] = {courier.jd: courier for courier in COURIERS if courier.jd}
BY_PDD: Mapping[str, Courier] = {str(courier.pdd): courier for courier in COURIERS if courier.pdd}
