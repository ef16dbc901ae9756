# Made from facade/itwin_imodels/_aio/session.py by 'make unasync'. Change that file, not this one.
"""Send calls: add the token, apply timeouts, map errors, retry."""

import logging
import platform
import time
from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_any, stop_before_delay

from itwin_imodels._auth.authorization import Authorization
from itwin_imodels._connection.http_clients import HttpClients
from itwin_imodels._core.answer_body import ACCEPTED_ENCODING, AnswerBody, BodyTooLargeError, InvalidBodyError
from itwin_imodels._core.attempt_limit import AttemptLimit, AttemptTimeoutError
from itwin_imodels._core.background import Background, blocking
from itwin_imodels._core.backoff import TOKEN_RENEWAL
from itwin_imodels._core.cancelling import check_cancelled, raise_if_cancelled
from itwin_imodels._core.http_logs import log_response, without_httpx_log
from itwin_imodels._core.lost_answers import failure_of, is_lost, note_on_lost_answer
from itwin_imodels._core.network import Network
from itwin_imodels._core.options import RetryPolicy, Timeout
from itwin_imodels._core.origin import own_link, same_list
from itwin_imodels._core.retrying import Failure, backoff_of, done_before, may_have_acted, repeatable
from itwin_imodels._core.secrets import Secret, masked, without_query
from itwin_imodels._core.telemetry import LOGGER, span
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._core.waiting import sleep
from itwin_imodels._operations.call import Call, ServiceResponse
from itwin_imodels._operations.errors import error_of
from itwin_imodels._transfer.options import TransferOptions
from itwin_imodels._version import __version__
from itwin_imodels.errors import (
    ApiError,
    ConfigurationError,
    ConnectionFailed,
    RateLimited,
    RequestTimeout,
    UnexpectedResponse,
)

if TYPE_CHECKING:
    from itwin_imodels._drift.recorder import Recorder
    from itwin_imodels._transfer import Transfers

T = TypeVar("T")

_HEADERS = {
    "Accept": "application/vnd.bentley.itwin-platform.v2+json",
    "Accept-Encoding": ACCEPTED_ENCODING,
    "User-Agent": f"itwin-imodels/{__version__} Python/{platform.python_version()}",
}
MAX_RESPONSE_SIZE = 64 << 20
"""Default limit of a response body in bytes; a page of 1000 changesets takes a few MiB."""

_SUCCESS = range(200, 300)
_SHORTEST = 0.001
"""Minimum timeout of an attempt in seconds; a timeout must be positive."""


@attrs.frozen(kw_only=True)
class Options:
    """Options that each view of a client can set for itself."""

    base_url: str
    timeout: Timeout
    retry: RetryPolicy
    headers: Mapping[str, str]
    max_response_size: int = MAX_RESPONSE_SIZE


class Pool:
    """Resources shared by all views of a client: connections, token, work in the background."""

    def __init__(
        self,
        authorization: Authorization,
        transfer: TransferOptions | None,
        transport: httpx.BaseTransport | None,
        recorder: "Recorder | None" = None,
        network: Network | None = None,
    ) -> None:
        """Store the settings; connections are opened on first use."""
        self.authorization = authorization
        self.recorder = recorder
        self.background = Background()
        self.network = network or Network()
        self.clients = HttpClients(transport, self.network)
        self._transfer_options = transfer

    @cached_property
    def transfers(self) -> "Transfers":
        """The file transfers, created on first use."""
        from itwin_imodels._transfer import Transfers  # noqa: PLC0415 - most clients transfer no files

        return Transfers(self._transfer_options, network=self.network)

    def close(self) -> None:
        """Cancel work in the background and close all connections."""
        self.background.close()
        if "transfers" in self.__dict__:
            self.transfers.close()
        self.clients.close()
        if self.recorder is not None:
            blocking(self.recorder.close)


