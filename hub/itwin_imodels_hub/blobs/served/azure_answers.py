"""Responses in the style of Azure Blob Storage: headers and XML. No I/O."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from email.utils import format_datetime
from uuid import uuid4

from starlette.responses import Response

from itwin_imodels_hub.blobs.folder.records import BlobInfo
from itwin_imodels_hub.blobs.served.azure_rules import write_marker
from itwin_imodels_hub.blobs.served.checksums import md5_text
from itwin_imodels_hub.blobs.served.markup import element, text
from itwin_imodels_hub.blobs.served.ranges import ByteRange
from itwin_imodels_hub.blobs.served.refusals import Refusal

DEFAULT_SERVICE_VERSION = "2021-12-02"
_MAX_CLIENT_REQUEST_ID = 1024


def common_headers(request_headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of every response, except the date, which the server adds."""
    headers = {
        "x-ms-request-id": str(uuid4()),
        "x-ms-version": request_headers.get("x-ms-version", DEFAULT_SERVICE_VERSION),
    }
    client_request_id = request_headers.get("x-ms-client-request-id")
    if client_request_id is not None and len(client_request_id) <= _MAX_CLIENT_REQUEST_ID:
        headers["x-ms-client-request-id"] = client_request_id
    return headers


def properties(info: BlobInfo, part: ByteRange | None) -> dict[str, str]:
    """Return the headers that describe a blob and the part that is read."""
    headers = {
        **_version(info),
        "content-type": info.content_type,
        "accept-ranges": "bytes",
        "x-ms-blob-type": "BlockBlob",
        "x-ms-creation-time": format_datetime(info.last_modified, usegmt=True),
        "x-ms-lease-state": "available",
        "x-ms-lease-status": "unlocked",
        "x-ms-server-encrypted": "true",
    }
    if part is not None:
        headers["content-range"] = part.content_range(info.size)
    if info.content_md5 is not None:
        headers["x-ms-blob-content-md5" if part else "content-md5"] = info.content_md5
    return headers


def not_modified(info: BlobInfo) -> Response:
    """Return the response for a client that already has this version."""
    return Response(status_code=304, headers={**_version(info), "x-ms-error-code": "ConditionNotMet"})


def written(info: BlobInfo, body: bytes | None = None) -> Response:
    """Return the response to a write; with `body`, the MD5 is that of the body instead of the blob."""
    md5 = info.content_md5 if body is None else md5_text(body)
    return Response(status_code=201, headers={**_version(info), **_write_headers(md5)})


def block_written(md5: bytes) -> Response:
    """Return the response to a stored block."""
    return Response(status_code=201, headers=_write_headers(b64encode(md5).decode()))


def block_list(body: str, info: BlobInfo | None) -> Response:
    """Return the response that lists the blocks of a blob; `info` is None if only uncommitted ones exist."""
    version = {} if info is None else {**_version(info), "x-ms-blob-content-length": str(info.size)}
    return _xml(body, 200, version)


def listing(
    service: str, container: str, query: Mapping[str, str], blobs: Iterable[tuple[str, BlobInfo]], last: str | None
) -> Response:
    """Return the response with a page of the blobs of a container.

    Args:
        service: URL of the account.
        container: The container.
        query: The query; the response repeats prefix, marker and maxresults.
        blobs: Names, including the container, and metadata of the blobs.
        last: Name of the last blob of the page; None on the last page.
    """
    echoed = [text(name, query[key]) for name, key in _ECHOED.items() if key in query]
    entries = [_entry(name.removeprefix(f"{container}/"), info) for name, info in blobs]
    body = element(
        "EnumerationResults",
        *echoed,
        element("Blobs", *entries),
        text("NextMarker", None if last is None else write_marker(last)),
        attributes={"ServiceEndpoint": f"{service.rstrip('/')}/", "ContainerName": container},
        head=True,
    )
    return _xml(body, 200, {})


def error(refusal: Refusal) -> Response:
    """Return the error response of a refusal."""
    detail = [] if refusal.detail is None else [text("AuthenticationErrorDetail", refusal.detail)]
    body = element("Error", text("Code", refusal.code), text("Message", refusal.message), *detail, head=True)
    return _xml(body, refusal.status, {**refusal.headers, "x-ms-error-code": refusal.code})


_ECHOED = {"Prefix": "prefix", "Marker": "marker", "MaxResults": "maxresults"}


def _entry(name: str, info: BlobInfo) -> str:
    modified = format_datetime(info.last_modified, usegmt=True)
    return element(
        "Blob",
        text("Name", name),
        element(
            "Properties",
            text("Creation-Time", modified),
            text("Last-Modified", modified),
            text("Etag", info.etag.strip('"')),
            text("Content-Length", info.size),
            text("Content-Type", info.content_type),
            text("Content-MD5", info.content_md5),
            text("BlobType", "BlockBlob"),
            text("LeaseStatus", "unlocked"),
            text("LeaseState", "available"),
            text("ServerEncrypted", "true"),
        ),
    )


def _version(info: BlobInfo) -> dict[str, str]:
    return {"etag": info.etag, "last-modified": format_datetime(info.last_modified, usegmt=True)}


def _write_headers(md5: str | None) -> dict[str, str]:
    return {"x-ms-request-server-encrypted": "true", **({} if md5 is None else {"content-md5": md5})}


def _xml(body: str, status: int, headers: Mapping[str, str]) -> Response:
    return Response(body, status, headers, media_type="application/xml")
