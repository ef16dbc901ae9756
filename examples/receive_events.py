"""A web application that receives events about new changesets and pulls them, with FastAPI and the asynchronous client.

    pip install fastapi uvicorn
    WEBHOOK_SECRET=… MIRRORS=mirrors uvicorn receive_events:app --port 9000

Register `http://…:9000/events` as a webhook for `iModels.changesReady.v1`; docs/events.md shows how. The environment
sets the service and the credentials, as `AsyncIModelsClient.from_env()` says.

An event only says that there is something to fetch. It is answered before anything is fetched, since the platform gives
up waiting after five seconds. One that comes twice, late or out of order has no further effect: whatever the folder
lacks is fetched. The folder of an iModel is created before the answer, so an application that is restarted goes on with
it.
"""

import asyncio
import logging
import os
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from fastapi import FastAPI, Request, Response

from itwin_imodels import AsyncIModelsClient, IModelsError
from itwin_imodels.errors import MalformedEvent, NotFound, SignatureMismatch
from itwin_imodels.webhooks import LARGEST_BODY, ChangesReady, Event, IModelDeleted, parse_event

OK, BAD_REQUEST, UNAUTHORIZED, TOO_LARGE = 200, 400, 401, 413
REMEMBERED = 10_000
TRY_AGAIN_SECONDS = 30

log = logging.getLogger("receive_events")


class Remembered:
    """The ids of the last messages, so that one that is sent again, by whomever, is not taken for a new one."""

    def __init__(self) -> None:
        """Begin with none."""
        self._ids: OrderedDict[str, None] = OrderedDict()

    def is_new(self, message_id: str) -> bool:
        """Whether an id comes for the first time."""
        if message_id in self._ids:
            return False
        self._ids[message_id] = None
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return True


class Mirrors:
    """Folders that follow the timelines of iModels, one after the other."""

    def __init__(self, client: AsyncIModelsClient, folder: Path) -> None:
        """Go on with the iModels that have a folder already."""
        self._client = client
        self._folder = folder
        self._wanted: asyncio.Queue[UUID] = asyncio.Queue()
        self._waiting: set[UUID] = set()
        folder.mkdir(parents=True, exist_ok=True)
        for each in folder.iterdir():
            self.want(UUID(each.name))

    def want(self, imodel_id: UUID) -> None:
        """Have the folder of an iModel brought up to date; several wishes that wait are one."""
        (self._folder / str(imodel_id)).mkdir(exist_ok=True)
        if imodel_id not in self._waiting:
            self._waiting.add(imodel_id)
            self._wanted.put_nowait(imodel_id)

    async def follow(self) -> None:
        """Bring up to date what is wanted, for ever."""
        while True:
            imodel_id = await self._wanted.get()
            self._waiting.remove(imodel_id)
            try:
                done = await self._client.mirror_timeline(str(imodel_id), self._folder / str(imodel_id))
                log.info("iModel %s: %d new changesets", imodel_id, done.new_changesets)
            except NotFound:
                log.info("iModel %s is gone", imodel_id)
            except IModelsError as error:
                log.warning("iModel %s: %s", imodel_id, error)
                asyncio.get_running_loop().call_later(TRY_AGAIN_SECONDS, self.want, imodel_id)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Follow timelines as long as the application runs."""
    app.state.secret = os.environ["WEBHOOK_SECRET"]
    app.state.remembered = Remembered()
    async with AsyncIModelsClient.from_env() as client:
        app.state.mirrors = Mirrors(client, Path(os.environ.get("MIRRORS", "mirrors")))
        following = asyncio.create_task(app.state.mirrors.follow())
        yield
        following.cancel()


app = FastAPI(title="Mirrors", lifespan=lifespan)


@app.post("/events")
async def receive(request: Request) -> Response:
    """Take an event, if it is one."""
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
    if app.state.remembered.is_new(event.message_id):
        take(event, app.state.mirrors)
    return Response(status_code=OK)


def take(event: Event, mirrors: Mirrors) -> None:
    """Do what an event asks for."""
    match event:
        case ChangesReady():
            mirrors.want(UUID(event.imodel_id))
        case IModelDeleted():
            log.info("iModel %s was deleted; its folder stays", event.imodel_id)
        case _:
            log.info("nothing to do for %s", event.event_type)
