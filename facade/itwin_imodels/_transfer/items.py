"""What is moved, and what has been moved."""

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
"""Whether a file is the right one."""


@frozen(kw_only=True)
class DownloadItem:
    """A file to download.

    Attributes:
        target: Its final name; folders are created.
        link: Where it is; None asks `fresh_link` first.
        size: Its length, bytes, if it is known.
        fresh_link: Returns another link when this one is old or refused.
        check: Whether a whole file is the right one, called before it gets its final name.
        check_content: The same of content that is read from its beginning; None if it must be a file.
        is_right: Whether an existing file of this name may stay; without it that is replaced.
        name: Its name in errors and the log; the target's name if empty.
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
        """Its name in errors and the log."""
        return self.name or self.target.name


@frozen(kw_only=True)
class Downloaded:
    """A file that has been downloaded.

    Attributes:
        target: Its name.
        size: Its length, bytes.
        received: Bytes that were received for it now; 0 if it existed.
    """

    target: Path
    size: int
    received: int


@frozen(kw_only=True)
class BlocksItem:
    """A database to download in blocks.

    Attributes:
        target: Its final name; folders are created.
        container: Where its blocks are; None asks `fresh_container` first.
        fresh_container: Returns another access when this one expires or is refused.
        check: Whether the whole file is the right one, called before it gets its final name.
        is_right: Whether an existing file of this name may stay; without it that is replaced.
        old: An older database, whose matching blocks are reused; it is left unchanged. It may be the target.
        old_list: The file with the list of its blocks, if there is one.
        list_file: Where the list of the blocks is written; None keeps none.
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
    """A database that has been downloaded.

    Attributes:
        target: Its name.
        size: Its length, bytes.
        received: Bytes that were received for it now; 0 if it existed.
        blocks: Number of its blocks; 0 if it existed.
        fetched: Blocks that were fetched now. One that occurs more than once is fetched once.
        reused: Blocks of an older database, or of an interrupted download.
        block_size: Bytes of a block; 0 if it existed.
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
        file: The file.
        link: Where it goes.
        fresh_link: Returns another link to the same place when this one is old or refused.
        name: Its name in errors and the log; the file's name if empty.
        announced: What the file was when the upload was announced; it is sent only if it still is that.
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
        """Its name in errors and the log."""
        return self.name or self.file.name


@frozen(kw_only=True)
class Uploaded:
    """A file that has been uploaded.

    Attributes:
        size: Its length, bytes.
        sent: Bytes that were sent for it now, those of failed attempts included.
    """

    size: int
    sent: int
