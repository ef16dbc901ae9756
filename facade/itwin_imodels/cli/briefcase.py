"""``imodels briefcase``: numbered working copies."""

from typing import Annotated

import typer

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import BriefcaseNumber, IModelName, Limit, PageSize, Sort, Yes
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

app = Commands("briefcase", GROUPS["briefcase"])


@app.verb("list", example="imodels briefcase list Bridge --owner me")
def list_(
    run: Run,
    imodel: IModelName,
    *,
    owner: Annotated[str | None, typer.Option(help="Only list briefcases of this user: an id, or me.")] = None,
    sort: Sort = None,
    limit: Limit = None,
    page_size: PageSize = None,
) -> None:
    """List the briefcases of an iModel."""
    briefcases = run.client.briefcases.list(
        run.imodel_id(imodel), owner_id=owner, order_by=sort, limit=limit, page_size=page_size
    )
    run.list(briefcases, views.BRIEFCASE)


@app.verb("show", example="imodels briefcase show Bridge 2")
def show(run: Run, imodel: IModelName, briefcase: BriefcaseNumber) -> None:
    """Show a briefcase."""
    run.show(run.client.briefcases.get(run.imodel_id(imodel), briefcase), views.BRIEFCASE)


@app.verb("acquire", example="imodels briefcase acquire Bridge --device ci-7 --output json")
def acquire(
    run: Run,
    imodel: IModelName,
    *,
    device: Annotated[str | None, typer.Option(help="Name of the device that will use the briefcase.")] = None,
) -> None:
    """Acquire a briefcase, which is required to lock objects and push changesets."""
    run.show(run.client.briefcases.acquire(run.imodel_id(imodel), device_name=device), views.BRIEFCASE)


@app.verb("release", example="imodels briefcase release Bridge 2 --yes")
def release(run: Run, imodel: IModelName, briefcase: BriefcaseNumber, *, yes: Yes = False) -> None:
    """Release a briefcase and abandon its locks. Its number is not used again."""
    imodel_id = run.imodel_id(imodel)

    def question() -> str:
        entity = run.client.briefcases.get(imodel_id, briefcase)
        return f"Release briefcase {entity.display_name!r} and all its locks? This cannot be undone."

    run.confirm(question, yes=yes)
    run.client.briefcases.release(imodel_id, briefcase)
    run.note(f"Released briefcase {briefcase}.")
