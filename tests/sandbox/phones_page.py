"""The phones page in a real browser, for the tests of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.sandbox.chat_hub import Bench

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
LAPTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS.split())
        yield opened
        opened.close()


def watched(browser: Browser, b: Bench, options: dict[str, Any], view: str) -> Iterator[Page]:
    """A page that fails its test when a script of it does, or complains."""
    context = browser.new_context(**options)
    context.add_init_script(f"localStorage.getItem('phones.view') || localStorage.setItem('phones.view', '{view}')")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if complains(said) else None)
    page.goto(b.base + "/")
    page.wait_for_selector('[data-ready="yes"]')
    yield page
    context.close()
    assert errors == []


def complains(said: ConsoleMessage) -> bool:
    """What the browser itself says of a refused request or of a lost line is no mistake of the page."""
    return said.type in {"error", "warning"} and "Failed to load resource" not in said.text
