"""A real browser, headless, for the pages that people see."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.parts import require_part

PHONE = ViewportSize(width=360, height=740)
DESK = ViewportSize(width=1280, height=900)

_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Chromium for the tests of a module.

    During this time, their thread counts as one with a running event loop: `asyncio.run` requires another thread.
    """
    require_part("chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(_ARGUMENTS))
        yield running
        running.close()


@contextmanager
def window(browser: Browser, *, complains: bool = False, **options: Any) -> Iterator[Page]:
    """Open a window without history and cookies; errors on its console fail the test.

    Args:
        browser: The browser.
        complains: Whether errors are permitted, such as that of a page with an error status.
        options: Options of `new_context`, such as `color_scheme="dark"` and `viewport=PHONE`.
    """
    complaints: list[str] = []
    with browser.new_context(**{"viewport": DESK, **options}) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.set_default_timeout(15_000)
        yield page
    assert complains or complaints == []


def visit(page: Page, url: str) -> None:
    """Open an address and wait until the page is painted, because the browser ignores keys and clicks before that."""
    page.goto(url)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
