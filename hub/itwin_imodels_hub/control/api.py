"""The control API: test controls over HTTP for clients that know the secret; see `access`.

| request | purpose |
|---|---|
| `POST /_hub/reset` | delete everything except the configuration; return `{"itwin_id"}` |
| `GET /_hub/snapshot`, `PUT /_hub/snapshot` | save or restore the state of the hub as one file |
| `POST /_hub/imodels` | create an iModel; see `SeedIModel`; files are paths below a configured folder |
| `POST /_hub/itwins` | create an iTwin, or add roles and members to one; see `SeedITwin` |
| `GET /_hub/checkpoints?imodel={id}` | list checkpoints with failure reasons; see `CheckpointRecord` |
| `POST /_hub/users` | create a user; see `NewUser`; return `{"token"}` |
| `GET /_hub/time`, `PUT /_hub/time` | read or set the clock: `{"now"}` |
| `POST /_hub/time/advance` | advance the clock: `{"seconds"}` |
| `GET`, `POST`, `DELETE /_hub/faults` | list, inject or remove faults; see `Fault` |
| `POST /_hub/webhooks` | add a webhook; see `NewWebhook`; return `{"id"}` |
| `GET /_hub/deliveries` | list the deliveries of events; see `DeliveryRecord` |
| `GET`, `DELETE /_hub/log` | list or clear the log of received requests; see `LoggedRequest` |
"""

import tempfile
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from anyio.to_thread import run_sync
from attrs import asdict
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from itwin_imodels_hub.basis.full_disks import is_disk_full
from itwin_imodels_hub.basis.parsed_tables import record_of
from itwin_imodels_hub.blobs import StorageRefusedError, StorageUnavailableError
from itwin_imodels_hub.control.access import ControlAccess
from itwin_imodels_hub.control.control import Control
from itwin_imodels_hub.control.faults import Fault
from itwin_imodels_hub.control.itwin_seeding import itwin_from
from itwin_imodels_hub.control.seeds import seed_from
from itwin_imodels_hub.events.registering import NewWebhook
from itwin_imodels_hub.identity import NewUser
from itwin_imodels_hub.rules.times import write_time
from itwin_imodels_hub.store.database import DatabaseBusyError

PREFIX: Final = "/_hub"

_JSON: Final = "application/json"
_ZIP: Final = "application/zip"

Endpoint = Callable[[Request], Awaitable[Response]]


def control_routes(control: Control, access: ControlAccess) -> list[Route]:
    """Return the routes of the control API.

    Args:
        control: The controls to expose.
        access: Access checks of the requests.
    """
    endpoints = _Endpoints(control, access)
    table: list[tuple[str, str, Endpoint]] = [
        ("POST", "/reset", endpoints.reset),
        ("GET", "/snapshot", endpoints.dump),
        ("PUT", "/snapshot", endpoints.load),
        ("POST", "/imodels", endpoints.create_imodel),
        ("POST", "/itwins", endpoints.create_itwin),
        ("GET", "/checkpoints", endpoints.get_checkpoints),
        ("POST", "/users", endpoints.create_user),
        ("GET", "/time", endpoints.get_time),
        ("PUT", "/time", endpoints.set_time),
        ("POST", "/time/advance", endpoints.advance_time),
        ("GET", "/faults", endpoints.get_faults),
        ("POST", "/faults", endpoints.add_fault),
        ("DELETE", "/faults", endpoints.clear_faults),
        ("POST", "/webhooks", endpoints.create_webhook),
        ("GET", "/deliveries", endpoints.get_deliveries),
        ("GET", "/log", endpoints.get_log),
        ("DELETE", "/log", endpoints.clear_log),
    ]
    return [Route(f"{PREFIX}{path}", _guarded(endpoint, access), methods=[method]) for method, path, endpoint in table]


