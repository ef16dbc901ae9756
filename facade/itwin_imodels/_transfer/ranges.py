"""How a download goes on: what to ask for, and what the answer gives. No I/O."""

import re
from collections.abc import Callable, Mapping

from attrs import field, frozen

from itwin_imodels._transfer.headers import told_md5
from itwin_imodels._transfer.part_file import Mark
from itwin_imodels._transfer.retrying import Changed
from itwin_imodels.errors import IntegrityError, TransferError

_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})")
_OK, _PARTIAL, _FAILED, _UNSATISFIABLE = 200, 206, 412, 416


@frozen(kw_only=True)
class Ask:
    """What to ask for.

    Attributes:
        offset: Bytes that are there and are kept.
        headers: Headers of the request.
    """

    offset: int = 0
    headers: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Begin:
    """Where the body of an answer goes.

    Attributes:
        offset: Its place in the file.
        size: Length of the whole file, bytes.
        md5: MD5 of the whole file as Content-MD5 writes it, if the storage tells.
        mark: How to resume; None if the storage gives no ETag to hold it to.
    """

    offset: int
    size: int
    md5: str | None
    mark: Mark | None


def is_whole(have: int, mark: Mark | None) -> bool:
    """Tell whether everything has arrived and only the name is missing."""
    return mark is not None and have == mark.size


def what_to_ask(have: int, mark: Mark | None, size: int | None) -> Ask:
    """Decide which part of the file to ask for.

    Args:
        have: Bytes that are there.
        mark: Which version they are of.
        size: Length that the file shall have, if it is known.
    """
    if not have or mark is None or have >= mark.size or (size is not None and mark.size != size):
        return Ask()
    return Ask(offset=have, headers={"range": f"bytes={have}-", "if-match": mark.etag})


def where_to_begin(ask: Ask, status: int, header: Callable[[str], str | None], size: int | None) -> Begin | None:
    """Read the head of an answer.

    Args:
        ask: What was asked for.
        status: HTTP status.
        header: Gives a header of the answer.
        size: Length that the file shall have, if it is known.

    Returns:
        Where the body goes; None when the answer is a refusal.

    Raises:
        Changed: The file is another than the one whose beginning has arrived.
        IntegrityError: The file has another length than it shall have.
        TransferError: The answer does not tell the file's length.
    """
    if ask.offset and status in {_FAILED, _UNSATISFIABLE}:
        raise Changed("the file in the storage has changed")
    if status == _PARTIAL:
        total = _part(ask, header("content-range"))
        if header("etag") not in {None, ask.headers["if-match"]}:
            raise Changed("the file in the storage has changed")
        offset = ask.offset
    elif status == _OK:
        total = _length(header("content-length"), size)
        offset = 0
    else:
        return None
    if size is not None and total != size:
        raise IntegrityError(f"the storage has {total} bytes of a file that should have {size}")
    md5 = told_md5(header, whole=status == _OK)
    return Begin(offset=offset, size=total, md5=md5, mark=_mark(header("etag"), total, md5))


def _part(ask: Ask, content_range: str | None) -> int:
    """Check that a part is the one that was asked for, and give the length of the whole."""
    found = _CONTENT_RANGE.fullmatch(content_range or "")
    if not ask.offset or found is None:
        raise Changed("the storage answered with a part that was not asked for")
    first, last, total = map(int, found.groups())
    if first != ask.offset or last != total - 1:
        raise Changed("the storage answered with another part than was asked for")
    return total


def _length(value: str | None, size: int | None) -> int:
    if value is not None and value.isascii() and value.isdigit():
        return int(value)
    if size is None:
        raise TransferError("the storage does not tell how long the file is")
    return size


def _mark(etag: str | None, size: int, md5: str | None) -> Mark | None:
    if etag is None or not etag.startswith('"'):  # a weak one does not tell the same bytes
        return None
    return Mark(etag=etag, size=size, md5=md5)
