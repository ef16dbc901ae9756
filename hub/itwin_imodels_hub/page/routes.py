"""Routes of the status page: `/` and everything below `/hub/`; read-only and without authentication."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from anyio.to_thread import run_sync
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from itwin_imodels_hub.basis.clock import Clock
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.page.live import Live
from itwin_imodels_hub.page.rendering import assets, read_mark, render_missing, render_page
from itwin_imodels_hub.page.sections import Activity
from itwin_imodels_hub.page.views import OneIModel, Overview, Source, View
from itwin_imodels_hub.rules.id_formats import parse_uuid
from itwin_imodels_hub.store.database import Database

_SECURITY: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_FRESH: Final = {"Cache-Control": "no-cache", **_SECURITY}
_IMMUTABLE: Final = {"Cache-Control": "public, max-age=31536000, immutable", **_SECURITY}


class HubPage:
    """The status page of a hub.

    Attributes:
        activity: Activity of this process; None hides it.
    """

    activity: Activity | None = None

    def __init__(self, database: Database, clock: Clock, settings: HubSettings) -> None:
        """Create the status page of a hub.

        Args:
            database: Database to show.
            clock: Clock of the hub.
            settings: Settings of the hub.
        """
        self._database = database
        self._clock = clock
        self._settings = settings
        self._live = Live(database, self._read)

    def routes(self) -> list[Route]:
        """Return the routes, which support only GET and HEAD."""
        return [
            Route("/", self._overview),
            Route(Overview.events, self._overview_events),
            Route("/hub/", _home),
            Route("/hub/imodels/{imodel_id}", self._imodel),
            Route("/hub/imodels/{imodel_id}/events", self._imodel_events),
            Route("/hub/assets/{name}", _asset),
        ]

    def end(self) -> None:
        """End the event streams; must be called in their event loop."""
        self._live.end()

    async def _overview(self, request: Request) -> Response:
        return await self._page(Overview.from_query(_origin(request), request.query_params))

    async def _overview_events(self, request: Request) -> Response:
        return self._stream(Overview.from_query(_origin(request), request.query_params), request)

    async def _imodel(self, request: Request) -> Response:
        view = _imodel_view(request)
        return _missing() if view is None else await self._page(view)

    async def _imodel_events(self, request: Request) -> Response:
        view = _imodel_view(request)
        return _missing() if view is None else self._stream(view, request)

    async def _page(self, view: View) -> Response:
        page = await run_sync(self._render, view)
        return _missing() if page is None else HTMLResponse(page, headers=_FRESH)

    def _stream(self, view: View, request: Request) -> Response:
        mark = request.headers.get("last-event-id") or request.query_params.get("known", "")
        return EventSourceResponse(self._live.events(view, read_mark(mark)), headers=_SECURITY)

    def _render(self, view: View) -> str | None:
        sections, now = self._read(view)
        return None if sections is None else render_page(view, sections, now)

    def _read(self, view: View, stored: bool = True) -> tuple[Mapping[str, object] | None, datetime]:  # noqa: FBT001, FBT002 - through run_sync
        now = self._clock.now()
        values: dict[str, object] = {}
        if stored:
            with self._database.reading() as connection:
                read = view.stored_sections(Source(connection=connection, settings=self._settings, now=now))
            if read is None:
                return None, now
            values |= read
        if self.activity is not None:
            values |= view.transient_sections(self.activity)
        return values, now


def _imodel_view(request: Request) -> OneIModel | None:
    imodel_id = parse_uuid(request.path_params["imodel_id"])
    return None if imodel_id is None else OneIModel.from_query(_origin(request), imodel_id, request.query_params)


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _missing() -> Response:
    return HTMLResponse(render_missing(), 404, headers=_FRESH)


async def _home(_: Request) -> Response:
    return RedirectResponse("/", headers=_FRESH)


async def _asset(request: Request) -> Response:
    asset = assets().get(request.path_params["name"])
    if asset is None:
        return Response("File not found.", 404, headers=_FRESH, media_type="text/plain")
    return Response(asset.content, headers=_IMMUTABLE, media_type=asset.media_type)
