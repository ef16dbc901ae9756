"""The file of a changeset: its name, its link and its verification."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, Literal, Self

import attrs

from imodel_files.changesets import ChangesetFileError, compute_changeset_id
from itwin_imodels._core import checks
from itwin_imodels._core.disk import disk_errors
from itwin_imodels._transfer.items import DownloadItem
from itwin_imodels.errors import IntegrityError, LinkMissing, UnexpectedResponse
from itwin_imodels.models import Changeset, MinimalChangeset, StorageLink

Verification = Literal["id", "size"]
"""How to verify the file of a changeset: by the changeset id, or only by its size."""


@attrs.frozen(kw_only=True)
class ChangesetFile:
    """The file of a changeset.

    Attributes:
        imodel_id: The id of the iModel.
        id: The changeset id, in lower case.
        parent_id: The id of its parent; empty for the first changeset.
        index: The changeset index.
        size: Size of the file in bytes.
    """

    imodel_id: str
    id: str
    parent_id: str
    index: int
    size: int

    @classmethod
    def of(cls, changeset: MinimalChangeset) -> Self:
        """Return the file of a changeset.

        Raises:
            UnexpectedResponse: The changeset id is invalid, and therefore not safe as a file name.
        """
        try:
            changeset_id = checks.changeset_id("id", changeset.id)
            parent_id = checks.optional_changeset_id("parent_id", changeset.parent_id) or ""
        except (TypeError, ValueError) as error:
            raise UnexpectedResponse(
                f"iModel {changeset.imodel_id}, changeset with index {changeset.index}: {error}"
            ) from None
        return cls(
            imodel_id=changeset.imodel_id,
            id=changeset_id,
            parent_id=parent_id,
            index=changeset.index,
            size=changeset.file_size,
        )

    @property
    def name(self) -> str:
        """The name of the file."""
        return f"{self.id}.cs"

    def matches(self, path: Path, verification: Verification) -> bool:
        """Return whether an existing file is the file of the changeset.

        Raises:
            TransferError: The file cannot be read.
        """
        with disk_errors(path, "read"):
            try:
                if path.stat().st_size != self.size:
                    return False
                return verification == "size" or compute_changeset_id(path, self.parent_id) == self.id
            except (ChangesetFileError, FileNotFoundError):
                return False

    def check_id(self, path: Path) -> bool:
        """Return True if the content of a downloaded file matches the changeset id; otherwise raise an error.

        Raises:
            IntegrityError: The content is not a changeset, or has another id.
            TransferError: The file cannot be read.
        """
        with disk_errors(path, "read"):
            return self.check_content(path)

    def check_content(self, content: Path | BinaryIO) -> bool:
        """Return True if content matches the changeset id; otherwise raise an error.

        Raises:
            IntegrityError: The content is not a changeset, or has another id.
        """
        try:
            actual_id = compute_changeset_id(content, self.parent_id)
        except ChangesetFileError as error:
            raise IntegrityError(f"the content is not a changeset: {error.reason}") from None
        if actual_id != self.id:
            raise IntegrityError(f"the content does not match: its changeset id is {actual_id}, not {self.id}")
        return True

    def link_in(self, changeset: Changeset) -> StorageLink:
        """Return the link to the file, which the service sent with the changeset.

        Raises:
            LinkMissing: The response contains no link.
        """
        if changeset.download is None:
            raise LinkMissing(
                f"iModel {self.imodel_id}, changeset {self.id}: the service sent no link to the file. Downloads "
                "require the permission imodels_read"
            )
        return changeset.download

    def item(
        self,
        folder: Path,
        verification: Verification,
        *,
        link: StorageLink | None,
        fresh_link: Callable[[], StorageLink],
        obtained: float | None = None,
    ) -> DownloadItem:
        """Return the download of the file.

        Args:
            folder: The folder to which the file is written.
            verification: How to verify the file.
            link: The link to the file; None requests one if the file does not exist.
            fresh_link: Returns a new link.
            obtained: When the link was obtained, by `time.monotonic`; None for now.
        """
        return DownloadItem(
            target=folder / self.name,
            link=link,
            size=self.size,
            fresh_link=fresh_link,
            check=self.check_id if verification == "id" else None,
            check_content=self.check_content if verification == "id" else None,
            is_right=partial(self.matches, verification=verification),
            obtained=time.monotonic() if obtained is None else obtained,
        )
