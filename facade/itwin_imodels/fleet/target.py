"""The storage of a fleet's files: a folder, or object storage through fsspec."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

import attrs

from itwin_imodels._core.secrets import masked
from itwin_imodels.errors import ConfigurationError, FleetError
from itwin_imodels.fleet import layout

_OBJECT_STORES: Final = {"abfs": "fleet-azure", "abfss": "fleet-azure", "az": "fleet-azure"}
"""The supported protocols of object storage, which have conditional writes, and the extra that each requires."""


class ChangedMeanwhileError(Exception):
    """A file has changed since it was read: another run has replaced it."""


@attrs.frozen
class Content:
    """The content of a file.

    Attributes:
        data: The bytes of the file.
        version: The version to pass to `Target.replace`.
    """

    data: bytes
    version: str


@attrs.frozen
class StoredFile:
    """A file in a folder.

    Attributes:
        name: The name of the file.
        size: Size in bytes.
        modified: The time of the last change.
    """

    name: str
    size: int
    modified: datetime


class Target(Protocol):
    """The storage of all files of a fleet. Paths are relative, with forward slashes."""

    @property
    def url(self) -> str:
        """The URL of the target."""
        ...

    def files(self, folder: str) -> list[StoredFile]:
        """Return the files directly in a folder; empty if the folder does not exist."""
        ...

    def read(self, path: str) -> Content | None:
        """Read a small file; return None if it is missing."""
        ...

    def replace(self, path: str, data: bytes, version: str | None) -> str:
        """Write a small file if it is unchanged since it was read.

        Args:
            path: The path of the file.
            data: The new content.
            version: Version of the content that was read; None if the file was missing.

        Returns:
            The version of the new content.

        Raises:
            ChangedMeanwhileError: The file has another version.
        """
        ...

    def put(self, files: Mapping[str, Path]) -> None:
        """Copy local files; each of them appears when it is complete.

        Args:
            files: The local files, by their paths in the target.
        """
        ...

    def get(self, paths: Sequence[str], folder: Path) -> list[Path]:
        """Copy files to a local folder, and return their paths in the same order.

        Raises:
            FileNotFoundError: A file is missing.
        """
        ...


def open_target(url: str) -> Target:
    """Open a target. Credentials come from the environment, never from the URL.

    Args:
        url: ``abfs://container@account.dfs.core.windows.net/folder``, ``file:///folder`` or the path of a folder.

    Raises:
        ConfigurationError: A package for this kind of storage is not installed.
        ValueError: The URL is invalid or contains credentials.
    """
    protocol, mark, rest = url.partition("://")
    if not mark or protocol == "file":
        from itwin_imodels.fleet.folder import FolderTarget  # noqa: PLC0415 - only needed for folders

        return FolderTarget(Path(rest if mark else url))
    if ":" in (urlsplit(url).netloc.rpartition("@")[0]) or "?" in url:
        raise ValueError("the target's URL contains credentials: set them in the environment of driver and workers")
    if protocol not in _OBJECT_STORES:
        raise ValueError(f"{protocol}:// is not supported as a target: use abfs:// or file://")
    try:
        from itwin_imodels.fleet.azure import AzureTarget  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        extra = _OBJECT_STORES[protocol]
        raise ConfigurationError(
            f"{protocol}:// requires the extra '{extra}': pip install 'itwin-imodels[{extra}]'"
        ) from error
    return AzureTarget(url)


def check_target(target: Target, *, create: bool) -> None:
    """Check that a target can be used.

    Args:
        target: The target.
        create: Whether to create a new fleet if there is none, which also checks that the target is writable.

    Raises:
        FleetError: The target cannot be reached or written, has a newer format, or is not a fleet.
    """
    try:
        found = target.read(layout.FORMAT_FILE)
        if found is not None:
            layout.check_format(found.data, target.url)
        if create:
            content = layout.format_document() if found is None else found.data
            target.replace(layout.FORMAT_FILE, content, None if found is None else found.version)
    except ChangedMeanwhileError:
        return check_target(target, create=create)
    except FleetError:
        raise
    except Exception as error:  # noqa: BLE001 - each storage has its own errors
        raise FleetError(
            f"target {target.url} cannot be {'written' if create else 'read'}: {reason_of(error)}. "
            "Check the address and the permissions."
        ) from None
    if found is None and not create:
        raise FleetError(f"target {target.url} contains no fleet: {layout.FORMAT_FILE} is missing. Check the address.")
    return None


def reason_of(error: BaseException) -> str:
    """Return the message of an error on one line, without credentials."""
    text = masked(" ".join(str(error).split()))
    return f"{type(error).__name__}: {text[:500]}" if text else type(error).__name__
