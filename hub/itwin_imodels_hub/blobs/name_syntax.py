"""Syntax of blob names, and the folders of blobs.

A name is a key with `/`-separated segments, as in cloud storage. Names and folders map one to one, even if the file
system ignores case or strips dots, and every folder is below the folder of the store.
"""

from pathlib import PurePosixPath
from string import ascii_lowercase, digits
from urllib.parse import unquote

MAX_NAME_LENGTH = 1024
MAX_SEGMENT_LENGTH = 240  # encoded; file systems permit 255 bytes, including the mark of the folder

# Marks the folder of a blob, so that blobs "a" and "a/b" can coexist. No encoded segment contains it.
_LEAF_MARK = "~"
_PLAIN = frozenset(ascii_lowercase + digits + "._-")
_LAST_CONTROL_C0 = 0x1F
_FIRST_CONTROL_C1 = 0x7F
_LAST_CONTROL_C1 = 0x9F


def split_name(name: str) -> list[str]:
    """Split a blob name into its segments.

    Args:
        name: The key, at most 1024 characters, without a leading or trailing slash.

    Returns:
        The segments, none of them empty.

    Raises:
        ValueError: The name is invalid.
    """
    if not name or len(name) > MAX_NAME_LENGTH:
        raise ValueError(f"A blob name must have 1 to {MAX_NAME_LENGTH} characters.")
    segments = name.split("/")
    for segment in segments:
        _check_segment(segment)
    return segments


def folder_of(name: str) -> PurePosixPath:
    """Return the folder of a blob, relative to the folder of the store.

    Raises:
        ValueError: The name is invalid.
    """
    *parents, leaf = map(encode_segment, split_name(name))
    return PurePosixPath(*parents, leaf + _LEAF_MARK)


def name_of(folder: PurePosixPath) -> str:
    """Return the name of the blob in a folder; the inverse of `folder_of`.

    Raises:
        ValueError: The path is not the folder of a blob.
    """
    parts = folder.parts
    if not parts or not is_leaf(parts[-1]):
        raise ValueError("not the folder of a blob")
    return "/".join(unquote(part) for part in (*parts[:-1], parts[-1].removesuffix(_LEAF_MARK)))


def is_leaf(folder_name: str) -> bool:
    """Check whether a folder belongs to a blob rather than only containing other folders."""
    return folder_name.endswith(_LEAF_MARK)


def encode_segment(segment: str) -> str:
    """Encode a segment with lower-case letters, digits and `._-`; all other characters are percent-encoded."""
    encoded = "".join(character if character in _PLAIN else _percent(character) for character in segment)
    # A leading dot would hide the file or refer to a parent folder; Windows strips trailing dots.
    if encoded.startswith("."):
        encoded = _percent(".") + encoded[1:]
    if encoded.endswith("."):
        encoded = encoded[:-1] + _percent(".")
    return encoded


def parents_of_prefix(prefix: str) -> PurePosixPath | None:
    """Return the folder that contains all blobs whose names start with a prefix, or None if the prefix is invalid."""
    *parents, _ = prefix.split("/")
    try:
        for parent in parents:
            _check_segment(parent)
    except ValueError:
        return None
    return PurePosixPath(*map(encode_segment, parents))


def _check_segment(segment: str) -> None:
    if segment in {"", ".", ".."}:
        raise ValueError("A blob name must not contain empty, '.' or '..' segments.")
    if not all(map(_allowed, segment)):
        raise ValueError("A blob name must not contain control characters, backslashes or characters that XML forbids.")
    if len(encode_segment(segment)) > MAX_SEGMENT_LENGTH:
        raise ValueError("A segment of the blob name is too long.")


def _allowed(character: str) -> bool:
    code = ord(character)
    # XML listings cannot contain most of these characters.
    return not (
        code <= _LAST_CONTROL_C0
        or _FIRST_CONTROL_C1 <= code <= _LAST_CONTROL_C1
        or 0xD800 <= code <= 0xDFFF  # noqa: PLR2004 - the surrogates
        or code in {0xFFFE, 0xFFFF}
        or character == "\\"
    )


def _percent(character: str) -> str:
    return "".join(f"%{byte:02x}" for byte in character.encode())
