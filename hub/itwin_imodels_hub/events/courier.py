"""Taking events to their receivers, at least once.

A thread of its own speaks to all receivers at the same time, to each of them about one event after the other, in the
order of the events. One that does not take an event hears of it again later, and of newer ones meanwhile. What is to be
sent is in the database, so it survives the end of the process; a webhook is leased to the process that speaks to its
receiver, so several hubs on one database do not send the same event side by side.
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
from itwin_imodels_hub.basis.ids import Ids
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.events.messages import SIGNATURE, body_of, signature_of
from itwin_imodels_hub.events.retries import Retries
from itwin_imodels_hub.store import webhooks as rows
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.store.records import DeliveryRecord, WebhookRecord

USER_AGENT: Final = "itwin-imodels-hub"

_logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
_SETTLING_SECONDS = 0.005
_LOOK_AGAIN = timedelta(seconds=2)
"""Other processes tell nobody of what they store, and leases end quietly."""
_TIDY_AGAIN = timedelta(hours=1)
_MARGIN = timedelta(seconds=5)
"""How much longer than the receiver's time a lease holds: for a database that is busy."""
_AT_ONCE = 64


@frozen(kw_only=True)
class _Errand:
    """One event to take to one receiver."""

    lease: str
    webhook: WebhookRecord
    delivery: DeliveryRecord


@frozen(kw_only=True)
class _Outcome:
    """What came of it: the status of an answer, and a problem unless the event was taken."""

    status: int | None = None
    problem: str | None = None


