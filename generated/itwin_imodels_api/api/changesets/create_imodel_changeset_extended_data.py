from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.changeset_extended_data_create import ChangesetExtendedDataCreate
from ...models.changeset_extended_data_response import ChangesetExtendedDataResponse
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...types import Response


def _get_kwargs(
    id: str,
    changeset: str,
    *,
    body: ChangesetExtendedDataCreate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/{id}/changesets/{changeset}/extendeddata".format(
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
) -> ChangesetExtendedDataResponse | DetailedErrorResponse | ErrorResponse | None:
    if response.status_code == 201:
        response_201 = ChangesetExtendedDataResponse.from_dict(response.json())

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

    if response.status_code == 413:
        response_413 = ErrorResponse.from_dict(response.json())

        return response_413

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
) -> Response[ChangesetExtendedDataResponse | DetailedErrorResponse | ErrorResponse]:
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
    body: ChangesetExtendedDataCreate,
) -> Response[ChangesetExtendedDataResponse | DetailedErrorResponse | ErrorResponse]:
    """Create Changeset Extended Data

     Attaches application data, a JSON object in base64, to a changeset. Needs `imodels_write`, and only
    whoever pushed the changeset may do it. It can be done once and holds up to 204800 bytes. An old
    page marks the call as a preview, later ones do not.

    Args:
        id (str):
        changeset (str):
        body (ChangesetExtendedDataCreate): Application data to attach.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangesetExtendedDataResponse | DetailedErrorResponse | ErrorResponse]
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
    body: ChangesetExtendedDataCreate,
) -> ChangesetExtendedDataResponse | DetailedErrorResponse | ErrorResponse | None:
    """Create Changeset Extended Data

     Attaches application data, a JSON object in base64, to a changeset. Needs `imodels_write`, and only
    whoever pushed the changeset may do it. It can be done once and holds up to 204800 bytes. An old
    page marks the call as a preview, later ones do not.

    Args:
        id (str):
        changeset (str):
        body (ChangesetExtendedDataCreate): Application data to attach.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangesetExtendedDataResponse | DetailedErrorResponse | ErrorResponse
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
    body: ChangesetExtendedDataCreate,
) -> Response[ChangesetExtendedDataResponse | DetailedErrorResponse | ErrorResponse]:
    """Create Changeset Extended Data

     Attaches application data, a JSON object in base64, to a changeset. Needs `imodels_write`, and only
    whoever pushed the changeset may do it. It can be done once and holds up to 204800 bytes. An old
    page marks the call as a preview, later ones do not.

    Args:
        id (str):
        changeset (str):
        body (ChangesetExtendedDataCreate): Application data to attach.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ChangesetExtendedDataResponse | DetailedErrorResponse | ErrorResponse]
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
    body: ChangesetExtendedDataCreate,
) -> ChangesetExtendedDataResponse | DetailedErrorResponse | ErrorResponse | None:
    """Create Changeset Extended Data

     Attaches application data, a JSON object in base64, to a changeset. Needs `imodels_write`, and only
    whoever pushed the changeset may do it. It can be done once and holds up to 204800 bytes. An old
    page marks the call as a preview, later ones do not.

    Args:
        id (str):
        changeset (str):
        body (ChangesetExtendedDataCreate): Application data to attach.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ChangesetExtendedDataResponse | DetailedErrorResponse | ErrorResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            changeset=changeset,
            client=client,
            body=body,
        )
    ).parsed
