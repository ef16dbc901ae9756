"""People sign in at a hub, with a real browser: its page, the way back, and what the client does from then on."""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from itwin_imodels import AsyncIModelsClient, IModelsClient
from itwin_imodels.auth import AuthorizationCode, FileTokenStore, LoginRequired
from itwin_imodels.errors import AuthError, Unauthorized
from itwin_imodels_hub import HubSettings, LocalHub
from tests.auth.helpers.person import Person
from tests.auth.helpers.secrecy import Watch
from tests.browser import PHONE, visit, window
from tests.cli.helpers.command import Cli
from tests.hub.helpers.visitor import CALLBACK, Visitor

New = Callable[..., AuthorizationCode]

# What a page's text stands out from, as WCAG 2.2 counts it (1.4.3): at least 4.5 to 1.
CONTRASTS = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    const colour = rgb(getComputedStyle(element).backgroundColor);
    return colour.length === 4 && colour[3] === 0 ? behind(element.parentElement) : colour;
  };
  return [...document.querySelectorAll('body *')]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((element) => {
      const [a, b] = [rgb(getComputedStyle(element).color), behind(element)].map(light).sort((x, y) => y - x);
      return [element.innerText, (a + 0.05) / (b + 0.05)];
    });
}"""


@pytest.fixture
def own_hub() -> Iterator[LocalHub]:
    """Yield a hub whose clock the test may move."""
    with LocalHub(settings=HubSettings(job_delay=timedelta())) as hub:
        yield hub


@pytest.fixture
def person(chromium: Browser) -> Person:
    """Return a person who signs in as Grace."""
    return Person(chromium)


@pytest.fixture
def new(own_hub: LocalHub, person: Person, tmp_path: Path) -> New:
    """Return a function that makes programs in which the person signs in."""

    def make(**options: Any) -> AuthorizationCode:
        given = {
            "authority": own_hub.url,
            "redirect_uri": "http://127.0.0.1:0/signin-callback",
            "store": FileTokenStore(tmp_path),
            "open_browser": person,
            **options,
        }
        return AuthorizationCode("imodels-cli", **given)

    return make


def kept(auth: AuthorizationCode) -> Path:
    """Return the file that the refresh token is kept in."""
    assert isinstance(auth.store, FileTokenStore)
    (file,) = auth.store.folder.glob("*.json")
    return file


def refresh_token_of(auth: AuthorizationCode) -> str:
    """Return the refresh token."""
    return str(json.loads(kept(auth).read_text())["refresh_token"])


def author(auth: AuthorizationCode, hub: LocalHub, colour: str) -> str | None:
    """Acquire a briefcase of a new iModel, and return the e-mail address of its owner."""
    name = f"By {colour} at {hub.hub.clock.now()}"

    def use() -> str | None:
        with IModelsClient(auth=auth, base_url=hub.base_url) as client:
            imodel = client.create_imodel(hub.itwin_id, name)
            briefcase = client.briefcases.acquire(imodel.id)
            assert briefcase.application is not None
            assert briefcase.application.id == "imodels-cli"
            return client.users.get(imodel.id, briefcase.owner_id).email

    async def use_it() -> str | None:
        async with AsyncIModelsClient(auth=auth, base_url=hub.base_url) as client:
            imodel = await client.create_imodel(hub.itwin_id, name)
            briefcase = await client.briefcases.acquire(imodel.id)
            return (await client.users.get(imodel.id, briefcase.owner_id)).email

    if colour == "sync":
        return use()
    with ThreadPoolExecutor(1) as pool:  # the browser has this thread
        return pool.submit(lambda: asyncio.run(use_it())).result()


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_person_signs_in_and_goes_on(new: New, own_hub: LocalHub, person: Person, colour: str, watch: Watch) -> None:
    """One sign-in by keyboard is enough; the client acts as the user, also after the token expires, without secrets."""
    auth = new()
    auth.login()
    assert person.ends == ["You are signed in. You can close this window."]
    first = auth.get_token().value
    assert author(auth, own_hub, colour) == "grace.okafor@example.com"
    own_hub.control.advance(timedelta(seconds=7200))
    assert author(auth, own_hub, colour) == "grace.okafor@example.com"
    assert auth.get_token().value != first
    assert len(person.opened) == 1
    query = httpx.URL(person.opened[0]).params
    text = f"{own_hub.control.log.requests}{watch.log.text}"
    assert "/connect/authorize/decision" in text
    for secret in (first, refresh_token_of(auth), query["state"]):
        assert secret not in text


@pytest.mark.thorough
def test_an_old_refresh_token_ends_the_sign_in(new: New, own_hub: LocalHub, watch: Watch) -> None:
    """The token may have been copied, so the person has to sign in again, and can."""
    auth = new()
    auth.login()
    old = kept(auth).read_text()
    token = auth.get_token(refresh=True).value
    kept(auth).write_text(old)
    used = json.loads(old)["refresh_token"]
    text = watch.failure(LoginRequired, lambda: auth.get_token(refresh=True), used)
    assert "invalid_grant" in text
    assert "sign in again" in text
    with IModelsClient(token, base_url=own_hub.base_url) as client, pytest.raises(Unauthorized):
        client.imodels.list(own_hub.itwin_id).first()
    auth.login()
    assert author(auth, own_hub, "sync") == "grace.okafor@example.com"


@pytest.mark.thorough
def test_cancelling(new: New, person: Person) -> None:
    """The program learns that the person does not want to, and what to do."""
    person.chooses = "Cancel"
    auth = new()
    with pytest.raises(AuthError, match="access_denied") as caught:
        auth.login()
    assert "Sign in again and grant the requested permission." in str(caught.value)
    assert person.ends == [
        "The sign-in failed. See the program that started it for the reason. You can close this window."
    ]
    assert not auth.status().signed_in


def test_logging_out(new: New, own_hub: LocalHub) -> None:
    """The hub rejects both tokens afterwards."""
    auth = new()
    auth.login()
    refresh_token, token = refresh_token_of(auth), auth.get_token().value
    auth.logout()
    visitor = Visitor(own_hub.url)
    assert visitor.refresh(refresh_token).json()["error"] == "invalid_grant"
    assert visitor.api_status(token) == 401
    visitor.close()


@pytest.mark.thorough
def test_without_offline_access_a_sign_in_ends_with_its_token(new: New, own_hub: LocalHub) -> None:
    """There is no refresh token then."""
    auth = new(scope="itwin-platform")
    auth.login()
    assert author(auth, own_hub, "sync") == "grace.okafor@example.com"
    own_hub.control.advance(timedelta(hours=1))
    with pytest.raises(LoginRequired):
        auth.get_token(refresh=True)


def test_the_command_line(own_hub: LocalHub, person: Person, tmp_path: Path) -> None:
    """`imodels auth login` with the address that the hub prints, and commands as that user afterwards."""
    cli = Cli(
        tmp_path,
        IMODELS_AUTHORITY=own_hub.url,
        IMODELS_CLIENT_ID="imodels-cli",
        IMODELS_BASE_URL=own_hub.base_url,
        IMODELS_ITWIN_ID=own_hub.itwin_id,
        IMODELS_REDIRECT_URI="http://localhost:0/signin-callback",
        PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring",
    )
    login = cli.start("auth", "login", "--no-browser")
    assert login.stderr is not None
    assert "Open this URL" in login.stderr.readline()
    person(login.stderr.readline().strip())
    _, said = login.communicate(timeout=240)
    assert login.returncode == 0
    assert said.splitlines()[-1] == "Signed in with client imodels-cli."
    own_hub.control.advance(timedelta(hours=2))
    assert cli.json("imodel", "create", "Bridge")["name"] == "Bridge"
    cli.ok("auth", "logout")
    cli.refused(5, "imodel", "list")


# The page.


def opened(hub: LocalHub, page: Page, **changes: str | None) -> None:
    """Open the page to sign in."""
    visitor = Visitor(hub.url)
    visit(page, str(httpx.URL(f"{hub.url}/connect/authorize", params=visitor.request(**changes))))
    visitor.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read(chromium: Browser, own_hub: LocalHub, scheme: str) -> None:
    """On a phone and a desk, in the light and in the dark."""
    with window(chromium, viewport=PHONE, color_scheme=scheme) as page:
        opened(own_hub, page)
        contrasts = page.evaluate(CONTRASTS)
        assert len(contrasts) > 10
        assert [each for each in contrasts if each[1] < 4.5] == []
        for width in (320, 360, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        sizes = [button.bounding_box() for button in page.get_by_role("button").all()]
        assert all(size is not None and size["height"] >= 44 for size in sizes)


def test_the_page_says_what_it_is(chromium: Browser, own_hub: LocalHub) -> None:
    """The page has names and roles for screen readers; the hinted user can be chosen with one key."""
    with window(chromium) as page:
        opened(own_hub, page, login_hint="grace", state=None)
        assert page.title() == "Sign in · iModels hub"
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.get_by_role("heading", level=1).inner_text() == "Sign in to imodels-cli"
        assert page.get_by_role("list", name="Choose a user").get_by_role("button").count() == 2
        grace = page.get_by_role("button", name="Grace Okafor grace.okafor@example.com", exact=True)
        assert grace.evaluate("element => element === document.activeElement")
        focused = grace.evaluate("element => getComputedStyle(element).outlineStyle")
        assert focused == "solid"


def test_a_page_in_another_page_stays_away(chromium: Browser, own_hub: LocalHub) -> None:
    """It cannot be used for clickjacking."""
    with window(chromium, complains=True) as page:
        page.goto(f"{own_hub.url}/.well-known/jwks.json")
        page.evaluate(
            """url => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame);
            return new Promise(done => { frame.onload = done; }); }""",
            str(httpx.URL(f"{own_hub.url}/connect/authorize", params=Visitor(own_hub.url).request())),
        )
        assert "Grace" not in page.frames[1].content()


@pytest.mark.thorough
def test_a_form_on_another_page_signs_nobody_in(chromium: Browser, own_hub: LocalHub) -> None:
    """The browser sends no cookie, and the origin of the form."""
    with window(chromium, complains=True) as page:
        opened(own_hub, page)
        user = page.get_by_role("button").first.get_attribute("value")
        seal = page.locator("input[name=seal]").get_attribute("value")
        action = page.locator("form").evaluate("form => form.action")
        with LocalHub() as elsewhere:
            page.goto(f"{elsewhere.url.replace('127.0.0.1', 'localhost')}/.well-known/jwks.json")
            page.evaluate(
                """([action, user, seal]) => { const form = document.createElement('form');
                Object.assign(form, {method: 'post', action});
                for (const [name, value] of Object.entries({user, seal})) {
                  form.append(Object.assign(document.createElement('input'), {name, value})); }
                document.body.append(form); form.submit(); }""",
                [action, user, seal],
            )
            page.wait_for_url(f"{own_hub.url}/connect/authorize/decision?**")
        assert "Try again" in page.inner_text("main")
        assert not page.url.startswith(CALLBACK)


@pytest.mark.thorough
def test_a_token_instead_of_a_choice(chromium: Browser) -> None:
    """Where a choice is not permitted, a labeled field takes the token, and one key submits it."""
    with LocalHub(settings=HubSettings(sign_in_by_choice=False)) as hub, window(chromium, complains=True) as page:
        opened(hub, page)
        field = page.get_by_label("Your token")
        assert field.evaluate("element => element === document.activeElement")
        assert field.get_attribute("type") == "password"
        contrasts = page.evaluate(CONTRASTS)
        assert [each for each in contrasts if each[1] < 4.5] == []
        field.fill("no-such-token")
        field.press("Enter")
        assert "This is not a permanent token of a user" in page.get_by_role("alert").inner_text()
        page.get_by_label("Your token").fill(hub.token("grace"))
        with page.expect_request(f"{CALLBACK}?**") as request:
            page.get_by_label("Your token").press("Enter")
        assert "code=" in request.value.url
