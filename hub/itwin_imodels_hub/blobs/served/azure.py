"""The part of the Azure Blob protocol that clients with signed links use."""

from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial

from anyio import CancelScope
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from itwin_imodels_hub.blobs.folder.staging import BlockIdLengthError, TooManyBlocksError
from itwin_imodels_hub.blobs.folder.store import FolderBlobStore, UnknownBlockError
from itwin_imodels_hub.blobs.folder.versions import Precondition
from itwin_imodels_hub.blobs.folder.writing import PIECE, Incoming
from itwin_imodels_hub.blobs.name_syntax import split_name
from itwin_imodels_hub.blobs.served import azure_answers as answers
from itwin_imodels_hub.blobs.served import azure_rules as rules
from itwin_imodels_hub.blobs.served.checksums import md5_text
from itwin_imodels_hub.blobs.served.conditions import CONDITIONAL_HEADERS
from itwin_imodels_hub.blobs.served.endpoints import respond
from itwin_imodels_hub.blobs.served.markup import block_list
from itwin_imodels_hub.blobs.served.ranges import ByteRange
from itwin_imodels_hub.blobs.served.refusals import Refusal
from itwin_imodels_hub.blobs.served.transfer import (
    TooLongError,
    content_response,
    keep_freed_memory,
    receive,
    receive_small,
)
from itwin_imodels_hub.blobs.signing import DELETE, LIST, READ, WRITE, LinkRefused, LinkVerifier

_MIB = 1 << 20
MAX_PUT_BLOB_SIZE = 5000 * _MIB
MAX_BLOCK_SIZE = 4000 * _MIB
MAX_BLOCK_LIST_BODY = 16 * _MIB
MAX_LISTED = 5000

_METHODS = ["GET", "HEAD", "PUT", "DELETE", "POST", "PATCH", "OPTIONS"]
_PERMISSIONS = {"GET": READ, "HEAD": READ, "PUT": WRITE, "DELETE": DELETE}


def azure_routes(store: FolderBlobStore, links: LinkVerifier) -> list[BaseRoute]:
    """Return routes that serve blobs to Azure Blob Storage clients, under a path that starts with the account name.

    Args:
        store: The blobs.
        links: Verifies links of the azure format.

    Returns:
        Routes for `/{account}/{container}` and `/{account}/{container}/{blob}`.
    """
    keep_freed_memory()
    service = _AzureBlobs(store, links)
    return [
        Route(f"/{links.account}/{{container}}", service.container, methods=_METHODS),
        Route(f"/{links.account}/{{container}}/{{blob:path}}", service.blob, methods=_METHODS),
    ]


