# Made from facade/itwin_imodels/_aio/workflows/changeset_link.py by 'make unasync'. Change that file, not this one.
"""Replacement links to changeset files, requested during a transfer."""

from collections.abc import Callable

from itwin_imodels._sync.resources.changesets import Changesets
from itwin_imodels._transfer.changeset_file import ChangesetFile
from itwin_imodels._transfer.runners import Runner
from itwin_imodels.models import StorageLink


def link_request(runner: Runner, changesets: Changesets, file: ChangesetFile) -> Callable[[], StorageLink]:
    """Return a function with which the transfer requests a new link to a changeset file."""

    def link() -> StorageLink:
        return file.link_in(changesets.get(file.imodel_id, file.id))

    return runner.call(link)
