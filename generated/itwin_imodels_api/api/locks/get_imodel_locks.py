from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...models.get_imodel_locks_lock_level import (
    GetImodelLocksLockLevel,
)
from ...models.locks_response import LocksResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    skip: int | Unset = UNSET,
    top: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
    briefcase_id: int | Unset = UNSET,
    lock_level: GetImodelLocksLockLevel | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["$skip"] = skip

    params["$top"] = top

    params["$continuationToken"] = continuation_token

    params["briefcaseId"] = briefcase_id

    json_lock_level: str | Unset = UNSET
    if not isinstance(lock_level, Unset):
        json_lock_level = lock_level

    params["lockLevel"] = json_lock_level

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/{id}/locks".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DetailedErrorResponse | ErrorResponse | LocksResponse | None:
    if response.status_code == 200:
        response_200 = LocksResponse.from_dict(response.json())

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
) -> Response[DetailedErrorResponse | ErrorResponse | LocksResponse]:
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
    skip: int | Unset = UNSET,
    top: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
    briefcase_id: int | Unset = UNSET,
    lock_level: GetImodelLocksLockLevel | Unset = UNSET,
) -> Response[DetailedErrorResponse | ErrorResponse | LocksResponse]:
    """Get iModel Locks

     Pages through the locks held, by briefcase. Needs `imodels_webview`. A page is counted in object
    ids, not in entries: the entry of one briefcase, even of one level, can continue on the next page,
    so merge by `briefcaseId` and `lockLevel`. A briefcase number that is unknown gives an empty list.
    Locks have no types any more, which older versions had; ignore what speaks of them. There is one
    form of answer only, so `Prefer` is not taken.

    Args:
        id (str):
        skip (int | Unset):
        top (int | Unset):
        continuation_token (str | Unset):
        briefcase_id (int | Unset):
        lock_level (GetImodelLocksLockLevel | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | LocksResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        skip=skip,
        top=top,
        continuation_token=continuation_token,
        briefcase_id=briefcase_id,
        lock_level=lock_level,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    skip: int | Unset = UNSET,
    top: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
    briefcase_id: int | Unset = UNSET,
    lock_level: GetImodelLocksLockLevel | Unset = UNSET,
) -> DetailedErrorResponse | ErrorResponse | LocksResponse | None:
    """Get iModel Locks

     Pages through the locks held, by briefcase. Needs `imodels_webview`. A page is counted in object
    ids, not in entries: the entry of one briefcase, even of one level, can continue on the next page,
    so merge by `briefcaseId` and `lockLevel`. A briefcase number that is unknown gives an empty list.
    Locks have no types any more, which older versions had; ignore what speaks of them. There is one
    form of answer only, so `Prefer` is not taken.

    Args:
        id (str):
        skip (int | Unset):
        top (int | Unset):
        continuation_token (str | Unset):
        briefcase_id (int | Unset):
        lock_level (GetImodelLocksLockLevel | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | LocksResponse
    """

    return sync_detailed(
        id=id,
        client=client,
        skip=skip,
        top=top,
        continuation_token=continuation_token,
        briefcase_id=briefcase_id,
        lock_level=lock_level,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    skip: int | Unset = UNSET,
    top: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
    briefcase_id: int | Unset = UNSET,
    lock_level: GetImodelLocksLockLevel | Unset = UNSET,
) -> Response[DetailedErrorResponse | ErrorResponse | LocksResponse]:
    """Get iModel Locks

     Pages through the locks held, by briefcase. Needs `imodels_webview`. A page is counted in object
    ids, not in entries: the entry of one briefcase, even of one level, can continue on the next page,
    so merge by `briefcaseId` and `lockLevel`. A briefcase number that is unknown gives an empty list.
    Locks have no types any more, which older versions had; ignore what speaks of them. There is one
    form of answer only, so `Prefer` is not taken.

    Args:
        id (str):
        skip (int | Unset):
        top (int | Unset):
        continuation_token (str | Unset):
        briefcase_id (int | Unset):
        lock_level (GetImodelLocksLockLevel | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | LocksResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        skip=skip,
        top=top,
        continuation_token=continuation_token,
        briefcase_id=briefcase_id,
        lock_level=lock_level,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    skip: int | Unset = UNSET,
    top: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
    briefcase_id: int | Unset = UNSET,
    lock_level: GetImodelLocksLockLevel | Unset = UNSET,
) -> DetailedErrorResponse | ErrorResponse | LocksResponse | None:
    """Get iModel Locks

     Pages through the locks held, by briefcase. Needs `imodels_webview`. A page is counted in object
    ids, not in entries: the entry of one briefcase, even of one level, can continue on the next page,
    so merge by `briefcaseId` and `lockLevel`. A briefcase number that is unknown gives an empty list.
    Locks have no types any more, which older versions had; ignore what speaks of them. There is one
    form of answer only, so `Prefer` is not taken.

    Args:
        id (str):
        skip (int | Unset):
        top (int | Unset):
        continuation_token (str | Unset):
        briefcase_id (int | Unset):
        lock_level (GetImodelLocksLockLevel | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | LocksResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            skip=skip,
            top=top,
            continuation_token=continuation_token,
            briefcase_id=briefcase_id,
            lock_level=lock_level,
        )
    ).parsed
