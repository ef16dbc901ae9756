"""Signing in on another device: what the program shows, and what it does until the person has decided."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from itwin_imodels import AsyncIModelsClient, AuthorizationCode, IModelsClient
from itwin_imodels._core.waiting import instantly
from itwin_imodels.auth import DeviceCode, DevicePrompt, FileTokenStore, LoginRequired
from itwin_imodels.errors import AuthError
from itwin_imodels_hub import HubSettings, LocalHub
from itwin_imodels_hub.control.faults import Fault
from tests.auth.helpers.secrecy import Watch
from tests.hub.helpers.visitor import enter_code

New = Callable[..., DeviceCode]


@pytest.fixture
def own_hub() -> Iterator[LocalHub]:
    """Yield a hub whose clock the test may move."""
    with LocalHub(settings=HubSettings(job_delay=timedelta())) as hub:
        yield hub


@pytest.fixture
def new(own_hub: LocalHub, tmp_path: Path) -> Iterator[New]:
    """Return a function that creates programs without waits."""

    def make(**options: Any) -> DeviceCode:
        given = {"authority": own_hub.url, "store": FileTokenStore(tmp_path), **options}
        return DeviceCode("imodels-cli", **given)

    with instantly():
        yield make


def person(user: str | None = "Grace") -> Callable[[DevicePrompt], None]:
    """Return a person who immediately follows the prompt, or cancels if it is None."""
    return lambda prompt: enter_code(prompt.verification_uri, prompt.user_code, user)


def test_a_person_signs_in_on_another_device(new: New, own_hub: LocalHub, tmp_path: Path, watch: Watch) -> None:
    """Once; both clients act as the user, also when the token has ended, and so does the sign-in with a browser."""
    auth = new(prompt=person())
    assert not auth.status().signed_in
    auth.login()
    assert auth.status().signed_in
    with IModelsClient(auth, base_url=own_hub.base_url) as client:
        assert client.itwins.get(own_hub.itwin_id).id == own_hub.itwin_id
    first = auth.get_token().value
    own_hub.control.advance(timedelta(hours=2))

    async def use() -> str:
        async with AsyncIModelsClient(auth, base_url=own_hub.base_url) as client:
            return (await client.itwins.get(own_hub.itwin_id)).id

    assert asyncio.run(use()) == own_hub.itwin_id
    assert auth.get_token().value != first
    other = AuthorizationCode("imodels-cli", authority=own_hub.url, store=FileTokenStore(tmp_path))
    assert other.status().signed_in
    other.logout()
    assert not new().status().signed_in
    assert first not in watch.log.text


def test_what_is_shown(new: New, own_hub: LocalHub, capsys: pytest.CaptureFixture[str]) -> None:
    """The default is standard error; an unattended program shows nothing."""
    own_hub.control.faults.add(
        Fault(path="^/connect/token$", action="answer", status=400, body='{"error": "expired_token"}')
    )
    with pytest.raises(AuthError, match="Nobody signed in within the time that the server allows"):
        new().login()
    assert f"Open {own_hub.url}/connect/device in any browser and enter the code " in capsys.readouterr().err
    with pytest.raises(LoginRequired):
        new().get_token()
    assert capsys.readouterr().err == ""


def test_who_does_not_decide_is_asked_for(new: New, own_hub: LocalHub) -> None:
    """The server sets the interval of the requests, and may increase it."""
    waiting = [
        Fault(path="^/connect/token$", action="answer", status=400, body=f'{{"error": "{code}"}}', times=1)
        for code in ("authorization_pending", "slow_down")
    ]
    for fault in waiting:
        own_hub.control.faults.add(fault)
    auth = new(prompt=person())
    auth.login()
    assert auth.status().signed_in


def test_a_connection_that_breaks_while_somebody_signs_in(new: New, own_hub: LocalHub) -> None:
    """The server is asked again; only a network that stays down is reported, as such."""
    own_hub.control.faults.add(Fault(path="^/connect/token$", action="drop", times=1))
    auth = new(prompt=person())
    auth.login()
    assert auth.status().signed_in
    own_hub.control.faults.add(Fault(path="^/connect/token$", action="drop", times=1000))
    with pytest.raises(AuthError, match="no usable response"):
        new(prompt=person(), timeout=0.5).login()


class _SlowStore(FileTokenStore):
    """Holds its lock for a while after a token was stored."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.saved = threading.Event()

    def save(self, login: str, refresh_token: str) -> None:
        super().save(login, refresh_token)
        self.saved.set()
        time.sleep(0.2)


def test_a_renewal_that_ends_after_the_logout(new: New, tmp_path: Path) -> None:
    """A token that another thread obtains in the meantime is discarded too."""
    store = _SlowStore(tmp_path)
    auth = new(prompt=person(), store=store)
    auth.login()
    store.saved.clear()
    renewal = threading.Thread(target=lambda: auth.get_token(refresh=True))
    renewal.start()
    assert store.saved.wait(30)
    auth.logout()
    renewal.join()
    assert auth.peek() is None
    assert not auth.status().signed_in


def test_who_denies_access_is_not_signed_in(new: New) -> None:
    """The error says what to do."""
    with pytest.raises(AuthError, match="Sign in again and grant the requested permission"):
        new(prompt=person(None)).login()


def test_a_program_that_is_not_registered_for_it_is_reported(own_hub: LocalHub) -> None:
    """The error has the server's code and a hint."""
    with pytest.raises(AuthError, match="invalid_client"):
        DeviceCode("nobody", authority=own_hub.url).login()


def test_nobody_in_time(own_hub: LocalHub, tmp_path: Path) -> None:
    """The wait has an end."""
    shown: list[DevicePrompt] = []
    auth = DeviceCode(
        "imodels-cli", authority=own_hub.url, store=FileTokenStore(tmp_path), timeout=0.01, prompt=shown.append
    )
    with pytest.raises(AuthError, match=r"nobody signed in within 0\.01 s"):
        auth.login()
    assert len(shown) == 1


def test_a_server_that_does_not_offer_it(own_hub: LocalHub) -> None:
    """Is named, with what to do instead."""
    url = own_hub.url
    body = json.dumps({"authorization_endpoint": f"{url}/a", "token_endpoint": f"{url}/t", "issuer": url})
    own_hub.control.faults.add(Fault(path="openid-configuration$", action="answer", status=200, body=body))
    with pytest.raises(AuthError, match="does not support signing in on another device"):
        DeviceCode("imodels-cli", authority=own_hub.url).login()
