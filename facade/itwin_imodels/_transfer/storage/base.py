"""The differences between the types of object storage. No I/O."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import ClassVar, Protocol

from attrs import field, frozen

from itwin_imodels._core.retrying import retry_after_seconds
from itwin_imodels._core.secrets import shown_url
from itwin_imodels._transfer.refusals import NO_CODES, RefusalCodes, Refused, error_code_in
from itwin_imodels._transfer.wire import StorageRequest, StorageResponse, StreamedBody
from itwin_imodels.errors import TransferError
from itwin_imodels.models import DirectoryAccess

Header = Callable[[str], str | None]
"""Returns a header of a response."""

FOREVER = float("inf")

_LEAST, _MARGIN = 60.0, 300.0
"""Access is used for at least `_LEAST` seconds, whatever the clocks say, and is replaced up to `_MARGIN` seconds before
it expires."""


class BlockUploads(Protocol):
    """How a type of storage accepts a file in blocks; such uploads can be resumed."""

    def block_size(self, size: int, wanted: int) -> int:
        """Return the size of a file's blocks in bytes: `wanted` in whole units, or more to limit their number."""

    def block_id(self, number: int, digest: bytes) -> str:
        """Return a block name from its number, starting at 0, and the SHA-256 of its content."""

    def list_blocks(self, url: str) -> StorageRequest:
        """Return the request for the list of blocks that have arrived."""

    def read_list(self, content: bytes) -> Mapping[str, int]:
        """Return the sizes in bytes of the listed blocks, by name."""

    def put_block(self, url: str, block_id: str, content: bytes) -> StorageRequest:
        """Return the request that sends a block."""

    def commit(self, url: str, block_ids: Iterable[str], md5: str | None) -> StorageRequest:
        """Return the request that creates the file from its blocks and stores its Content-MD5, if known."""

    def is_lost(self, code: str) -> bool:
        """Return whether the error code of a rejected commit means that blocks are missing."""


class Storage:
    """A type of object storage; by default, plain HTTP with signed links.

    Attributes:
        name: The `storageType` in the API.
        codes: The meaning of its error codes.
        put_headers: Headers of an upload in one request.
        put_success: Statuses of a successful upload in one request.
        blocks: How it accepts files in blocks; None if it does not.
    """

    name: ClassVar[str]
    codes: ClassVar[RefusalCodes] = NO_CODES
    put_headers: ClassVar[Mapping[str, str]] = {}
    put_success: ClassVar[tuple[int, ...]] = (200, 201)
    blocks: ClassVar[BlockUploads | None] = None

    def put(self, url: str, body: bytes | StreamedBody, md5: str | None = None) -> StorageRequest:
        """Return the request that uploads a whole file.

        Args:
            url: The link.
            body: The content.
            md5: The Content-MD5 for the storage to check; None if it is unknown before the content is sent.
        """
        headers = {**self.put_headers} if md5 is None else {**self.put_headers, "content-md5": md5}
        return StorageRequest(method="PUT", url=url, headers=headers, body=body, success=self.put_success)

    def get(self, url: str, offset: int = 0, etag: str = "", end: int | None = None) -> StorageRequest:
        """Return the request that downloads a file or a range of it.

        Args:
            url: The link.
            offset: Start of the range in bytes.
            etag: The version that the range must belong to; required with `offset` or `end`.
            end: End of the range, exclusive; None for the end of the file.
        """
        last = "" if end is None else end - 1
        headers = {"range": f"bytes={offset}-{last}", "if-match": etag} if offset or end is not None else {}
        return StorageRequest(method="GET", url=url, headers=headers)

    def content_md5(self, header: Header, *, whole: bool = True) -> str | None:
        """Return the Content-MD5 of a file, if the storage sends it.

        Args:
            header: Returns a header of the response.
            whole: Whether the response contains the whole file rather than a range.
        """
        return header("content-md5") if whole else None

    def error_code(self, response: StorageResponse) -> str:
        """Return the storage's error code; empty if there is none."""
        return error_code_in(response)

    def refusal(self, response: StorageResponse, now: datetime) -> Refused:
        """Return the exception for a rejection, whose body is unread.

        Args:
            response: The response.
            now: The current time, with a time zone.
        """
        retry_after = retry_after_seconds(response.header("retry-after"), now, response.header("date"))
        return Refused(response.status, self.error_code(response), retry_after, codes=self.codes)

    def container(self, access: DirectoryAccess, database: str) -> "Container":
        """Return the container of a checkpoint.

        Args:
            access: The access information from the service.
            database: Name of the database in the manifest.

        Raises:
            TransferError: The information is invalid, or this type of storage does not support checkpoints.
        """
        raise TransferError(
            f"database {database!r} cannot be downloaded in blocks from {access.base_directory!r}: "
            f"storage type {self.name!r} does not support it"
        )


@frozen(kw_only=True)
class Container:
    """A folder of blocks in object storage, with its credentials.

    Attributes:
        storage: The type of storage.
        address: URL of the folder, without a trailing slash.
        database: Name of the database to download.
        query: The query to append to URLs; a secret.
        headers: Headers to send with requests; a secret.
        end: When the access expires; None if unknown.
    """

    storage: Storage = field(repr=False)
    address: str = field(repr=shown_url)
    database: str
    query: str = field(default="", repr=False, eq=False)
    headers: Mapping[str, str] = field(factory=dict, repr=False, eq=False)
    end: datetime | None = field(default=None, eq=False)

    def url(self, name: str) -> str:
        """Return the URL of an object, including the credentials."""
        return f"{self.address}/{name}?{self.query}" if self.query else f"{self.address}/{name}"

    def request(self, method: str, name: str) -> StorageRequest:
        """Return a request for an object."""
        return StorageRequest(method=method, url=self.url(name), headers=self.headers)

    def lifetime(self, now: datetime | None = None) -> float:
        """Return for how many seconds from now to use the access: until a few minutes before it expires.

        Args:
            now: The current time, with a time zone; None uses the system clock.
        """
        if self.end is None:
            return FOREVER
        left = (self.end - (now or datetime.now(UTC))).total_seconds()
        return max(_LEAST, left - min(_MARGIN, left / 2))
