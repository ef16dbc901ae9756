"""How a download continues: which range is requested, and what the response contains. No I/O."""

import re

from attrs import frozen

from itwin_imodels._transfer.part_file import Mark
from itwin_imodels._transfer.retrying import Changed
from itwin_imodels._transfer.storage import Storage
from itwin_imodels._transfer.wire import OK, StorageResponse
from itwin_imodels.errors import IntegrityError, TransferError

_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})")
_PARTIAL, _FAILED, _UNSATISFIABLE = 206, 412, 416


@frozen(kw_only=True)
class Range:
    """Which part of a file to request.

    Attributes:
        offset: Bytes that have arrived and are kept.
        etag: The version that they belong to; empty without any.
    """

    offset: int = 0
    etag: str = ""


@frozen(kw_only=True)
class Body:
    """Where the body of a response belongs.

    Attributes:
        offset: Its place in the file.
        size: Length of the whole file, bytes.
        md5: Content-MD5 of the whole file, if the storage sends it.
        mark: How to resume; None if the storage sends no ETag to compare.
        has_ranges: Whether the storage says that it answers with parts of the file.
    """

    offset: int
    size: int
    md5: str | None
    mark: Mark | None
    has_ranges: bool = False


class SplitFailedError(Exception):
    """The storage does not answer with the sections of one version of a file."""


def is_whole(have: int, mark: Mark | None) -> bool:
    """Whether everything has arrived and only the final name is missing."""
    return mark is not None and have == mark.size


def next_range(have: int, mark: Mark | None, size: int | None) -> Range:
    """Return which part of the file to request.

    Args:
        have: Bytes that have arrived.
        mark: Which version they belong to.
        size: Expected length of the file, if it is known.
    """
    if not have or mark is None or have >= mark.size or (size is not None and mark.size != size):
        return Range()
    return Range(offset=have, etag=mark.etag)


def read_head(wanted: Range, response: StorageResponse, storage: Storage, size: int | None) -> Body | None:
    """Read the head of a response.

    Args:
        wanted: What was requested.
        response: Its body stays unread.
        storage: The type of storage.
        size: Expected length of the file, if it is known.

    Returns:
        Where the body belongs; None if the response is a refusal.

    Raises:
        Changed: The file is not the one whose beginning has arrived.
        IntegrityError: The file does not have the expected length.
        TransferError: The response does not contain the file's length.
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
        raise IntegrityError(f"the storage has {total} bytes of a file that should have {size}")
    md5 = storage.content_md5(response.header, whole=status == OK)
    has_ranges = status == _PARTIAL or response.header("accept-ranges") == "bytes"
    return Body(offset=offset, size=total, md5=md5, mark=_mark(etag, total, md5), has_ranges=has_ranges)


def check_section(response: StorageResponse, begin: int, end: int, size: int, etag: str) -> bool:
    """Check the response to a request for a section of a file; return False if it is a refusal.

    Args:
        response: Its body stays unread.
        begin: Where the section begins, bytes.
        end: Where it ends.
        size: Length of the whole file.
        etag: The version of the file.

    Raises:
        SplitFailedError: The response is about something else.
    """
    if response.status == _PARTIAL:
        is_wanted = response.header("content-range") == f"bytes {begin}-{end - 1}/{size}"
        if is_wanted and response.header("etag") in {None, etag}:
            return True
    elif response.status not in {OK, _FAILED, _UNSATISFIABLE}:
        return False
    raise SplitFailedError("the storage answered with another part than was requested")


def _part(wanted: Range, content_range: str | None) -> int:
    """Check that a part is the requested one, and return the length of the whole."""
    found = _CONTENT_RANGE.fullmatch(content_range or "")
    if not wanted.offset or found is None:
        raise Changed("the storage answered with a part that was not requested")
    first, last, total = map(int, found.groups())
    if first != wanted.offset or last != total - 1:
        raise Changed("the storage answered with another part than was requested")
    return total


def _length(value: str | None, size: int | None) -> int:
    if value is not None and value.isascii() and value.isdigit():
        return int(value)
    if size is None:
        raise TransferError("the storage does not report the length of the file")
    return size


def _mark(etag: str | None, size: int, md5: str | None) -> Mark | None:
    if etag is None or not etag.startswith('"'):  # a weak one does not guarantee the same bytes
        return None
    return Mark(etag=etag, size=size, md5=md5)
