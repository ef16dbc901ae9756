"""What storage tells of a file in headers. No I/O."""

from collections.abc import Callable

AZURE_VERSION = {"x-ms-version": "2021-12-02"}
"""The version of Azure's protocol that requests are written for."""


def told_md5(header: Callable[[str], str | None], *, whole: bool = True) -> str | None:
    """Give the MD5 of the file as Content-MD5 writes it, if the storage tells.

    Args:
        header: Gives a header of the answer.
        whole: Whether the answer is about the whole file, and not a part.
    """
    own = header("content-md5") if whole else header("x-ms-blob-content-md5")
    if own is not None:
        return own
    for value in (header("x-goog-hash") or "").split(","):
        name, _, digest = value.strip().partition("=")
        if name == "md5":
            return digest
    return None