def _guarded(endpoint: Endpoint, access: ControlAccess) -> Endpoint:
    """Wrap an endpoint so that it serves only permitted requests and turns errors into JSON responses."""

    async def answer(request: Request) -> Response:
        is_snapshot = request.method == "PUT" and request.scope["path"] == f"{PREFIX}/snapshot"
        media_type = _ZIP if is_snapshot else _JSON
        if (refusal := access.refusal(request, media_type)) is not None:
            return refusal
        try:
            return await endpoint(request)
        except (ValueError, TypeError, KeyError, OverflowError, OSError) as error:
            if is_disk_full(error):
                return JSONResponse({"error": "the disk of the hub is full"}, 503)
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
        except (StorageRefusedError, StorageUnavailableError, DatabaseBusyError) as error:
            return JSONResponse({"error": str(error)}, 503)

    return answer


class _Endpoints:
    def __init__(self, control: Control, access: ControlAccess) -> None:
        self._control = control
        self._access = access

    async def reset(self, _: Request) -> Response:
        return JSONResponse({"itwin_id": await run_sync(self._control.reset)})

    async def dump(self, _: Request) -> Response:
        path = _scratch_file()
        await run_sync(self._control.dump, path)
        return FileResponse(path, media_type=_ZIP, background=BackgroundTask(path.unlink))

    async def load(self, request: Request) -> Response:
        path = _scratch_file()
        try:
            with path.open("wb") as file:
                async for piece in request.stream():
                    await run_sync(file.write, piece)
            await run_sync(self._control.load, path)
        finally:
            path.unlink()
        return Response(status_code=204)

    async def create_imodel(self, request: Request) -> Response:
        seed = seed_from(await request.json(), self._access.files or Path())
        await run_sync(self._access.check_files, seed)
        return JSONResponse({"id": await run_sync(self._control.create_imodel, seed)}, 201)

    async def create_itwin(self, request: Request) -> Response:
        seed = itwin_from(await request.json())
        return JSONResponse({"id": await run_sync(self._control.create_itwin, seed)}, 201)

    async def get_checkpoints(self, request: Request) -> Response:
        checkpoints = await run_sync(self._control.checkpoints, request.query_params["imodel"])
        return JSONResponse({"checkpoints": [asdict(checkpoint) for checkpoint in checkpoints]})

    async def create_user(self, request: Request) -> Response:
        user = record_of(NewUser, await request.json(), "user")
        return JSONResponse({"token": await run_sync(self._control.create_user, user)}, 201)

    async def get_time(self, _: Request) -> Response:
        return self._time()

    async def set_time(self, request: Request) -> Response:
        moment = datetime.fromisoformat((await request.json())["now"])
        if moment.tzinfo is None:
            raise ValueError("now: the UTC offset is missing; write 2026-01-31T12:00:00Z, for example")
        await run_sync(self._control.set_time, moment)
        return self._time()

    async def advance_time(self, request: Request) -> Response:
        by = timedelta(seconds=(await request.json())["seconds"])
        await run_sync(self._control.advance, by)
        return self._time()

    async def get_faults(self, _: Request) -> Response:
        return JSONResponse({"faults": [asdict(fault) for fault in self._control.faults.waiting]})

    async def add_fault(self, request: Request) -> Response:
        self._control.faults.add(record_of(Fault, await request.json(), "fault"))
        return Response(status_code=201)

    async def clear_faults(self, _: Request) -> Response:
        self._control.faults.clear()
        return Response(status_code=204)

    async def create_webhook(self, request: Request) -> Response:
        webhook = record_of(NewWebhook, await request.json(), "webhook")
        return JSONResponse({"id": await run_sync(self._control.create_webhook, webhook)}, 201)

    async def get_deliveries(self, _: Request) -> Response:
        deliveries = await run_sync(lambda: self._control.deliveries)
        return JSONResponse({"deliveries": [asdict(each, value_serializer=_as_json) for each in deliveries]})

    async def get_log(self, _: Request) -> Response:
        return JSONResponse({"requests": [asdict(request) for request in self._control.log.requests]})

    async def clear_log(self, _: Request) -> Response:
        self._control.log.clear()
        return Response(status_code=204)

    def _time(self) -> Response:
        return JSONResponse({"now": self._control.clock.now().isoformat()})


def _as_json(_: object, __: object, value: object) -> object:
    return write_time(value) if isinstance(value, datetime) else value


def _scratch_file() -> Path:
    with tempfile.NamedTemporaryFile(prefix="imodels-hub-", suffix=".zip", delete=False) as file:
        return Path(file.name)
