"""The household goods the three shops sell; several are sold in two shops under one seller code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TAOBAO, JD, PDD = "taobao", "jd", "pdd"
PLATFORMS = (TAOBAO, JD, PDD)  # of the scripted day
DOUYIN, WXSHOP, WECOM_PAY = "douyin", "wxshop", "wecom_pay"
MARKETS = (*PLATFORMS, DOUYIN, WXSHOP)  # wherever an order can be placed by hand
EVERYWHERE = (*MARKETS, WECOM_PAY)  # with payments in chats, which are orders to whoever reads their bills

# A shop that came later sells what another one sells.
SAME_SHELF = {DOUYIN: TAOBAO, WXSHOP: TAOBAO, WECOM_PAY: TAOBAO}


@dataclass(frozen=True, slots=True)
class Sku:
    code: str
    product: str
    title: str
    option: str
    price_fen: int
    sold_on: tuple[str, ...]
    number: int

    @property
    def product_number(self) -> int:
        """One number per product, so that colours of one cup share the platform's goods id."""
        return PRODUCTS.index(self.product) + 1


_ROWS: tuple[tuple[str, str, str, int, tuple[str, ...]], ...] = (
    ("QH-CUP-RED", "青禾陶瓷马克杯 380ml", "红色", 3990, (TAOBAO, JD)),
    ("QH-CUP-BLU", "青禾陶瓷马克杯 380ml", "蓝色", 3990, (TAOBAO, JD)),
    ("QH-CUP-WHT", "青禾陶瓷马克杯 380ml", "白色", 3790, (TAOBAO, PDD)),
    ("QH-BOWL-4", "青禾釉下彩饭碗", "4只装", 5900, (TAOBAO, PDD)),
    ("QH-BOWL-6", "青禾釉下彩饭碗", "6只装", 8500, (TAOBAO, JD)),
    ("QH-PLATE-8", "青禾骨瓷平盘 8英寸", "2只装", 6800, (TAOBAO, JD)),
    ("QH-TOWEL-GRY", "青禾加厚纯棉浴巾", "雾灰", 7900, (TAOBAO, PDD)),
    ("QH-TOWEL-PNK", "青禾加厚纯棉浴巾", "藕粉", 7900, (TAOBAO, PDD)),
    ("QH-BED-150", "青禾全棉四件套", "1.5米床", 26900, (TAOBAO, JD)),
    ("QH-BED-180", "青禾全棉四件套", "1.8米床", 29900, (TAOBAO, JD)),
    ("QH-PILLOW-L", "青禾决明子枕芯", "低枕一对", 12900, (JD, PDD)),
    ("QH-PILLOW-H", "青禾决明子枕芯", "高枕一对", 13900, (JD, PDD)),
    ("QH-BOX-S", "青禾折叠收纳箱", "小号", 2490, (PDD,)),
    ("QH-BOX-L", "青禾折叠收纳箱", "大号", 4590, (TAOBAO, PDD)),
    ("QH-HANGER-20", "青禾防滑衣架", "20只装", 2980, (TAOBAO, PDD)),
    ("QH-HANGER-50", "青禾防滑衣架", "50只装", 5980, (PDD,)),
    ("QH-LAMP-WRM", "青禾护眼台灯", "暖光", 15900, (TAOBAO, JD)),
    ("QH-LAMP-NTR", "青禾护眼台灯", "自然光", 15900, (JD,)),
    ("QH-KETTLE-15", "青禾电热水壶 1.5L", "米白", 11900, (JD, PDD)),
    ("QH-PAN-28", "青禾不粘炒锅 28cm", "明火电磁炉通用", 16900, (TAOBAO, JD)),
    ("QH-BOARD-M", "青禾竹制砧板", "中号", 3680, (TAOBAO, PDD)),
    ("QH-KNIFE-3", "青禾厨房刀具三件套", "黑檀", 13800, (JD,)),
    ("QH-MAT-60", "青禾硅藻泥地垫", "40×60cm", 3900, (TAOBAO, PDD)),
    ("QH-CURTAIN-2", "青禾全遮光窗帘", "2米×2.5米 一对", 19800, (TAOBAO,)),
    ("QH-TISSUE-24", "青禾竹浆抽纸", "24包整箱", 4990, (PDD, JD)),
)

PRODUCTS: tuple[str, ...] = tuple(dict.fromkeys(row[0].rsplit("-", 1)[0] for row in _ROWS))

GOODS: Mapping[str, Sku] = {
    code: Sku(code, code.rsplit("-", 1)[0], title, option, price, shops, number)
    for number, (code, title, option, price, shops) in enumerate(_ROWS, start=1)
}


def sold_on(platform: str) -> list[Sku]:
    shelf = SAME_SHELF.get(platform, platform)
    return [sku for sku in GOODS.values() if shelf in sku.sold_on]
