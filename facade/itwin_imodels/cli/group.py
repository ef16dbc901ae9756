"""``imodels group``: changeset groups."""

from typing import Annotated

import typer

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import Description, IModelName, Limit, PageSize
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

app = Commands("group", GROUPS["group"])

GroupId = Annotated[str, typer.Argument(metavar="GROUP", help="Id of the changeset group.")]


@app.verb("list", example="imodels group list Bridge")
def list_(run: Run, imodel: IModelName, *, limit: Limit = None, page_size: PageSize = None) -> None:
    """List the changeset groups of an iModel."""
    run.list(run.client.changeset_groups.list(run.imodel_id(imodel), limit=limit, page_size=page_size), views.GROUP)


@app.verb("show", example="imodels group show Bridge 2b8e7c86-5d8c-4a4e-8a53-3f6b0ad1a9a0")
def show(run: Run, imodel: IModelName, group: GroupId) -> None:
    """Show a changeset group."""
    run.show(run.client.changeset_groups.get(run.imodel_id(imodel), group), views.GROUP)


@app.verb("create", example="imodels group create Bridge --description 'Nightly synchronization' --output json")
def create(run: Run, imodel: IModelName, *, description: Description = None) -> None:
    """Create a changeset group. To add changesets to it, push them with --group-id."""
    run.show(run.client.changeset_groups.create(run.imodel_id(imodel), description=description), views.GROUP)


@app.verb("close", example="imodels group close Bridge 2b8e7c86-5d8c-4a4e-8a53-3f6b0ad1a9a0")
def close(run: Run, imodel: IModelName, group: GroupId) -> None:
    """Close a changeset group as completed; no more changesets can be added to it."""
    run.show(run.client.changeset_groups.close(run.imodel_id(imodel), group), views.GROUP)
