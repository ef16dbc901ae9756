"""How a download continues: the range to request, and the content of the response. No I/O."""

import re

from attrs import frozen

from itwin_imodels._transfer.part_file import Mark
from itwin_imodels._transfer.retrying import Changed
from itwin_imodels._transfer.storage import Storage
from itwin_imodels._transfer.wire import OK, StorageResponse
from itwin_imodels.errors import IntegrityError, TransferError

_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})")
_LENGTH = re.compile(r"[0-9]{1,19}")
_PARTIAL, _FAILED, _UNSATISFIABLE = 206, 412, 416


@frozen(kw_only=True)
class Range:
    """A range of a file to request.

    Attributes:
        offset: Number of bytes that have arrived and are kept.
        etag: The version that they belong to; empty if there are none.
    """

    offset: int = 0
    etag: str = ""


@frozen(kw_only=True)
class Body:
    """The position of a response's body in the file.

    Attributes:
        offset: The offset in the file.
        size: Size of the whole file in bytes.
        md5: The Content-MD5 of the whole file; None if the storage does not send it.
        mark: The resume information; None if the storage sends no strong ETag.
        has_ranges: Whether the storage supports requests for ranges.
    """

    offset: int
    size: int
    md5: str | None
    mark: Mark | None
    has_ranges: bool = False


class SplitFailedError(Exception):
    """The storage did not respond with sections of one version of a file."""


def is_whole(have: int, mark: Mark | None) -> bool:
    """Return whether the whole file has arrived, so that nothing is left to request."""
    return mark is not None and have == mark.size


def next_range(have: int, mark: Mark | None, size: int | None) -> Range:
    """Return the range to request: at least the last byte, because the response shows whether the version is the same.

    Args:
        have: Number of bytes that have arrived.
        mark: The version that they belong to.
        size: Expected size of the file in bytes; None if unknown.
    """
    if not have or mark is None or have > mark.size or (size is not None and mark.size != size):
        return Range()
    return Range(offset=min(have, mark.size - 1), etag=mark.etag)


def read_head(wanted: Range, response: StorageResponse, storage: Storage, size: int | None) -> Body | None:
    """Return the position of a response's body, according to its headers.

    Args:
        wanted: The requested range.
        response: The response; its body is not read.
        storage: The type of storage.
        size: Expected size of the file in bytes; None if unknown.

    Returns:
        The position of the body; None if the response is a rejection.

    Raises:
        Changed: The file is not the one that has partly arrived.
        IntegrityError: The file does not have the expected size.
        TransferError: The response does not state the size of the file.
    """
    status, etag = response.status, response.header("etag")
    if wanted.offset and status in {_FAILED, _UNSATISFIABLE}:
        raise Changed("the file in the storage has changed")
    if status == _PARTIAL:
        total = _part(wanted, response.header("content-range"))
        if etag not in {None, wanted.etag}:
            raise Changed("the file in the storage has changed")
        offset = wanted.offset
    elif status == OK:
        total = _length(response.header("content-length"), size)
        offset = 0
    else:
        return None
    if size is not None and total != size:
        raise IntegrityError(f"the file in the storage has {total} bytes instead of {size}")
    md5 = storage.content_md5(response.header, whole=status == OK)
    has_ranges = status == _PARTIAL or response.header("accept-ranges") == "bytes"
    return Body(offset=offset, size=total, md5=md5, mark=_mark(etag, total, md5), has_ranges=has_ranges)


def check_section(response: StorageResponse, begin: int, end: int, size: int, etag: str) -> bool:
    """Check the response to a request for a section of a file; return False if it is a rejection.

    Args:
        response: The response; its body is not read.
        begin: Start of the section in bytes.
        end: End of the section, exclusive.
        size: Size of the whole file in bytes.
        etag: The version of the file.

    Raises:
        SplitFailedError: The response does not contain the requested section.
    """
    if response.status == _PARTIAL:
        is_wanted = response.header("content-range") == f"bytes {begin}-{end - 1}/{size}"
        if is_wanted and response.header("etag") in {None, etag}:
            return True
    elif response.status not in {OK, _FAILED, _UNSATISFIABLE}:
        return False
    raise SplitFailedError("the storage did not send the requested range of this version of the file")


def _part(wanted: Range, content_range: str | None) -> int:
    """Check that a range is the requested one, and return the size of the whole file."""
    match = _CONTENT_RANGE.fullmatch(content_range or "")
    if not wanted.offset or match is None:
        raise Changed("the storage sent a range that was not requested")
    first, last, total = map(int, match.groups())
    if first != wanted.offset or last != total - 1:
        raise Changed("the storage sent a range other than the requested one")
    return total


def _length(value: str | None, size: int | None) -> int:
    if value is not None and _LENGTH.fullmatch(value):
        return int(value)
    if size is None:
        raise TransferError("the storage does not report the size of the file")
    return size


def _mark(etag: str | None, size: int, md5: str | None) -> Mark | None:
    if etag is None or not etag.startswith('"'):  # a weak ETag does not guarantee the same bytes
        return None
    return Mark(etag=etag, size=size, md5=md5)
