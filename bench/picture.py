"""`python -m bench.picture`: drives the smoke's walk once more and takes the READMEs' pictures of the phones page.

`docs/phones.png`: both platforms side by side. `docs/card-life.png`: one card, from the alert to the last press.
"""

from __future__ import annotations

import base64
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from bench.phones import Json, Missing, until
from bench.smoke import Walk
from bench.stack import ROOT, Stack

DOCS: Final = ROOT / "docs"
_CHROMIUM: Final = "/usr/bin/chromium"
_READ: Final = "localStorage.setItem('phones.hint', 'read')"
_LIFE: Final = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 26px 28px 30px; display: flex; gap: 26px; align-items: flex-start; width: max-content;
  background: #e9ecf0; color: #1d2129;
  font: 16px/1.5 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
figure { margin: 0; } figcaption { margin-bottom: 12px; } small { display: block; font-size: 13px; color: #767b85; }
img { display: block; width: 330px; border-radius: 10px; box-shadow: 0 3px 14px rgba(29, 33, 41, .12); }
</style>"""


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Scene:
    """小李 has a late order before her, in WeCom's group and in DingTalk's."""

    def __init__(self, walk: Walk, page: Page) -> None:
        self.walk, self.phones, self.page = walk, walk.phones, page
        self.tag = ""

    def late_order(self) -> None:
        phones = self.phones
        made = phones.post("/control/order", platform="jd", kind="plain", buyer="hero")
        phones.post("/control/clock", move_seconds=200)
        shown = until("the order in the hub", lambda: self.walk.found(made["order_id"], "JD-"))
        self.tag = re.findall(r"JD-\d{8}-\d{3,}", str(shown["body"]))[0]
        phones.post("/control/clock", move_seconds=130 * 60)
        for chat in ("group", "dgroup"):
            until(f"its card in {chat}", lambda chat=chat: phones.newest("xiaoli", chat, self.tag, "超时"), 90)

    def card(self, chat: str) -> Json:
        found = self.phones.newest("xiaoli", chat, self.tag, "待审核超时")
        if found is None:
            raise Missing(f"no card of {self.tag} in {chat}")
        return found

    def claim(self) -> None:
        """Pressed on DingTalk; WeCom's card follows where somebody presses it."""
        self.phones.press("xiaoli", self.card("dgroup"), "认领")
        until("the claim on DingTalk", lambda: self.phones.newest("laowang", "dgroup", self.tag, "超时", "小李"), 15)
        self.phones.press("xiaoli", self.card("group"), "刷新")

    def approve(self) -> None:
        self.phones.press("xiaoli", self.card("group"), "审核")
        until("the end on DingTalk", lambda: self.phones.newest("laowang", "dgroup", self.tag, "小李已审核"), 15)

    def close_up(self, chat: str) -> bytes:
        """The card alone."""
        self.page.wait_for_timeout(700)  # what is pressed is still turning
        return self.page.locator(f'[data-id="{self.card(chat)["id"]}"] .card').screenshot()


def take(walk: Walk, page: Page, folder: Path) -> None:
    scene = Scene(walk, page)
    scene.late_order()
    page.reload()
    page.wait_for_selector('.phones[data-ready="yes"]')
    page.wait_for_timeout(1000)  # fonts
    life = [("超时的订单进了两个群", "企业微信和钉钉是同一张卡", scene.close_up("group"))]
    scene.claim()
    life.append(("小李在钉钉上认领", "谁负责、到几点，人人看得到", scene.close_up("dgroup")))
    page.mouse.move(0, 0)
    page.screenshot(path=folder / "phones.png")
    scene.approve()
    life.append(("在企业微信上审核，钉钉这张自己变", "按钮换成谁、什么时候做的", scene.close_up("dgroup")))
    _compose(page.context.browser, life, folder / "card-life.png")


def _compose(browser: Browser | None, life: list[tuple[str, str, bytes]], target: Path) -> None:
    if browser is None:
        raise Missing("the browser is gone")
    parts = []
    for number, (title, below, picture) in enumerate(life, 1):
        said = f"<figcaption><b>{number} · {title}</b><small>{below}</small></figcaption>"
        parts.append(f'<figure>{said}<img src="data:image/png;base64,{base64.b64encode(picture).decode()}"></figure>')
    page = browser.new_page(viewport={"width": 1200, "height": 700}, device_scale_factor=1.5)
    page.set_content(_LIFE + "".join(parts))
    page.locator("body").screenshot(path=target)


def main() -> int:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    with tempfile.TemporaryDirectory(prefix="hub-picture-") as folder, chromium() as browser:
        stack = Stack(Path(folder))
        try:
            walk = Walk(stack)
            walk.all()
            page = browser.new_page(viewport={"width": 1366, "height": 880}, device_scale_factor=1.5)
            page.add_init_script(_READ)
            page.goto(stack.sandbox)
            take(walk, page, target)
        finally:
            stack.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
