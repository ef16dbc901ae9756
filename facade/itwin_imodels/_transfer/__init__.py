"""Files on their way to and from object storage: pre-signed links, retries, resuming, parallel downloads."""

from itwin_imodels._core.cancellation import Cancellation, Cancelled
from itwin_imodels._transfer.assembly import Assembled, BlocksItem
from itwin_imodels._transfer.download import Downloaded, DownloadItem
from itwin_imodels._transfer.engine import Transfers
from itwin_imodels._transfer.progress import ProgressCallback
from itwin_imodels._transfer.upload import Uploaded, UploadItem

__all__ = [
    "Assembled",
    "BlocksItem",
    "Cancellation",
    "Cancelled",
    "DownloadItem",
    "Downloaded",
    "ProgressCallback",
    "Transfers",
    "UploadItem",
    "Uploaded",
]
