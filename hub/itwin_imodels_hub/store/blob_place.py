"""Where the files are that belong to a database."""

from sqlalchemy import Connection, delete, insert, select

from itwin_imodels_hub.store.schema import imodels, meta

_KEY = "files"


class FilesElsewhereError(RuntimeError):
    """The files that belong to a database are in another place than the one that was named."""


def keep_blobs_in(connection: Connection, place: str, *, default: str) -> None:
    """Remember where the files are; a hub that has iModels keeps to that.

    Args:
        connection: A transaction.
        place: Where they are, in words that name no secret.
        default: Where they are if the database does not say.

    Raises:
        FilesElsewhereError: There are iModels, with their files in another place.
    """
    kept = connection.scalar(select(meta.c.value).where(meta.c.key == _KEY))
    known = kept or default
    if known != place and connection.scalar(select(imodels.c.number).limit(1)) is not None:
        raise FilesElsewhereError(
            f"The files of this hub are in {known}, not in {place}. Open it with those; to move it, write all that it "
            "holds into a file (imodels hub dump) and load that into a new hub."
        )
    if kept != place:
        connection.execute(delete(meta).where(meta.c.key == _KEY))
        connection.execute(insert(meta).values(key=_KEY, value=place))
