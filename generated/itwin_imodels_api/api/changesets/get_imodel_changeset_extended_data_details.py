from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.changeset_extended_data_response import ChangesetExtendedDataResponse
from ...models.error_response import ErrorResponse
from ...types import Response


def _get_kwargs(
    id: str,
    changeset: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/{id}/changesets/{changeset}/extendeddata".format(
            id=quote(str(id), safe=""),
            changeset=quote(str(changeset), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ChangesetExtendedDataResponse | ErrorResponse | None:
    if response.status_code == 200:
        response_200 = ChangesetExtendedDataResponse.from_dict(response.json())

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
) -> Response[ChangesetExtendedDataResponse | ErrorResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: str,
    changeset: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[ChangesetExtendedDataResponse | ErrorResponse]:
    """Get Changeset Extended Data

     Reads the application data attached to one changeset. Needs `imodels_webview`.

    Args:
        id (str):
        changeset (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangesetExtendedDataResponse | ErrorResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        changeset=changeset,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    changeset: str,
    *,
    client: AuthenticatedClient | Client,
) -> ChangesetExtendedDataResponse | ErrorResponse | None:
    """Get Changeset Extended Data

     Reads the application data attached to one changeset. Needs `imodels_webview`.

    Args:
        id (str):
        changeset (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangesetExtendedDataResponse | ErrorResponse
    """

    return sync_detailed(
        id=id,
        changeset=changeset,
        client=client,
    ).parsed


async def asyncio_detailed(
    id: str,
    changeset: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[ChangesetExtendedDataResponse | ErrorResponse]:
    """Get Changeset Extended Data

     Reads the application data attached to one changeset. Needs `imodels_webview`.

    Args:
        id (str):
        changeset (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangesetExtendedDataResponse | ErrorResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        changeset=changeset,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    changeset: str,
    *,
    client: AuthenticatedClient | Client,
) -> ChangesetExtendedDataResponse | ErrorResponse | None:
    """Get Changeset Extended Data

     Reads the application data attached to one changeset. Needs `imodels_webview`.

    Args:
        id (str):
        changeset (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangesetExtendedDataResponse | ErrorResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            changeset=changeset,
            client=client,
        )
    ).parsed
