from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...models.i_models_minimal import IModelsMinimal
from ...models.i_models_representation import IModelsRepresentation
from ...models.prefer import Prefer
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    i_twin_id: str,
    top: int | Unset = UNSET,
    prefer: Prefer | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(prefer, Unset):
        headers["Prefer"] = str(prefer)

    params: dict[str, Any] = {}

    params["iTwinId"] = i_twin_id

    params["$top"] = top

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/recents",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> (
    DetailedErrorResponse
    | ErrorResponse
    | IModelsMinimal
    | IModelsRepresentation
    | None
):
    if response.status_code == 200:

        def _parse_response_200(data: object) -> IModelsMinimal | IModelsRepresentation:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_200_type_0 = IModelsRepresentation.from_dict(data)

                return response_200_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_200_type_1 = IModelsMinimal.from_dict(data)

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
    DetailedErrorResponse | ErrorResponse | IModelsMinimal | IModelsRepresentation
]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    i_twin_id: str,
    top: int | Unset = UNSET,
    prefer: Prefer | Unset = UNSET,
) -> Response[
    DetailedErrorResponse | ErrorResponse | IModelsMinimal | IModelsRepresentation
]:
    """Get My Recently Used iTwin iModels

     Lists the iModels of one iTwin that the caller used last, newest first. Needs `imodels_webview` on
    them. The service remembers 25 of them per user. No way to page beyond `$top` is known.

    Args:
        i_twin_id (str):
        top (int | Unset):
        prefer (Prefer | Unset): How much of each entity a list holds: `return=minimal` its short
            form, `return=representation` all of it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | IModelsMinimal | IModelsRepresentation]
    """

    kwargs = _get_kwargs(
        i_twin_id=i_twin_id,
        top=top,
        prefer=prefer,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    i_twin_id: str,
    top: int | Unset = UNSET,
    prefer: Prefer | Unset = UNSET,
) -> (
    DetailedErrorResponse
    | ErrorResponse
    | IModelsMinimal
    | IModelsRepresentation
    | None
):
    """Get My Recently Used iTwin iModels

     Lists the iModels of one iTwin that the caller used last, newest first. Needs `imodels_webview` on
    them. The service remembers 25 of them per user. No way to page beyond `$top` is known.

    Args:
        i_twin_id (str):
        top (int | Unset):
        prefer (Prefer | Unset): How much of each entity a list holds: `return=minimal` its short
            form, `return=representation` all of it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | IModelsMinimal | IModelsRepresentation
    """

    return sync_detailed(
        client=client,
        i_twin_id=i_twin_id,
        top=top,
        prefer=prefer,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    i_twin_id: str,
    top: int | Unset = UNSET,
    prefer: Prefer | Unset = UNSET,
) -> Response[
    DetailedErrorResponse | ErrorResponse | IModelsMinimal | IModelsRepresentation
]:
    """Get My Recently Used iTwin iModels

     Lists the iModels of one iTwin that the caller used last, newest first. Needs `imodels_webview` on
    them. The service remembers 25 of them per user. No way to page beyond `$top` is known.

    Args:
        i_twin_id (str):
        top (int | Unset):
        prefer (Prefer | Unset): How much of each entity a list holds: `return=minimal` its short
            form, `return=representation` all of it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetailedErrorResponse | ErrorResponse | IModelsMinimal | IModelsRepresentation]
    """

    kwargs = _get_kwargs(
        i_twin_id=i_twin_id,
        top=top,
        prefer=prefer,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    i_twin_id: str,
    top: int | Unset = UNSET,
    prefer: Prefer | Unset = UNSET,
) -> (
    DetailedErrorResponse
    | ErrorResponse
    | IModelsMinimal
    | IModelsRepresentation
    | None
):
    """Get My Recently Used iTwin iModels

     Lists the iModels of one iTwin that the caller used last, newest first. Needs `imodels_webview` on
    them. The service remembers 25 of them per user. No way to page beyond `$top` is known.

    Args:
        i_twin_id (str):
        top (int | Unset):
        prefer (Prefer | Unset): How much of each entity a list holds: `return=minimal` its short
            form, `return=representation` all of it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetailedErrorResponse | ErrorResponse | IModelsMinimal | IModelsRepresentation
    """

    return (
        await asyncio_detailed(
            client=client,
            i_twin_id=i_twin_id,
            top=top,
            prefer=prefer,
        )
    ).parsed
