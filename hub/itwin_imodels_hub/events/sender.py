"""Deliver events to webhooks: at least once, unless all attempts fail.

One thread serves all webhooks concurrently. Each webhook gets one event at a time, oldest first. A rejected event is
retried later, possibly after newer ones. Pending deliveries are stored in the database and survive the end of the
process. A process leases a webhook while sending to it, so that several hubs on one database do not send the same
event twice.
"""

import logging
import random
import ssl
import threading
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

import anyio
import httpx
from anyio.from_thread import BlockingPortal
from anyio.to_thread import run_sync
from attrs import frozen

from itwin_imodels_hub.basis.clock import Clock
from itwin_imodels_hub.basis.full_disks import is_disk_full
from itwin_imodels_hub.basis.ids import Ids
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.events.messages import SIGNATURE, body_of, signature_of
from itwin_imodels_hub.events.retries import Retries
from itwin_imodels_hub.events.targets import LocalTargetError, checked_target
from itwin_imodels_hub.store import webhooks as webhook_store
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.store.records import DeliveryRecord, WebhookRecord

USER_AGENT: Final = "itwin-imodels-hub"

_logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
_FULL_DISK_SECONDS = 5.0
_SETTLING_SECONDS = 0.005
_LOOK_AGAIN = timedelta(seconds=2)
"""Maximum time between checks: other processes do not report the events they store, and leases expire silently."""
_TIDY_AGAIN = timedelta(hours=1)
_MARGIN = timedelta(seconds=5)
"""Time by which a lease exceeds the timeout of the receiver, to allow for a busy database."""
_MAX_CONCURRENT = 64
"""Maximum number of concurrent deliveries."""


@frozen(kw_only=True)
class _LeasedDelivery:
    """One event to send to one webhook."""

    lease: str
    webhook: WebhookRecord
    delivery: DeliveryRecord


@frozen(kw_only=True)
class _Outcome:
    """The result of an attempt: the status code (None without a response), and the problem if the attempt failed."""

    status: int | None = None
    problem: str | None = None


