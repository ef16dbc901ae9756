from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...models.i_model_fork import IModelFork
from ...types import Response


def _get_kwargs(
    id: str,
    *,
    body: IModelFork,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/{id}/fork".format(
            id=quote(str(id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | DetailedErrorResponse | ErrorResponse | None:
    if response.status_code == 202:
        response_202 = cast(Any, None)
        return response_202

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = ErrorResponse.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = ErrorResponse.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = ErrorResponse.from_dict(response.json())

        return response_409

    if response.status_code == 415:
        response_415 = ErrorResponse.from_dict(response.json())

        return response_415

    if response.status_code == 422:
        response_422 = DetailedErrorResponse.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = ErrorResponse.from_dict(response.json())

        return response_429

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Any | DetailedErrorResponse | ErrorResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: IModelFork,
) -> Response[Any | DetailedErrorResponse | ErrorResponse]:
    """Fork iModel

     Makes a fork: a new iModel that remembers the main iModel it came from and can be merged back by the
    Transformations API. Needs `imodels_manage` on the iTwin of the main iModel and on the one the fork
    goes to; on a main iModel with permissions of its own at least `imodels_webview` comes on top.
    Administrators have to be those of both organizations. Baseline and extent are copied always. The
    changesets are squashed into the fork's baseline unless `preserveHistory` is true. Each element of
    the main iModel must carry a FederationGuid, or the creation ends as
    `mainIModelIsMissingFederationGuids`; to merge back, each element of the fork needs one as well. As
    with a clone the answer only has headers, and the work goes on in the background; the fork can be
    used once its creation is `successful`. As of 2024 a client may fork 5 times a minute in the
    smallest tier, 20 times in the others. A page of August 2024 calls forks a closed preview, open to
    chosen applications only; whether that has ended is unknown, and the vendor's client has had them
    without such a mark since May 2024.

    Args:
        id (str):
        body (IModelFork): Where a fork goes, and how much of the history it takes in which form.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | DetailedErrorResponse | ErrorResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: IModelFork,
) -> Any | DetailedErrorResponse | ErrorResponse | None:
    """Fork iModel

     Makes a fork: a new iModel that remembers the main iModel it came from and can be merged back by the
    Transformations API. Needs `imodels_manage` on the iTwin of the main iModel and on the one the fork
    goes to; on a main iModel with permissions of its own at least `imodels_webview` comes on top.
    Administrators have to be those of both organizations. Baseline and extent are copied always. The
    changesets are squashed into the fork's baseline unless `preserveHistory` is true. Each element of
    the main iModel must carry a FederationGuid, or the creation ends as
    `mainIModelIsMissingFederationGuids`; to merge back, each element of the fork needs one as well. As
    with a clone the answer only has headers, and the work goes on in the background; the fork can be
    used once its creation is `successful`. As of 2024 a client may fork 5 times a minute in the
    smallest tier, 20 times in the others. A page of August 2024 calls forks a closed preview, open to
    chosen applications only; whether that has ended is unknown, and the vendor's client has had them
    without such a mark since May 2024.

    Args:
        id (str):
        body (IModelFork): Where a fork goes, and how much of the history it takes in which form.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | DetailedErrorResponse | ErrorResponse
    """

    return sync_detailed(
        id=id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: IModelFork,
) -> Response[Any | DetailedErrorResponse | ErrorResponse]:
    """Fork iModel

     Makes a fork: a new iModel that remembers the main iModel it came from and can be merged back by the
    Transformations API. Needs `imodels_manage` on the iTwin of the main iModel and on the one the fork
    goes to; on a main iModel with permissions of its own at least `imodels_webview` comes on top.
    Administrators have to be those of both organizations. Baseline and extent are copied always. The
    changesets are squashed into the fork's baseline unless `preserveHistory` is true. Each element of
    the main iModel must carry a FederationGuid, or the creation ends as
    `mainIModelIsMissingFederationGuids`; to merge back, each element of the fork needs one as well. As
    with a clone the answer only has headers, and the work goes on in the background; the fork can be
    used once its creation is `successful`. As of 2024 a client may fork 5 times a minute in the
    smallest tier, 20 times in the others. A page of August 2024 calls forks a closed preview, open to
    chosen applications only; whether that has ended is unknown, and the vendor's client has had them
    without such a mark since May 2024.

    Args:
        id (str):
        body (IModelFork): Where a fork goes, and how much of the history it takes in which form.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | DetailedErrorResponse | ErrorResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    body: IModelFork,
) -> Any | DetailedErrorResponse | ErrorResponse | None:
    """Fork iModel

     Makes a fork: a new iModel that remembers the main iModel it came from and can be merged back by the
    Transformations API. Needs `imodels_manage` on the iTwin of the main iModel and on the one the fork
    goes to; on a main iModel with permissions of its own at least `imodels_webview` comes on top.
    Administrators have to be those of both organizations. Baseline and extent are copied always. The
    changesets are squashed into the fork's baseline unless `preserveHistory` is true. Each element of
    the main iModel must carry a FederationGuid, or the creation ends as
    `mainIModelIsMissingFederationGuids`; to merge back, each element of the fork needs one as well. As
    with a clone the answer only has headers, and the work goes on in the background; the fork can be
    used once its creation is `successful`. As of 2024 a client may fork 5 times a minute in the
    smallest tier, 20 times in the others. A page of August 2024 calls forks a closed preview, open to
    chosen applications only; whether that has ended is unknown, and the vendor's client has had them
    without such a mark since May 2024.

    Args:
        id (str):
        body (IModelFork): Where a fork goes, and how much of the history it takes in which form.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | DetailedErrorResponse | ErrorResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            body=body,
        )
    ).parsed
