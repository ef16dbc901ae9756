"""Files to transfer, and the results of transfers."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from attrs import field, frozen

from itwin_imodels.models import StorageLink

if TYPE_CHECKING:
    from itwin_imodels._transfer.storage import Container
    from itwin_imodels._transfer.upload_source import FileState

Check = Callable[[Path], bool]
"""Returns whether a file is the expected one."""


@frozen(kw_only=True)
class DownloadItem:
    """A file to download.

    Attributes:
        target: The path of the file; its folders are created.
        link: The link to the file; None calls `fresh_link` first.
        size: Size in bytes; None if unknown.
        fresh_link: Function that returns a new link when this one is old or rejected; None if there is none.
        check: Returns whether a complete file is the expected one; called before it is renamed to `target`. None skips
            this check.
        check_content: Does the same for a stream; None if the check requires a file.
        is_right: Returns whether an existing file may be kept; None replaces it.
        name: The name in errors and the log; empty for the target's name.
        obtained: When the link was obtained, by `time.monotonic`.
    """

    target: Path
    link: StorageLink | None
    size: int | None = None
    fresh_link: Callable[[], StorageLink] | None = None
    check: Check | None = None
    check_content: Callable[[BinaryIO], bool] | None = None
    is_right: Check | None = None
    name: str = ""
    obtained: float = field(factory=time.monotonic)

    @property
    def title(self) -> str:
        """The name in errors and the log."""
        return self.name or self.target.name


@frozen(kw_only=True)
class Downloaded:
    """The result of a download.

    Attributes:
        target: The path of the file.
        size: Size in bytes.
        received: Number of bytes that this download received; 0 if the file existed.
    """

    target: Path
    size: int
    received: int


@frozen(kw_only=True)
class BlocksItem:
    """A block-based database to download.

    Attributes:
        target: The path of the file; its folders are created.
        container: The container of the blocks; None calls `fresh_container` first.
        fresh_container: Function that returns the container with new access when the current access has expired or is
            rejected; None if there is no such function.
        check: Returns whether the complete file is the expected one; called before it is renamed to `target`. None
            skips this check.
        is_right: Returns whether an existing file may be kept; None replaces it.
        old: An older database whose matching blocks are reused; it is not changed. It may be the target.
        old_list: The file with the list of the blocks of `old`; None if there is none.
        list_file: Where to write the list of blocks; if None, it is not written.
        obtained: When the access was obtained, by `time.monotonic`.
    """

    target: Path
    container: "Container | None"
    fresh_container: "Callable[[], Container] | None" = None
    check: Check | None = None
    is_right: Check | None = None
    old: Path | None = None
    old_list: Path | None = None
    list_file: Path | None = None
    obtained: float = field(factory=time.monotonic)


@frozen(kw_only=True)
class Assembled:
    """The result of downloading a block-based database.

    Attributes:
        target: The path of the database.
        size: Size in bytes.
        received: Number of bytes that this download received; 0 if the file existed.
        blocks: Number of blocks of the database; 0 if the file existed.
        fetched: Number of blocks that this download received. A block that occurs more than once is downloaded once.
        reused: Number of blocks that an older database or an interrupted download provided.
        block_size: Size of a block in bytes; 0 if the file existed.
    """

    target: Path
    size: int
    received: int = 0
    blocks: int = 0
    fetched: int = 0
    reused: int = 0
    block_size: int = 0


@frozen(kw_only=True)
class UploadItem:
    """A file to upload.

    Attributes:
        file: The path of the file.
        link: The link to upload to.
        fresh_link: Function that returns a new link to the same place when this one is old or rejected; None if there
            is no such function.
        name: The name in errors and the log; empty for the file's name.
        announced: The state of the file when the upload was announced; the file is sent only if it is unchanged. None
            if the content was not announced.
        obtained: When the link was obtained, by `time.monotonic`.
    """

    file: Path
    link: StorageLink
    fresh_link: Callable[[], StorageLink] | None = None
    name: str = ""
    announced: "FileState | None" = None
    obtained: float = field(factory=time.monotonic)

    @property
    def title(self) -> str:
        """The name in errors and the log."""
        return self.name or self.file.name


@frozen(kw_only=True)
class Uploaded:
    """The result of an upload.

    Attributes:
        size: Size in bytes.
        sent: Number of bytes that this upload sent, including failed attempts.
    """

    size: int
    sent: int
