"""One call with all its attempts over httpx: token, timeouts, size of the response, errors."""

import logging
import platform
import time
from collections.abc import Generator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import httpx

from itwin_imodels._aio.pool import AsyncPool, Options, merged_headers
from itwin_imodels._core.answer_body import ACCEPTED_ENCODING, AnswerBody, BodyTooLargeError, InvalidBodyError
from itwin_imodels._core.attempt_limit import AsyncAttemptLimit, AttemptTimeoutError
from itwin_imodels._core.backoff import TOKEN_RENEWAL
from itwin_imodels._core.http_logs import log_response, without_httpx_log
from itwin_imodels._core.lost_answers import failure_of
from itwin_imodels._core.options import Timeout
from itwin_imodels._core.origin import is_same_list, own_link
from itwin_imodels._core.retrying import done_before, may_have_acted
from itwin_imodels._core.secrets import Secret, masked, without_query
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._core.time_limit import LONGEST, TimeLimit, least
from itwin_imodels._core.waiting import async_sleep
from itwin_imodels._operations.call import Call, ServiceResponse
from itwin_imodels._operations.errors import error_of
from itwin_imodels._version import __version__
from itwin_imodels.errors import ApiError, ConfigurationError, ConnectionFailed, RequestTimeout, UnexpectedResponse

HEADERS = {
    "Accept": "application/vnd.bentley.itwin-platform.v2+json",
    "Accept-Encoding": ACCEPTED_ENCODING,
    "User-Agent": f"itwin-imodels/{__version__} Python/{platform.python_version()}",
}
"""Headers of every request; `scripts.reliance` records them."""
_SUCCESS = range(200, 300)
_MIN_TIMEOUT = 0.001
"""Minimum timeout of an attempt in seconds; a timeout must be greater than 0."""


