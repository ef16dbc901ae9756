from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.changeset_group_create import ChangesetGroupCreate
from ...models.changeset_group_response import ChangesetGroupResponse
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...types import Response


def _get_kwargs(
    id: str,
    *,
    body: ChangesetGroupCreate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/{id}/changesetgroups".format(
            id=quote(str(id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ChangesetGroupResponse | DetailedErrorResponse | ErrorResponse | None:
    if response.status_code == 201:
        response_201 = ChangesetGroupResponse.from_dict(response.json())

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
) -> Response[ChangesetGroupResponse | DetailedErrorResponse | ErrorResponse]:
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
    body: ChangesetGroupCreate,
) -> Response[ChangesetGroupResponse | DetailedErrorResponse | ErrorResponse]:
    """Create iModel Changeset Group

     Opens a changeset group (`inProgress`) that later pushes can name in `groupId`. Needs
    `imodels_write`. The service closes it by itself after a while; how long that is, is not published.
    An old page marks the call as a preview, a later one does not.

    Args:
        id (str):
        body (ChangesetGroupCreate): What a new changeset group is for. Whether `description` may
            be missing is open; the vendor's client always sends it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangesetGroupResponse | DetailedErrorResponse | ErrorResponse]
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
    body: ChangesetGroupCreate,
) -> ChangesetGroupResponse | DetailedErrorResponse | ErrorResponse | None:
    """Create iModel Changeset Group

     Opens a changeset group (`inProgress`) that later pushes can name in `groupId`. Needs
    `imodels_write`. The service closes it by itself after a while; how long that is, is not published.
    An old page marks the call as a preview, a later one does not.

    Args:
        id (str):
        body (ChangesetGroupCreate): What a new changeset group is for. Whether `description` may
            be missing is open; the vendor's client always sends it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangesetGroupResponse | DetailedErrorResponse | ErrorResponse
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
    body: ChangesetGroupCreate,
) -> Response[ChangesetGroupResponse | DetailedErrorResponse | ErrorResponse]:
    """Create iModel Changeset Group

     Opens a changeset group (`inProgress`) that later pushes can name in `groupId`. Needs
    `imodels_write`. The service closes it by itself after a while; how long that is, is not published.
    An old page marks the call as a preview, a later one does not.

    Args:
        id (str):
        body (ChangesetGroupCreate): What a new changeset group is for. Whether `description` may
            be missing is open; the vendor's client always sends it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangesetGroupResponse | DetailedErrorResponse | ErrorResponse]
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
    body: ChangesetGroupCreate,
) -> ChangesetGroupResponse | DetailedErrorResponse | ErrorResponse | None:
    """Create iModel Changeset Group

     Opens a changeset group (`inProgress`) that later pushes can name in `groupId`. Needs
    `imodels_write`. The service closes it by itself after a while; how long that is, is not published.
    An old page marks the call as a preview, a later one does not.

    Args:
        id (str):
        body (ChangesetGroupCreate): What a new changeset group is for. Whether `description` may
            be missing is open; the vendor's client always sends it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangesetGroupResponse | DetailedErrorResponse | ErrorResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            body=body,
        )
    ).parsed
