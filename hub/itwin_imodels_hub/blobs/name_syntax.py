"""Blob names, and the folders they are kept in.

A name is a `/`-separated key as in cloud storage: any text per segment, no folders of its own. The mapping to the file
system is one to one, also on systems that ignore case or trim dots, and every folder it gives lies below the store's.
"""

from pathlib import PurePosixPath
from string import ascii_lowercase, digits
from urllib.parse import unquote

MAX_NAME_LENGTH = 1024
MAX_SEGMENT_LENGTH = 240  # encoded; file systems take 255 bytes, and the mark of a blob's folder is added

# Marks the folder of one blob, so that blobs "a" and "a/b" can both be there. No encoded segment contains it.
_LEAF_MARK = "~"
_PLAIN = frozenset(ascii_lowercase + digits + "._-")
_LAST_CONTROL_C0 = 0x1F
_FIRST_CONTROL_C1 = 0x7F
_LAST_CONTROL_C1 = 0x9F


def split_name(name: str) -> list[str]:
    """Take a blob name apart.

    Args:
        name: The key, at most 1024 characters, without a leading or trailing slash.

    Returns:
        Its segments, never empty.

    Raises:
        ValueError: The name is not one that a blob can have.
    """
    if not name or len(name) > MAX_NAME_LENGTH:
        raise ValueError(f"A blob name has 1 to {MAX_NAME_LENGTH} characters.")
    segments = name.split("/")
    for segment in segments:
        _check_segment(segment)
    return segments


def folder_of(name: str) -> PurePosixPath:
    """Say in which folder, relative to the store's, a blob is kept.

    Raises:
        ValueError: The name is not one that a blob can have.
    """
    *parents, leaf = map(encode_segment, split_name(name))
    return PurePosixPath(*parents, leaf + _LEAF_MARK)


def name_of(folder: PurePosixPath) -> str:
    """Turn the folder of a blob back into its name; the inverse of `folder_of`.

    Raises:
        ValueError: No blob is kept in a folder of this form.
    """
    parts = folder.parts
    if not parts or not is_leaf(parts[-1]):
        raise ValueError("This is not the folder of a blob.")
    return "/".join(unquote(part) for part in (*parts[:-1], parts[-1].removesuffix(_LEAF_MARK)))


def is_leaf(folder_name: str) -> bool:
    """Tell the folder of a blob from one that only holds others."""
    return folder_name.endswith(_LEAF_MARK)


def encode_segment(segment: str) -> str:
    """Write one segment with lower-case letters, digits and `._-`; everything else becomes percent codes."""
    encoded = "".join(character if character in _PLAIN else _percent(character) for character in segment)
    # A leading dot hides a file or climbs up; Windows drops a trailing one.
    if encoded.startswith("."):
        encoded = _percent(".") + encoded[1:]
    if encoded.endswith("."):
        encoded = encoded[:-1] + _percent(".")
    return encoded


def parents_of_prefix(prefix: str) -> PurePosixPath | None:
    """Say below which folder all blobs lie whose names begin with a prefix; None when no name can begin so."""
    *parents, _ = prefix.split("/")
    try:
        for parent in parents:
            _check_segment(parent)
    except ValueError:
        return None
    return PurePosixPath(*map(encode_segment, parents))


def _check_segment(segment: str) -> None:
    if segment in {"", ".", ".."}:
        raise ValueError("A blob name has no empty segment and none of dots alone.")
    if not all(map(_allowed, segment)):
        raise ValueError("A blob name holds no control character, no backslash and no half of a surrogate pair.")
    if len(encode_segment(segment)) > MAX_SEGMENT_LENGTH:
        raise ValueError("A segment of the blob name is too long.")


def _allowed(character: str) -> bool:
    code = ord(character)
    # What XML cannot carry could not be listed.
    return not (
        code <= _LAST_CONTROL_C0
        or _FIRST_CONTROL_C1 <= code <= _LAST_CONTROL_C1
        or 0xD800 <= code <= 0xDFFF  # noqa: PLR2004 - the surrogates
        or code in {0xFFFE, 0xFFFF}
        or character == "\\"
    )


def _percent(character: str) -> str:
    return "".join(f"%{byte:02x}" for byte in character.encode())
