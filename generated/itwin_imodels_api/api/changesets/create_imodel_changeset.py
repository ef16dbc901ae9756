from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.changeset_create import ChangesetCreate
from ...models.created_changeset_response import CreatedChangesetResponse
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...types import Response


def _get_kwargs(
    id: str,
    *,
    body: ChangesetCreate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/{id}/changesets".format(
            id=quote(str(id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CreatedChangesetResponse | DetailedErrorResponse | ErrorResponse | None:
    if response.status_code == 201:
        response_201 = CreatedChangesetResponse.from_dict(response.json())

        return response_201

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
) -> Response[CreatedChangesetResponse | DetailedErrorResponse | ErrorResponse]:
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
    body: ChangesetCreate,
) -> Response[CreatedChangesetResponse | DetailedErrorResponse | ErrorResponse]:
    """Create iModel Changeset

     First step of a push: announces a changeset. Needs `imodels_write`. The answer's state is
    `waitingForFile`; upload the file to the `upload` link, then confirm with the `complete` link
    (`update-imodel-changeset`). `parentId` must name the newest changeset, and only one push can be
    under way at a time. The vendor intends this call for iTwin.js.

    Args:
        id (str):
        body (ChangesetCreate): Announcement of a changeset that will be uploaded.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CreatedChangesetResponse | DetailedErrorResponse | ErrorResponse]
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
    body: ChangesetCreate,
) -> CreatedChangesetResponse | DetailedErrorResponse | ErrorResponse | None:
    """Create iModel Changeset

     First step of a push: announces a changeset. Needs `imodels_write`. The answer's state is
    `waitingForFile`; upload the file to the `upload` link, then confirm with the `complete` link
    (`update-imodel-changeset`). `parentId` must name the newest changeset, and only one push can be
    under way at a time. The vendor intends this call for iTwin.js.

    Args:
        id (str):
        body (ChangesetCreate): Announcement of a changeset that will be uploaded.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CreatedChangesetResponse | DetailedErrorResponse | ErrorResponse
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
    body: ChangesetCreate,
) -> Response[CreatedChangesetResponse | DetailedErrorResponse | ErrorResponse]:
    """Create iModel Changeset

     First step of a push: announces a changeset. Needs `imodels_write`. The answer's state is
    `waitingForFile`; upload the file to the `upload` link, then confirm with the `complete` link
    (`update-imodel-changeset`). `parentId` must name the newest changeset, and only one push can be
    under way at a time. The vendor intends this call for iTwin.js.

    Args:
        id (str):
        body (ChangesetCreate): Announcement of a changeset that will be uploaded.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CreatedChangesetResponse | DetailedErrorResponse | ErrorResponse]
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
    body: ChangesetCreate,
) -> CreatedChangesetResponse | DetailedErrorResponse | ErrorResponse | None:
    """Create iModel Changeset

     First step of a push: announces a changeset. Needs `imodels_write`. The answer's state is
    `waitingForFile`; upload the file to the `upload` link, then confirm with the `complete` link
    (`update-imodel-changeset`). `parentId` must name the newest changeset, and only one push can be
    under way at a time. The vendor intends this call for iTwin.js.

    Args:
        id (str):
        body (ChangesetCreate): Announcement of a changeset that will be uploaded.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CreatedChangesetResponse | DetailedErrorResponse | ErrorResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            body=body,
        )
    ).parsed
