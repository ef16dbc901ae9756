# Made from facade/itwin_imodels/_aio/workflows/timeline_end.py by 'make unasync'. Change that file, not this one.
"""The end of a timeline."""

from itwin_imodels._sync.resources.changesets import Changesets, newest_first
from itwin_imodels._workflows import timeline_end as rules
from itwin_imodels.models import Changeset


def newest_pushed(changesets: Changesets, imodel_id: str, *, last_index: int | None = None) -> Changeset | None:
    """Return the newest changeset whose push is complete, up to and including an index; None if there is none."""
    newest = newest_first(changesets, imodel_id, last_index=last_index, limit=rules.LOOK_BACK)
    return rules.newest_pushed(newest)
