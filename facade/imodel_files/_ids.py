"""Compute and verify the ids of changesets."""

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from imodel_files._errors import ChangesetIdMismatchError
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._payload import ChangesetSource, Payload, open_payload, source_name
from imodel_files._session import check_marker

_ID: Final = re.compile(r"[0-9a-fA-F]{40}")
_NO_PARENT: Final = bytes(20)


class IdComputation:
    """Computes an id from the parent's id, the prefix with a final NUL (if there is a prefix), and the body."""

    def __init__(self, parent_id: str | None, prefix: bytes) -> None:
        """Start with the data before the body.

        Raises:
            ValueError: The parent's id is invalid.
        """
        self._hash = hashlib.sha1(parent_bytes(parent_id), usedforsecurity=False)
        if prefix:
            self._hash.update(prefix)
            self._hash.update(b"\0")

    def update(self, block: bytes | memoryview) -> None:
        """Add a part of the body."""
        self._hash.update(block)

    def result(self) -> str:
        """Return the id: 40 lower-case hex digits."""
        return self._hash.hexdigest()


def is_id(text: str) -> bool:
    """Return whether a string is a changeset id."""
    return _ID.fullmatch(text) is not None


def normal_id(changeset_id: str, what: str) -> str:
    """Return an id in lower case.

    Raises:
        ValueError: It is not 40 hex digits.
    """
    if not is_id(changeset_id):
        raise ValueError(f"{what}: {changeset_id!r} is not a changeset id; it must have 40 hex digits")
    return changeset_id.lower()


def normal_parent_id(parent_id: str | None) -> str:
    """Return the id of a parent in lower case; empty if there is no parent.

    Raises:
        ValueError: It is neither empty nor 40 hex digits.
    """
    return normal_id(parent_id, "parent_id") if parent_id else ""


def parent_bytes(parent_id: str | None) -> bytes:
    """Return the bytes of a parent's id; 20 zeros if there is no parent.

    Raises:
        ValueError: It is neither empty nor an id.
    """
    return bytes.fromhex(normal_id(parent_id, "parent_id")) if parent_id else _NO_PARENT


def compute_changeset_id(path: ChangesetSource, parent_id: str | None, *, limits: Limits = DEFAULT_LIMITS) -> str:
    """Compute the id of a changeset from its file and the id of its parent.

    The file is read as a stream and takes less than 40 MB of memory. Decompression and hashing, which take nearly all
    of the time, release the GIL, so that threads can compute ids in parallel.

    Args:
        path: The path of the changeset file, or a binary stream positioned at its start.
        parent_id: The id of its parent, 40 hex digits in either case; ``""`` or None for the first changeset of an
            iModel.
        limits: Limits on the size, memory and time that reading the file may take; see `Limits` for the defaults.

    Returns:
        The id: 40 lower-case hex digits.

    Raises:
        ChangesetFileError: The file is not a complete changeset file, or exceeds the limits.
        ValueError: The parent's id is neither empty nor 40 hex digits.
        OSError: The file cannot be read.
    """
    parent_bytes(parent_id)
    with open_payload(path, limits) as payload:
        return id_of(payload, parent_id)


def id_of(payload: Payload, parent_id: str | None) -> str:
    """Compute the id of an opened changeset file. This consumes the body."""
    (changeset_id,) = ids_of(payload, [parent_id])
    return changeset_id


def ids_of(payload: Payload, parent_ids: Iterable[str | None]) -> list[str]:
    """Compute the ids that an opened changeset file has with different parents. This consumes the body."""
    computations = [IdComputation(each, payload.prefix) for each in parent_ids]
    is_first = True
    for block in payload.body:
        if is_first:
            check_marker(block[0], payload.stream.path, payload.body_offset)
            is_first = False
        for each in computations:
            each.update(block)
    return [each.result() for each in computations]


def verify_changeset(
    path: ChangesetSource,
    *,
    id: str,  # noqa: A002 - what the API calls it
    parent_id: str | None,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Check that a changeset file has the expected id.

    A match verifies the schema changes, the changes and the parent, but not the exact bytes of the file: the same
    content has the same id even if it is compressed differently.

    Args:
        path: See `compute_changeset_id`.
        id: The expected id, 40 hex digits in either case.
        parent_id: See `compute_changeset_id`.
        limits: Limits on the size, memory and time that reading the file may take; see `Limits` for the defaults.

    Raises:
        ChangesetIdMismatchError: The content and the parent result in another id.
        ChangesetFileError: The file is not a complete changeset file, or exceeds the limits.
        ValueError: An id is not 40 hex digits.
        OSError: The file cannot be read.
    """
    expected = normal_id(id, "id")
    actual = compute_changeset_id(path, parent_id, limits=limits)
    if actual != expected:
        raise ChangesetIdMismatchError(source_name(path), expected, actual)
