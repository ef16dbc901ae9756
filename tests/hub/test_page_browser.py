"""The hub's page in a real browser: it updates itself, for everybody, on every screen, and without scripts as well."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import httpx
import pytest

from itwin_imodels_hub import Fault, LocalHub, SeedIModel, SeedNamedVersion
from tests.browser import browser
from tests.hub.helpers.desk import Desk
from tests.hub.helpers.history import long_history
from tests.hub.npm import SOURCE, node_packages
from tests.parts import require_part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

__all__ = ["browser"]

HOSTILE = ("<script>document.title='owned'</script>", "שלום \u202eevil", "x" * 255, "🏗️" * 80, "a b " * 60)
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
SCREENS = [{"viewport": size, "color_scheme": scheme} for size in (PHONE, DESK) for scheme in ("light", "dark")]
KEPT = """() => ({
  active: document.activeElement.id || document.activeElement.getAttribute("href"),
  open: document.querySelector("#timeline details").open,
  scroll: Math.round(scrollY),
  marked: window.marked,
  typed: getSelection().toString(),
})"""
REACHABLE = "main a[href], main button, main input:not([type=hidden]), main summary, main [tabindex='0']"


@pytest.fixture(scope="module")
def place() -> Iterator[LocalHub]:
    """Run a hub for all tests."""
    with LocalHub(control=True) as hub:
        yield hub


@pytest.fixture(scope="module")
def desk(place: LocalHub) -> Iterator[Desk]:
    """Call its API as its first user."""
    with httpx.Client(base_url=place.url, headers={"Authorization": f"Bearer {place.token()}"}) as client:
        yield Desk(place.hub, client)


@pytest.fixture(scope="module")
def long(place: LocalHub) -> str:
    """Return an iModel with a history and locks."""
    return long_history(place, pushes=2000, held=1000)


@pytest.fixture(scope="module")
def hostile(place: LocalHub) -> str:
    """Return an iModel with names that could break a page, among others."""
    versions = [SeedNamedVersion(name=HOSTILE[2], description=HOSTILE[3])]
    for name in HOSTILE:
        imodel = place.control.create_imodel(SeedIModel(name=name, description=name, named_versions=versions))
    place.control.faults.add(Fault(path="/" + "x" * 200, times=3))
    return imodel


@contextmanager
def opened(browser: Browser, url: str, *, live: bool = True, **options: Any) -> Iterator[Page]:
    """Open a page; messages of its console and violations of its policy are errors."""
    said: list[str] = []
    context = browser.new_context(**{"viewport": DESK, **options})
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(url[:20]) else said.append(request.url))
    page.goto(url)
    if live:
        page.wait_for_selector("#live[data-state=live]")
    yield page
    context.close()
    assert said == []


def address(place: LocalHub, imodel: str, more: str = "") -> str:
    """Return the address of an iModel's page."""
    return f"{place.url}/hub/imodels/{imodel}{more}"


def test_a_push_appears_by_itself(browser: Browser, place: LocalHub, desk: Desk) -> None:
    """A push through the API appears without a reload; focus, scroll position, selection and open parts are kept."""
    imodel = desk.imodel(place.itwin_id, "Watched")
    briefcase = desk.briefcase(imodel)
    first = desk.push(imodel, briefcase, description="Piers")
    desk.lock(imodel, briefcase, first, exclusive=["0x1"])
    with opened(browser, address(place, imodel)) as page:
        page.evaluate("window.marked = 'same document'")
        page.locator("#timeline summary").click()
        page.locator("#briefcases a").first.focus()
        page.evaluate("scrollTo(0, 700)")
        row = page.locator("#changesets tbody tr", has_text="Piers")
        row.locator("bdi").first.evaluate("(node) => getSelection().selectAllChildren(node)")
        before = page.evaluate(KEPT)
        handle = row.element_handle()
        push = desk.announce(imodel, briefcase, first, description="Decks")
        page.wait_for_selector("#changesets .note")
        assert page.evaluate(KEPT) == {**before, "scroll": ANY}
        desk.upload(push)
        desk.confirm(imodel, push)
        page.wait_for_selector("#changesets tbody tr:nth-child(2)")
        page.wait_for_selector("#changesets .note", state="detached")
        assert page.locator("#changesets tbody tr").first.inner_text().startswith("2")
        assert page.locator("#summary .tiles li").first.inner_text().split() == ["2", "changesets"]
        after = page.evaluate(KEPT)
        grown = after.pop("scroll") - before.pop("scroll")
        assert (
            after
            == before
            == {
                "active": f"/hub/imodels/{imodel}?briefcase={briefcase}#locks",
                "open": True,
                "marked": "same document",
                "typed": "Piers",
            }
        )
        assert 0 <= grown < 200  # the browser holds on to what is looked at
        assert handle.evaluate("(node) => node.isConnected")


