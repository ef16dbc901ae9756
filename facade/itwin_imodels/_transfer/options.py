"""How files are moved to and from object storage."""

import warnings
from typing import Final, Literal

from attrs import field, frozen
from attrs.validators import in_

from itwin_imodels._core import checks

__all__ = ["TransferOptions"]

BACKENDS: Final = ("auto", "httpx")
REMOVED_BACKEND: Final = "pyreqwest"

_MIB = 1 << 20


def warn_of_removed_backend(source: str, *, stacklevel: int) -> None:
    """Warn that a setting names the backend that was removed.

    Args:
        source: The setting.
        stacklevel: Whom the warning is about: 2 is who calls this function.
    """
    warnings.warn(
        f"{source}: {REMOVED_BACKEND} is no longer a backend; the default one is used. Version 0.3 refuses the name",
        DeprecationWarning,
        stacklevel=stacklevel + 1,
    )


def _kept(backend: Literal["auto", "httpx", "pyreqwest"]) -> Literal["auto", "httpx"]:
    if backend == REMOVED_BACKEND:
        warn_of_removed_backend("backend", stacklevel=3)  # of who makes the options
        return "auto"
    return backend


@frozen(kw_only=True)
class TransferOptions:
    """Settings of uploads and downloads.

    Attributes:
        parallelism: Most files that travel at a time, 1 to 64. There are 16 at first, more while that makes them
            faster, and fewer while the storage is busy.
        backend: What speaks HTTP. There is one left, so that `auto` and `httpx` mean the same: the standard library's
            `http.client`, and httpx where a proxy is set. `pyreqwest` is deprecated, and means that as well.
        block_threshold: Largest file that is uploaded in one request, bytes, at most 5000 MiB; larger ones go in
            parallel blocks, which can be resumed, and so do those above 1 MiB whose request times out, and those from
            32 MiB on whose request after 0.5 s would take another 4 s.
        block_size: Size of a block, bytes, 64 KiB to 100 MiB, rounded up to whole 64 KiB; more where a file would have
            more than 50,000 blocks.
        block_parallelism: Most blocks of one file that travel at a time, 1 to 16. Of an upload, there are at most 4 at
            first, and more while that makes it faster. Each takes `block_size` of memory, or at most 4 MiB where a
            checkpoint in blocks is downloaded.
        connect_timeout: Longest time to make a connection, seconds.
        idle_timeout: Longest time in which nothing arrives or leaves, seconds. The answer to an upload may take longer,
            up to `deadline`, since the file may still be in the buffers of a slow line.
        retries: How often a request is repeated without having moved anything, 0 to 100.
        deadline: Longest time without anything moved, waits between tries included, seconds.
        link_patience: Age until which a new link is tried again that the storage rejects as if it were not valid yet,
            because its clock is behind the service's, seconds; 0 gives up at once.
        link_lifetime: Age at which a link is replaced before it is used, seconds.

    Raises:
        ValueError: A number is out of its bounds.
    """

    parallelism: int = field(default=64, validator=checks.between(1, 64))
    backend: Literal["auto", "httpx"] = field(default="auto", converter=_kept, validator=in_(BACKENDS))
    block_threshold: int = field(default=256 * _MIB, validator=checks.between(1, 5000 * _MIB))
    block_size: int = field(default=4 * _MIB, validator=checks.between(64 << 10, 100 * _MIB))
    block_parallelism: int = field(default=8, validator=checks.between(1, 16))
    connect_timeout: float = field(default=5.0, validator=checks.positive)
    idle_timeout: float = field(default=30.0, validator=checks.positive)
    retries: int = field(default=8, validator=checks.between(0, 100))
    deadline: float = field(default=300.0, validator=checks.positive)
    link_patience: float = field(default=15.0, validator=checks.not_negative)
    link_lifetime: float = field(default=600.0, validator=checks.positive)
