"""The file of a changeset: its name, its link and how it is verified."""

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
"""How the file of a changeset is verified: by the changeset's id, or by its size alone."""


@attrs.frozen(kw_only=True)
class ChangesetFile:
    """The file that belongs to a changeset.

    Attributes:
        imodel_id: The iModel.
        id: Id of the changeset, in lower case.
        parent_id: Id of the changeset before it; empty for the first one.
        index: Index of the changeset.
        size: Size of the file in bytes.
    """

    imodel_id: str
    id: str
    parent_id: str
    index: int
    size: int

    @classmethod
    def of(cls, changeset: MinimalChangeset) -> Self:
        """Return the file that belongs to a changeset.

        Raises:
            UnexpectedResponse: The changeset has an invalid id, which cannot safely name a file.
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
        """Return whether an existing file is this file.

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
        """Check that the content of a downloaded file has the changeset's id.

        Raises:
            IntegrityError: The content is not a changeset, or has another id.
            TransferError: The file cannot be read.
        """
        with disk_errors(path, "read"):
            return self.check_content(path)

    def check_content(self, content: Path | BinaryIO) -> bool:
        """Check that content has the changeset's id.

        Raises:
            IntegrityError: The content is not a changeset, or has another id.
        """
        try:
            found = compute_changeset_id(content, self.parent_id)
        except ChangesetFileError as error:
            raise IntegrityError(f"the content is not that of a changeset: {error.reason}") from None
        if found != self.id:
            raise IntegrityError(f"the content is that of changeset {found}")
        return True

    def link_in(self, changeset: Changeset) -> StorageLink:
        """Return the link to the file that the service sent with its changeset.

        Raises:
            LinkMissing: The service sent no link.
        """
        if changeset.download is None:
            raise LinkMissing(
                f"iModel {self.imodel_id}, changeset {self.id}: the service sent no link to the file. Downloads "
                "need the permission imodels_read"
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
            folder: The folder that the file is written to.
            verification: How the file is verified.
            link: Link to the file; None requests one if the file is missing.
            fresh_link: Returns another link.
            obtained: When the link was obtained, by `time.monotonic`; now by default.
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
