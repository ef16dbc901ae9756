"""Rules of a fleet's runs: in which order, in which portions, and which files are missing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, TypeVar

WINDOW_FILES: Final = 500
"""Most files that are downloaded between two writes of a manifest."""

WINDOW_BYTES: Final = 256 << 20
"""Size from which a window ends; a single file can be larger."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


T = TypeVar("T")


def by_age(imodel_ids: Iterable[str], checked: Mapping[str, datetime]) -> list[str]:
    """Order iModels so that those come first that have waited longest.

    A run that ends early, night after night, therefore reaches every iModel in turn.

    Args:
        imodel_ids: The iModels.
        checked: When each was last mirrored; those without an entry never were, and come first.
    """
    return sorted(imodel_ids, key=lambda each: (checked.get(each, _NEVER), each))


def windows(
    items: Iterable[T], *, size_of: Callable[[T], int], files: int = WINDOW_FILES, most: int = WINDOW_BYTES
) -> Iterator[list[T]]:
    """Divide what belongs to files into windows that are bounded in number and size.

    Args:
        items: The items.
        size_of: Returns the size of the file of an item in bytes.
        files: Most items of a window.
        most: Largest size of a window in bytes; a single file can be larger.
    """
    window: list[T] = []
    total = 0
    for each in items:
        size = size_of(each)
        if window and (len(window) >= files or total + size > most):
            yield window
            window, total = [], 0
        window.append(each)
        total += size
    if window:
        yield window


def is_sampled(changeset_id: str, share: float, salt: str) -> bool:
    """Return whether a changeset is in a sample, which is another one for each salt and can be repeated.

    Args:
        changeset_id: Its id: 40 hex digits that are as good as random.
        share: The share of changesets in the sample, from 0 to 1.
        salt: Hex digits that rotate the choice, such as those of a date.
    """
    if share >= 1:
        return True
    turn, span = int(salt or "0", 16), 1 << 32
    return (int(changeset_id[:8], 16) + turn * 0x9E3779B1) % span < share * span


def parse_share(text: str) -> float:
    """Parse a share such as ``5%`` or ``0.05``.

    Raises:
        ValueError: It is not a number from 0 to 1, or from 0% to 100%.
    """
    try:
        found = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise ValueError(f"sample must be from 0% to 100%, such as 5%, not {text!r}")
    return found
