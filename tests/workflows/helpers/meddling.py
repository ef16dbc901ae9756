"""A transport that runs a function of the test when a response arrives, before the client receives it."""

import re
from collections.abc import Callable

import httpx

from tests.behaviour.helpers.control import tls

Act = Callable[[], httpx.Response | None]
"""Function that returns the response for the client; None keeps the actual response."""


class _Meddling:
    """Runs the function for the first matching responses."""

    def meddle(self, method: str, path: str, act: Act, times: int) -> None:
        self._method, self._path, self._act, self._left = method, re.compile(path), act, times

    def is_hit(self, request: httpx.Request) -> bool:
        if not self._left or request.method != self._method or not self._path.search(request.url.path):
            return False
        self._left -= 1
        return True


class _Sync(_Meddling, httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if not self.is_hit(request):
            return response
        response.read()
        return self._act() or response


class _Async(_Meddling, httpx.AsyncHTTPTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if not self.is_hit(request):
            return response
        await response.aread()
        return self._act() or response


def meddling(
    colour: str, method: str, path: str, act: Act, *, times: int = 1
) -> httpx.HTTPTransport | httpx.AsyncHTTPTransport:
    """Return a transport that runs a function a number of times.

    Args:
        colour: Client: `sync` or `async`.
        method: Method of the request.
        path: Regular expression that matches its path.
        act: Called when the response has arrived, that is, after the service has acted.
        times: Number of calls.
    """
    transport = (_Sync if colour == "sync" else _Async)(verify=tls())
    transport.meddle(method, path, act, times)
    return transport


def reset() -> httpx.Response:
    """Lose a response because the connection breaks."""
    raise httpx.ReadError("the connection was reset")


def time_out() -> httpx.Response:
    """Lose a response because of a timeout."""
    raise httpx.ReadTimeout("no answer in time")


def gateway_failed() -> httpx.Response:
    """Lose a response because a gateway fails."""
    return httpx.Response(504, text="<html>Gateway Time-out</html>")


LOSSES = {"reset": reset, "timeout": time_out, "gateway": gateway_failed}
