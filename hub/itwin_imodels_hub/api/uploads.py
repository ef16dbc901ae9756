"""Taking over uploaded files."""

from functools import partial

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.context import Context
from itwin_imodels_hub.blobs import names


def accept_upload(context: Context, name: str, size: int, mismatch: str) -> None:
    """Make an uploaded file the one of this name.

    Upload links outlive the confirmation, so what was uploaded is copied, and the copy is what gets checked. If the
    transaction fails afterwards, the copy is not referred to and is replaced by the next try.

    Args:
        context: The request.
        name: The final name.
        size: The announced size, bytes.
        mismatch: What to say when the size is another.

    Raises:
        ServiceError: There is no file, or it has another size.
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
