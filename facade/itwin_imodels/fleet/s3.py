"""Amazon S3 and storage services with the same API, through s3fs: a version is an ETag."""

from typing import Any, Final

import fsspec
import s3fs  # noqa: F401 - used by fsspec; imported here to fail early if missing

from itwin_imodels.fleet.target import ChangedMeanwhileError

_CHANGED: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
"""Error codes of a write whose condition is not met, and of one that conflicts with a concurrent write."""


class S3Storage:
    """A bucket."""

    stale_version = f'"{"0" * 32}"'
    version_key = "ETag"
    modified_key = "LastModified"

    def __init__(self, url: str) -> None:
        """Open a file system."""
        self.files: Any
        self.files, self.root = fsspec.url_to_fs(url, use_listings_cache=False)

    def write_if(self, path: str, data: bytes, version: str | None) -> str:
        """Write an object if its ETag matches; without an ETag, only if it does not exist."""
        bucket, key, _ = self.files.split_path(path)
        condition = {"IfNoneMatch": "*"} if version is None else {"IfMatch": version}
        try:
            answer = self.files.call_s3("put_object", Bucket=bucket, Key=key, Body=data, **condition)
        except OSError as error:
            is_gone = version is not None and isinstance(error, FileNotFoundError)
            if is_gone or _code_of(error) in _CHANGED:
                raise ChangedMeanwhileError(path) from None
            raise
        return str(answer["ETag"])


def _code_of(error: OSError) -> str:
    """Return the code with which the storage rejected a request."""
    response: dict[str, Any] = getattr(error.__cause__, "response", {})
    return str(response.get("Error", {}).get("Code", ""))
