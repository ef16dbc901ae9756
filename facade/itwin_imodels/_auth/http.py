"""Requests to an authorization server: only to secure URLs, and with retries where they are harmless."""

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus, urlsplit

from itwin_imodels._core.answer_body import ACCEPTED_ENCODING, AnswerBody, BodyTooLargeError, InvalidBodyError
from itwin_imodels._core.network import network_in_use
from itwin_imodels._core.options import RetryPolicy, Timeout
from itwin_imodels._core.retrying import Failure, backoff_of, is_repeatable, retry_after_seconds
from itwin_imodels._core.secrets import Secret, masked, without_query
from itwin_imodels._core.waiting import wait_length
from itwin_imodels.errors import AuthError, ConnectionFailed, RequestTimeout

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_TRANSIENT: Final = frozenset({408, 429, *range(500, 600)})
_POLICY: Final = RetryPolicy(attempts=3, first_wait=0.3, longest_wait=2.0, deadline=30.0)
_LONGEST_SHOWN: Final = 500
_LARGEST_ANSWER: Final = 1 << 20
_FRAMING: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_UNUSABLE: Final = Failure(status=200)
"""The failure of an attempt whose response was unusable, which a retry would not change."""
_LOG = logging.getLogger("itwin_imodels.auth")


def is_loopback(host: str | None) -> bool:
    """Check whether a host is one of the loopback names that browsers recognize."""
    return host in _LOOPBACK


def checked_url(name: str, url: str) -> str:
    """Check a URL that secrets are sent to, and return it.

    Args:
        name: Name of the argument, for error messages.
        url: The URL.

    Raises:
        TypeError: The URL is not a string.
        ValueError: The URL is neither https nor http on this machine, or it has user information or a fragment.
    """
    if not isinstance(url, str):
        raise TypeError(f"{name} must be a string, not {type(url).__name__}")
    try:
        parts = urlsplit(url)
        is_url = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc and not parts.fragment
    except ValueError:
        is_url = False
    if not is_url:
        raise ValueError(f"{name} must be a URL such as 'https://ims.bentley.com', without user or fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValueError(f"{name} must begin with https://; http:// is allowed for this machine only")
    return url


def safe_text(text: object, secrets: Iterable[Secret | None] = ()) -> str:
    """Return a server's text in a safe form for messages: one line, shortened, secrets masked."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())
    for secret in filter(None, secrets):
        for form in (secret.value, quote(secret.value, safe=""), quote_plus(secret.value)):
            line = line.replace(form, "…")
    line = masked(line)
    return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}…"


class _Unanswered(Exception):  # noqa: N818 - internal, converted to an AuthError
    """An attempt received no usable response."""

    def __init__(self, failure: Failure, reason: str, cause: ConnectionFailed | None = None) -> None:
        super().__init__(reason)
        self.failure = failure
        self.cause = cause


def send(  # noqa: PLR0913 - one argument for each part of a request
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: Secret | None = None,
    timeout: float,
    is_idempotent: bool,
) -> "httpx.Response":
    """Send a request, retry transient failures, and return the response.

    Args:
        method: HTTP method.
        url: URL to send it to.
        headers: Headers of the request.
        body: Body of the request.
        timeout: Seconds for each phase of an attempt; a whole attempt may take four times as long.
        is_idempotent: Whether sending the request twice has the same effect as sending it once.

    Raises:
        AuthError: No usable response was received; its cause is a `ConnectionFailed` if the network failed.
        ConfigurationError: An environment variable names an invalid proxy or invalid certificates.
    """
    import tenacity  # noqa: PLC0415 - slow to import and rarely needed

    def worth_another(error: BaseException) -> bool:
        return isinstance(error, _Unanswered) and is_repeatable(method, error.failure, is_idempotent=is_idempotent)

    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(_POLICY.attempts) | tenacity.stop_before_delay(_POLICY.deadline),
        wait=_wait,
        retry=tenacity.retry_if_exception(worth_another),
        sleep=lambda seconds: time.sleep(wait_length(seconds, 0.0)),
        before_sleep=_log,
        reraise=True,
    )
    try:
        answer = retrying(_attempt, method, url, dict(headers), body, timeout)
    except _Unanswered as error:
        failed = error
    else:
        return answer
    # Raised outside of the except block, so that the error holds no reference to the request.
    raise AuthError(f"no usable response from {without_query(url)}: {failed}") from failed.cause


def _plain(body: Secret | None) -> str | None:
    return None if body is None else body.value


def _received(streamed: "httpx.Response") -> "httpx.Response":
    """Read a response of limited size."""
    import httpx  # noqa: PLC0415 - see `_attempt`

    body = AnswerBody(streamed.headers.get("content-encoding", ""), _LARGEST_ANSWER)
    for piece in streamed.iter_raw():
        body.add(piece)
    headers = [(name, value) for name, value in streamed.headers.multi_items() if name not in _FRAMING]
    return httpx.Response(streamed.status_code, headers=headers, content=body.finish(), request=streamed.request)


def _failure(state: "RetryCallState") -> _Unanswered:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, _Unanswered):
        raise TypeError("the attempt did not fail")
    return error


def _wait(state: "RetryCallState") -> float:
    return backoff_of(_POLICY).wait(state.attempt_number, asked=_failure(state).failure.retry_after)


def _log(state: "RetryCallState") -> None:
    wait = state.next_action.sleep if state.next_action else 0.0
    text = "no usable response from the authorization server: %s; retrying in %.1f s"
    _LOG.info(text, _failure(state), wait, extra={"retry_in": wait})


def _attempt(method: str, url: str, headers: dict[str, str], body: Secret | None, timeout: float) -> "httpx.Response":
    import httpx  # noqa: PLC0415 - not needed while a cached token is valid

    from itwin_imodels._core.attempt_limit import AttemptLimit, AttemptTimeoutError  # noqa: PLC0415 - as above
    from itwin_imodels._core.http_environment import environment_errors  # noqa: PLC0415 - as above
    from itwin_imodels._core.http_logs import without_httpx_log  # noqa: PLC0415 - as above

    whole = Timeout.of(timeout).whole
    options = network_in_use().httpx_options()
    with environment_errors():
        client = httpx.Client(timeout=timeout, **options)
    try:
        with without_httpx_log(), client, AttemptLimit(whole) as limit:
            headers = {**headers, "Accept-Encoding": ACCEPTED_ENCODING}
            with client.stream(
                method, url, headers=headers, content=_plain(body), extensions=limit.extensions
            ) as streamed:
                answer = _received(streamed)
        _LOG.debug("%s %s: %d", method, without_query(url), answer.status_code)
    except AttemptTimeoutError:
        reason = f"the response was not complete after {whole:g} s"
        failed = _Unanswered(Failure(), reason, RequestTimeout(reason))
    except (BodyTooLargeError, InvalidBodyError) as error:
        failed = _Unanswered(_UNUSABLE, str(error) or f"the response exceeds {_LARGEST_ANSWER} bytes")
    except httpx.HTTPError as error:
        reason = safe_text(error) or type(error).__name__
        connected = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
        kind = RequestTimeout if isinstance(error, httpx.TimeoutException) else ConnectionFailed
        failed = _Unanswered(Failure(connected=connected), f"{type(error).__name__}: {reason}", kind(reason))
    else:
        if answer.status_code not in _TRANSIENT:
            return answer
        after = retry_after_seconds(answer.headers.get("retry-after"), datetime.now(UTC), answer.headers.get("date"))
        failed = _Unanswered(Failure(status=answer.status_code, retry_after=after), f"status {answer.status_code}")
    raise failed
