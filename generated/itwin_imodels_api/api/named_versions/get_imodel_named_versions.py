from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...models.get_imodel_named_versions_state import (
    GetImodelNamedVersionsState,
)
from ...models.named_versions_minimal import NamedVersionsMinimal
from ...models.named_versions_representation import NamedVersionsRepresentation
from ...models.prefer import Prefer
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: str,
    *,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    search: str | Unset = UNSET,
    name: str | Unset = UNSET,
    state: GetImodelNamedVersionsState | Unset = UNSET,
    prefer: Prefer | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(prefer, Unset):
        headers["Prefer"] = str(prefer)

    params: dict[str, Any] = {}

    params["$top"] = top

    params["$skip"] = skip

    params["$continuationToken"] = continuation_token

    params["$orderBy"] = order_by

    params["$search"] = search

    params["name"] = name

    json_state: str | Unset = UNSET
    if not isinstance(state, Unset):
        json_state = state

    params["state"] = json_state

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/{id}/namedversions".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> (
    DetailedErrorResponse
    | ErrorResponse
    | NamedVersionsMinimal
    | NamedVersionsRepresentation
    | None
):
    if response.status_code == 200:

        def _parse_response_200(
            data: object,
        ) -> NamedVersionsMinimal | NamedVersionsRepresentation:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = NamedVersionsRepresentation.from_dict(data)

                return response_200_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_1 = NamedVersionsMinimal.from_dict(data)

            return response_200_type_1

        response_200 = _parse_response_200(response.json())

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
) -> Response[
    DetailedErrorResponse
    | ErrorResponse
    | NamedVersionsMinimal
    | NamedVersionsRepresentation
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
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    search: str | Unset = UNSET,
    name: str | Unset = UNSET,
    state: GetImodelNamedVersionsState | Unset = UNSET,
    prefer: Prefer | Unset = UNSET,
) -> Response[
    DetailedErrorResponse
    | ErrorResponse
    | NamedVersionsMinimal
    | NamedVersionsRepresentation
]:
    """Get iModel Named Versions

     Pages through the Named Versions, hidden ones too unless `state` sorts them out. Needs
    `imodels_webview`. `$search` and `name` are alternatives.

    Args:
        id (str):
        top (int | Unset):
        skip (int | Unset):
        continuation_token (str | Unset):
        order_by (str | Unset):
        search (str | Unset):
        name (str | Unset):
        state (GetImodelNamedVersionsState | Unset):
        prefer (Prefer | Unset): How much of each entity a list holds: `return=minimal` its short
            form, `return=representation` all of it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | NamedVersionsMinimal | NamedVersionsRepresentation]
    """

    kwargs = _get_kwargs(
        id=id,
        top=top,
        skip=skip,
        continuation_token=continuation_token,
        order_by=order_by,
        search=search,
        name=name,
        state=state,
        prefer=prefer,
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
    order_by: str | Unset = UNSET,
    search: str | Unset = UNSET,
    name: str | Unset = UNSET,
    state: GetImodelNamedVersionsState | Unset = UNSET,
    prefer: Prefer | Unset = UNSET,
) -> (
    DetailedErrorResponse
    | ErrorResponse
    | NamedVersionsMinimal
    | NamedVersionsRepresentation
    | None
):
    """Get iModel Named Versions

     Pages through the Named Versions, hidden ones too unless `state` sorts them out. Needs
    `imodels_webview`. `$search` and `name` are alternatives.

    Args:
        id (str):
        top (int | Unset):
        skip (int | Unset):
        continuation_token (str | Unset):
        order_by (str | Unset):
        search (str | Unset):
        name (str | Unset):
        state (GetImodelNamedVersionsState | Unset):
        prefer (Prefer | Unset): How much of each entity a list holds: `return=minimal` its short
            form, `return=representation` all of it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | NamedVersionsMinimal | NamedVersionsRepresentation
    """

    return sync_detailed(
        id=id,
        client=client,
        top=top,
        skip=skip,
        continuation_token=continuation_token,
        order_by=order_by,
        search=search,
        name=name,
        state=state,
        prefer=prefer,
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient | Client,
    top: int | Unset = UNSET,
    skip: int | Unset = UNSET,
    continuation_token: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    search: str | Unset = UNSET,
    name: str | Unset = UNSET,
    state: GetImodelNamedVersionsState | Unset = UNSET,
    prefer: Prefer | Unset = UNSET,
) -> Response[
    DetailedErrorResponse
    | ErrorResponse
    | NamedVersionsMinimal
    | NamedVersionsRepresentation
]:
    """Get iModel Named Versions

     Pages through the Named Versions, hidden ones too unless `state` sorts them out. Needs
    `imodels_webview`. `$search` and `name` are alternatives.

    Args:
        id (str):
        top (int | Unset):
        skip (int | Unset):
        continuation_token (str | Unset):
        order_by (str | Unset):
        search (str | Unset):
        name (str | Unset):
        state (GetImodelNamedVersionsState | Unset):
        prefer (Prefer | Unset): How much of each entity a list holds: `return=minimal` its short
            form, `return=representation` all of it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | NamedVersionsMinimal | NamedVersionsRepresentation]
    """

    kwargs = _get_kwargs(
        id=id,
        top=top,
        skip=skip,
        continuation_token=continuation_token,
        order_by=order_by,
        search=search,
        name=name,
        state=state,
        prefer=prefer,
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
    order_by: str | Unset = UNSET,
    search: str | Unset = UNSET,
    name: str | Unset = UNSET,
    state: GetImodelNamedVersionsState | Unset = UNSET,
    prefer: Prefer | Unset = UNSET,
) -> (
    DetailedErrorResponse
    | ErrorResponse
    | NamedVersionsMinimal
    | NamedVersionsRepresentation
    | None
):
    """Get iModel Named Versions

     Pages through the Named Versions, hidden ones too unless `state` sorts them out. Needs
    `imodels_webview`. `$search` and `name` are alternatives.

    Args:
        id (str):
        top (int | Unset):
        skip (int | Unset):
        continuation_token (str | Unset):
        order_by (str | Unset):
        search (str | Unset):
        name (str | Unset):
        state (GetImodelNamedVersionsState | Unset):
        prefer (Prefer | Unset): How much of each entity a list holds: `return=minimal` its short
            form, `return=representation` all of it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | NamedVersionsMinimal | NamedVersionsRepresentation
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            top=top,
            skip=skip,
            continuation_token=continuation_token,
            order_by=order_by,
            search=search,
            name=name,
            state=state,
            prefer=prefer,
        )
    ).parsed
