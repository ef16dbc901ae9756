from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...models.share_create import ShareCreate
from ...models.share_response import ShareResponse
from ...types import Response


def _get_kwargs(
    id: str,
    *,
    body: ShareCreate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/{id}/shares".format(
            id=quote(str(id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DetailedErrorResponse | ErrorResponse | ShareResponse | None:
    if response.status_code == 201:
        response_201 = ShareResponse.from_dict(response.json())

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
) -> Response[DetailedErrorResponse | ErrorResponse | ShareResponse]:
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
    body: ShareCreate,
) -> Response[DetailedErrorResponse | ErrorResponse | ShareResponse]:
    """Create iModel Share

     Makes a key with which anonymous callers can read this iModel for up to six months. Needs
    `imodels_manage` on the iTwin. Closed preview as of August 2024: open to chosen applications only.
    Parts of the bodies are assumed.

    Args:
        id (str):
        body (ShareCreate): What a new share shall allow, and until when. Names stem from a third
            party; that all three are required is assumed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | ShareResponse]
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
    body: ShareCreate,
) -> DetailedErrorResponse | ErrorResponse | ShareResponse | None:
    """Create iModel Share

     Makes a key with which anonymous callers can read this iModel for up to six months. Needs
    `imodels_manage` on the iTwin. Closed preview as of August 2024: open to chosen applications only.
    Parts of the bodies are assumed.

    Args:
        id (str):
        body (ShareCreate): What a new share shall allow, and until when. Names stem from a third
            party; that all three are required is assumed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | ShareResponse
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
    body: ShareCreate,
) -> Response[DetailedErrorResponse | ErrorResponse | ShareResponse]:
    """Create iModel Share

     Makes a key with which anonymous callers can read this iModel for up to six months. Needs
    `imodels_manage` on the iTwin. Closed preview as of August 2024: open to chosen applications only.
    Parts of the bodies are assumed.

    Args:
        id (str):
        body (ShareCreate): What a new share shall allow, and until when. Names stem from a third
            party; that all three are required is assumed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | ShareResponse]
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
    body: ShareCreate,
) -> DetailedErrorResponse | ErrorResponse | ShareResponse | None:
    """Create iModel Share

     Makes a key with which anonymous callers can read this iModel for up to six months. Needs
    `imodels_manage` on the iTwin. Closed preview as of August 2024: open to chosen applications only.
    Parts of the bodies are assumed.

    Args:
        id (str):
        body (ShareCreate): What a new share shall allow, and until when. Names stem from a third
            party; that all three are required is assumed.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | ShareResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            body=body,
        )
    ).parsed
