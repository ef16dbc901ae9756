"""``imodels baseline``: baseline files, the databases that timelines start from."""

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import IModelName
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

app = Commands("baseline", GROUPS["baseline"])


@app.verb("show", example="imodels baseline show Bridge")
def show(run: Run, imodel: IModelName) -> None:
    """Show the baseline file of an iModel. Download it with 'imodels checkpoint download --changeset 0'."""
    run.show(run.client.baseline_files.get(run.imodel_id(imodel)), views.BASELINE_FILE)


@app.verb("complete", example="imodels baseline complete Bridge")
def complete(run: Run, imodel: IModelName) -> None:
    """Confirm the upload of a baseline file if 'imodels imodel create' was interrupted after uploading it."""
    run.show(run.client.baseline_files.complete(run.imodel_id(imodel)), views.BASELINE_FILE)
