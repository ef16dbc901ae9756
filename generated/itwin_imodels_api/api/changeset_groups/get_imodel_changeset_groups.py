from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.changeset_groups_response import ChangesetGroupsResponse
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["$top"] = top

    params["$skip"] = skip

    params["$continuationToken"] = continuation_token

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/{id}/changesetgroups".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ChangesetGroupsResponse | DetailedErrorResponse | ErrorResponse | None:
    if response.status_code == 200:
        response_200 = ChangesetGroupsResponse.from_dict(response.json())

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
) -> Response[ChangesetGroupsResponse | DetailedErrorResponse | ErrorResponse]:
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
    continuation_token: str | Unset = UNSET,
) -> Response[ChangesetGroupsResponse | DetailedErrorResponse | ErrorResponse]:
    """Get iModel Changeset Groups

     Pages through the changeset groups, open and closed. Needs `imodels_webview`. No changelog entry
    names `$continuationToken` for this list; the vendor's client declares it all the same.

    Args:
        id (str):
        top (int | Unset):
        skip (int | Unset):
        continuation_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangesetGroupsResponse | DetailedErrorResponse | ErrorResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        top=top,
        skip=skip,
        continuation_token=continuation_token,
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
    continuation_token: str | Unset = UNSET,
) -> ChangesetGroupsResponse | DetailedErrorResponse | ErrorResponse | None:
    """Get iModel Changeset Groups

     Pages through the changeset groups, open and closed. Needs `imodels_webview`. No changelog entry
    names `$continuationToken` for this list; the vendor's client declares it all the same.

    Args:
        id (str):
        top (int | Unset):
        skip (int | Unset):
        continuation_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangesetGroupsResponse | DetailedErrorResponse | ErrorResponse
    """

    return sync_detailed(
        id=id,
        client=client,
        top=top,
        skip=skip,
        continuation_token=continuation_token,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
) -> Response[ChangesetGroupsResponse | DetailedErrorResponse | ErrorResponse]:
    """Get iModel Changeset Groups

     Pages through the changeset groups, open and closed. Needs `imodels_webview`. No changelog entry
    names `$continuationToken` for this list; the vendor's client declares it all the same.

    Args:
        id (str):
        top (int | Unset):
        skip (int | Unset):
        continuation_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangesetGroupsResponse | DetailedErrorResponse | ErrorResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        top=top,
        skip=skip,
        continuation_token=continuation_token,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
) -> ChangesetGroupsResponse | DetailedErrorResponse | ErrorResponse | None:
    """Get iModel Changeset Groups

     Pages through the changeset groups, open and closed. Needs `imodels_webview`. No changelog entry
    names `$continuationToken` for this list; the vendor's client declares it all the same.

    Args:
        id (str):
        top (int | Unset):
        skip (int | Unset):
        continuation_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangesetGroupsResponse | DetailedErrorResponse | ErrorResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            top=top,
            skip=skip,
            continuation_token=continuation_token,
        )
    ).parsed
