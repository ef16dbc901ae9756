"""A transport through which a test acts at a certain answer, before the client sees it."""

import re
from collections.abc import Callable

import httpx

from tests.behaviour.helpers.control import tls

Act = Callable[[], object]


class _Meddling:
    """Acts once, at the first answer that matches."""

    def meddle(self, method: str, path: str, act: Act) -> None:
        self._method, self._path, self._act = method, re.compile(path), act
        self._is_over = False

    def answered(self, request: httpx.Request) -> None:
        if not self._is_over and request.method == self._method and self._path.search(request.url.path):
            self._is_over = True
            self._act()


class _Sync(_Meddling, httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        self.answered(request)
        return response


class _Async(_Meddling, httpx.AsyncHTTPTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        self.answered(request)
        return response


def meddling(colour: str, method: str, path: str, act: Act) -> httpx.HTTPTransport | httpx.AsyncHTTPTransport:
    """Return a transport that acts once.

    Args:
        colour: That of the client.
        method: The request's method.
        path: Regular expression that matches its path.
        act: Called when its answer has arrived.
    """
    transport = (_Sync if colour == "sync" else _Async)(verify=tls())
    transport.meddle(method, path, act)
    return transport
