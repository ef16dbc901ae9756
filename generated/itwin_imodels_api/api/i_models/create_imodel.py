from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.created_i_model_response import CreatedIModelResponse
from ...models.detailed_error_response import DetailedErrorResponse
from ...models.error_response import ErrorResponse
from ...models.i_model_create import IModelCreate
from ...types import Response


def _get_kwargs(
    *,
    body: IModelCreate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CreatedIModelResponse | DetailedErrorResponse | ErrorResponse | None:
    if response.status_code == 201:
        response_201 = CreatedIModelResponse.from_dict(response.json())

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
) -> Response[CreatedIModelResponse | DetailedErrorResponse | ErrorResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: IModelCreate,
) -> Response[CreatedIModelResponse | DetailedErrorResponse | ErrorResponse]:
    """Create iModel

     Makes a new iModel in an iTwin: empty, out of another iModel, or out of a file of your own, as
    `creationMode` says. Needs `imodels_manage` on the iTwin; whoever starts from a template also needs
    `imodels_read` there. Initialization goes on in the background after the answer: follow `get-create-
    imodel-operation-details`, or for an uploaded file `get-imodel-baseline-file-details`. With
    `baselineFile` the answer has a link to upload to and a link to confirm with. Sending none of
    `creationMode`, `template` and `baselineFile` gives an empty iModel that is ready at once; this way
    has been deprecated since 2025-02-27 and `creationMode` is to become mandatory. As of 2024 a client
    may create 5 iModels a minute in the smallest tier, 50 in the others.

    Args:
        body (IModelCreate): What a new iModel shall be.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CreatedIModelResponse | DetailedErrorResponse | ErrorResponse]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: IModelCreate,
) -> CreatedIModelResponse | DetailedErrorResponse | ErrorResponse | None:
    """Create iModel

     Makes a new iModel in an iTwin: empty, out of another iModel, or out of a file of your own, as
    `creationMode` says. Needs `imodels_manage` on the iTwin; whoever starts from a template also needs
    `imodels_read` there. Initialization goes on in the background after the answer: follow `get-create-
    imodel-operation-details`, or for an uploaded file `get-imodel-baseline-file-details`. With
    `baselineFile` the answer has a link to upload to and a link to confirm with. Sending none of
    `creationMode`, `template` and `baselineFile` gives an empty iModel that is ready at once; this way
    has been deprecated since 2025-02-27 and `creationMode` is to become mandatory. As of 2024 a client
    may create 5 iModels a minute in the smallest tier, 50 in the others.

    Args:
        body (IModelCreate): What a new iModel shall be.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CreatedIModelResponse | DetailedErrorResponse | ErrorResponse
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: IModelCreate,
) -> Response[CreatedIModelResponse | DetailedErrorResponse | ErrorResponse]:
    """Create iModel

     Makes a new iModel in an iTwin: empty, out of another iModel, or out of a file of your own, as
    `creationMode` says. Needs `imodels_manage` on the iTwin; whoever starts from a template also needs
    `imodels_read` there. Initialization goes on in the background after the answer: follow `get-create-
    imodel-operation-details`, or for an uploaded file `get-imodel-baseline-file-details`. With
    `baselineFile` the answer has a link to upload to and a link to confirm with. Sending none of
    `creationMode`, `template` and `baselineFile` gives an empty iModel that is ready at once; this way
    has been deprecated since 2025-02-27 and `creationMode` is to become mandatory. As of 2024 a client
    may create 5 iModels a minute in the smallest tier, 50 in the others.

    Args:
        body (IModelCreate): What a new iModel shall be.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CreatedIModelResponse | DetailedErrorResponse | ErrorResponse]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: IModelCreate,
) -> CreatedIModelResponse | DetailedErrorResponse | ErrorResponse | None:
    """Create iModel

     Makes a new iModel in an iTwin: empty, out of another iModel, or out of a file of your own, as
    `creationMode` says. Needs `imodels_manage` on the iTwin; whoever starts from a template also needs
    `imodels_read` there. Initialization goes on in the background after the answer: follow `get-create-
    imodel-operation-details`, or for an uploaded file `get-imodel-baseline-file-details`. With
    `baselineFile` the answer has a link to upload to and a link to confirm with. Sending none of
    `creationMode`, `template` and `baselineFile` gives an empty iModel that is ready at once; this way
    has been deprecated since 2025-02-27 and `creationMode` is to become mandatory. As of 2024 a client
    may create 5 iModels a minute in the smallest tier, 50 in the others.

    Args:
        body (IModelCreate): What a new iModel shall be.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CreatedIModelResponse | DetailedErrorResponse | ErrorResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
