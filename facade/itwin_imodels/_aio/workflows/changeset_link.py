"""New links to the files of changesets, requested in the middle of a transfer."""

from collections.abc import Callable

from itwin_imodels._aio.resources.changesets import AsyncChangesets
from itwin_imodels._transfer.changeset_file import ChangesetFile
from itwin_imodels._transfer.runners import AsyncRunner
from itwin_imodels.models import StorageLink


def link_request(runner: AsyncRunner, changesets: AsyncChangesets, file: ChangesetFile) -> Callable[[], StorageLink]:
    """Return a function for the transfer, which requests a new link to a changeset's file."""

    async def link() -> StorageLink:
        return file.link_in(await changesets.get(file.imodel_id, file.id))

    return runner.call(link)
