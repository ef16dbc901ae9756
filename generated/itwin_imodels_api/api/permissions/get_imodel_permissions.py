from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error_response import ErrorResponse
from ...models.permissions import Permissions
from ...types import Response


def _get_kwargs(
    id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/{id}/permissions".format(
            id=quote(str(id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorResponse | Permissions | None:
    if response.status_code == 200:
        response_200 = Permissions.from_dict(response.json())

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
) -> Response[ErrorResponse | Permissions]:
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
) -> Response[ErrorResponse | Permissions]:
    """Get iModel Permissions

     Tells what the caller may do with the iModel: by the iModel's own configuration where there is one,
    else by the iTwin's. Needs `imodels_webview`. The body has no enclosing entity object. In v1, and
    still in comments of the vendor's client, this operation bears the name `get-imodel-user-
    permissions`, which means another one in v2.

    Args:
        id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Permissions]
    """

    kwargs = _get_kwargs(
        id=id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    *,
    client: AuthenticatedClient | Client,
) -> ErrorResponse | Permissions | None:
    """Get iModel Permissions

     Tells what the caller may do with the iModel: by the iModel's own configuration where there is one,
    else by the iTwin's. Needs `imodels_webview`. The body has no enclosing entity object. In v1, and
    still in comments of the vendor's client, this operation bears the name `get-imodel-user-
    permissions`, which means another one in v2.

    Args:
        id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Permissions
    """

    return sync_detailed(
        id=id,
        client=client,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[ErrorResponse | Permissions]:
    """Get iModel Permissions

     Tells what the caller may do with the iModel: by the iModel's own configuration where there is one,
    else by the iTwin's. Needs `imodels_webview`. The body has no enclosing entity object. In v1, and
    still in comments of the vendor's client, this operation bears the name `get-imodel-user-
    permissions`, which means another one in v2.

    Args:
        id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorResponse | Permissions]
    """

    kwargs = _get_kwargs(
        id=id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient | Client,
) -> ErrorResponse | Permissions | None:
    """Get iModel Permissions

     Tells what the caller may do with the iModel: by the iModel's own configuration where there is one,
    else by the iTwin's. Needs `imodels_webview`. The body has no enclosing entity object. In v1, and
    still in comments of the vendor's client, this operation bears the name `get-imodel-user-
    permissions`, which means another one in v2.

    Args:
        id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorResponse | Permissions
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
        )
    ).parsed
