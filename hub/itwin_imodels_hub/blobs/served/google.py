"""The part of the Google Cloud Storage protocol that signed URLs use: downloads, and uploads in one request."""

from collections.abc import Awaitable, Callable, Mapping
from email.utils import format_datetime
from functools import partial

from anyio import CancelScope
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from itwin_imodels_hub.blobs.folder.records import BlobInfo
from itwin_imodels_hub.blobs.folder.store import DEFAULT_CONTENT_TYPE, FolderBlobStore
from itwin_imodels_hub.blobs.folder.writing import Incoming
from itwin_imodels_hub.blobs.name_syntax import split_name
from itwin_imodels_hub.blobs.served.checksums import parse_md5
from itwin_imodels_hub.blobs.served.conditions import Outcome, judge
from itwin_imodels_hub.blobs.served.endpoints import respond
from itwin_imodels_hub.blobs.served.markup import element, text
from itwin_imodels_hub.blobs.served.ranges import ByteRange, UnsatisfiableError, parse_range
from itwin_imodels_hub.blobs.served.refusals import Refusal
from itwin_imodels_hub.blobs.served.transfer import TooLongError, content_response, keep_freed_memory, receive
from itwin_imodels_hub.blobs.signing import READ, WRITE, LinkRefused, LinkVerifier

MAX_OBJECT_SIZE = 5 << 40

_METHODS = ["GET", "HEAD", "PUT", "DELETE", "POST", "PATCH", "OPTIONS"]
_BEARER = "Bearer "
_EXPIRED = "ExpiredToken"


def google_routes(store: FolderBlobStore, links: LinkVerifier) -> list[BaseRoute]:
    """Return routes that serve blobs to Google Cloud Storage clients, under a path that starts with the account name.

    Args:
        store: The blobs.
        links: Verifies links of the google format.

    Returns:
        One route, `/{account}/{object}`.
    """
    keep_freed_memory()
    service = _GoogleObjects(store, links)
    return [Route(f"/{links.account}/{{object:path}}", service.object, methods=_METHODS)]


class _GoogleObjects:
    def __init__(self, store: FolderBlobStore, links: LinkVerifier) -> None:
        self._store = store
        self._links = links

    async def object(self, request: Request) -> Response:
        """Handle a request for an object."""
        return await respond(request, self._object, _error)

    async def _object(self, request: Request) -> Response:
        name = request.path_params["object"]
        try:
            split_name(name)
        except ValueError as error:
            raise Refusal(400, "InvalidObjectName", str(error)) from error
        act = self._acts().get(request.method)
        if act is None:
            raise Refusal(405, "MethodNotAllowed", "Objects support GET, HEAD and PUT only.")
        self._verify(WRITE if request.method == "PUT" else READ, name, request)
        return await act(request, name)

    def _acts(self) -> Mapping[str, Callable[[Request, str], Awaitable[Response]]]:
        return {"GET": self._get, "HEAD": self._head, "PUT": self._put}

    def _verify(self, permission: str, name: str, request: Request) -> None:
        """Verify a signed URL, or the bearer token of a directory; reject a request with both."""
        authorization, query = request.headers.get("authorization"), request.url.query
        if authorization is not None:
            if "X-Goog-Signature" in request.query_params:
                raise Refusal(400, "InvalidArgument", "A signed URL must be used without an Authorization header.")
            query = authorization.removeprefix(_BEARER)
        try:
            self._links.verify(permission, name, query)
        except LinkRefused as refused:
            status = 400 if refused.code == _EXPIRED else 403
            raise Refusal(status, refused.code, "The request is not permitted.", detail=refused.detail) from refused

    async def _get(self, request: Request, name: str) -> Response:
        return await run_sync(self._read, request.headers, name)

    def _read(self, headers: Headers, name: str) -> Response:
        try:
            info, file = self._store.open(name)
        except KeyError as error:
            raise _not_found() from error
        try:
            if _already_read(headers, info):
                file.close()
                return Response(status_code=304, headers=_properties(info))
            part = _requested_part(headers, info)
            shown = _properties(info)
            if part is not None:
                shown["content-range"] = part.content_range(info.size)
            return content_response(file, part or ByteRange(0, info.size), 206 if part else 200, shown)
        except BaseException:
            file.close()
            raise

    async def _head(self, request: Request, name: str) -> Response:
        info = await run_sync(self._store.info, name)
        if info is None:
            raise _not_found()
        if _already_read(request.headers, info):
            return Response(status_code=304, headers=_properties(info))
        return Response(headers={**_properties(info), "content-length": str(info.size)})

    async def _put(self, request: Request, name: str) -> Response:
        expected = _expected_md5(request.headers)
        content = self._store.incoming()
        try:
            await receive(request, content.write, MAX_OBJECT_SIZE)
            if expected is not None and content.md5 != expected:
                raise Refusal(400, "BadDigest", "The content does not match the MD5 in the request.")
            info = await run_sync(partial(self._commit, name, content, request.headers))
        except TooLongError as error:
            raise Refusal(400, "EntityTooLarge", f"An object must not exceed {MAX_OBJECT_SIZE} bytes.") from error
        finally:
            with CancelScope(shield=True):
                await run_sync(content.discard)
        headers = _properties(info)
        del headers["content-type"]
        return Response(headers=headers)

    def _commit(self, name: str, content: Incoming, headers: Headers) -> BlobInfo:
        return self._store.commit(name, content, content_type=headers.get("content-type") or DEFAULT_CONTENT_TYPE)


def _expected_md5(headers: Headers) -> bytes | None:
    value = headers.get("content-md5")
    try:
        return None if value is None else parse_md5(value)
    except ValueError as error:
        raise Refusal(400, "InvalidDigest", "Content-MD5 must be the base64 of 16 bytes.") from error


def _already_read(headers: Headers, info: BlobInfo) -> bool:
    try:
        outcome = judge(headers, info, reading=True)
    except ValueError:  # not a date: ignore all conditions
        return False
    if outcome is Outcome.FAILED:
        raise Refusal(412, "PreconditionFailed", "The object does not meet a condition in the headers.")
    return outcome is Outcome.NOT_MODIFIED


def _requested_part(headers: Headers, info: BlobInfo) -> ByteRange | None:
    value = headers.get("range")
    try:
        return None if value is None else parse_range(value, info.size, suffixes=True)
    except UnsatisfiableError as error:
        content_range = {"content-range": f"bytes */{info.size}"}
        raise Refusal(416, "InvalidRange", "The range is outside the object.", content_range) from error


def _properties(info: BlobInfo) -> dict[str, str]:
    headers = {
        "etag": info.etag,
        "last-modified": format_datetime(info.last_modified, usegmt=True),
        "content-type": info.content_type,
        "accept-ranges": "bytes",
        "x-goog-stored-content-length": str(info.size),
        "x-goog-stored-content-encoding": "identity",
    }
    if info.content_md5 is not None:
        headers["x-goog-hash"] = f"md5={info.content_md5}"
    return headers


def _not_found() -> Refusal:
    return Refusal(404, "NoSuchKey", "The object does not exist.")


def _error(refusal: Refusal) -> Response:
    details = [] if refusal.detail is None else [text("Details", refusal.detail)]
    body = element("Error", text("Code", refusal.code), text("Message", refusal.message), *details, head=True)
    return Response(body, refusal.status, refusal.headers, media_type="application/xml")
