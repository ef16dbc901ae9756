"""Accept uploaded files."""

from functools import partial

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.context import Context
from itwin_imodels_hub.blobs import names


def accept_upload(context: Context, name: str, size: int, mismatch: str) -> None:
    """Move an uploaded file to its final name.

    Upload links remain valid after the confirmation, so the upload is copied and the copy is checked. If the
    transaction fails afterwards, nothing refers to the copy, and the next attempt replaces it.

    Args:
        context: The request.
        name: Final blob name.
        size: Announced size, in bytes.
        mismatch: Error message for a different size.

    Raises:
        ServiceError: The file is missing or has a different size.
    """
    blobs = context.services.blobs
    upload = names.upload(name)
    try:
        blobs.copy(upload, name)
    except KeyError:
        raise errors.not_found("File") from None
    if blobs.size(name) != size:
        blobs.delete(name)
        raise errors.data_conflict(mismatch)
    context.after_commit.append(partial(blobs.delete, upload))