@pytest.mark.thorough
def test_a_row_that_goes_leaves_the_focus_near(browser: Browser, place: LocalHub, desk: Desk) -> None:
    """If the focused row disappears, its section gets the focus."""
    imodel = desk.imodel(place.itwin_id, "Shrinking")
    one, two = desk.briefcase(imodel), desk.briefcase(imodel)
    for briefcase, element in ((one, "0x1"), (two, "0x2")):
        desk.lock(imodel, briefcase, exclusive=[element])
    with opened(browser, address(place, imodel)) as page:
        page.locator(f"#briefcases tr[data-key='{one}'] a").focus()
        desk.delete(imodel, "briefcases", two)
        page.wait_for_selector(f"#briefcases tr[data-key='{two}']", state="detached")
        assert page.evaluate("document.activeElement.getAttribute('href')").endswith(f"briefcase={one}#locks")
        desk.delete(imodel, "briefcases", one)
        page.wait_for_selector("#briefcases tbody", state="detached")
        assert page.evaluate("document.activeElement.id") == "briefcases"


@pytest.mark.thorough
def test_requests_appear_and_typing_goes_on(browser: Browser, place: LocalHub, desk: Desk) -> None:
    """The first page is updated while the user types into its search."""
    with opened(browser, place.url) as page:
        page.locator("#search").click()
        page.keyboard.type("Wat")
        desk.get("watched-by-a-test")
        page.wait_for_selector("#requests :text('watched-by-a-test')")
        page.keyboard.type("ched")
        page.keyboard.press("Enter")
        page.wait_for_url("**/?search=Watched")
        page.wait_for_selector("#live[data-state=live]")
        assert page.locator("#search").input_value() == "Watched"


@pytest.mark.thorough
def test_a_deleted_imodel_is_gone(browser: Browser, place: LocalHub, desk: Desk) -> None:
    """The page of a deleted iModel says so, and has a link."""
    imodel = desk.imodel(place.itwin_id, "Short-lived")
    context = browser.new_context()
    page = context.new_page()
    page.goto(address(place, imodel))
    page.wait_for_selector("#live[data-state=live]")
    desk.delete(imodel)
    page.wait_for_selector("h1:text('iModel not found')")
    page.locator("main a").click()
    page.wait_for_selector("#imodels")
    context.close()


@pytest.mark.thorough
def test_it_comes_back(browser: Browser, tmp_path: Path) -> None:
    """If the hub ends, the page says so; when it is back, the page updates itself."""
    hub = LocalHub(tmp_path, seed="demo").start()
    port = int(hub.url.rpartition(":")[2])
    context = browser.new_context()
    page = context.new_page()
    page.goto(hub.url)
    page.wait_for_selector("#live[data-state=live]")
    hub.stop()
    page.wait_for_selector("#live[data-state=away]:text('Not connected')")
    with LocalHub(tmp_path, port=port) as again:
        again.control.create_imodel(SeedIModel(name="Made meanwhile"))
        page.wait_for_selector("#imodels :text('Made meanwhile')")
        page.wait_for_selector("#live[data-state=live]")
    context.close()


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize(
    "screen", SCREENS, ids=lambda screen: f"{screen['viewport']['width']}-{screen['color_scheme']}"
)
def test_it_fits_and_everybody_can_use_it(
    browser: Browser, place: LocalHub, long: str, hostile: str, screen: dict[str, Any]
) -> None:
    """On each screen and in each scheme nothing overflows, and axe finds no problem."""
    require_part("node")
    axe = (node_packages(SOURCE.parent / "node_page") / "axe-core" / "axe.min.js").read_text()
    pages = [place.url, address(place, long), address(place, hostile), f"{place.url}/?search=nothing"]
    for url in pages:
        with opened(browser, url, **screen) as page:
            page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            assert page.evaluate("document.documentElement.scrollWidth") <= screen["viewport"]["width"], url
            assert page.title() != "owned"
            page.evaluate(axe)
            found = page.evaluate("axe.run({resultTypes: ['violations']})")
            problems = [
                (each["id"], each["help"], [node["html"][:200] for node in each["nodes"]][:3])
                for each in found["violations"]
            ]
            assert not problems, (url, json.dumps(problems, indent=1))


