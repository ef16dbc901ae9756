"""``imodels user``: users who have worked with an iModel."""

from typing import Annotated

import typer

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import IModelName, Limit, PageSize, Sort
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

app = Commands("user", GROUPS["user"])


@app.verb("list", example="imodels user list Bridge --sort surname")
def list_(run: Run, imodel: IModelName, *, sort: Sort = None, limit: Limit = None, page_size: PageSize = None) -> None:
    """List the users who have ever worked with an iModel, including applications."""
    run.list(run.client.users.list(run.imodel_id(imodel), order_by=sort, limit=limit, page_size=page_size), views.USER)


@app.verb("show", example="imodels user show Bridge 99cf5e21-735c-4598-99eb-fe3940f96353")
def show(run: Run, imodel: IModelName, user: Annotated[str, typer.Argument(help="Id of the user.")]) -> None:
    """Show a user of an iModel."""
    run.show(run.client.users.get(run.imodel_id(imodel), user), views.USER)
