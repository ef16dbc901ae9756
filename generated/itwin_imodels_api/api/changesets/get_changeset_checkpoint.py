from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.checkpoint_response import CheckpointResponse
from ...models.error_response import ErrorResponse
from ...types import Response


def _get_kwargs(
    id: str,
    changeset: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/{id}/changesets/{changeset}/checkpoint".format(
            id=quote(str(id), safe=""),
            changeset=quote(str(changeset), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CheckpointResponse | ErrorResponse | None:
    if response.status_code == 200:
        response_200 = CheckpointResponse.from_dict(response.json())

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

    if response.status_code == 429:
        response_429 = ErrorResponse.from_dict(response.json())

        return response_429

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[CheckpointResponse | ErrorResponse]:
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
) -> Response[CheckpointResponse | ErrorResponse]:
    """Get Changeset Checkpoint

     Gets the checkpoint of exactly this changeset, without falling back to an earlier one; index 0 asks
    for the baseline's. Needs `imodels_read`. Checkpoints exist where a Named Version was made and for
    the baseline; a changeset's `currentOrPrecedingCheckpoint` link leads to the nearest.
    `containerAccessInfo` has been deprecated since 2025-02-27 in favour of `directoryAccessInfo`.

    Args:
        id (str):
        changeset (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CheckpointResponse | ErrorResponse]
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
) -> CheckpointResponse | ErrorResponse | None:
    """Get Changeset Checkpoint

     Gets the checkpoint of exactly this changeset, without falling back to an earlier one; index 0 asks
    for the baseline's. Needs `imodels_read`. Checkpoints exist where a Named Version was made and for
    the baseline; a changeset's `currentOrPrecedingCheckpoint` link leads to the nearest.
    `containerAccessInfo` has been deprecated since 2025-02-27 in favour of `directoryAccessInfo`.

    Args:
        id (str):
        changeset (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CheckpointResponse | ErrorResponse
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
) -> Response[CheckpointResponse | ErrorResponse]:
    """Get Changeset Checkpoint

     Gets the checkpoint of exactly this changeset, without falling back to an earlier one; index 0 asks
    for the baseline's. Needs `imodels_read`. Checkpoints exist where a Named Version was made and for
    the baseline; a changeset's `currentOrPrecedingCheckpoint` link leads to the nearest.
    `containerAccessInfo` has been deprecated since 2025-02-27 in favour of `directoryAccessInfo`.

    Args:
        id (str):
        changeset (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CheckpointResponse | ErrorResponse]
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
) -> CheckpointResponse | ErrorResponse | None:
    """Get Changeset Checkpoint

     Gets the checkpoint of exactly this changeset, without falling back to an earlier one; index 0 asks
    for the baseline's. Needs `imodels_read`. Checkpoints exist where a Named Version was made and for
    the baseline; a changeset's `currentOrPrecedingCheckpoint` link leads to the nearest.
    `containerAccessInfo` has been deprecated since 2025-02-27 in favour of `directoryAccessInfo`.

    Args:
        id (str):
        changeset (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CheckpointResponse | ErrorResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            changeset=changeset,
            client=client,
        )
    ).parsed
