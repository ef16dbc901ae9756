"""Receive events about new changesets, and pull these changesets, with FastAPI and the asynchronous client.

    pip install fastapi uvicorn
    WEBHOOK_SECRET=… MIRRORS=mirrors uvicorn receive_events:app --port 9000

Register `http://…:9000/events` as a webhook for `iModels.changesReady.v1`; docs/events.md shows how. Environment
variables configure the base URL and the credentials; see `AsyncIModelsClient.from_env()`.

An event only triggers a pull of everything that the folder lacks, so duplicate, late and reordered events do no damage.
The application responds before it pulls, because the platform waits for at most 5 s. It creates the folder of the
iModel before it responds, so that after a restart it resumes pulling.
"""

import asyncio
import logging
import os
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import UUID

from fastapi import FastAPI, Request, Response

from itwin_imodels import AsyncIModelsClient, IModelsError
from itwin_imodels.errors import MalformedEvent, NotFound, SignatureMismatch
from itwin_imodels.webhooks import LARGEST_BODY, ChangesReady, Event, IModelDeleted, parse_event

OK, BAD_REQUEST, UNAUTHORIZED, TOO_LARGE = 200, 400, 401, 413
REMEMBERED = 10_000
RETRY_AFTER_SECONDS = 30

log = logging.getLogger("receive_events")


class RecentMessages:
    """The ids of the latest messages, to detect duplicates and replayed messages."""

    def __init__(self) -> None:
        """Start without messages."""
        self._ids: OrderedDict[str, None] = OrderedDict()

    def is_new(self, message_id: str) -> bool:
        """Record an id, and return whether it is new."""
        if message_id in self._ids:
            return False
        self._ids[message_id] = None
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return True


class Mirrors:
    """Mirrors of timelines, updated one after another."""

    def __init__(self, client: AsyncIModelsClient, folder: Path) -> None:
        """Schedule an update of all existing mirrors."""
        self._client = client
        self._folder = folder
        self._queue: asyncio.Queue[UUID] = asyncio.Queue()
        self._queued: set[UUID] = set()
        folder.mkdir(parents=True, exist_ok=True)
        for each in folder.iterdir():
            with suppress(ValueError):  # something else, such as lost+found
                self.schedule(UUID(each.name))

    def schedule(self, imodel_id: UUID) -> None:
        """Schedule an update of the mirror of an iModel, unless one is already queued."""
        (self._folder / str(imodel_id)).mkdir(exist_ok=True)
        if imodel_id not in self._queued:
            self._queued.add(imodel_id)
            self._queue.put_nowait(imodel_id)

    async def run(self) -> None:
        """Update mirrors as requested, until cancelled."""
        while True:
            imodel_id = await self._queue.get()
            self._queued.remove(imodel_id)
            try:
                done = await self._client.mirror_timeline(str(imodel_id), self._folder / str(imodel_id))
                log.info("iModel %s: %d new changesets", imodel_id, done.new_changesets)
            except NotFound:
                log.info("iModel %s no longer exists", imodel_id)
            except IModelsError as error:
                log.warning("iModel %s: %s", imodel_id, error)
                asyncio.get_running_loop().call_later(RETRY_AFTER_SECONDS, self.schedule, imodel_id)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Update mirrors while the application runs."""
    app.state.secret = os.environ["WEBHOOK_SECRET"]
    app.state.messages = RecentMessages()
    async with AsyncIModelsClient.from_env() as client:
        app.state.mirrors = Mirrors(client, Path(os.environ.get("MIRRORS", "mirrors")))
        updates = asyncio.create_task(app.state.mirrors.run())
        yield
        updates.cancel()


app = FastAPI(title="Mirrors", lifespan=lifespan)


@app.post("/events")
async def receive(request: Request) -> Response:
    """Accept a request if it contains a valid event."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            return Response(status_code=TOO_LARGE)
    try:
        event = parse_event(body, request.headers.get("Signature"), app.state.secret)
    except SignatureMismatch:
        return Response(status_code=UNAUTHORIZED)
    except MalformedEvent as error:
        log.warning("%s", error)
        return Response(status_code=BAD_REQUEST)
    if app.state.messages.is_new(event.message_id):
        handle(event, app.state.mirrors)
    return Response(status_code=OK)


def handle(event: Event, mirrors: Mirrors) -> None:
    """Handle an event."""
    match event:
        case ChangesReady():
            mirrors.schedule(UUID(event.imodel_id))
        case IModelDeleted():
            log.info("iModel %s was deleted; its folder is kept", event.imodel_id)
        case _:
            log.info("event %s ignored", event.event_type)
