from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...models.get_imodel_thumbnail_size import (
    GetImodelThumbnailSize,
)
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    id: str,
    *,
    size: GetImodelThumbnailSize | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_size: str | Unset = UNSET
    if not isinstance(size, Unset):
        json_size = size

    params["size"] = json_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/{id}/thumbnail".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DetailedErrorResponse | ErrorResponse | File | None:
    if response.status_code == 200:
        response_200 = File(payload=BytesIO(response.content))

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
) -> Response[DetailedErrorResponse | ErrorResponse | File]:
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
    size: GetImodelThumbnailSize | Unset = UNSET,
) -> Response[DetailedErrorResponse | ErrorResponse | File]:
    """Download iModel Thumbnail

     Downloads the preview picture as PNG, whatever format was uploaded; without an upload it is a stock
    picture. Needs `imodels_webview`.

    Args:
        id (str):
        size (GetImodelThumbnailSize | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | File]
    """

    kwargs = _get_kwargs(
        id=id,
        size=size,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    size: GetImodelThumbnailSize | Unset = UNSET,
) -> DetailedErrorResponse | ErrorResponse | File | None:
    """Download iModel Thumbnail

     Downloads the preview picture as PNG, whatever format was uploaded; without an upload it is a stock
    picture. Needs `imodels_webview`.

    Args:
        id (str):
        size (GetImodelThumbnailSize | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | File
    """

    return sync_detailed(
        id=id,
        client=client,
        size=size,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    size: GetImodelThumbnailSize | Unset = UNSET,
) -> Response[DetailedErrorResponse | ErrorResponse | File]:
    """Download iModel Thumbnail

     Downloads the preview picture as PNG, whatever format was uploaded; without an upload it is a stock
    picture. Needs `imodels_webview`.

    Args:
        id (str):
        size (GetImodelThumbnailSize | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | File]
    """

    kwargs = _get_kwargs(
        id=id,
        size=size,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    size: GetImodelThumbnailSize | Unset = UNSET,
) -> DetailedErrorResponse | ErrorResponse | File | None:
    """Download iModel Thumbnail

     Downloads the preview picture as PNG, whatever format was uploaded; without an upload it is a stock
    picture. Needs `imodels_webview`.

    Args:
        id (str):
        size (GetImodelThumbnailSize | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | File
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            size=size,
        )
    ).parsed
