"""The commands of ``favorite`` and ``recent``, which manage personal lists of iModels."""

from typing import TYPE_CHECKING

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import IModelName, Limit, PageSize
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from itwin_imodels import IModelsClient
    from itwin_imodels.resources import Favorites, Recents


def commands(name: str, marks_of: "Callable[[IModelsClient], Favorites | Recents]", list_name: str) -> Commands:
    """Return a group of commands for a list.

    Args:
        name: Name of the group.
        marks_of: Returns the resource of the client that manages the list.
        list_name: Name of the list in messages.
    """
    app = Commands(name, GROUPS[name])

    def list_(run: Run, *, limit: Limit = None, page_size: PageSize = None) -> None:
        run.list(marks_of(run.client).list(run.itwin_id(), limit=limit, page_size=page_size), views.IMODEL)

    def add(run: Run, imodel: IModelName) -> None:
        marks_of(run.client).add(run.imodel_id(imodel))
        run.note(f"Added {imodel} to {list_name}.")

    def remove(run: Run, imodel: IModelName) -> None:
        marks_of(run.client).remove(run.imodel_id(imodel))
        run.note(f"Removed {imodel} from {list_name}.")

    list_.__doc__ = f"List {list_name} in the iTwin."
    add.__doc__ = f"Add an iModel to {list_name}."
    remove.__doc__ = f"Remove an iModel from {list_name}."
    app.verb("list", example=f"imodels {name} list --itwin ITWIN")(list_)
    app.verb("add", example=f"imodels {name} add Bridge")(add)
    app.verb("remove", example=f"imodels {name} remove Bridge")(remove)
    return app
