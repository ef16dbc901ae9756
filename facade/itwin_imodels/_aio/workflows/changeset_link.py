"""Replacement links to changeset files, requested during a transfer."""

from collections.abc import Callable

from itwin_imodels._aio.resources.changesets import AsyncChangesets
from itwin_imodels._transfer.changeset_file import ChangesetFile
from itwin_imodels._transfer.runners import AsyncRunner
from itwin_imodels.models import StorageLink


def link_request(runner: AsyncRunner, changesets: AsyncChangesets, file: ChangesetFile) -> Callable[[], StorageLink]:
    """Return a function with which the transfer requests a new link to a changeset file."""

    async def link() -> StorageLink:
        return file.link_in(await changesets.get(file.imodel_id, file.id))

    return runner.call(link)
