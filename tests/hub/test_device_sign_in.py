"""Signing in at a hub on a device without a browser (RFC 8628)."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import httpx
import pytest

from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.identity.device import normalized_user_code
from tests.hub.helpers.visitor import Visitor

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def visitor(hub: Hub, address: str) -> Iterator[Visitor]:
    """Yield a visitor of the hub."""
    del hub
    with closing(Visitor(address)) as visitor:
        yield visitor


def begun(visitor: Visitor, **changes: str | None) -> dict[str, Any]:
    """Request codes."""
    form = {"client_id": "imodels-cli", "scope": "openid itwin-platform offline_access", **changes}
    answer = visitor.post("deviceauthorization", form)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def polled(visitor: Visitor, device_code: str, **changes: str | None) -> httpx.Response:
    """Ask for the tokens."""
    return visitor.post(
        "token", {"grant_type": GRANT, "client_id": "imodels-cli", "device_code": device_code, **changes}
    )


def refused(response: httpx.Response) -> tuple[int, str]:
    """Return status and code of a rejection."""
    return response.status_code, response.json()["error"]


def test_a_device_is_signed_in(visitor: Visitor) -> None:
    """The user enters the code elsewhere and chooses; the device gets tokens that act as the user."""
    codes = begun(visitor)
    assert codes["verification_uri"] == f"{visitor.hub}/connect/device"
    assert (codes["expires_in"], codes["interval"]) == (900, 5)
    assert refused(polled(visitor, codes["device_code"])) == (400, "authorization_pending")
    form = visitor.http.get(codes["verification_uri"])
    assert "Enter the code that the device shows" in form.text
    typed = codes["user_code"].lower().replace("-", " ")
    page = visitor.http.get(codes["verification_uri"], params={"user_code": typed})
    assert codes["user_code"] in page.text
    assert visitor.http.get(codes["verification_uri_complete"]).status_code == 200
    done = visitor.press(page, "Grace")
    assert (done.status_code, "You are signed in" in done.text) == (200, True)
    tokens = polled(visitor, codes["device_code"]).json()
    assert tokens["scope"] == "openid itwin-platform offline_access"
    assert visitor.api_status(tokens["access_token"]) == 200
    told = visitor.api.get(
        f"{visitor.hub}/connect/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    assert told.status_code == 200
    assert tokens["id_token"]
    again = visitor.refresh(tokens["refresh_token"]).json()
    assert visitor.api_status(again["access_token"]) == 200


def test_a_code_that_is_used_twice_ends_the_sign_in(visitor: Visitor) -> None:
    """It may have been stolen."""
    codes = begun(visitor)
    visitor.press(visitor.http.get(codes["verification_uri_complete"]), "Ada")
    token = polled(visitor, codes["device_code"]).json()["access_token"]
    assert refused(polled(visitor, codes["device_code"])) == (400, "invalid_grant")
    assert visitor.api_status(token) == 401


def test_who_denies_access_is_not_signed_in(visitor: Visitor) -> None:
    """The device gets `access_denied`, and the code is void."""
    codes = begun(visitor, scope=None)
    page = visitor.http.get(codes["verification_uri_complete"])
    assert "You are not signed in" in visitor.submit(page, cancel="yes").text
    assert refused(polled(visitor, codes["device_code"])) == (400, "access_denied")
    assert visitor.http.get(codes["verification_uri_complete"]).status_code == 404


def test_codes_expire(hub: Hub, visitor: Visitor) -> None:
    """They expire after 15 minutes; before, the hub asks clients that poll too often to slow down."""
    codes = begun(visitor)
    assert refused(polled(visitor, codes["device_code"])) == (400, "authorization_pending")
    hub.clock.advance(timedelta(seconds=6))
    assert refused(polled(visitor, codes["device_code"])) == (400, "authorization_pending")
    hub.clock.advance(timedelta(seconds=-5))
    assert refused(polled(visitor, codes["device_code"])) == (400, "slow_down")
    hub.clock.advance(timedelta(minutes=15))
    assert refused(polled(visitor, codes["device_code"])) == (400, "expired_token")
    page = visitor.http.get(codes["verification_uri_complete"])
    assert (page.status_code, "unknown or has expired" in page.text) == (404, True)


def test_what_is_not_permitted_is_refused(visitor: Visitor) -> None:
    """Unknown clients, scopes and codes; forms without their cookie."""
    assert refused(visitor.post("deviceauthorization", {"client_id": "nobody"}))[1] == "invalid_client"
    form: dict[str, str | None] = {"client_id": "imodels-cli", "scope": "everything"}
    assert refused(visitor.post("deviceauthorization", form)) == (400, "invalid_scope")
    assert refused(polled(visitor, "x" * 42)) == (400, "invalid_grant")
    codes = begun(visitor)
    page = visitor.http.get(codes["verification_uri_complete"])
    visitor.http.cookies.clear()
    assert visitor.press(page, "Ada").status_code == 403
    other: dict[str, str | None] = {"client_id": "ada-application", "client_secret": "ada-secret"}
    assert refused(polled(visitor, codes["device_code"], **other)) == (400, "unauthorized_client")


def test_a_code_of_the_sign_in_page_is_no_device_code(visitor: Visitor) -> None:
    """Otherwise an intercepted code could be exchanged without the verifier of its client (RFC 7636)."""
    code = visitor.choose("Ada")["code"]
    assert refused(polled(visitor, code)) == (400, "invalid_grant")
    assert visitor.exchange(code).status_code == 200


def test_a_device_code_is_no_code_of_the_sign_in_page(visitor: Visitor) -> None:
    """This applies before and after the decision of the user, also for a client with a secret."""
    client: dict[str, str | None] = {"client_id": "ada-application", "client_secret": "ada-secret"}
    codes = begun(visitor, **client)
    form = {**client, "redirect_uri": None, "code_verifier": None}
    assert refused(visitor.exchange(codes["device_code"], **form)) == (400, "invalid_grant")
    visitor.press(visitor.http.get(codes["verification_uri_complete"]), "Ada")
    assert refused(visitor.exchange(codes["device_code"], **form)) == (400, "invalid_grant")
    assert polled(visitor, codes["device_code"], **client).status_code == 200


@pytest.mark.parametrize("typed", ["ABCD-EFGH", "abcdefgh", " abcd efgh ", "ABCD\u2013EFGH"])
def test_codes_are_typed_in_many_ways(typed: str) -> None:
    """Case and punctuation do not matter."""
    assert normalized_user_code(typed) == "ABCD-EFGH"
