"""Rules for runs over a fleet: the order of iModels, the sizes of downloads, and samples."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, TypeVar

WINDOW_FILES: Final = 500
"""Maximum number of files that are downloaded between two writes of a manifest."""

WINDOW_BYTES: Final = 256 << 20
"""Maximum size of a window in bytes; a single file can be larger."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


T = TypeVar("T")


def by_age(imodel_ids: Iterable[str], mirrored_at: Mapping[str, datetime]) -> list[str]:
    """Order iModels by the time since they were last mirrored, longest first.

    Even if runs always end early, every iModel is therefore reached in turn.

    Args:
        imodel_ids: The ids of the iModels.
        mirrored_at: When each iModel was last mirrored; those without an entry were never mirrored, and come first.
    """
    return sorted(imodel_ids, key=lambda each: (mirrored_at.get(each, _NEVER), each))


def windows(
    items: Iterable[T], *, size_of: Callable[[T], int], max_files: int = WINDOW_FILES, max_bytes: int = WINDOW_BYTES
) -> Iterator[list[T]]:
    """Split items into windows with a limited number and total size of files.

    Args:
        items: The items.
        size_of: Returns the size of the file of an item in bytes.
        max_files: Maximum number of items in a window.
        max_bytes: Maximum size of a window in bytes; a single file can be larger.
    """
    window: list[T] = []
    total = 0
    for each in items:
        size = size_of(each)
        if window and (len(window) >= max_files or total + size > max_bytes):
            yield window
            window, total = [], 0
        window.append(each)
        total += size
    if window:
        yield window


def is_sampled(changeset_id: str, share: float, salt: str) -> bool:
    """Return whether a changeset is in a sample.

    The answer depends only on the arguments, so every run with the same salt and share selects the same changesets.

    Args:
        changeset_id: The id: 40 hex digits, which are evenly distributed.
        share: The share of the changesets in the sample, from 0 to 1.
        salt: Hex digits that change the selection, such as those of a date.
    """
    if share >= 1:
        return True
    turn, span = int(salt or "0", 16), 1 << 32
    return (int(changeset_id[:8], 16) + turn * 0x9E3779B1) % span < share * span


def parse_share(text: str) -> float:
    """Parse a share such as ``5%`` or ``0.05``.

    Raises:
        ValueError: The string is not a number from 0 to 1, or from 0% to 100%.
    """
    try:
        share = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError(f"sample must be from 0 to 1, such as 0.05 or 5%, not {text}")
    return share
