"""Settings for transfers to and from object storage."""

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
    """Warn that a setting names the removed backend.

    Args:
        source: The name of the setting.
        stacklevel: The stack level of the warning; 1 is the caller of this function.
    """
    warnings.warn(
        f"{source}: {REMOVED_BACKEND} is no longer supported; the default is used. Version 0.3 will reject this name",
        DeprecationWarning,
        stacklevel=stacklevel + 1,
    )


def _kept(backend: Literal["auto", "httpx", "pyreqwest"]) -> Literal["auto", "httpx"]:
    if backend == REMOVED_BACKEND:
        warn_of_removed_backend("backend", stacklevel=3)  # the code that creates the options
        return "auto"
    return backend


@frozen(kw_only=True)
class TransferOptions:
    """Settings for uploads and downloads.

    Attributes:
        parallelism: Maximum number of files that one call downloads concurrently, 1 to 64; 64 by default. The initial
            number is 16; it increases while that is faster, and decreases while the storage is busy.
        backend: The HTTP client. `auto` and `httpx` are equivalent: the standard library's `http.client`, or httpx if a
            proxy is configured. `pyreqwest` is deprecated and means the same.
        block_threshold: Maximum size in bytes of files that are uploaded in one request, at most 5000 MiB; 256 MiB by
            default. Larger files are uploaded in parallel blocks, which can be resumed; so are files above 1 MiB whose
            request times out, and files of 32 MiB or more whose request, once it has run for 0.5 s, is expected to take
            more than another 4 s.
        block_size: Size of a block in bytes, 64 KiB to 100 MiB; 4 MiB by default. It is rounded up to a multiple of 64
            KiB, and larger if a file would otherwise have more than 50,000 blocks.
        block_parallelism: Maximum number of concurrent blocks of a file, 1 to 16; 8 by default. A transfer starts with
            at most 4, and increases the number while that is faster. Each block takes `block_size` of memory, or at
            most 4 MiB when a block-based checkpoint is downloaded.
        connect_timeout: Maximum time to establish a connection, in seconds; 5 by default.
        idle_timeout: Maximum time without any data sent or received, in seconds; 30 by default. The response to an
            upload may take longer, up to `deadline`, because the file may still be in the buffers of a slow connection.
        retries: Maximum number of consecutive retries of a request without progress, 0 to 100; 8 by default.
        deadline: Maximum time without progress, including waits between attempts, in seconds; 300 by default.
        link_patience: Age in seconds up to which a new link is retried if the storage rejects it as not yet valid,
            which happens if the clock of the storage is behind that of the service; 15 by default, 0 never retries.
        link_lifetime: Age in seconds at which a link is replaced before it is used again; 600 by default.

    Raises:
        ValueError: A number is out of range, or `backend` is unknown.
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
