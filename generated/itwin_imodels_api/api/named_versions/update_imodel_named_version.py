from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...models.named_version_response import NamedVersionResponse
from ...models.named_version_update import NamedVersionUpdate
from ...types import Response


def _get_kwargs(
    id: str,
    named_version_id: str,
    *,
    body: NamedVersionUpdate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/{id}/namedversions/{named_version_id}".format(
            id=quote(str(id), safe=""),
            named_version_id=quote(str(named_version_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DetailedErrorResponse | ErrorResponse | NamedVersionResponse | None:
    if response.status_code == 200:
        response_200 = NamedVersionResponse.from_dict(response.json())

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
) -> Response[DetailedErrorResponse | ErrorResponse | NamedVersionResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: str,
    named_version_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: NamedVersionUpdate,
) -> Response[DetailedErrorResponse | ErrorResponse | NamedVersionResponse]:
    """Update iModel Named Version

     Renames, describes, hides or shows a Named Version; whatever the body does not mention stays as it
    is. Needs `imodels_write`. Hiding is the nearest there is to deletion: the API has no call to delete
    a Named Version.

    Args:
        id (str):
        named_version_id (str):
        body (NamedVersionUpdate): Changes to a Named Version. Properties left out stay as they
            are; the vendor's client insists on at least one.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | NamedVersionResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        named_version_id=named_version_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: str,
    named_version_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: NamedVersionUpdate,
) -> DetailedErrorResponse | ErrorResponse | NamedVersionResponse | None:
    """Update iModel Named Version

     Renames, describes, hides or shows a Named Version; whatever the body does not mention stays as it
    is. Needs `imodels_write`. Hiding is the nearest there is to deletion: the API has no call to delete
    a Named Version.

    Args:
        id (str):
        named_version_id (str):
        body (NamedVersionUpdate): Changes to a Named Version. Properties left out stay as they
            are; the vendor's client insists on at least one.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | NamedVersionResponse
    """

    return sync_detailed(
        id=id,
        named_version_id=named_version_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    id: str,
    named_version_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: NamedVersionUpdate,
) -> Response[DetailedErrorResponse | ErrorResponse | NamedVersionResponse]:
    """Update iModel Named Version

     Renames, describes, hides or shows a Named Version; whatever the body does not mention stays as it
    is. Needs `imodels_write`. Hiding is the nearest there is to deletion: the API has no call to delete
    a Named Version.

    Args:
        id (str):
        named_version_id (str):
        body (NamedVersionUpdate): Changes to a Named Version. Properties left out stay as they
            are; the vendor's client insists on at least one.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | NamedVersionResponse]
    """

    kwargs = _get_kwargs(
        id=id,
        named_version_id=named_version_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    named_version_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: NamedVersionUpdate,
) -> DetailedErrorResponse | ErrorResponse | NamedVersionResponse | None:
    """Update iModel Named Version

     Renames, describes, hides or shows a Named Version; whatever the body does not mention stays as it
    is. Needs `imodels_write`. Hiding is the nearest there is to deletion: the API has no call to delete
    a Named Version.

    Args:
        id (str):
        named_version_id (str):
        body (NamedVersionUpdate): Changes to a Named Version. Properties left out stay as they
            are; the vendor's client insists on at least one.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | NamedVersionResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            named_version_id=named_version_id,
            client=client,
            body=body,
        )
    ).parsed
