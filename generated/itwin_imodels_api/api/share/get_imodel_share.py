from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.share_response import ShareResponse
from ...types import Response


def _get_kwargs(
    id: str,
    share_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/{id}/shares/{share_id}".format(
            id=quote(str(id), safe=""),
            share_id=quote(str(share_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | ShareResponse | None:
    if response.status_code == 200:
        response_200 = ShareResponse.from_dict(response.json())

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
) -> Response[ErrorResponse | ShareResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: str,
    share_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[ErrorResponse | ShareResponse]:
    """Get iModel Share

     Reads one share of the caller's own. Needs `imodels_webview`. Closed preview as of August 2024: open
    to chosen applications only. The names inside the body are assumed.

    Args:
        id (str):
        share_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | ShareResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        share_id=share_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    share_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> ErrorResponse | ShareResponse | None:
    """Get iModel Share

     Reads one share of the caller's own. Needs `imodels_webview`. Closed preview as of August 2024: open
    to chosen applications only. The names inside the body are assumed.

    Args:
        id (str):
        share_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | ShareResponse
    """

    return sync_detailed(
        id=id,
        share_id=share_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    id: str,
    share_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[ErrorResponse | ShareResponse]:
    """Get iModel Share

     Reads one share of the caller's own. Needs `imodels_webview`. Closed preview as of August 2024: open
    to chosen applications only. The names inside the body are assumed.

    Args:
        id (str):
        share_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | ShareResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        share_id=share_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    share_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> ErrorResponse | ShareResponse | None:
    """Get iModel Share

     Reads one share of the caller's own. Needs `imodels_webview`. Closed preview as of August 2024: open
    to chosen applications only. The names inside the body are assumed.

    Args:
        id (str):
        share_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | ShareResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            share_id=share_id,
            client=client,
        )
    ).parsed
