from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.changeset_response import ChangesetResponse
from ...models.changeset_update import ChangesetUpdate
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...types import Response


def _get_kwargs(
    id: str,
    changeset: str,
    *,
    body: ChangesetUpdate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/{id}/changesets/{changeset}".format(
            id=quote(str(id), safe=""),
            changeset=quote(str(changeset), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ChangesetResponse | DetailedErrorResponse | ErrorResponse | None:
    if response.status_code == 200:
        response_200 = ChangesetResponse.from_dict(response.json())

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
) -> Response[ChangesetResponse | DetailedErrorResponse | ErrorResponse]:
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
    body: ChangesetUpdate,
) -> Response[ChangesetResponse | DetailedErrorResponse | ErrorResponse]:
    """Update iModel Changeset

     Last step of a push: confirms that the changeset's file is in storage. Needs `imodels_write`. The
    `briefcaseId` has to be the one that announced the changeset. `synchronizationInfo`, the download
    link and the checkpoint link are null in this answer even where a later read shows them. The path
    takes the changeset's id, not its index.

    Args:
        id (str):
        changeset (str):
        body (ChangesetUpdate): Confirmation that a changeset's file was uploaded.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangesetResponse | DetailedErrorResponse | ErrorResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        changeset=changeset,
        body=body,
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
    body: ChangesetUpdate,
) -> ChangesetResponse | DetailedErrorResponse | ErrorResponse | None:
    """Update iModel Changeset

     Last step of a push: confirms that the changeset's file is in storage. Needs `imodels_write`. The
    `briefcaseId` has to be the one that announced the changeset. `synchronizationInfo`, the download
    link and the checkpoint link are null in this answer even where a later read shows them. The path
    takes the changeset's id, not its index.

    Args:
        id (str):
        changeset (str):
        body (ChangesetUpdate): Confirmation that a changeset's file was uploaded.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangesetResponse | DetailedErrorResponse | ErrorResponse
    """

    return sync_detailed(
        id=id,
        changeset=changeset,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    id: str,
    changeset: str,
    *,
    client: AuthenticatedClient | Client,
    body: ChangesetUpdate,
) -> Response[ChangesetResponse | DetailedErrorResponse | ErrorResponse]:
    """Update iModel Changeset

     Last step of a push: confirms that the changeset's file is in storage. Needs `imodels_write`. The
    `briefcaseId` has to be the one that announced the changeset. `synchronizationInfo`, the download
    link and the checkpoint link are null in this answer even where a later read shows them. The path
    takes the changeset's id, not its index.

    Args:
        id (str):
        changeset (str):
        body (ChangesetUpdate): Confirmation that a changeset's file was uploaded.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangesetResponse | DetailedErrorResponse | ErrorResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        changeset=changeset,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    changeset: str,
    *,
    client: AuthenticatedClient | Client,
    body: ChangesetUpdate,
) -> ChangesetResponse | DetailedErrorResponse | ErrorResponse | None:
    """Update iModel Changeset

     Last step of a push: confirms that the changeset's file is in storage. Needs `imodels_write`. The
    `briefcaseId` has to be the one that announced the changeset. `synchronizationInfo`, the download
    link and the checkpoint link are null in this answer even where a later read shows them. The path
    takes the changeset's id, not its index.

    Args:
        id (str):
        changeset (str):
        body (ChangesetUpdate): Confirmation that a changeset's file was uploaded.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangesetResponse | DetailedErrorResponse | ErrorResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            changeset=changeset,
            client=client,
            body=body,
        )
    ).parsed
