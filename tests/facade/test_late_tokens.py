"""Tokens that are renewed late: the service rejects the current token before there is another one."""

import time
from collections.abc import Callable

import httpx
import pytest

from itwin_imodels import IModelsClient, RetryPolicy
from itwin_imodels.errors import Unauthorized
from tests.facade.test_unexpected_answers import IMODEL, IMODEL_BODY

URL = "http://imodels.test/imodels"


def only(token: str) -> httpx.MockTransport:
    """A service that accepts one token."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] != f"Bearer {token}":
            return httpx.Response(401, json={"error": {"code": "HeaderNotFound"}})
        return httpx.Response(200, json={"iModel": IMODEL_BODY})

    return httpx.MockTransport(answer)


def renewed_after(calls: int) -> Callable[[], str]:
    """Return a function that returns the new token only after a number of calls."""
    count = 0

    def token() -> str:
        nonlocal count
        count += 1
        return "new" if count > calls else "old"

    return token


def test_it_is_waited_for(client_type: type[IModelsClient], at_once: None) -> None:  # noqa: ARG001 - no wait takes time
    """The client waits for the time in the policy, and repeats the request with the new token."""
    retry = RetryPolicy(token_patience=60)
    with client_type(renewed_after(5), base_url=URL, retry=retry, transport=only("new")) as client:
        assert client.imodels.get(IMODEL).id == IMODEL


@pytest.mark.parametrize("patience", [0.0, 0.3])
def test_patience_ends(client_type: type[IModelsClient], patience: float) -> None:
    """By default, the error is raised immediately, because the token may be wrong."""
    retry = RetryPolicy(token_patience=patience)
    begun = time.monotonic()
    with (
        client_type(lambda: "old", base_url=URL, retry=retry, transport=only("new")) as client,
        pytest.raises(Unauthorized),
    ):
        client.imodels.get(IMODEL)
    assert patience <= time.monotonic() - begun < patience + 20


def test_a_fixed_token_is_not_waited_for(client_type: type[IModelsClient]) -> None:
    """There will be no other."""
    begun = time.monotonic()
    retry = RetryPolicy(token_patience=60)
    with (
        client_type("old", base_url=URL, retry=retry, transport=only("new")) as client,
        pytest.raises(Unauthorized),
    ):
        client.imodels.get(IMODEL)
    assert time.monotonic() - begun < 30
