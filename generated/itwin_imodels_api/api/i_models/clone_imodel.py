from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...models.i_model_clone import IModelClone
from ...types import Response


def _get_kwargs(
    id: str,
    *,
    body: IModelClone,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/{id}/clone".format(
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
    body: IModelClone,
) -> Response[Any | DetailedErrorResponse | ErrorResponse]:
    """Clone iModel

     Copies an iModel, up to a changeset of your choice, into a new iModel of the same or another iTwin.
    Needs `imodels_manage` on the iTwin of the source and on the one the copy goes to; on a source with
    permissions of its own at least `imodels_webview` comes on top. Administrators have to be those of
    both organizations. Baseline and extent are copied always, changesets one after the other, anything
    else not at all; the copy does not follow later changes. The service closes changeset groups that
    are still open (`forciblyClosed`). The copy is made in the background: the answer only tells, in
    headers, where the new iModel and its creation can be read, and the iModel may already be
    `initialized` while the creation is still not `successful`: what is needed to work comes first, then
    what only makes viewing and authoring faster. As of 2024 a client may clone 5 times a minute in the
    smallest tier, 20 times in the others.

    Args:
        id (str):
        body (IModelClone): Where a clone goes and how much of the history it takes.

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
    body: IModelClone,
) -> Any | DetailedErrorResponse | ErrorResponse | None:
    """Clone iModel

     Copies an iModel, up to a changeset of your choice, into a new iModel of the same or another iTwin.
    Needs `imodels_manage` on the iTwin of the source and on the one the copy goes to; on a source with
    permissions of its own at least `imodels_webview` comes on top. Administrators have to be those of
    both organizations. Baseline and extent are copied always, changesets one after the other, anything
    else not at all; the copy does not follow later changes. The service closes changeset groups that
    are still open (`forciblyClosed`). The copy is made in the background: the answer only tells, in
    headers, where the new iModel and its creation can be read, and the iModel may already be
    `initialized` while the creation is still not `successful`: what is needed to work comes first, then
    what only makes viewing and authoring faster. As of 2024 a client may clone 5 times a minute in the
    smallest tier, 20 times in the others.

    Args:
        id (str):
        body (IModelClone): Where a clone goes and how much of the history it takes.

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
    body: IModelClone,
) -> Response[Any | DetailedErrorResponse | ErrorResponse]:
    """Clone iModel

     Copies an iModel, up to a changeset of your choice, into a new iModel of the same or another iTwin.
    Needs `imodels_manage` on the iTwin of the source and on the one the copy goes to; on a source with
    permissions of its own at least `imodels_webview` comes on top. Administrators have to be those of
    both organizations. Baseline and extent are copied always, changesets one after the other, anything
    else not at all; the copy does not follow later changes. The service closes changeset groups that
    are still open (`forciblyClosed`). The copy is made in the background: the answer only tells, in
    headers, where the new iModel and its creation can be read, and the iModel may already be
    `initialized` while the creation is still not `successful`: what is needed to work comes first, then
    what only makes viewing and authoring faster. As of 2024 a client may clone 5 times a minute in the
    smallest tier, 20 times in the others.

    Args:
        id (str):
        body (IModelClone): Where a clone goes and how much of the history it takes.

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
    body: IModelClone,
) -> Any | DetailedErrorResponse | ErrorResponse | None:
    """Clone iModel

     Copies an iModel, up to a changeset of your choice, into a new iModel of the same or another iTwin.
    Needs `imodels_manage` on the iTwin of the source and on the one the copy goes to; on a source with
    permissions of its own at least `imodels_webview` comes on top. Administrators have to be those of
    both organizations. Baseline and extent are copied always, changesets one after the other, anything
    else not at all; the copy does not follow later changes. The service closes changeset groups that
    are still open (`forciblyClosed`). The copy is made in the background: the answer only tells, in
    headers, where the new iModel and its creation can be read, and the iModel may already be
    `initialized` while the creation is still not `successful`: what is needed to work comes first, then
    what only makes viewing and authoring faster. As of 2024 a client may clone 5 times a minute in the
    smallest tier, 20 times in the others.

    Args:
        id (str):
        body (IModelClone): Where a clone goes and how much of the history it takes.

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
