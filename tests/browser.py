"""A real browser for tests: Debian's Chromium, without a window, driven by Playwright."""

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.parts import require_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def launched() -> "Iterator[Browser]":
    """Run a browser for as long as the block lasts; skip the calling test where there is none."""
    require_part("chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a part that may be missing

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Give a browser; each test opens a context of its own in it."""
    with launched() as browser:
        yield browser
