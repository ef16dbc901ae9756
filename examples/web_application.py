"""Serve timelines and locks over HTTP, with FastAPI and the asynchronous client.

    pip install fastapi uvicorn
    uvicorn web_application:app

Environment variables configure the base URL and the credentials; see `AsyncIModelsClient.from_env()`. All requests
share one client with its connections and its token. The client is closed when the application stops.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse

from itwin_imodels import ApiError, AsyncIModelsClient, IModelsError

BAD_GATEWAY = 502
FORWARDED = {404, 409, 422, 429}
"""Statuses of the service that the application returns to its caller; it returns 502 for all others."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep a client open while the application runs."""
    async with AsyncIModelsClient.from_env() as client:
        app.state.imodels = client
        yield


app = FastAPI(title="Timelines", lifespan=lifespan)


def imodels(request: Request) -> AsyncIModelsClient:
    """Return the client of the application."""
    client: AsyncIModelsClient = request.app.state.imodels
    return client


Client = Annotated[AsyncIModelsClient, Depends(imodels)]


@app.get("/imodels/{imodel_id}/changesets")
async def changesets(
    imodel_id: str, client: Client, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> list[dict[str, Any]]:
    """Return the newest changesets, newest first."""
    found = client.changesets.list(imodel_id, order_by="index desc", limit=limit, page_size=limit)
    return [
        {"index": each.index, "id": each.id, "pushed": each.push_date_time, "description": each.description}
        async for each in found
    ]


@app.get("/imodels/{imodel_id}/locks")
async def locks(imodel_id: str, client: Client) -> dict[int, int]:
    """Return the number of locked elements for each briefcase."""
    return {lock.briefcase_id: lock.count async for lock in client.locks.list(imodel_id)}


@app.exception_handler(IModelsError)
async def respond_to_error(request: Request, error: IModelsError) -> JSONResponse:  # noqa: ARG001 - FastAPI passes it
    """Forward status, code and message of errors that concern the caller, and return 502 for all others."""
    if isinstance(error, ApiError) and error.status in FORWARDED:
        headers = {} if error.retry_after is None else {"Retry-After": str(round(error.retry_after))}
        return JSONResponse({"code": error.code, "message": error.message}, error.status, headers)
    return JSONResponse({"code": "Upstream", "message": "The iModels service cannot be used."}, BAD_GATEWAY)