class Courier:
    """Sends what is due."""

    def __init__(self, database: Database, clock: Clock, settings: HubSettings) -> None:
        """Send what a database holds; nothing happens before `start`.

        Args:
            database: Where webhooks and deliveries are.
            clock: What tells when deliveries are due. How long a receiver may take is real time.
            settings: How long, and how often.
        """
        self._database = database
        self._clock = clock
        self._timeout = settings.event_timeout
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
        self._under_way = 0
        self._news = True
        self._next_due: datetime | None = None
        self._looked_at = datetime.min.replace(tzinfo=UTC)
        self._tidied_at = datetime.min.replace(tzinfo=UTC)

    def start(self) -> None:
        """Begin to send what is due, in a thread."""
        with self._opening:
            portal = self._opened()
            if self._work is None:
                self._work = portal.start_task_soon(self._keep_sending)

    def stop(self) -> None:
        """End the thread; what is under way is left to the next start, which sends it again."""
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

    def notice(self) -> None:
        """Take note that there may be something to send."""
        self._news = True

    def run_due(self) -> None:
        """Send what is due, and wait until that and what is under way has been sent.

        What is refused counts as sent: it waits for its next time.
        """
        self.notice()
        with self._opening:
            portal = self._opened()
        portal.call(self._settle)

    def _opened(self) -> BlockingPortal:
        if self._portal is None:
            opened: Future[BlockingPortal] = Future()
            self._thread = threading.Thread(target=anyio.run, args=(_serve, opened), name="hub-courier", daemon=True)
            self._thread.start()
            self._portal = opened.result()
        return self._portal

    # In the thread.

    async def _keep_sending(self) -> None:
        places = anyio.Semaphore(_AT_ONCE)
        async with anyio.create_task_group() as tasks:
            while True:
                await places.acquire()
                self._ended = anyio.Event()
                try:
                    errand = await self._next_errand()
                except Exception:
                    _logger.exception("What is to be sent cannot be read")
                    errand = None
                if errand is not None:
                    tasks.start_soon(self._run, errand, places)
                else:
                    places.release()
                    with anyio.move_on_after(_POLL_SECONDS):
                        await self._ended.wait()

    async def _settle(self) -> None:
        place = anyio.Semaphore(1)
        while True:
            errand = await self._next_errand()
            if errand is not None:
                await place.acquire()
                await self._run(errand, place)
            elif self._under_way or self._may_be_due():
                await anyio.sleep(_SETTLING_SECONDS)
            else:
                return

    async def _next_errand(self) -> _Errand | None:
        async with self._taking:  # so that what another task has taken is under way before anybody looks
            errand = await run_sync(self._take) if self._may_be_due() else None
            if errand is not None:
                self._under_way += 1
            return errand

    async def _run(self, errand: _Errand, place: anyio.Semaphore) -> None:
        try:
            outcome = await self._outcome(errand)
            await run_sync(self._note, errand, outcome)
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                await run_sync(self._give_back, errand)
            raise
        except Exception:
            _logger.exception("Event %s, webhook %s", errand.delivery.message_id, errand.webhook.id)
        finally:
            self._under_way -= 1
            self.notice()
            self._ended.set()
            place.release()

    async def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _outcome(self, errand: _Errand) -> _Outcome:
        try:
            return await self._send(errand)
        except TimeoutError:
            return _Outcome(problem=f"The receiver did not answer within {self._timeout.total_seconds():g} seconds.")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return _Outcome(problem=f"The receiver could not be reached: {type(error).__name__}.")
        except Exception:
            _logger.exception("Event %s, webhook %s", errand.delivery.message_id, errand.webhook.id)
            return _Outcome(problem="The hub failed to send it; its log says why.")

    async def _send(self, errand: _Errand) -> _Outcome:
        if self._client is None:
            self._client = _new_client()
        body = body_of(errand.delivery)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            SIGNATURE: signature_of(body, errand.webhook.secret),
        }
        url = errand.webhook.callback_url
        with anyio.fail_after(self._timeout.total_seconds()):
            async with self._client.stream("POST", url, content=body, headers=headers) as response:
                status, taken = response.status_code, response.is_success
        return _Outcome(status=status, problem=None if taken else f"The receiver answered with status {status}.")

    # In threads for the database.

    def _may_be_due(self) -> bool:
        present = datetime.now(UTC)
        due = self._next_due is not None and self._next_due <= self._clock.now()
        return self._news or due or present - self._looked_at >= _LOOK_AGAIN

    def _take(self) -> _Errand | None:
        """Look for something that is due, and lease its webhook."""
        present, now = datetime.now(UTC), self._clock.now()
        self._news = False
        self._looked_at = present
        with self._database.reading() as connection:
            self._next_due = rows.next_due(connection, present=present)
        if self._next_due is None or self._next_due > now:
            return None
        lease = self._leases.new()
        until = present + self._timeout + _MARGIN
        with self._database.writing() as connection:
            if now - self._tidied_at >= _TIDY_AGAIN:
                rows.forget_deliveries(connection, now - self._retention)
                self._tidied_at = now
            found = rows.lease_webhook(connection, lease, due=now, present=present, until=until)
        if found is None:
            return None
        self._news = True  # there may be more
        return _Errand(lease=lease, webhook=found[0], delivery=found[1])

    def _give_back(self, errand: _Errand) -> None:
        """Leave an errand to whoever is next."""
        with self._database.writing() as connection:
            rows.end_lease(connection, errand.webhook.id, errand.lease)

    def _note(self, errand: _Errand, outcome: _Outcome) -> None:
        """Store what came of an errand, unless the lease has run out and another process took over."""
        delivery, now = errand.delivery, self._clock.now()
        attempts = delivery.attempts + 1
        values: dict[str, object] = {"attempts": attempts, "status": outcome.status, "problem": outcome.problem}
        if outcome.problem is None:
            values |= {"state": rows.DELIVERED, "ended_at": now}
        else:
            wait = self._retries.wait_after(attempts, random.random())  # noqa: S311 - spreads load
            values |= {"state": rows.FAILED, "ended_at": now} if wait is None else {"due_at": now + wait}
            ending = "It is given up." if wait is None else f"It is sent again in {wait.total_seconds():.0f} seconds."
            _logger.warning(
                "Event %s, attempt %d, webhook %s: %s %s",
                delivery.message_id,
                attempts,
                errand.webhook.id,
                outcome.problem,
                ending,
            )
        with self._database.writing() as connection:
            if rows.end_lease(connection, errand.webhook.id, errand.lease):
                rows.change_delivery(connection, delivery.number, values)


@cache
def _tls() -> ssl.SSLContext:
    """Read the authorities that are trusted, which takes longer than a request."""
    return ssl.create_default_context()


def _new_client() -> httpx.AsyncClient:
    """Make a client that calls receivers directly.

    A proxy of the environment does not know receivers on this machine. Connections are not kept, since a receiver that
    was started anew would seem to fail. How long all may take is said in `_send`.
    """
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(
        timeout=None,  # noqa: S113 - above
        follow_redirects=False,
        trust_env=False,
        limits=limits,
        verify=_tls(),
    )


async def _serve(opened: "Future[BlockingPortal]") -> None:
    """Do what a portal is asked to do, until it is stopped."""
    async with BlockingPortal() as portal:
        opened.set_result(portal)
        await portal.sleep_until_stopped()
