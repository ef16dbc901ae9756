from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...models.share_response import ShareResponse
from ...models.share_update import ShareUpdate
from ...types import Response


def _get_kwargs(
    id: str,
    share_id: str,
    *,
    body: ShareUpdate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/{id}/shares/{share_id}".format(
            id=quote(str(id), safe=""),
            share_id=quote(str(share_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DetailedErrorResponse | ErrorResponse | ShareResponse | None:
    if response.status_code == 200:
        response_200 = ShareResponse.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = ErrorResponse.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = ErrorResponse.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = ErrorResponse.from_dict(response.json())

        return response_404

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
    share_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ShareUpdate,
) -> Response[DetailedErrorResponse | ErrorResponse | ShareResponse]:
    """Update iModel Share

     Extends a share, to end at most six months from now; whether an earlier end is refused is open.
    Needs `imodels_webview`; only the maker of a share can reach it. Closed preview as of August 2024:
    open to chosen applications only. That the method is PATCH, and what the answer holds, is assumed.

    Args:
        id (str):
        share_id (str):
        body (ShareUpdate): The new end of a share. The name of the property stems from a third
            party.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | ShareResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        share_id=share_id,
        body=body,
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
    body: ShareUpdate,
) -> DetailedErrorResponse | ErrorResponse | ShareResponse | None:
    """Update iModel Share

     Extends a share, to end at most six months from now; whether an earlier end is refused is open.
    Needs `imodels_webview`; only the maker of a share can reach it. Closed preview as of August 2024:
    open to chosen applications only. That the method is PATCH, and what the answer holds, is assumed.

    Args:
        id (str):
        share_id (str):
        body (ShareUpdate): The new end of a share. The name of the property stems from a third
            party.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | ShareResponse
    """

    return sync_detailed(
        id=id,
        share_id=share_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    id: str,
    share_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ShareUpdate,
) -> Response[DetailedErrorResponse | ErrorResponse | ShareResponse]:
    """Update iModel Share

     Extends a share, to end at most six months from now; whether an earlier end is refused is open.
    Needs `imodels_webview`; only the maker of a share can reach it. Closed preview as of August 2024:
    open to chosen applications only. That the method is PATCH, and what the answer holds, is assumed.

    Args:
        id (str):
        share_id (str):
        body (ShareUpdate): The new end of a share. The name of the property stems from a third
            party.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | ShareResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        share_id=share_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    share_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: ShareUpdate,
) -> DetailedErrorResponse | ErrorResponse | ShareResponse | None:
    """Update iModel Share

     Extends a share, to end at most six months from now; whether an earlier end is refused is open.
    Needs `imodels_webview`; only the maker of a share can reach it. Closed preview as of August 2024:
    open to chosen applications only. That the method is PATCH, and what the answer holds, is assumed.

    Args:
        id (str):
        share_id (str):
        body (ShareUpdate): The new end of a share. The name of the property stems from a third
            party.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | ShareResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            share_id=share_id,
            client=client,
            body=body,
        )
    ).parsed