class Session:
    """Send calls with the options of one view of a client."""

    def __init__(self, pool: Pool, options: Options, limit: TimeLimit | None = None) -> None:
        """Combine shared resources with the options of a view.

        Args:
            pool: The shared resources.
            options: The options.
            limit: Time limit for all calls together; None sets no limit.
        """
        self.pool = pool
        self.options = options
        self._limit = limit

    def within(self, limit: TimeLimit) -> "Session":
        """Return a session with the same connections and options whose calls share a time limit."""
        return Session(self.pool, self.options, limit)

    @property
    def left(self) -> float | None:
        """Seconds left for all calls together; None without a limit."""
        return None if self._limit is None else self._limit.left

    @property
    def background(self) -> Background:
        """The work of the client in the background."""
        return self.pool.background

    def send(self, call: Call[T], *, link: str | None = None) -> T:
        """Send a call, retry it as the policy allows, and parse the response.

        Args:
            call: The call.
            link: Link to a further page of the same list; None sends the call itself.

        Raises:
            ApiError: The service rejected the request.
            ConnectionFailed: No response was received.
            UnexpectedResponse: The response does not conform to the API.
            AuthError: No access token could be obtained.
            WaitTimeout: The time limit of the session was reached.
        """
        exchange = _Exchange(self, call, link)
        with span(call.name, call.entity):
            try:
                for attempt in self._attempts(call, exchange):
                    with attempt:
                        self._check_limit()
                        answer = exchange.send()
            except (ApiError, ConnectionFailed) as error:
                if is_lost(error) and not repeatable(exchange.method, Failure(), is_idempotent=call.is_idempotent):
                    error.add_note(note_on_lost_answer(call.name, call.entity, call.advice))
                elif isinstance(error, RequestTimeout):
                    self._check_limit()
                raise_if_cancelled(error)
                raise
            return call.result(answer)

    def _check_limit(self) -> None:
        check_cancelled()
        if self._limit is not None:
            self._limit.check()

    def follow(self, call: Call[T], link: str) -> T:
        """Request a further page of the list that a call returns."""
        return self.send(call, link=link)

    def _attempts(self, call: Call[T], exchange: "_Exchange") -> Retrying:
        policy = self.options.retry
        backoff = backoff_of(policy)

        def again(error: BaseException) -> bool:
            failure = failure_of(error)
            return failure is not None and repeatable(exchange.method, failure, is_idempotent=call.is_idempotent)

        def wait(state: RetryCallState) -> float:
            failure = failure_of(_error(state)) or Failure()
            return backoff.wait(state.attempt_number, asked=failure.retry_after)

        def tell(state: RetryCallState) -> None:
            error = _error(state)
            summary = str(error).partition("\n")[0]
            if isinstance(error, RateLimited) and error.limit is not None:
                summary = f"{summary}; {error.limit}"
            LOGGER.info(
                "%s; retrying in %.1f s (attempt %d of %d)",
                masked(summary),
                state.upcoming_sleep,
                state.attempt_number + 1,
                policy.attempts,
                extra={"retry_in": state.upcoming_sleep},
            )

        return Retrying(
            retry=retry_if_exception(again),
            wait=wait,
            stop=stop_any(stop_after_attempt(policy.attempts), stop_before_delay(_least(policy.deadline, self.left))),
            sleep=sleep,
            before_sleep=tell,
            reraise=True,
        )


