"""The location of the blobs that belong to a database."""

from sqlalchemy import Connection, delete, insert, select

from itwin_imodels_hub.store.schema import imodels, meta

_KEY = "files"


class FilesElsewhereError(RuntimeError):
    """The blobs of a database are stored in a location other than the configured one."""


def keep_blobs_in(connection: Connection, place: str, *, default: str) -> None:
    """Record the location of the blobs; it cannot change while the hub has iModels.

    Args:
        connection: A transaction.
        place: Description of the location, without secrets.
        default: Location of the blobs if the database does not record one.

    Raises:
        FilesElsewhereError: The hub has iModels, and their blobs are in another location.
    """
    kept = connection.scalar(select(meta.c.value).where(meta.c.key == _KEY))
    known = kept or default
    if known != place and connection.scalar(select(imodels.c.number).limit(1)) is not None:
        raise FilesElsewhereError(
            f"the files of this hub are stored in {known}, not in {place}. Open the hub with its own storage; to move "
            "the files, dump the hub (imodels hub dump) and load the dump into a new hub."
        )
    if kept != place:
        connection.execute(delete(meta).where(meta.c.key == _KEY))
        connection.execute(insert(meta).values(key=_KEY, value=place))
