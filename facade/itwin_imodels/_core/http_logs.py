"""Log records about HTTP. Headers are masked; httpx's own records are dropped for requests that this package logs."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from itwin_imodels._core.secrets import masked
from itwin_imodels._core.telemetry import LOGGER

if TYPE_CHECKING:
    import httpx

HEADERS: Final = 5
"""Level of records with the headers of requests and responses, below DEBUG."""

_SHOWN: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "content-encoding",
        "content-length",
        "content-md5",
        "content-range",
        "content-type",
        "date",
        "etag",
        "if-match",
        "if-none-match",
        "last-modified",
        "location",
        "prefer",
        "range",
        "retry-after",
        "server",
        "user-agent",
        "x-correlation-id",
        "x-ms-blob-type",
        "x-ms-request-id",
        "x-ms-version",
        "x-request-id",
    }
)
"""Headers whose values are shown. All others may contain secrets, such as those that the caller adds."""

_is_own: ContextVar[bool] = ContextVar("itwin_imodels_is_own", default=False)


@contextmanager
def without_httpx_log() -> Iterator[None]:
    """Suppress httpx's INFO records during a block: they contain whole URLs, including the signatures of links."""
    token = _is_own.set(True)
    try:
        yield
    finally:
        _is_own.reset(token)


def shown_headers(headers: Iterable[tuple[str, str]]) -> str:
    """Format headers for a log, without secrets."""
    return ", ".join(f"{name}: {masked(value) if name.lower() in _SHOWN else '…'}" for name, value in headers)


def log_response(response: "httpx.Response", taken: float) -> None:
    """Log a response and, at `HEADERS`, the headers of both sides.

    Args:
        response: The response.
        taken: Milliseconds since the request was sent.
    """
    method, path = response.request.method, response.url.path
    LOGGER.debug("%s %s: %d in %.0f ms", method, path, response.status_code, taken)
    log_headers(LOGGER, f"request {method} {path}", response.request.headers.multi_items())
    log_headers(LOGGER, f"response {response.status_code}", response.headers.multi_items())


def log_headers(logger: logging.Logger, of: str, headers: Iterable[tuple[str, str]]) -> None:
    """Log headers, without secrets.

    Args:
        logger: The logger.
        of: Description of the message that the headers belong to.
        headers: Names and values.
    """
    if logger.isEnabledFor(HEADERS):
        logger.log(HEADERS, "%s: %s", of, shown_headers(headers))


def _is_foreign(_: logging.LogRecord) -> bool:
    return not _is_own.get()


logging.getLogger("httpx").addFilter(_is_foreign)
