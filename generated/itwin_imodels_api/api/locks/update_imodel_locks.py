from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.conflicting_locks_error_response import ConflictingLocksErrorResponse
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...models.lock_response import LockResponse
from ...models.locks_error_response import LocksErrorResponse
from ...models.locks_update import LocksUpdate
from ...types import Response


def _get_kwargs(
    id: str,
    *,
    body: LocksUpdate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/{id}/locks".format(
            id=quote(str(id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> (
    ConflictingLocksErrorResponse
    | ErrorResponse
    | LocksErrorResponse
    | DetailedErrorResponse
    | LockResponse
    | None
):
    if response.status_code == 200:
        response_200 = LockResponse.from_dict(response.json())

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

        def _parse_response_409(
            data: object,
        ) -> ConflictingLocksErrorResponse | ErrorResponse | LocksErrorResponse:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_409_type_0 = ConflictingLocksErrorResponse.from_dict(data)

                return response_409_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_409_type_1 = LocksErrorResponse.from_dict(data)

                return response_409_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_409_type_2 = ErrorResponse.from_dict(data)

            return response_409_type_2

        response_409 = _parse_response_409(response.json())

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
) -> Response[
    ConflictingLocksErrorResponse
    | ErrorResponse
    | LocksErrorResponse
    | DetailedErrorResponse
    | LockResponse
]:
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
    body: LocksUpdate,
) -> Response[
    ConflictingLocksErrorResponse
    | ErrorResponse
    | LocksErrorResponse
    | DetailedErrorResponse
    | LockResponse
]:
    """Update iModel Locks

     Acquires locks for a briefcase, or releases them with the level `none`, all of the request or
    nothing. `imodels_write` covers one's own locks, `imodels_manage` releases anybody's. One request
    takes up to 1000 object ids. A lock held by another briefcase, or one last released with a changeset
    that the caller has not pulled yet, makes the request fail, and the error names the objects. The
    answer shows only what this request touched; a release leaves `lockedObjects` empty in it.

    Args:
        id (str):
        body (LocksUpdate): Locks to acquire or to release for one briefcase.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ConflictingLocksErrorResponse | ErrorResponse | LocksErrorResponse | DetailedErrorResponse | ErrorResponse | LockResponse]
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
    body: LocksUpdate,
) -> (
    ConflictingLocksErrorResponse
    | ErrorResponse
    | LocksErrorResponse
    | DetailedErrorResponse
    | LockResponse
    | None
):
    """Update iModel Locks

     Acquires locks for a briefcase, or releases them with the level `none`, all of the request or
    nothing. `imodels_write` covers one's own locks, `imodels_manage` releases anybody's. One request
    takes up to 1000 object ids. A lock held by another briefcase, or one last released with a changeset
    that the caller has not pulled yet, makes the request fail, and the error names the objects. The
    answer shows only what this request touched; a release leaves `lockedObjects` empty in it.

    Args:
        id (str):
        body (LocksUpdate): Locks to acquire or to release for one briefcase.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ConflictingLocksErrorResponse | ErrorResponse | LocksErrorResponse | DetailedErrorResponse | ErrorResponse | LockResponse
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
    body: LocksUpdate,
) -> Response[
    ConflictingLocksErrorResponse
    | ErrorResponse
    | LocksErrorResponse
    | DetailedErrorResponse
    | LockResponse
]:
    """Update iModel Locks

     Acquires locks for a briefcase, or releases them with the level `none`, all of the request or
    nothing. `imodels_write` covers one's own locks, `imodels_manage` releases anybody's. One request
    takes up to 1000 object ids. A lock held by another briefcase, or one last released with a changeset
    that the caller has not pulled yet, makes the request fail, and the error names the objects. The
    answer shows only what this request touched; a release leaves `lockedObjects` empty in it.

    Args:
        id (str):
        body (LocksUpdate): Locks to acquire or to release for one briefcase.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ConflictingLocksErrorResponse | ErrorResponse | LocksErrorResponse | DetailedErrorResponse | ErrorResponse | LockResponse]
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
    body: LocksUpdate,
) -> (
    ConflictingLocksErrorResponse
    | ErrorResponse
    | LocksErrorResponse
    | DetailedErrorResponse
    | LockResponse
    | None
):
    """Update iModel Locks

     Acquires locks for a briefcase, or releases them with the level `none`, all of the request or
    nothing. `imodels_write` covers one's own locks, `imodels_manage` releases anybody's. One request
    takes up to 1000 object ids. A lock held by another briefcase, or one last released with a changeset
    that the caller has not pulled yet, makes the request fail, and the error names the objects. The
    answer shows only what this request touched; a release leaves `lockedObjects` empty in it.

    Args:
        id (str):
        body (LocksUpdate): Locks to acquire or to release for one briefcase.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ConflictingLocksErrorResponse | ErrorResponse | LocksErrorResponse | DetailedErrorResponse | ErrorResponse | LockResponse
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            body=body,
        )
    ).parsed
