"""Google Cloud Storage, through gcsfs: a version is a generation."""

from typing import Any

import fsspec
from gcsfs.core import GCSFileSystem

from itwin_imodels.fleet.target import ChangedMeanwhileError


class GcsStorage:
    """A bucket, accessed only through the JSON API, which supports conditions on generations."""

    stale_version = "1"
    version_key = "generation"
    modified_key = "mtime"

    def __init__(self, url: str) -> None:
        """Open a file system."""
        self.files: Any = GCSFileSystem(use_listings_cache=False)
        self.root = str(fsspec.core.strip_protocol(url))

    def write_if(self, path: str, data: bytes, version: str | None) -> str:
        """Write an object if its generation matches; without a generation, only if it does not exist."""
        bucket, _, name = path.partition("/")
        upload = self.files.base.replace("/storage/v1/", "/upload/storage/v1/")
        try:
            answer = self.files.call(
                "POST",
                f"{upload}b/{{}}/o",
                bucket,
                uploadType="media",
                name=name,
                ifGenerationMatch="0" if version is None else version,
                headers={"Content-Type": "application/octet-stream"},
                data=data,
                json_out=True,
            )
        except FileExistsError:
            raise ChangedMeanwhileError(path) from None
        except FileNotFoundError:
            if version is None:
                raise
            raise ChangedMeanwhileError(path) from None
        return str(answer["generation"])