class _AzureBlobs:
    def __init__(self, store: FolderBlobStore, links: LinkVerifier) -> None:
        self._store = store
        self._links = links

    async def container(self, request: Request) -> Response:
        """Handle a request for a container; only listing is supported."""
        return await _respond(request, self._container)

    async def blob(self, request: Request) -> Response:
        """Handle a request for a blob."""
        return await _respond(request, self._blob)

    async def _container(self, request: Request) -> Response:
        query = _query(request)
        if request.method != "GET" or query.get("restype") != "container" or query.get("comp") != "list":
            raise Refusal(405, "UnsupportedHttpVerb", "Containers support the List Blobs operation only.")
        if "delimiter" in query:
            raise Refusal(400, "UnsupportedQueryParameter", "The delimiter parameter is not supported.")
        container, prefix = request.path_params["container"], query.get("prefix", "")
        scope = self._scope(LIST, f"{container}/{prefix}", request)
        return await run_sync(self._list, request, container, prefix, scope)

    def _list(self, request: Request, container: str, prefix: str, scope: str) -> Response:
        query = _query(request)
        limit = rules.page_size(query.get("maxresults"), MAX_LISTED)
        marker = rules.read_marker(query.get("marker", ""))
        names = [name for name in self._store.names(f"{container}/{prefix}") if name.startswith(scope)]
        if not names and not self._store.names(f"{container}/"):
            raise Refusal(404, "ContainerNotFound", "The container does not exist.")
        later = [name for name in names if name > marker]
        listed = [(name, info) for name in later[:limit] if (info := self._store.info(name)) is not None]
        next_marker = later[limit - 1] if len(later) > limit else None
        service = str(request.url.replace(path=f"/{self._links.account}", query=""))
        return answers.listing(service, container, query, listed, next_marker)

    async def _blob(self, request: Request) -> Response:
        name = f"{request.path_params['container']}/{request.path_params['blob']}"
        try:
            split_name(name)
        except ValueError as error:
            raise Refusal(400, "InvalidResourceName", str(error)) from error
        permission = _PERMISSIONS.get(request.method)
        if permission is None:
            raise Refusal(405, "UnsupportedHttpVerb", "Blobs support GET, HEAD, PUT and DELETE only.")
        self._scope(permission, name, request)
        comp = _query(request).get("comp")
        handler = self._handlers().get((request.method, comp))
        if handler is None:
            raise Refusal(400, "UnsupportedQueryParameter", f"{request.method} does not support comp={comp}.")
        return await handler(request, name)

    def _handlers(self) -> Mapping[tuple[str, str | None], Callable[[Request, str], Awaitable[Response]]]:
        return {
            ("GET", None): self._get_blob,
            ("HEAD", None): self._get_properties,
            ("GET", "blocklist"): self._get_block_list,
            ("PUT", None): self._put_blob,
            ("PUT", "block"): self._put_block,
            ("PUT", "blocklist"): self._put_block_list,
            ("DELETE", None): self._delete,
        }

    def _scope(self, permission: str, name: str, request: Request) -> str:
        if "authorization" in request.headers:
            raise Refusal(
                400,
                "InvalidAuthenticationInfo",
                "A pre-signed link must be used without an Authorization header.",
            )
        try:
            return self._links.scope(permission, name, request.url.query)
        except LinkRefused as refused:
            raise Refusal(
                403, refused.code, "The link does not permit this request.", detail=refused.detail
            ) from refused

    # Reading.

    async def _get_blob(self, request: Request, name: str) -> Response:
        return await run_sync(self._read, request.headers, name)

    def _read(self, headers: Headers, name: str) -> Response:
        try:
            info, file = self._store.open(name)
        except KeyError as error:
            raise _not_found() from error
        try:
            if rules.already_read(headers, info):
                file.close()
                return answers.not_modified(info)
            part = rules.requested_part(headers, info)
            with_md5 = rules.wants_md5(headers, part)
            response = content_response(
                file,
                part or ByteRange(0, info.size),
                206 if part else 200,
                answers.properties(info, part),
                at_once=rules.MAX_RANGE_WITH_MD5 if with_md5 else PIECE,
            )
        except BaseException:
            file.close()
            raise
        if with_md5:
            response.headers["content-md5"] = md5_text(bytes(response.body))
        return response

    async def _get_properties(self, request: Request, name: str) -> Response:
        info = await run_sync(self._store.info, name)
        if info is None:
            raise _not_found()
        if rules.already_read(request.headers, info):
            return answers.not_modified(info)
        return Response(headers={**answers.properties(info, None), "content-length": str(info.size)})

    async def _get_block_list(self, request: Request, name: str) -> Response:
        return await run_sync(self._block_list, _query(request).get("blocklisttype", "committed"), name)

    def _block_list(self, kind: str, name: str) -> Response:
        if kind not in {"committed", "uncommitted", "all"}:
            raise Refusal(400, "InvalidQueryParameterValue", "blocklisttype must be committed, uncommitted or all.")
        info, uncommitted = self._store.info(name), self._store.uncommitted(name)
        if info is None and not uncommitted:
            raise _not_found()
        body = block_list(
            self._store.committed(name) if kind != "uncommitted" else None,
            uncommitted if kind != "committed" else None,
        )
        return answers.block_list(body, info)

    # Writing.

    async def _put_blob(self, request: Request, name: str) -> Response:
        headers = request.headers
        rules.check_blob_type(headers)
        length = rules.content_length(headers, MAX_PUT_BLOB_SIZE)
        expected = [rules.md5(headers, "content-md5"), rules.md5(headers, "x-ms-blob-content-md5")]
        precondition = await self._precondition(request, name)
        async with self._received(request, length, expected) as content:
            info = await run_sync(
                partial(
                    self._store.commit,
                    name,
                    content,
                    content_type=rules.content_type(headers, from_body=True),
                    precondition=precondition,
                )
            )
        return answers.written(info)

    async def _put_block(self, request: Request, name: str) -> Response:
        block_id = _query(request).get("blockid", "")
        rules.check_block_id(block_id)
        length = rules.content_length(request.headers, MAX_BLOCK_SIZE)
        if not length:
            raise Refusal(400, "InvalidHeaderValue", "A block must not be empty.")
        expected = [rules.md5(request.headers, "content-md5")]
        async with self._received(request, length, expected) as content:
            md5 = content.md5
            try:
                await run_sync(self._store.stage, name, block_id, content)
            except BlockIdLengthError as error:
                raise Refusal(400, "InvalidBlobOrBlock", "The block ids of a blob must be equally long.") from error
            except TooManyBlocksError as error:
                raise Refusal(409, "BlockCountExceedsLimit", "The blob has too many uncommitted blocks.") from error
        return answers.block_written(md5)

    async def _put_block_list(self, request: Request, name: str) -> Response:
        headers = request.headers
        rules.content_length(headers, MAX_BLOCK_LIST_BODY)
        kept_md5 = rules.md5(headers, "x-ms-blob-content-md5")
        body_md5 = rules.md5(headers, "content-md5")
        precondition = await self._precondition(request, name)
        body = await receive_small(request, MAX_BLOCK_LIST_BODY)
        if body_md5 is not None and md5_text(body) != b64encode(body_md5).decode():
            raise _md5_mismatch()
        entries = rules.block_entries(body)
        try:
            info = await run_sync(
                partial(
                    self._store.commit_blocks,
                    name,
                    entries,
                    content_type=rules.content_type(headers, from_body=False),
                    content_md5=None if kept_md5 is None else b64encode(kept_md5).decode(),
                    precondition=precondition,
                )
            )
        except UnknownBlockError as error:
            raise Refusal(400, "InvalidBlockList", "The block list contains a block that does not exist.") from error
        return answers.written(info, body)

    async def _delete(self, request: Request, name: str) -> Response:
        precondition = await self._precondition(request, name)
        if not await run_sync(partial(self._store.discard, name, precondition=precondition)):
            raise _not_found()
        return Response(status_code=202)

    async def _precondition(self, request: Request, name: str) -> Precondition:
        """Check the conditional headers, and return the check so that the store can repeat it on commit."""
        precondition = partial(rules.check_write, request.headers)
        if any(header in request.headers for header in CONDITIONAL_HEADERS):
            precondition(await run_sync(self._store.info, name))
        return precondition

    @asynccontextmanager
    async def _received(
        self, request: Request, length: int, expected: Iterable[bytes | None]
    ) -> AsyncIterator[Incoming]:
        """Receive a body and check its length and checksums; unless stored, it is discarded at the end of the block."""
        content = self._store.incoming()
        try:
            await receive(request, content.write, length)
            if content.size != length:
                raise Refusal(400, "InvalidHeaderValue", "The body is shorter than its Content-Length.")
            if any(md5 is not None and md5 != content.md5 for md5 in expected):
                raise _md5_mismatch()
            yield content
        except TooLongError as error:
            raise Refusal(400, "InvalidHeaderValue", "The body is longer than its Content-Length.") from error
        finally:
            with CancelScope(shield=True):
                await run_sync(content.discard)


async def _respond(request: Request, act: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await respond(request, act, answers.error)
    response.headers.update(answers.common_headers(request.headers))
    return response


def _query(request: Request) -> dict[str, str]:
    return dict(request.query_params)


def _not_found() -> Refusal:
    return Refusal(404, "BlobNotFound", "The blob does not exist.")


def _md5_mismatch() -> Refusal:
    return Refusal(400, "Md5Mismatch", "The content does not match the MD5 in the request.")
