"""Blob storage in an Azure account.

The account contains all state, so any number of hub processes can share it. Every change to a blob is atomic: one
request, one block list, or one copy by the service.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobBlock, BlobClient, ContentSettings

from itwin_imodels_hub.blobs.azure_account.account import BLOCK, Account, code_of
from itwin_imodels_hub.blobs.azure_account.blocks import new_block_ids, pieces
from itwin_imodels_hub.blobs.azure_account.places import Containers, Place
from itwin_imodels_hub.blobs.contract import StorageRefusedError

T = TypeVar("T")

_CONTENT_TYPE = "application/octet-stream"
_COPY_LINK = timedelta(hours=1)
_COPY_SECONDS = 600
_POLL_SECONDS = 0.5
_BEING_DELETED = "ContainerBeingDeleted"
_CONTAINER_SECONDS = 90
"""Deadline for recreating a deleted container; Azure blocks its name for at least 30 s."""
_ATTEMPTS = 3
_FOLDER_MARK = "hdi_isfolder"
"""Metadata key of the empty blobs that represent directories in accounts with a hierarchical namespace."""


class AzureBlobStore:
    """Blobs in an account; see `BlobStore`."""

    def __init__(self, account: Account, containers: Containers) -> None:
        """Store blobs in an account.

        Args:
            account: The account.
            containers: Container names of the hub.
        """
        self._account = account
        self._service = account.service
        self._containers = containers

    def prepare(self) -> None:
        """Create the container of uploads if it does not exist.

        Raises:
            StorageUnavailableError: The account cannot be reached or rejects the key.
        """
        with self._account.converting_errors(f"create the container {self._containers.uploads}"):
            self._make_container(self._containers.uploads)

    # Reading.

    def size(self, name: str) -> int | None:
        """Return the size of a blob in bytes; None if it is missing."""
        blob = self._blob(name)
        with self._account.converting_errors(f"look for {name}"):
            try:
                return int(blob.get_blob_properties().size)
            except ResourceNotFoundError:
                return None

    def names(self, prefix: str = "", *, unchanged_for: timedelta = timedelta()) -> list[str]:
        """Return the sorted names of the blobs that start with `prefix`; see `BlobStore`."""
        latest = datetime.now(UTC) - unchanged_for
        with self._account.converting_errors(f"list blobs starting with {prefix!r}"):
            places = self._containers.places_to_search(prefix, self._folders(prefix))
            return sorted(name for place in places for name in self._names_at(place, latest if unchanged_for else None))

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Yield a temporary file with the content, deleted afterwards; see `BlobStore`."""
        with TemporaryDirectory(prefix="imodels-hub-") as folder:
            path = Path(folder) / "content"
            with path.open("wb") as file, self._blob_errors(name, f"download {name}"):
                self._blob(name).download_blob(max_concurrency=1).readinto(file)
            yield path

    def read(self, name: str) -> bytes:
        """Return the content of a small blob; see `BlobStore`."""
        with self._blob_errors(name, f"download {name}"):
            return bytes(self._blob(name).download_blob().readall())

    # Writing.

    def add(self, name: str, content: bytes, *, content_type: str) -> None:
        """Write or replace a small blob; see `BlobStore`."""
        blob, md5 = self._blob(name), hashlib.md5(content, usedforsecurity=False).digest()
        settings = ContentSettings(content_type=content_type, content_md5=bytearray(md5))
        with self._account.converting_errors(f"write {name}"):
            self._in_container(
                blob, lambda: blob.upload_blob(content, overwrite=True, content_settings=settings, max_concurrency=1)
            )

    def add_file(self, name: str, source: Path) -> None:
        """Upload a local file to the account; see `BlobStore`."""
        if source.stat().st_size <= BLOCK:
            self.add(name, source.read_bytes(), content_type=_CONTENT_TYPE)
            return
        blob = self._blob(name)
        with self._account.converting_errors(f"write {name}"):
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    self._in_container(blob, lambda: _upload_blocks(blob, source))
                except HttpResponseError as error:
                    # A concurrent upload of the same blob has discarded the blocks.
                    if code_of(error) != "InvalidBlockList" or attempt == _ATTEMPTS:
                        raise
                else:
                    return

    def copy(self, source: str, target: str) -> None:
        """Copy a blob within the service; see `BlobStore`."""
        origin, destination = self._containers.place(source), self._blob(target)
        link = self._account.blob_link(origin, "r", _COPY_LINK)
        with self._blob_errors(source, f"copy {source} to {target}"):
            try:
                self._in_container(destination, lambda: self._copy(link, destination))
            except ResourceExistsError as error:
                if code_of(error) != "PendingCopyOperation":
                    raise
                _abort_copy(destination)  # left behind by a hub process that has exited
                self._copy(link, destination)

    def delete(self, name: str) -> None:
        """Delete a blob if it exists."""
        with self._account.converting_errors(f"delete {name}"), suppress(ResourceNotFoundError):
            self._blob(name).delete_blob(delete_snapshots="include")

    def delete_all(self, prefix: str) -> None:
        """Delete all blobs whose names start with `prefix`; if that is a whole folder, also its container."""
        with self._account.converting_errors(f"delete blobs starting with {prefix!r}"):
            whole = not prefix.partition("/")[2]
            for place in self._containers.places_to_search(prefix, self._folders(prefix)):
                if whole and place.container != self._containers.uploads:
                    self._delete_container(place.container)
                else:
                    for name in list(self._names_at(place)):
                        self.delete(name)

    # Helpers.

    def _blob(self, name: str) -> BlobClient:
        place = self._containers.place(name)
        return self._service.get_blob_client(place.container, place.blob)

    def _folders(self, prefix: str) -> list[str]:
        """Return the possible first segments of names that start with a prefix."""
        head, slash, _ = prefix.partition("/")
        if slash:
            return [head] if self._containers.folder(self._containers.of(head)) else []
        containers = self._service.list_containers(name_starts_with=self._containers.of(head))
        return [folder for each in containers if (folder := self._containers.folder(each.name)) is not None]

    def _names_at(self, place: Place, latest: datetime | None = None) -> Iterator[str]:
        container = self._service.get_container_client(place.container)
        with suppress(ResourceNotFoundError):
            for blob in container.list_blobs(name_starts_with=place.blob, include=["metadata"]):
                name = self._containers.name(Place(place.container, blob.name))
                if name is None or _FOLDER_MARK in (blob.metadata or {}):
                    continue
                if latest is None or blob.last_modified <= latest:
                    yield name

    @contextmanager
    def _blob_errors(self, name: str, doing: str) -> Iterator[None]:
        with self._account.converting_errors(doing):
            try:
                yield
            except ResourceNotFoundError:
                raise KeyError(name) from None

    def _in_container(self, blob: BlobClient, act: Callable[[], T]) -> T:
        """Write a blob; create its container if it does not exist."""
        try:
            return act()
        except ResourceNotFoundError as error:
            if code_of(error) != "ContainerNotFound":
                raise
            self._make_container(blob.container_name)
            return act()

    def _make_container(self, name: str) -> None:
        until = time.monotonic() + _CONTAINER_SECONDS
        while True:
            try:
                self._service.create_container(name)
            except ResourceExistsError as error:
                being_deleted = code_of(error) == _BEING_DELETED
                if being_deleted and time.monotonic() < until:
                    time.sleep(_POLL_SECONDS)
                    continue
                if being_deleted:
                    raise
            return

    def _delete_container(self, name: str) -> None:
        with suppress(ResourceNotFoundError):
            try:
                self._service.delete_container(name)
            except ResourceExistsError as error:
                if code_of(error) != _BEING_DELETED:
                    raise

    def _copy(self, link: str, destination: BlobClient) -> None:
        started = destination.start_copy_from_url(link)
        status, until = str(started["copy_status"]), time.monotonic() + _COPY_SECONDS
        while status == "pending":
            if time.monotonic() > until:
                _abort_copy(destination)
            time.sleep(_POLL_SECONDS)
            status = str(destination.get_blob_properties().copy.status)
        if status != "success":
            raise StorageRefusedError(f"Azure account {self._account.name} failed to copy a blob: status {status}")


def _upload_blocks(blob: BlobClient, source: Path) -> None:
    """Upload a file in blocks with unique ids, then commit them as the blob in one step."""
    content, ids = hashlib.md5(usedforsecurity=False), []
    with source.open("rb") as file:
        for block_id, piece in zip(new_block_ids(), pieces(file, BLOCK), strict=False):
            content.update(piece)
            blob.stage_block(block_id, piece, length=len(piece))
            ids.append(BlobBlock(block_id))
    settings = ContentSettings(content_type=_CONTENT_TYPE, content_md5=bytearray(content.digest()))
    blob.commit_block_list(ids, content_settings=settings)


def _abort_copy(destination: BlobClient) -> None:
    with suppress(ResourceExistsError):  # it has finished in the meantime
        destination.abort_copy(destination.get_blob_properties())
