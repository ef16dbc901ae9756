from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...models.shares_response import SharesResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["$top"] = top

    params["$skip"] = skip

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/{id}/shares".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DetailedErrorResponse | ErrorResponse | SharesResponse | None:
    if response.status_code == 200:
        response_200 = SharesResponse.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 404:
        response_404 = ErrorResponse.from_dict(response.json())

        return response_404

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
) -> Response[DetailedErrorResponse | ErrorResponse | SharesResponse]:
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
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
) -> Response[DetailedErrorResponse | ErrorResponse | SharesResponse]:
    """Get iModel Shares

     Pages through the shares that the caller has made for this iModel; other people's stay hidden. Needs
    `imodels_webview`. Closed preview as of August 2024: open to chosen applications only. The names
    inside the body are assumed.

    Args:
        id (str):
        top (int | Unset):
        skip (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | SharesResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        top=top,
        skip=skip,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
) -> DetailedErrorResponse | ErrorResponse | SharesResponse | None:
    """Get iModel Shares

     Pages through the shares that the caller has made for this iModel; other people's stay hidden. Needs
    `imodels_webview`. Closed preview as of August 2024: open to chosen applications only. The names
    inside the body are assumed.

    Args:
        id (str):
        top (int | Unset):
        skip (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | SharesResponse
    """

    return sync_detailed(
        id=id,
        client=client,
        top=top,
        skip=skip,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
) -> Response[DetailedErrorResponse | ErrorResponse | SharesResponse]:
    """Get iModel Shares

     Pages through the shares that the caller has made for this iModel; other people's stay hidden. Needs
    `imodels_webview`. Closed preview as of August 2024: open to chosen applications only. The names
    inside the body are assumed.

    Args:
        id (str):
        top (int | Unset):
        skip (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | SharesResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        top=top,
        skip=skip,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
) -> DetailedErrorResponse | ErrorResponse | SharesResponse | None:
    """Get iModel Shares

     Pages through the shares that the caller has made for this iModel; other people's stay hidden. Needs
    `imodels_webview`. Closed preview as of August 2024: open to chosen applications only. The names
    inside the body are assumed.

    Args:
        id (str):
        top (int | Unset):
        skip (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | SharesResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            top=top,
            skip=skip,
        )
    ).parsed
