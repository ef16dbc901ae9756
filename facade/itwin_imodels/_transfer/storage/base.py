"""What differs between the types of object storage. No I/O."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import ClassVar, Protocol

from attrs import field, frozen

from itwin_imodels._core.retrying import retry_after_seconds
from itwin_imodels._core.secrets import shown_url as shown
from itwin_imodels._transfer.refusals import CODES, RefusalCodes, Refused, error_code_in
from itwin_imodels._transfer.wire import StorageRequest, StorageResponse, StreamedBody
from itwin_imodels.errors import TransferError
from itwin_imodels.models import DirectoryAccess

Header = Callable[[str], str | None]
"""Returns a header of a response."""

FOREVER = float("inf")

_LEAST, _MARGIN = 60.0, 300.0
"""Seconds: how long an access is used at least, whatever the clocks say, and how long before its end it is replaced."""


class BlockUploads(Protocol):
    """How a type of storage takes a file in blocks, which can be resumed."""

    def block_size(self, size: int, wanted: int) -> int:
        """Return the size of the blocks of a file, bytes: `wanted` in whole units, or more to have fewer."""

    def block_id(self, number: int, digest: bytes) -> str:
        """Name a block by its number, from 0, and a digest of its content, 32 bytes."""

    def list_blocks(self, url: str) -> StorageRequest:
        """Ask which blocks have arrived."""

    def read_list(self, content: bytes) -> Mapping[str, int]:
        """Read the names of these blocks and their sizes, bytes."""

    def put_block(self, url: str, block_id: str, content: bytes) -> StorageRequest:
        """Send a block."""

    def commit(self, url: str, block_ids: Iterable[str], md5: str | None) -> StorageRequest:
        """Create the file from its blocks, and record its Content-MD5 if that is known."""

    def is_lost(self, code: str) -> bool:
        """Whether a refused commit means that blocks have gone, by the storage's code."""


class Storage:
    """A type of object storage: plain HTTP with pre-signed links, unless a subclass says otherwise.

    Attributes:
        name: Its `storageType` in the API.
        codes: What its error codes mean.
        put_headers: Headers of an upload in one request.
        put_success: Statuses of a successful upload in one request.
        blocks: How it takes files in blocks; None if it does not.
    """

    name: ClassVar[str]
    codes: ClassVar[RefusalCodes] = CODES
    put_headers: ClassVar[Mapping[str, str]] = {}
    put_success: ClassVar[tuple[int, ...]] = (200, 201)
    blocks: ClassVar[BlockUploads | None] = None

    def put(self, url: str, body: bytes | StreamedBody, md5: str | None = None) -> StorageRequest:
        """Upload a file in one request.

        Args:
            url: The link.
            body: Content.
            md5: Its Content-MD5 for the storage to check, if it is known before the content is sent.
        """
        headers = {**self.put_headers} if md5 is None else {**self.put_headers, "content-md5": md5}
        return StorageRequest(method="PUT", url=url, headers=headers, body=body, success=self.put_success)

    def get(self, url: str, offset: int = 0, etag: str = "", end: int | None = None) -> StorageRequest:
        """Download a file.

        Args:
            url: The link.
            offset: Where to begin, bytes.
            etag: Version that a part must belong to; required with `offset` and `end`.
            end: Where to end; None for the end of the file.
        """
        last = "" if end is None else end - 1
        headers = {"range": f"bytes={offset}-{last}", "if-match": etag} if offset or end is not None else {}
        return StorageRequest(method="GET", url=url, headers=headers)

    def content_md5(self, header: Header, *, whole: bool = True) -> str | None:
        """Return the Content-MD5 of a file, if the storage sends it.

        Args:
            header: Returns a header of the response.
            whole: Whether the response is about the whole file, and not a part.
        """
        return header("content-md5") if whole else None

    def error_code(self, response: StorageResponse) -> str:
        """Return the storage's code for an error; empty without one."""
        return error_code_in(response)

    def refusal(self, response: StorageResponse, now: datetime) -> Refused:
        """Read a refusal, whose body is unread.

        Args:
            response: The response.
            now: The present time, with its zone.
        """
        retry_after = retry_after_seconds(response.header("retry-after"), now)
        return Refused(response.status, self.error_code(response), retry_after, codes=self.codes)

    def container(self, access: DirectoryAccess, database: str) -> "Container":
        """Return the container of a checkpoint.

        Args:
            access: As the service describes it.
            database: Name of the database among the blocks.

        Raises:
            TransferError: The description is invalid, or this type of storage holds no checkpoints.
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
        address: URL of the folder, without a slash at its end.
        database: Name of the database whose blocks are wanted.
        query: Appended to URLs in it; a secret.
        headers: Sent with requests; a secret.
        end: When the access expires, if that is known.
    """

    storage: Storage = field(repr=False)
    address: str = field(repr=shown)
    database: str
    query: str = field(default="", repr=False, eq=False)
    headers: Mapping[str, str] = field(factory=dict, repr=False, eq=False)
    end: datetime | None = field(default=None, eq=False)

    def url(self, name: str) -> str:
        """Return the URL of an object, with the credentials in it."""
        return f"{self.address}/{name}?{self.query}" if self.query else f"{self.address}/{name}"

    def request(self, method: str, name: str) -> StorageRequest:
        """Return a request for an object."""
        return StorageRequest(method=method, url=self.url(name), headers=self.headers)

    def lifetime(self, now: datetime | None = None) -> float:
        """Return for how many seconds from now it should be used: until some minutes before its end.

        Args:
            now: The present time, with its zone; the clock's by default.
        """
        if self.end is None:
            return FOREVER
        left = (self.end - (now or datetime.now(UTC))).total_seconds()
        return max(_LEAST, left - min(_MARGIN, left / 2))