class _Authenticated(httpx.Auth):
    """Add the Authorization header late, so that httpx does not expose it in tracebacks."""

    def __init__(self, value: Secret) -> None:
        self._value = value

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header to the request."""
        request.headers["Authorization"] = self._value.value
        yield request


class _Exchange:
    """One call with all its attempts, and whether a failed attempt may have been carried out."""

    def __init__(self, session: Session, call: Call[Any], link: str | None) -> None:
        self._session = session
        self._call = call
        self._request = call.request()
        base_url = call.base_url(session.options.base_url)
        self._url = f"{base_url}{self._request.path}" if link is None else self._checked_link(base_url, link)
        self._query = self._request.query if link is None else None
        self._headers = {**_HEADERS, **self._request.headers, **call.headers, **session.options.headers}
        self._uncertain = False

    @property
    def method(self) -> str:
        """HTTP method of the request."""
        return self._request.method

    def _checked_link(self, base_url: str, link: str) -> str:
        """Return a link of a response in absolute form; raise `UnexpectedResponse` if it must not be followed."""
        url = own_link(base_url, link)
        try:
            httpx.URL(url)
        except (ValueError, httpx.InvalidURL):
            raise UnexpectedResponse("the service returned an invalid URL as the link to the next page") from None
        if not same_list(base_url, self._request.path, self._request.query, url):
            raise UnexpectedResponse(
                f"{self._what_failed}: the service returned a link to the next page that belongs to another list:"
                f" {without_query(url)}; it was not followed"
            )
        return url

    def send(self) -> ServiceResponse:
        """Send the request once, or twice if the service rejects the token.

        Raises:
            ApiError: The service rejected the request.
            ConnectionFailed: No response was received.
        """
        try:
            answer = self._authorized()
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

    def _authorized(self) -> ServiceResponse:
        authorization = self._session.pool.authorization
        value = authorization.header()
        answer = self._exchange(value)
        if answer.status == HTTPStatus.UNAUTHORIZED and value is not None and authorization.can_refresh:
            fresh = self._renewed(value)
            if fresh != value:
                LOGGER.info("%s: the service rejected the token; retrying with a new one", self._call.name)
                answer = self._exchange(fresh)
        return answer

    def _renewed(self, rejected: Secret) -> Secret | None:
        """Return a replacement for a rejected authorization, or the same one if `token_patience` runs out."""
        patience = _least(self._session.options.retry.token_patience, self._session.left)
        begun, waited, attempt = time.monotonic(), 0.0, 0
        while True:
            value = self._session.pool.authorization.header(refresh_of=rejected)
            attempt += 1
            # Count planned waits in full, even if tests cut them short.
            wait = TOKEN_RENEWAL.wait_within(patience - max(waited, time.monotonic() - begun), attempt)
            if value != rejected or wait is None:
                return value
            text = "%s: auth returned the rejected token again; retrying in %.1f s"
            LOGGER.info(text, self._call.name, wait, extra={"retry_in": wait})
            sleep(wait)
            waited += wait

    def _exchange(self, authorization: Secret | None) -> ServiceResponse:
        with without_httpx_log():
            return self._exchange_once(authorization)

    def _exchange_once(self, authorization: Secret | None) -> ServiceResponse:
        timeout = _shortened(self._session.options.timeout, self._session.left)
        client = self._session.pool.clients.current()
        began = time.perf_counter()
        failure: Exception | None = None
        try:
            with (
                AttemptLimit(timeout.whole) as limit,
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
                content = self._content(response)
        except AttemptTimeoutError:
            text = f"{self._what_failed}: the response was not complete after {timeout.whole:g} s ({self._base_url})"
            failure = RequestTimeout(f"{text}. A longer total timeout may help.")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = self._failed(error)
        if failure is not None:
            raise failure  # outside of the except blocks: the local variables of httpx contain secrets
        if LOGGER.isEnabledFor(logging.DEBUG):
            log_response(response, (time.perf_counter() - began) * 1000)
        recorder = self._session.pool.recorder
        if recorder is not None and self._call.endpoint:
            recorder.saw(self._call.endpoint, response.status_code, response.headers, content)
        return ServiceResponse(status=response.status_code, headers=response.headers, content=content)

    def _content(self, response: httpx.Response) -> bytes:
        """Read a body of limited size. The body of an error may be cut off: its status suffices."""
        size = self._session.options.max_response_size
        is_decoded = response.is_stream_consumed  # by the caller's own transport
        body = AnswerBody("" if is_decoded else response.headers.get("content-encoding", ""), size)
        try:
            if is_decoded:
                body.add(response.content)
            else:
                for piece in response.iter_raw():
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
    def _what_failed(self) -> str:
        about = f" on {self._call.entity}" if self._call.entity else ""
        return f"{self._call.name} failed{about}"

    @property
    def _base_url(self) -> str:
        return self._session.options.base_url

    def _failed(self, error: Exception) -> Exception:
        reason = masked(str(error)) or type(error).__name__
        text = f"{self._what_failed}: {reason} ({self._base_url})"
        if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
            return RequestTimeout(
                f"{text}. No connection was established in time; check the network and base_url.", reached=False
            )
        if isinstance(error, httpx.TimeoutException):
            return RequestTimeout(f"{text}. No response was received in time; a longer timeout may help.")
        if isinstance(error, httpx.ConnectError | httpx.ProxyError):
            return ConnectionFailed(f"{text}. Check the network and base_url.", reached=False)
        if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
            return ConfigurationError(text)
        return ConnectionFailed(f"{text}. The connection was lost.")


def _httpx_timeout(timeout: Timeout) -> httpx.Timeout:
    return httpx.Timeout(connect=timeout.connect, read=timeout.read, write=timeout.write, pool=timeout.pool)


def _least(seconds: float, left: float | None) -> float:
    return seconds if left is None else min(seconds, left)


def _shortened(timeout: Timeout, left: float | None) -> Timeout:
    """Return timeouts that exceed neither the total timeout nor the time left of a limit."""
    total = max(_least(timeout.whole, left), _SHORTEST)
    return Timeout(
        connect=min(timeout.connect, total),
        read=min(timeout.read, total),
        write=min(timeout.write, total),
        pool=min(timeout.pool, total),
        total=total,
    )


def _error(state: RetryCallState) -> BaseException:
    error = state.outcome.exception() if state.outcome is not None else None
    return error if error is not None else RuntimeError("no failure")