@pytest.mark.thorough
def test_no_table_leaves_its_card(browser: Browser, place: LocalHub, long: str, hostile: str) -> None:
    """On screens of every width, tables have room."""
    for url in (place.url, address(place, long), address(place, hostile)):
        with opened(browser, url) as page:
            for width in (320, 360, 480, 735, 737, 800, 990, 994, 1100, 1280, 1920):
                page.set_viewport_size({"width": width, "height": 800})
                found = page.evaluate(
                    "[...document.querySelectorAll('.card, main')]"
                    ".filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.id)"
                )
                assert (width, found) == (width, [])


def test_the_keyboard_reaches_everything(browser: Browser, place: LocalHub, long: str) -> None:
    """From the skip link on, the tab key reaches all controls in order, with a visible focus."""
    for url in (place.url, address(place, long)):
        with opened(browser, url) as page:
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "skip"
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "content"
            page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            expected = page.evaluate(f'document.querySelectorAll("{REACHABLE}").length')
            page.evaluate(f'document.querySelectorAll("{REACHABLE}").forEach((each, at) => {{ each.at = at; }})')
            for number in range(expected):
                page.keyboard.press("Tab")
                reached, outline = page.evaluate(
                    "[document.activeElement.at, getComputedStyle(document.activeElement).outlineStyle]"
                )
                assert (reached, outline) == (number, "solid")


@pytest.mark.thorough
def test_without_scripts(browser: Browser, place: LocalHub, long: str) -> None:
    """The page is whole without its script: search, pages and details work."""
    with opened(browser, place.url, live=False, java_script_enabled=False, viewport=PHONE) as page:
        assert page.locator("#live").inner_text() == ""
        page.locator("#search").fill("stadium")
        page.keyboard.press("Enter")
        page.wait_for_url("**/?search=stadium")
        page.locator("#imodels a.name").first.click()
        page.wait_for_url(f"**/{long}")
        page.locator("#changesets a", has_text="Older").click()
        page.wait_for_url("**/*changesets=*")
        assert page.locator("#changesets tbody tr").first.inner_text().startswith("1,985")
        page.locator("#timeline summary").click()
        assert page.locator("#timeline table").is_visible()


@pytest.mark.thorough
def test_nobody_is_made_dizzy(browser: Browser, place: LocalHub, desk: Desk) -> None:
    """Users who prefer reduced motion see none; for others, a new row is highlighted for a moment."""
    imodel = desk.imodel(place.itwin_id, "Moving")
    briefcase = desk.briefcase(imodel)
    parent = ""
    for motion, name in (("reduce", "none"), ("no-preference", "arrive")):
        with opened(browser, address(place, imodel), reduced_motion=motion) as page:
            count = page.locator("#changesets tbody tr").count()
            parent = desk.push(imodel, briefcase, parent)
            page.wait_for_selector(f"#changesets tbody tr:nth-child({count + 1})")
            row = page.locator("#changesets tbody tr[data-new]") if count else page.locator("#changesets table")
            found = row.first.evaluate("(node) => getComputedStyle(node).animationName")
            assert found == (name if count else "none")
