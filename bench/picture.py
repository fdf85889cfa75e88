"""`python -m bench.picture`: drives the smoke's walk once more and photographs the phones page for the READMEs."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from bench.phones import until
from bench.smoke import Walk
from bench.stack import ROOT, Stack

PICTURE: Final = ROOT / "docs" / "phones.png"
_CHROMIUM: Final = "/usr/bin/chromium"


def scene(walk: Walk) -> None:
    """小李 has a late order before her, an order's card beside it, and her customer has been told."""
    walk.all()
    phones = walk.phones
    made = phones.post("/control/order", platform="jd", kind="plain", buyer="hero")
    phones.post("/control/clock", move_seconds=200)
    shown = until("the order in the hub", lambda: walk.found(made["order_id"], "JD-"))
    tag = re.findall(r"JD-\d{8}-\d{3,}", str(shown["body"]))[0]
    phones.post("/control/clock", move_seconds=130 * 60)
    until("its card", lambda: phones.newest("xiaoli", "group", tag, "超时"), 90)
    phones.say("xiaoli", "app", "看版")
    phones.say("xiaoli", "app", f"查 {tag}")


def photograph(page_url: str, target: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1366, "height": 840})
        page.add_init_script("localStorage.setItem('phones.hint', 'read')")
        page.goto(page_url)
        page.wait_for_selector("text=订单助手")
        page.wait_for_timeout(1500)  # pictures and fonts
        page.screenshot(path=target)
        browser.close()


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="hub-picture-") as folder:
        stack = Stack(Path(folder))
        try:
            walk = Walk(stack)
            scene(walk)
            photograph(stack.sandbox, Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
        finally:
            stack.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
