# Made from facade/itwin_imodels/_aio/session.py by 'make unasync'. Change that file, not this one.
"""Send calls: token, timeouts, errors and retries."""

import time
from typing import TYPE_CHECKING, Any, TypeVar

from itwin_imodels._core.background import Background
from itwin_imodels._core.cancelling import check_cancelled, raise_if_cancelled
from itwin_imodels._core.lost_answers import failure_of, is_lost, note_on_lost_answer
from itwin_imodels._core.retrying import Failure, backoff_of, is_repeatable
from itwin_imodels._core.secrets import masked
from itwin_imodels._core.telemetry import LOGGER, span
from itwin_imodels._core.time_limit import TimeLimit, least
from itwin_imodels._core.waiting import sleep
from itwin_imodels._operations.call import Call, ServiceResponse
from itwin_imodels._sync.pool import Options, Pool
from itwin_imodels.errors import ApiError, ConnectionFailed, RateLimited, RequestTimeout

if TYPE_CHECKING:
    from tenacity import RetryCallState, Retrying

    from itwin_imodels._sync.exchange import Exchange

T = TypeVar("T")


class Session:
    """Sends calls with the options of one view of a client."""

    def __init__(self, pool: Pool, options: Options, limit: TimeLimit | None = None) -> None:
        """Combine shared resources with the options of a view.

        Args:
            pool: The shared resources.
            options: The options.
            limit: Time limit that all calls share; None sets no limit.
        """
        self.pool = pool
        self.options = options
        self._limit = limit

    def within(self, limit: TimeLimit) -> "Session":
        """Return a session with the same connections and options whose calls share a time limit."""
        return Session(self.pool, self.options, limit)

    @property
    def left(self) -> float | None:
        """Seconds left of the time limit that all calls share; None without a limit."""
        return None if self._limit is None else self._limit.left

    @property
    def background(self) -> Background:
        """The background work of the client."""
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
        from itwin_imodels._sync.exchange import Exchange  # noqa: PLC0415 - httpx takes most of the import time

        exchange = Exchange(self.pool, self.options, self._limit, call, link)
        with span(call.name, call.entity):
            try:
                answer = self._answer(call, exchange)
            except (ApiError, ConnectionFailed) as error:
                if is_lost(error) and not is_repeatable(exchange.method, Failure(), is_idempotent=call.is_idempotent):
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

    def follow(self, call: Call[T], link: str | None) -> T:
        """Request a further page of the list that a call returns; see `send`."""
        return self.send(call, link=link)

    def _answer(self, call: Call[T], exchange: "Exchange") -> ServiceResponse:
        begin = time.monotonic()
        self._check_limit()
        try:
            return exchange.send()
        except (ApiError, ConnectionFailed) as error:
            if not _is_repeatable(call, exchange, error):
                raise
            first = error
        return self._retried(call, exchange, first, time.monotonic() - begin)

    def _retried(self, call: Call[T], exchange: "Exchange", first: Exception, seconds: float) -> ServiceResponse:
        """Retry a call. Its first attempt raised `first` and took `seconds`."""
        failed: Exception | None = first
        for attempt in self._attempts(call, exchange, seconds):
            with attempt:
                if failed is not None:
                    error, failed = failed, None
                    raise error
                self._check_limit()
                answer = exchange.send()
        return answer

    def _attempts(self, call: Call[T], exchange: "Exchange", seconds: float) -> "Retrying":
        """Return the attempts; the first one has already been made and took `seconds`."""
        import tenacity  # noqa: PLC0415 - slow to import and rarely needed

        policy = self.options.retry
        backoff = backoff_of(policy)

        def again(error: BaseException) -> bool:
            return _is_repeatable(call, exchange, error)

        def wait(state: "RetryCallState") -> float:
            failure = failure_of(_error(state)) or Failure()
            return backoff.wait(state.attempt_number, asked=failure.retry_after)

        def log(state: "RetryCallState") -> None:
            error = _error(state)
            summary = str(error).partition("\n")[0].removesuffix(".")
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

        last_start = least(policy.deadline - seconds, self.left)
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(again),
            wait=wait,
            stop=tenacity.stop_any(
                tenacity.stop_after_attempt(policy.attempts), tenacity.stop_before_delay(last_start)
            ),
            sleep=sleep,
            before_sleep=log,
            reraise=True,
        )


def _is_repeatable(call: Call[Any], exchange: "Exchange", error: BaseException) -> bool:
    failure = failure_of(error)
    return failure is not None and is_repeatable(exchange.method, failure, is_idempotent=call.is_idempotent)


def _error(state: "RetryCallState") -> BaseException:
    error = state.outcome.exception() if state.outcome is not None else None
    return error if error is not None else RuntimeError("no failure")
