"""Sign-in from another machine requires the token of a user; on the machine of the hub, a choice is enough."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from itwin_imodels_hub import HubSettings, LocalHub
from tests.hub.helpers.visitor import Visitor, answer_of

GRANT = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": "imodels-cli"}


@contextmanager
def visited(*, headers: dict[str, str] | None = None, **options: Any) -> Iterator[tuple[LocalHub, Visitor]]:
    """Yield a hub and a visitor with the headers of a proxy."""
    with LocalHub(**options) as hub, closing(Visitor(hub.url)) as visitor:
        visitor.http.headers.update(headers or {})
        yield hub, visitor


def address_of_this_machine() -> str:
    """Return an address by which other machines reach this one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no address besides loopback")
        return str(probe.getsockname()[0])


def test_at_this_machine_a_choice_is_enough() -> None:
    """This is the default for a browser on the machine of the hub."""
    with visited() as (_, visitor):
        assert "No password is required" in visitor.ask().text
        assert visitor.api_status(visitor.tokens("Grace")["access_token"]) == 200


ELSEWHERE: dict[str, dict[str, Any]] = {
    "a name of its own": {"settings": HubSettings(allowed_hosts=["hub.example"])},
    "a proxy": {"settings": HubSettings(trusted_proxies=["127.0.0.1"])},
    "a proxy that is not configured": {"headers": {"X-Forwarded-For": "198.51.100.7"}},
    "a proxy that tells the address alone": {"headers": {"X-Real-IP": "198.51.100.7"}},
    "as the setting says": {"settings": HubSettings(sign_in_by_choice=False)},
}


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("case", ELSEWHERE)
def test_a_token_is_required_where_others_may_come_from(case: str) -> None:
    """The page lists no users; only a user's token signs in."""
    with visited(**ELSEWHERE[case]) as (hub, visitor):
        assert_token_required(hub, visitor)


def test_a_token_is_required_on_other_interfaces() -> None:
    """This includes browsers on the machine of the hub, which cannot be identified by their address."""
    with visited(host=address_of_this_machine()) as (hub, visitor):
        assert_token_required(hub, visitor)


def test_the_setting_permits_the_choice_everywhere() -> None:
    """This is for networks in which everyone may act as any user."""
    with visited(host=address_of_this_machine(), settings=HubSettings(sign_in_by_choice=True)) as (_, visitor):
        assert visitor.api_status(visitor.tokens("Grace")["access_token"]) == 200


def assert_token_required(hub: LocalHub, visitor: Visitor) -> None:
    """Check that other values do not sign in, and that a token does."""
    page = visitor.ask(login_hint="grace")
    assert page.status_code == 200
    for name in ("Grace", "Okafor", "Ada", "@example.com"):
        assert name not in page.text
    assert 'type="password"' in page.text
    with hub.hub.store.reading() as connection:
        ids = [row[0] for row in connection.exec_driver_sql("SELECT id FROM users")]
    signed_in = visitor.api.get(f"{hub.url}/itwins", headers={"Authorization": f"Bearer {hub.token('grace')}"})
    assert signed_in.status_code == 200
    attempts: list[dict[str, str]] = [
        {},
        {"user": ids[0]},
        {"user": ids[0], "token": "no-such-token"},
        {"token": ids[0]},
        {"token": ""},
        {"token": "grace-token"},
        {"token": hub.application_secrets["grace"]},
        {"token": hub.expiring_token("grace", timedelta(hours=1))},
        {"token": f"Bearer {hub.token('grace')}"},
    ]
    for attempt in attempts:
        refused = visitor.submit(visitor.ask(), **attempt)
        assert (refused.status_code, "location" in refused.headers) == (400, False), attempt
        assert "This is not a permanent token of a user" in refused.text
        assert not attempt.get("token") or attempt["token"] not in refused.text
    assert answer_of(visitor.submit(visitor.ask(), cancel="yes"))["error"] == "access_denied"
    answer = answer_of(visitor.submit(refused, token=f" {hub.token('grace')} ", user=ids[0]))
    tokens = visitor.exchange(answer["code"]).json()
    assert visitor.api_status(tokens["access_token"]) == 200
    told = httpx.get(
        f"{hub.url}/connect/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}, timeout=240
    )
    assert told.json()["email"] == "grace.okafor@example.com"
    again = visitor.submit(visitor.ask(), token=tokens["access_token"])
    assert again.status_code == 400


def test_a_device_requires_a_token_alike() -> None:
    """Users that one page does not list cannot be chosen on the other."""
    with visited(settings=HubSettings(sign_in_by_choice=False)) as (hub, visitor):
        asked = {"client_id": "imodels-cli", "scope": "itwin-platform"}
        codes = visitor.post("deviceauthorization", asked).json()
        page = visitor.http.get(codes["verification_uri_complete"])
        assert page.status_code == 200
        assert 'type="password"' in page.text
        assert "Grace" not in page.text
        with hub.hub.store.reading() as connection:
            ids = [row[0] for row in connection.exec_driver_sql("SELECT id FROM users")]
        for attempt in ({}, {"user": ids[0]}, {"user": ids[0], "token": "no-such-token"}):
            refused = visitor.submit(page, **attempt)
            assert refused.status_code == 400
            assert "This is not a permanent token of a user" in refused.text
        poll = {**GRANT, "device_code": codes["device_code"]}
        assert visitor.post("token", poll).json()["error"] == "authorization_pending"
        assert "You are signed in" in visitor.submit(refused, token=hub.token("grace"), user=ids[0]).text
        tokens = visitor.post("token", poll).json()
        assert visitor.api_status(tokens["access_token"]) == 200
