"""``imodels operation``: background operations of the service."""

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import IModelName
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

app = Commands("operation", GROUPS["operation"])


@app.verb("show", example="imodels operation show Bridge")
def show(run: Run, imodel: IModelName) -> None:
    """Show the progress of creating an iModel."""
    run.show(run.client.operations.get(run.imodel_id(imodel)), views.OPERATION)
