"""Transfers to and from object storage: signed links, retries, resuming, parallel downloads."""

from typing import TYPE_CHECKING

from itwin_imodels._core.cancellation import Cancellation, Cancelled
from itwin_imodels._core.lazy import lazy_names

if TYPE_CHECKING:
    from itwin_imodels._transfer.engine import Transfers
    from itwin_imodels._transfer.items import Assembled, BlocksItem, Downloaded, DownloadItem, Uploaded, UploadItem
    from itwin_imodels._transfer.progress import ProgressCallback
    from itwin_imodels._transfer.upload_source import FileState

__all__ = [
    "Assembled",
    "BlocksItem",
    "Cancellation",
    "Cancelled",
    "DownloadItem",
    "Downloaded",
    "FileState",
    "ProgressCallback",
    "Transfers",
    "UploadItem",
    "Uploaded",
]

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__,
        {
            "engine": ("Transfers",),
            "items": ("Assembled", "BlocksItem", "DownloadItem", "Downloaded", "UploadItem", "Uploaded"),
            "progress": ("ProgressCallback",),
            "upload_source": ("FileState",),
        },
    )
