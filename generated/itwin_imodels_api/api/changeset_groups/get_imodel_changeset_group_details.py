from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.changeset_group_response import ChangesetGroupResponse
from ...models.error_response import ErrorResponse
from ...types import Response


def _get_kwargs(
    id: str,
    changeset_group_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/{id}/changesetgroups/{changeset_group_id}".format(
            id=quote(str(id), safe=""),
            changeset_group_id=quote(str(changeset_group_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ChangesetGroupResponse | ErrorResponse | None:
    if response.status_code == 200:
        response_200 = ChangesetGroupResponse.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 404:
        response_404 = ErrorResponse.from_dict(response.json())

        return response_404

    if response.status_code == 429:
        response_429 = ErrorResponse.from_dict(response.json())

        return response_429

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ChangesetGroupResponse | ErrorResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: str,
    changeset_group_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[ChangesetGroupResponse | ErrorResponse]:
    """Get iModel Changeset Group

     Reads one changeset group. Needs `imodels_webview`.

    Args:
        id (str):
        changeset_group_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangesetGroupResponse | ErrorResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        changeset_group_id=changeset_group_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    changeset_group_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> ChangesetGroupResponse | ErrorResponse | None:
    """Get iModel Changeset Group

     Reads one changeset group. Needs `imodels_webview`.

    Args:
        id (str):
        changeset_group_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangesetGroupResponse | ErrorResponse
    """

    return sync_detailed(
        id=id,
        changeset_group_id=changeset_group_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    id: str,
    changeset_group_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[ChangesetGroupResponse | ErrorResponse]:
    """Get iModel Changeset Group

     Reads one changeset group. Needs `imodels_webview`.

    Args:
        id (str):
        changeset_group_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangesetGroupResponse | ErrorResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        changeset_group_id=changeset_group_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    changeset_group_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> ChangesetGroupResponse | ErrorResponse | None:
    """Get iModel Changeset Group

     Reads one changeset group. Needs `imodels_webview`.

    Args:
        id (str):
        changeset_group_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangesetGroupResponse | ErrorResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            changeset_group_id=changeset_group_id,
            client=client,
        )
    ).parsed
