"""Validate requests in the Azure Blob protocol: headers, ranges, block lists, markers. No I/O."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping

from itwin_imodels_hub.blobs.folder.records import BlobInfo, BlockSource
from itwin_imodels_hub.blobs.folder.store import DEFAULT_CONTENT_TYPE
from itwin_imodels_hub.blobs.served import checksums
from itwin_imodels_hub.blobs.served.conditions import Outcome, judge
from itwin_imodels_hub.blobs.served.markup import MarkupError, parse_block_list
from itwin_imodels_hub.blobs.served.ranges import ByteRange, UnsatisfiableError, parse_range
from itwin_imodels_hub.blobs.served.refusals import Refusal

MAX_COMMITTED_BLOCKS = 50_000
MAX_RANGE_WITH_MD5 = 4 << 20


def content_length(headers: Mapping[str, str], limit: int) -> int:
    """Return the announced length of a body; reject a missing length or one above `limit`."""
    value = headers.get("content-length")
    if value is None:
        raise Refusal(411, "MissingContentLengthHeader", "The Content-Length header is required.")
    if not (value.isascii() and value.isdigit()):
        raise Refusal(400, "InvalidHeaderValue", "Content-Length must be a number.")
    if int(value) > limit:
        raise Refusal(413, "RequestBodyTooLarge", f"The body must not exceed {limit} bytes.")
    return int(value)


def check_blob_type(headers: Mapping[str, str]) -> None:
    """Reject a Put Blob request for a type other than block blob."""
    kind = headers.get("x-ms-blob-type")
    if kind is None:
        raise Refusal(400, "MissingRequiredHeader", "Put Blob requires the x-ms-blob-type header.")
    if kind != "BlockBlob":
        raise Refusal(400, "InvalidHeaderValue", "x-ms-blob-type must be BlockBlob.")


def check_block_id(block_id: str) -> None:
    """Reject a block id that is not 1 to 64 bytes in base64."""
    try:
        checksums.check_block_id(block_id)
    except ValueError as error:
        raise Refusal(400, "InvalidBlockId", "A block id must be the base64 of 1 to 64 bytes.") from error


def md5(headers: Mapping[str, str], name: str) -> bytes | None:
    """Return the MD5 in a header, or None if the header is missing."""
    value = headers.get(name)
    if value is None:
        return None
    try:
        return checksums.parse_md5(value)
    except ValueError as error:
        raise Refusal(400, "InvalidMd5", f"{name} must be the base64 of 16 bytes.") from error


def content_type(headers: Mapping[str, str], *, from_body: bool) -> str:
    """Return the media type of a blob to write; `Content-Type` applies only if the body is the content of the blob."""
    body_type = headers.get("content-type") if from_body else None
    return headers.get("x-ms-blob-content-type") or body_type or DEFAULT_CONTENT_TYPE


def block_entries(body: bytes) -> list[tuple[BlockSource, str]]:
    """Parse the body of Put Block List."""
    try:
        entries = parse_block_list(body)
    except MarkupError as error:
        raise Refusal(400, "InvalidXmlDocument", str(error)) from error
    if len(entries) > MAX_COMMITTED_BLOCKS:
        raise Refusal(400, "BlockListTooLong", f"A blob must not have more than {MAX_COMMITTED_BLOCKS} blocks.")
    for _, block_id in entries:
        check_block_id(block_id)
    return entries


def check_write(headers: Mapping[str, str], info: BlobInfo | None) -> None:
    """Reject a write whose conditional headers do not match the current blob."""
    outcome = _judge(headers, info, reading=False)
    if outcome is Outcome.EXISTS:
        raise Refusal(409, "BlobAlreadyExists", "The blob already exists.")
    if outcome is not Outcome.PROCEED:
        raise _condition_not_met()


def already_read(headers: Mapping[str, str], info: BlobInfo) -> bool:
    """Check whether the client already has this version; reject the read if another condition does not match."""
    outcome = _judge(headers, info, reading=True)
    if outcome is Outcome.FAILED:
        raise _condition_not_met()
    return outcome is Outcome.NOT_MODIFIED


def requested_part(headers: Mapping[str, str], info: BlobInfo) -> ByteRange | None:
    """Return the requested part of a blob, or None for the whole. `x-ms-range` takes precedence over `Range`."""
    own, common = headers.get("x-ms-range"), headers.get("range")
    value = own if own is not None else common
    if value is None:
        return None
    try:
        part = parse_range(value, info.size, suffixes=False)
    except UnsatisfiableError as error:
        content_range = {"content-range": f"bytes */{info.size}"}
        raise Refusal(416, "InvalidRange", "The range starts after the end of the blob.", content_range) from error
    if part is None and own is not None:
        raise Refusal(400, "InvalidHeaderValue", "x-ms-range must have the form bytes=first-last or bytes=first-.")
    return part


def wants_md5(headers: Mapping[str, str], part: ByteRange | None) -> bool:
    """Check whether the client requests the MD5 of a part; reject this for the whole blob and for parts above 4 MiB."""
    if headers.get("x-ms-range-get-content-md5", "false").lower() != "true":
        return False
    if part is None or part.length > MAX_RANGE_WITH_MD5:
        raise Refusal(400, "InvalidHeaderValue", "x-ms-range-get-content-md5 requires a range of at most 4 MiB.")
    return True


def page_size(value: str | None, limit: int) -> int:
    """Return the number of blobs per page."""
    if value is None:
        return limit
    # A longer number is out of range; checking the length first avoids parsing it.
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(limit)) and 1 <= int(value) <= limit):
        raise Refusal(400, "OutOfRangeQueryParameterValue", f"maxresults must be a number from 1 to {limit}.")
    return int(value)


def write_marker(name: str) -> str:
    """Return the marker from which a list continues after a name."""
    return urlsafe_b64encode(name.encode()).decode()


def read_marker(marker: str) -> str:
    """Return the name in a marker from `write_marker`; an empty marker contains an empty name."""
    try:
        return b64decode(marker, altchars="-_", validate=True).decode()
    except ValueError as error:
        raise Refusal(400, "InvalidQueryParameterValue", "The marker is invalid.") from error


def _judge(headers: Mapping[str, str], info: BlobInfo | None, *, reading: bool) -> Outcome:
    try:
        return judge(headers, info, reading=reading)
    except ValueError as error:
        raise Refusal(400, "InvalidHeaderValue", "A conditional header contains an invalid HTTP date.") from error


def _condition_not_met() -> Refusal:
    return Refusal(412, "ConditionNotMet", "The blob does not meet the condition in the headers.")
