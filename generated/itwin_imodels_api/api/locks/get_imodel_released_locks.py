from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...models.released_locks_response import ReleasedLocksResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    after_changeset_index: int,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["afterChangesetIndex"] = after_changeset_index

    params["$top"] = top

    params["$skip"] = skip

    params["$continuationToken"] = continuation_token

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/{id}/locks/released-locks".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DetailedErrorResponse | ErrorResponse | ReleasedLocksResponse | None:
    if response.status_code == 200:
        response_200 = ReleasedLocksResponse.from_dict(response.json())

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
) -> Response[DetailedErrorResponse | ErrorResponse | ReleasedLocksResponse]:
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
    after_changeset_index: int,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
) -> Response[DetailedErrorResponse | ErrorResponse | ReleasedLocksResponse]:
    """Get iModel Released Locks

     Pages through the objects whose locks were released with changesets after a given index, by the
    level they were held at. Needs `imodels_webview` (assumed). Known from the vendor's client alone,
    which marks it beta; taken as a preview for that reason.

    Args:
        id (str):
        after_changeset_index (int):
        top (int | Unset):
        skip (int | Unset):
        continuation_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | ReleasedLocksResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        after_changeset_index=after_changeset_index,
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
    after_changeset_index: int,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
) -> DetailedErrorResponse | ErrorResponse | ReleasedLocksResponse | None:
    """Get iModel Released Locks

     Pages through the objects whose locks were released with changesets after a given index, by the
    level they were held at. Needs `imodels_webview` (assumed). Known from the vendor's client alone,
    which marks it beta; taken as a preview for that reason.

    Args:
        id (str):
        after_changeset_index (int):
        top (int | Unset):
        skip (int | Unset):
        continuation_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | ReleasedLocksResponse
    """

    return sync_detailed(
        id=id,
        client=client,
        after_changeset_index=after_changeset_index,
        top=top,
        skip=skip,
        continuation_token=continuation_token,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    after_changeset_index: int,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
) -> Response[DetailedErrorResponse | ErrorResponse | ReleasedLocksResponse]:
    """Get iModel Released Locks

     Pages through the objects whose locks were released with changesets after a given index, by the
    level they were held at. Needs `imodels_webview` (assumed). Known from the vendor's client alone,
    which marks it beta; taken as a preview for that reason.

    Args:
        id (str):
        after_changeset_index (int):
        top (int | Unset):
        skip (int | Unset):
        continuation_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | ReleasedLocksResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        after_changeset_index=after_changeset_index,
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
    after_changeset_index: int,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
) -> DetailedErrorResponse | ErrorResponse | ReleasedLocksResponse | None:
    """Get iModel Released Locks

     Pages through the objects whose locks were released with changesets after a given index, by the
    level they were held at. Needs `imodels_webview` (assumed). Known from the vendor's client alone,
    which marks it beta; taken as a preview for that reason.

    Args:
        id (str):
        after_changeset_index (int):
        top (int | Unset):
        skip (int | Unset):
        continuation_token (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | ReleasedLocksResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            after_changeset_index=after_changeset_index,
            top=top,
            skip=skip,
            continuation_token=continuation_token,
        )
    ).parsed