class _Authenticated(httpx.Auth):
    """Adds the Authorization header late, so that httpx does not expose it in tracebacks."""

    def __init__(self, value: Secret) -> None:
        self._value = value

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header to the request."""
        request.headers["Authorization"] = self._value.value
        yield request


class AsyncExchange:
    """One call with all its attempts, and whether a failed attempt may have been carried out."""

    def __init__(
        self, pool: AsyncPool, options: Options, limit: TimeLimit | None, call: Call[Any], link: str | None
    ) -> None:
        """Prepare the request.

        Args:
            pool: The shared resources.
            options: The options.
            limit: Time limit that the session's calls share; None sets no limit.
            call: The call.
            link: Link to a further page of the same list; None sends the call itself.

        Raises:
            UnexpectedResponse: The link must not be followed.
        """
        self._pool = pool
        self._options = options
        self._limit = limit
        self._call = call
        self._request = call.request()
        base_url = call.base_url(self._options.base_url)
        self._url = f"{base_url}{self._request.path}" if link is None else self._checked_link(base_url, link)
        self._query = self._request.query if link is None else None
        self._headers = merged_headers(HEADERS, self._request.headers, call.headers, self._options.headers)
        self._uncertain = False

    @property
    def method(self) -> str:
        """HTTP method of the request."""
        return self._request.method

    def _checked_link(self, base_url: str, link: str) -> str:
        """Return a link from a response in absolute form; raise `UnexpectedResponse` if it must not be followed."""
        url = own_link(base_url, link)
        try:
            httpx.URL(url)
        except (ValueError, httpx.InvalidURL):
            raise UnexpectedResponse("the service returned an invalid URL as the link to the next page") from None
        if not is_same_list(base_url, self._request.path, self._request.query, url):
            raise UnexpectedResponse(
                f"{self._what_failed}: the service returned a link to the next page that belongs to another list:"
                f" {without_query(url)}; it was not followed"
            )
        return url

    async def send(self) -> ServiceResponse:
        """Send the request once, or twice if the service rejects the token.

        Raises:
            ApiError: The service rejected the request.
            ConnectionFailed: No response was received.
        """
        try:
            answer = await self._authorized()
            self._check(answer)
        except (ApiError, ConnectionFailed) as error:
            failure = failure_of(error)
            self._uncertain = self._uncertain or (failure is not None and may_have_acted(failure))
            raise
        return answer

    def _check(self, answer: ServiceResponse) -> None:
        status = answer.status
        if status not in _SUCCESS and not done_before(self.method, status, uncertain=self._uncertain):
            raise error_of(self._call, status, answer.headers, answer.content, datetime.now(UTC))

    async def _authorized(self) -> ServiceResponse:
        authorization = self._pool.authorization
        value = await authorization.aheader()
        answer = await self._exchange(value)
        if answer.status == HTTPStatus.UNAUTHORIZED and value is not None and authorization.can_refresh:
            fresh = await self._renewed(value)
            if fresh != value:
                LOGGER.info("%s: the service rejected the token; retrying with a new one", self._call.name)
                answer = await self._exchange(fresh)
        return answer

    async def _renewed(self, rejected: Secret) -> Secret | None:
        """Return a replacement for a rejected authorization, or the rejected one if `token_patience` runs out."""
        patience = least(self._options.retry.token_patience, self._seconds_left)
        begun, waited, attempt = time.monotonic(), 0.0, 0
        while True:
            value = await self._pool.authorization.aheader(refresh_of=rejected)
            attempt += 1
            # Count planned waits in full, even if tests skip them.
            wait = TOKEN_RENEWAL.wait_within(patience - max(waited, time.monotonic() - begun), attempt)
            if value != rejected or wait is None:
                return value
            text = "%s: auth returned the rejected token again; retrying in %.1f s"
            LOGGER.info(text, self._call.name, wait, extra={"retry_in": wait})
            await async_sleep(wait)
            waited += wait

    async def _exchange(self, authorization: Secret | None) -> ServiceResponse:
        with without_httpx_log():
            return await self._exchange_once(authorization)

    async def _exchange_once(self, authorization: Secret | None) -> ServiceResponse:
        timeout = _shortened(self._options.timeout, self._seconds_left)
        client = await self._pool.clients.current()
        began = time.perf_counter()
        failure: Exception | None = None
        try:
            async with (
                AsyncAttemptLimit(timeout.whole) as limit,
                client.stream(
                    self.method,
                    self._url,
                    params=self._query,
                    headers=self._headers,
                    json=self._request.json,
                    content=self._request.content,
                    timeout=_httpx_timeout(timeout),
                    auth=None if authorization is None else _Authenticated(authorization),
                    extensions=limit.extensions,
                ) as response,
            ):
                content = await self._content(response)
        except AttemptTimeoutError:
            text = f"{self._what_failed}: the response was not complete after {timeout.whole:g} s ({self._base_url})"
            failure = RequestTimeout(f"{text}. A longer total timeout may help.")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = self._failed(error)
        if failure is not None:
            raise failure  # outside the except blocks: the local variables of httpx contain secrets
        if LOGGER.isEnabledFor(logging.DEBUG):
            log_response(response, (time.perf_counter() - began) * 1000)
        recorder = self._pool.recorder
        if recorder is not None and self._call.endpoint:
            recorder.record(self._call.endpoint, response.status_code, response.headers, content)
        return ServiceResponse(status=response.status_code, headers=response.headers, content=content)

    async def _content(self, response: httpx.Response) -> bytes:
        """Read a body of limited size. The body of an error response may be cut off, because its status suffices."""
        size = self._options.max_response_size
        is_decoded = response.is_stream_consumed  # by the caller's own transport
        body = AnswerBody("" if is_decoded else response.headers.get("content-encoding", ""), size)
        try:
            if is_decoded:
                body.add(response.content)
            else:
                async for piece in response.aiter_raw():
                    body.add(piece)
            return body.finish()
        except BodyTooLargeError:
            reason = f"the response exceeds max_response_size ({size} bytes). Request smaller pages or raise the limit."
        except InvalidBodyError as error:
            reason = f"the response cannot be read: {error}."
        if response.status_code not in _SUCCESS:
            return body.beginning
        raise UnexpectedResponse(f"{self._what_failed}: {reason}", status=response.status_code)

    @property
    def _seconds_left(self) -> float | None:
        return None if self._limit is None else self._limit.left

    @property
    def _what_failed(self) -> str:
        about = f" on {self._call.entity}" if self._call.entity else ""
        return f"{self._call.name} failed{about}"

    @property
    def _base_url(self) -> str:
        return self._options.base_url

    def _failed(self, error: Exception) -> Exception:
        reason = masked(str(error)) or type(error).__name__
        text = f"{self._what_failed}: {reason} ({self._base_url})"
        if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
            return RequestTimeout(
                f"{text}.\nNo connection was established in time; check the network and base_url.", reached=False
            )
        if isinstance(error, httpx.TimeoutException):
            return RequestTimeout(f"{text}.\nNo response was received in time; a longer timeout may help.")
        if isinstance(error, httpx.ConnectError | httpx.ProxyError):
            return ConnectionFailed(f"{text}.\nCheck the network and base_url.", reached=False)
        if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
            return ConfigurationError(text)
        return ConnectionFailed(f"{text}. The connection was lost.")


def _httpx_timeout(timeout: Timeout) -> httpx.Timeout:
    return httpx.Timeout(connect=timeout.connect, read=timeout.read, write=timeout.write, pool=timeout.pool)


def _shortened(timeout: Timeout, left: float | None) -> Timeout:
    """Return timeouts that sockets support, and that exceed neither the total timeout nor the time left."""
    total = min(max(least(timeout.whole, left), _MIN_TIMEOUT), LONGEST)
    return Timeout(
        connect=min(timeout.connect, total),
        read=min(timeout.read, total),
        write=min(timeout.write, total),
        pool=min(timeout.pool, total),
        total=total,
    )
