"""A web application that shows timelines and locks, with FastAPI and the asynchronous client.

    pip install fastapi uvicorn
    uvicorn web_application:app

The environment sets the service and the credentials, as `AsyncIModelsClient.from_env()` says. One client
serves all requests: it shares its connections and its token among them, and closes when the application ends.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse

from itwin_imodels import ApiError, AsyncIModelsClient, IModelsError

BAD_GATEWAY = 502
PASSED_ON = {404, 409, 422, 429}
"""Answers of the service that concern the visitor; all others are the application's own trouble."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Have one client as long as the application runs."""
    async with AsyncIModelsClient.from_env() as client:
        app.state.imodels = client
        yield


app = FastAPI(title="Timelines", lifespan=lifespan)


def imodels(request: Request) -> AsyncIModelsClient:
    """The client of the application."""
    client: AsyncIModelsClient = request.app.state.imodels
    return client


Client = Annotated[AsyncIModelsClient, Depends(imodels)]


@app.get("/imodels/{imodel_id}/changesets")
async def changesets(
    imodel_id: str, client: Client, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> list[dict[str, Any]]:
    """The newest changesets, newest first."""
    found = client.changesets.list(imodel_id, order_by="index desc", limit=limit, page_size=limit)
    return [
        {"index": each.index, "id": each.id, "pushed": each.push_date_time, "description": each.description}
        async for each in found
    ]


@app.get("/imodels/{imodel_id}/locks")
async def locks(imodel_id: str, client: Client) -> dict[int, int]:
    """How many elements each briefcase has locked."""
    return {lock.briefcase_id: lock.count async for lock in client.locks.list(imodel_id)}


@app.exception_handler(IModelsError)
async def refused(request: Request, error: IModelsError) -> JSONResponse:  # noqa: ARG001 - as FastAPI calls it
    """Answer as the service did where that concerns the visitor."""
    if isinstance(error, ApiError) and error.status in PASSED_ON:
        headers = {} if error.retry_after is None else {"Retry-After": str(round(error.retry_after))}
        return JSONResponse({"code": error.code, "message": error.message}, error.status, headers)
    return JSONResponse({"code": "Upstream", "message": "The iModels service does not answer."}, BAD_GATEWAY)