class EventSender:
    """Sends due events."""

    def __init__(self, database: Database, clock: Clock, settings: HubSettings) -> None:
        """Prepare to send the events of a database; sending begins with `start`.

        Args:
            database: Database with webhooks and deliveries.
            clock: Clock that determines when deliveries are due. Timeouts of receivers use real time.
            settings: Timeout, attempts, delays, retention and permitted targets.
        """
        self._database = database
        self._clock = clock
        self._timeout = settings.event_timeout
        self._permits_local = settings.local_webhooks
        self._retention = settings.event_retention
        self._retries = Retries(
            attempts=settings.event_attempts, first=settings.event_first_retry, longest=settings.event_longest_retry
        )
        self._leases = Ids()
        self._portal: BlockingPortal | None = None
        self._thread: threading.Thread | None = None
        self._work: Future[None] | None = None
        self._client: httpx.AsyncClient | None = None
        self._opening = threading.Lock()
        self._taking = anyio.Lock()
        self._ended = anyio.Event()
        self._running_count = 0
        self._has_news = True
        self._next_due: datetime | None = None
        self._looked_at = datetime.min.replace(tzinfo=UTC)
        self._tidied_at = datetime.min.replace(tzinfo=UTC)

    def start(self) -> None:
        """Start sending due events in a thread."""
        with self._opening:
            portal = self._opened()
            if self._work is None:
                self._work = portal.start_task_soon(self._keep_sending)

    def stop(self) -> None:
        """Stop the thread; unfinished deliveries are sent again after the next start."""
        with self._opening:
            portal, self._portal = self._portal, None
            thread, self._thread = self._thread, None
            work, self._work = self._work, None
        if work is not None:
            work.cancel()
        if portal is not None:
            portal.call(self._close)
            portal.call(portal.stop)
        if thread is not None:
            thread.join()

    def wake(self) -> None:
        """Record that there may be new events to send."""
        self._has_news = True

    def run_due(self) -> None:
        """Send all due events, and wait until these and the running deliveries have finished.

        A rejected event counts as sent; its retry is not awaited.
        """
        self.wake()
        with self._opening:
            portal = self._opened()
        portal.call(self._settle)

    def _opened(self) -> BlockingPortal:
        if self._portal is None:
            opened: Future[BlockingPortal] = Future()
            self._thread = threading.Thread(target=anyio.run, args=(_serve, opened), name="event sender", daemon=True)
            self._thread.start()
            self._portal = opened.result()
        return self._portal

    # The following methods run in the event loop of the thread.

    async def _keep_sending(self) -> None:
        slots = anyio.Semaphore(_MAX_CONCURRENT)
        async with anyio.create_task_group() as tasks:
            while True:
                await slots.acquire()
                self._ended = anyio.Event()
                leased, pause = None, _POLL_SECONDS
                try:
                    leased = await self._next_delivery()
                except Exception as error:  # noqa: BLE001 - logged
                    pause = _log_failure(error)
                if leased is not None:
                    tasks.start_soon(self._run, leased, slots)
                else:
                    slots.release()
                    with anyio.move_on_after(pause):
                        await self._ended.wait()

    async def _settle(self) -> None:
        slot = anyio.Semaphore(1)
        while True:
            leased = await self._next_delivery()
            if leased is not None:
                await slot.acquire()
                await self._run(leased, slot)
            elif self._running_count or self._may_be_due():
                await anyio.sleep(_SETTLING_SECONDS)
            else:
                return

    async def _next_delivery(self) -> _LeasedDelivery | None:
        async with self._taking:  # a leased delivery is counted before another task leases the next one
            leased = await run_sync(self._take) if self._may_be_due() else None
            if leased is not None:
                self._running_count += 1
            return leased

    async def _run(self, leased: _LeasedDelivery, slot: anyio.Semaphore) -> None:
        try:
            outcome = await self._outcome(leased)
            await run_sync(self._record_outcome, leased, outcome)
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                await run_sync(self._release, leased)
            raise
        except Exception:
            _logger.exception(
                "Recording the outcome of event %s for webhook %s failed",
                leased.delivery.message_id,
                leased.webhook.id,
            )
        finally:
            self._running_count -= 1
            self.wake()
            self._ended.set()
            slot.release()

    async def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _outcome(self, leased: _LeasedDelivery) -> _Outcome:
        try:
            return await self._send(leased)
        except LocalTargetError as error:
            return _Outcome(problem=str(error))
        except TimeoutError:
            return _Outcome(problem=f"The receiver did not respond within {self._timeout.total_seconds():g} s.")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return _Outcome(problem=f"No response from the receiver: {type(error).__name__}.")
        except Exception:
            _logger.exception("Sending event %s to webhook %s failed", leased.delivery.message_id, leased.webhook.id)
            return _Outcome(problem="An internal error occurred; see the hub's log.")

    async def _send(self, leased: _LeasedDelivery) -> _Outcome:
        if self._client is None:
            self._client = _new_client()
        body = body_of(leased.delivery)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            SIGNATURE: signature_of(body, leased.webhook.secret),
        }
        url: httpx.URL | str = leased.webhook.callback_url
        extensions: dict[str, str] = {}
        with anyio.fail_after(self._timeout.total_seconds()):
            if leased.webhook.owner_id is not None and not self._permits_local:
                target = await checked_target(leased.webhook.callback_url)
                url, headers["Host"], extensions = target.url, target.host, target.extensions
            async with self._client.stream(
                "POST", url, content=body, headers=headers, extensions=extensions
            ) as response:
                status, accepted = response.status_code, response.is_success
        return _Outcome(status=status, problem=None if accepted else f"The receiver responded with status {status}.")

    def _may_be_due(self) -> bool:
        real_now = datetime.now(UTC)
        due = self._next_due is not None and self._next_due <= self._clock.now()
        return self._has_news or due or real_now - self._looked_at >= _LOOK_AGAIN

    # The following methods run in worker threads, because they use the database.

    def _take(self) -> _LeasedDelivery | None:
        """Return a due delivery and lease its webhook; return None if nothing is due."""
        real_now, now = datetime.now(UTC), self._clock.now()
        self._has_news = False
        self._looked_at = real_now
        with self._database.reading() as connection:
            self._next_due = webhook_store.next_due(connection, now=real_now)
        if self._next_due is None or self._next_due > now:
            return None
        lease = self._leases.new()
        until = real_now + self._timeout + _MARGIN
        with self._database.writing() as connection:
            if now - self._tidied_at >= _TIDY_AGAIN:
                webhook_store.delete_deliveries(connection, now - self._retention)
                self._tidied_at = now
            found = webhook_store.lease_webhook(connection, lease, due=now, now=real_now, until=until)
        if found is None:
            return None
        self._has_news = True  # there may be more
        return _LeasedDelivery(lease=lease, webhook=found[0], delivery=found[1])

    def _release(self, leased: _LeasedDelivery) -> None:
        """Release the lease so that the delivery can be leased again."""
        with self._database.writing() as connection:
            webhook_store.end_lease(connection, leased.webhook.id, leased.lease)

    def _record_outcome(self, leased: _LeasedDelivery, outcome: _Outcome) -> None:
        """Store the outcome, unless the lease has expired and another process has taken over."""
        delivery, now = leased.delivery, self._clock.now()
        attempts = delivery.attempts + 1
        values: dict[str, object] = {"attempts": attempts, "status": outcome.status, "problem": outcome.problem}
        if outcome.problem is None:
            values |= {"state": webhook_store.DELIVERED, "ended_at": now}
        else:
            wait = self._retries.wait_after(attempts, random.random())  # noqa: S311 - spreads load
            values |= {"state": webhook_store.FAILED, "ended_at": now} if wait is None else {"due_at": now + wait}
            ending = "No more retries." if wait is None else f"Retrying in {wait.total_seconds():.0f} s."
            _logger.warning(
                "Event %s to webhook %s: attempt %d failed: %s %s",
                delivery.message_id,
                leased.webhook.id,
                attempts,
                outcome.problem,
                ending,
            )
        with self._database.writing() as connection:
            if webhook_store.end_lease(connection, leased.webhook.id, leased.lease):
                webhook_store.change_delivery(connection, delivery.number, values)


def _log_failure(error: Exception) -> float:
    """Log why the next delivery could not be leased, and return the seconds until the next attempt."""
    if is_disk_full(error):
        _logger.error("No events are sent: the disk is full")
        return _FULL_DISK_SECONDS
    _logger.error("Leasing the next delivery failed", exc_info=error)
    return _POLL_SECONDS


@cache
def _tls() -> ssl.SSLContext:
    """Load the trusted certificate authorities, which takes longer than a request."""
    return ssl.create_default_context()


def _new_client() -> httpx.AsyncClient:
    """Create a client that calls receivers directly.

    A proxy from the environment could not reach the receivers on this machine. Connections are not kept alive, because
    requests to a restarted receiver would fail. `_send` limits the total time.
    """
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(
        timeout=None,  # noqa: S113 - see above
        follow_redirects=False,
        trust_env=False,
        limits=limits,
        verify=_tls(),
    )


async def _serve(opened: "Future[BlockingPortal]") -> None:
    """Run a portal until it is stopped."""
    async with BlockingPortal() as portal:
        opened.set_result(portal)
        await portal.sleep_until_stopped()
