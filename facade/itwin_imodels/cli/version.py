"""``imodels version``: Named Versions."""

from typing import Annotated, Any, Literal

import typer

from itwin_imodels.cli import arguments, views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import Description, IModelName, Limit, PageSize, Sort
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

app = Commands("version", GROUPS["version"])

VersionName = Annotated[str, typer.Argument(metavar="VERSION", help="Name or id of the Named Version.")]
State = Literal["visible", "hidden"]


@app.verb("list", example="imodels version list Bridge --state visible --sort 'changeset_index desc'")
def list_(
    run: Run,
    imodel: IModelName,
    *,
    search: Annotated[
        str | None, typer.Option(help="Only list Named Versions with this text in their name or description.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Only list the Named Version with exactly this name.")] = None,
    state: Annotated[State | None, typer.Option(help="Only list Named Versions in this state.")] = None,
    sort: Sort = None,
    limit: Limit = None,
    page_size: PageSize = None,
) -> None:
    """List the Named Versions of an iModel."""
    run.list(
        run.client.named_versions.list(
            run.imodel_id(imodel),
            name=name,
            search=search,
            state=state,
            order_by=sort,
            limit=limit,
            page_size=page_size,
        ),
        views.VERSION,
    )


@app.verb("show", example="imodels version show Bridge 'Design freeze'")
def show(run: Run, imodel: IModelName, version: VersionName) -> None:
    """Show a Named Version."""
    imodel_id = run.imodel_id(imodel)
    run.show(run.client.named_versions.get(imodel_id, version_id(run, imodel_id, version)), views.VERSION)


@app.verb("create", example="imodels version create Bridge 'Design freeze' --changeset 7")
def create(
    run: Run,
    imodel: IModelName,
    name: Annotated[str, typer.Argument(help="Name, unique within the iModel.", show_default=False)],
    *,
    changeset: Annotated[
        str | None, typer.Option(metavar="CHANGESET", help="Index (0 is the baseline) or id; by default the newest.")
    ] = None,
    description: Description = None,
) -> None:
    """Create a Named Version of a point in the timeline. The service then generates its checkpoint."""
    imodel_id = run.imodel_id(imodel)
    selector: dict[str, Any] = {"latest": True}
    if changeset is not None:
        place = arguments.place(changeset)
        selector = {"index": place} if isinstance(place, int) else {"id": place}
    point = run.client.changeset_at(imodel_id, **selector)
    version = run.client.named_versions.create(
        imodel_id, name, changeset_id=point.changeset_id or None, description=description
    )
    run.show(version, views.VERSION)


@app.verb("update", example="imodels version update Bridge 'Design freeze' --state hidden")
def update(
    run: Run,
    imodel: IModelName,
    version: VersionName,
    *,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    description: Description = None,
    no_description: Annotated[bool, typer.Option("--no-description", help="Remove the description.")] = False,
    state: Annotated[State | None, typer.Option(help="Whether user interfaces show the Named Version.")] = None,
) -> None:
    """Change properties of a Named Version. Other properties stay unchanged."""
    changes = arguments.changes(
        {"name": name, "description": description, "state": state}, {"description": no_description}
    )
    imodel_id = run.imodel_id(imodel)
    updated = run.client.named_versions.update(imodel_id, version_id(run, imodel_id, version), **changes)
    run.show(updated, views.VERSION)


def version_id(run: Run, imodel_id: str, version: str) -> str:
    """Return the id of a Named Version that is given by id or name.

    Raises:
        NameNotFound: No Named Version has this name.
    """
    return run.resolve_id(version, lambda: run.client.named_versions.get_by_name(imodel_id, version), "Named Version")
