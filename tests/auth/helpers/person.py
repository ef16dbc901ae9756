"""A person at a real browser, who signs in at a hub."""

from typing import Any

from attrs import define, field
from playwright.sync_api import Browser

from tests.browser import visit, window


@define
class Person:
    """Chooses a user by keyboard, or cancels.

    Attributes:
        browser: The browser.
        chooses: Beginning of the label of the button to press.
        window: Settings of the window.
        opened: The addresses that were opened.
        ends: The texts of the last pages.
    """

    browser: Browser
    chooses: str = "Grace"
    window: dict[str, Any] = field(factory=dict)
    opened: list[str] = field(factory=list)
    ends: list[str] = field(factory=list)

    def __call__(self, url: str) -> bool:
        """Open a URL, move to the button with the Tab key, and press it."""
        self.opened.append(url)
        refuses = self.chooses == "Cancel"
        # The browser itself reports a page with an error status.
        with window(self.browser, complains=refuses, **self.window) as page:
            visit(page, url)
            buttons = page.get_by_role("button").count()
            for _ in range(buttons):
                page.keyboard.press("Tab")
                if page.evaluate("document.activeElement.innerText").startswith(self.chooses):
                    break
            else:
                raise AssertionError(f"no button says {self.chooses}")
            page.keyboard.press("Enter")
            page.wait_for_url("**/signin-callback?**")
            self.ends.append(page.inner_text("body"))
        return True
