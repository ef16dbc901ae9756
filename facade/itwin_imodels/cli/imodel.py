"""``imodels imodel``: iModels."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from itwin_imodels.cli import arguments, views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import (
    WAIT,
    Description,
    IModelName,
    Limit,
    NoWait,
    PageSize,
    Sort,
    Timeout,
    WaitUntilReady,
    Yes,
)
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.completion import complete_imodels, complete_itwins
from itwin_imodels.cli.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from itwin_imodels.models import ContainerTypes, Extent
    from itwin_imodels.resources import PendingIModel

app = Commands("imodel", GROUPS["imodel"])

Containers = Annotated[
    list[str] | None,
    typer.Option(metavar="KIND", help="Kind of container to enable: schema_sync, code_store, view_store; repeatable."),
]
ExtentText = Annotated[
    str | None,
    typer.Option(metavar="S,W,N,E", help="Geographic extent in degrees: south, west, north, east."),
]
CopyName = Annotated[str | None, typer.Option(help="Name of the copy; defaults to the name of the original.")]
Until = Annotated[
    str | None, typer.Option(metavar="CHANGESET", help="Last changeset to copy: index or id; by default the newest.")
]
Into = Annotated[
    str | None,
    typer.Option(
        "--into",
        metavar="ITWIN",
        help="Id or name of the iTwin of the copy; defaults to the iTwin of the original.",
        autocompletion=complete_itwins,
    ),
]


@app.verb("list", example="imodels imodel list --itwin ITWIN --search bridge --sort 'name desc'")
def list_(
    run: Run,
    *,
    search: Annotated[
        str | None, typer.Option(help="Only list iModels with this text in their name or description.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Only list the iModel with exactly this name.")] = None,
    state: Annotated[
        str | None, typer.Option(help="Only list iModels in this state: initialized or notInitialized.")
    ] = None,
    sort: Sort = None,
    limit: Limit = None,
    page_size: PageSize = None,
) -> None:
    """List the iModels of the iTwin."""
    run.list(
        run.client.imodels.list(
            run.itwin_id(), name=name, search=search, state=state, order_by=sort, limit=limit, page_size=page_size
        ),
        views.IMODEL,
    )


@app.verb("show", example="imodels imodel show Bridge --itwin ITWIN")
def show(run: Run, imodel: IModelName) -> None:
    """Show an iModel."""
    run.show(run.client.imodels.get(run.imodel_id(imodel)), views.IMODEL)


@app.verb(
    "create",
    example="imodels imodel create Bridge --description 'North of the river'\n"
    "imodels imodel create Stadium --baseline stadium.bim\n"
    "imodels imodel create Variant --template Bridge --template-changeset 1f2e04b666edce395e37a795e2231e995cbf8349",
)
def create(
    run: Run,
    name: Annotated[str, typer.Argument(help="Name, unique within the iTwin.", show_default=False)],
    *,
    description: Description = None,
    baseline: Annotated[str | None, typer.Option(metavar="FILE", help="Database to use as baseline.")] = None,
    replace_unfinished: Annotated[
        bool,
        typer.Option(
            "--replace-unfinished",
            help="First delete an unfinished iModel with this name, left behind by an interrupted upload.",
        ),
    ] = False,
    template: Annotated[
        str | None,
        typer.Option(metavar="IMODEL", help="iModel to copy the content from.", autocompletion=complete_imodels),
    ] = None,
    template_changeset: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Id of the last changeset to copy from the template; by default, only its baseline is copied.",
        ),
    ] = None,
    extent: ExtentText = None,
    container: Containers = None,
    crs: Annotated[str | None, typer.Option(help="Id of the coordinate reference system, such as EPSG:3857.")] = None,
    no_wait: NoWait = False,
    wait: WaitUntilReady = WAIT,
) -> None:
    """Create an iModel: empty, from a file, or from another iModel.

    Waits until the iModel is ready. After a timeout, continue waiting with 'imodels imodel wait'.
    """
    if baseline is not None and template is not None:
        raise ValueError("--baseline and --template are mutually exclusive")
    if template_changeset is not None and template is None:
        raise ValueError("--template-changeset requires --template")
    itwin_id = run.itwin_id()
    common: dict[str, Any] = {
        "description": description,
        "extent": _extent(extent),
        "containers_enabled": _containers(container),
        "horizontal_crs_id": crs,
    }
    if baseline is not None:
        with run.transfer(baseline, resumable=False) as progress:  # a note on errors says how to continue
            pending = run.client.begin_create_imodel_from_baseline(
                itwin_id, name, baseline, replace_unfinished=replace_unfinished, progress=progress, **common
            )
    elif template is not None:
        template_id = run.imodel_id(template)
        pending = run.client.begin_create_imodel_from_template(
            itwin_id, name, template_id, changeset_id=template_changeset, **common
        )
    else:
        pending = run.client.begin_create_imodel(itwin_id, name, **common)
    _finish(run, pending, 0.0 if no_wait else wait)


@app.verb("update", example="imodels imodel update Bridge --name 'Old bridge' --no-extent")
def update(
    run: Run,
    imodel: IModelName,
    *,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    description: Description = None,
    no_description: Annotated[bool, typer.Option("--no-description", help="Remove the description.")] = False,
    extent: ExtentText = None,
    no_extent: Annotated[bool, typer.Option("--no-extent", help="Remove the extent.")] = False,
) -> None:
    """Change properties of an iModel. Other properties stay unchanged."""
    changes = arguments.changes(
        {"name": name, "description": description, "extent": _extent(extent)},
        {"description": no_description, "extent": no_extent},
    )
    run.show(run.client.imodels.update(run.imodel_id(imodel), **changes), views.IMODEL)


@app.verb("delete", example="imodels imodel delete Bridge --yes")
def delete(run: Run, imodel: IModelName, *, yes: Yes = False) -> None:
    """Delete an iModel with all its history, irrevocably."""
    imodel_id = run.imodel_id(imodel)

    def question() -> str:
        entity = run.client.imodels.get(imodel_id)
        return f"Delete iModel {entity.name!r} ({entity.id}) with all its history? This cannot be undone."

    run.confirm(question, yes=yes)
    run.client.imodels.delete(imodel_id)
    run.note(f"Deleted iModel {imodel_id}.")


@app.verb("clone", example="imodels imodel clone Bridge --name 'Bridge, a copy' --until 100")
def clone(
    run: Run,
    imodel: IModelName,
    *,
    name: CopyName = None,
    into: Into = None,
    description: Description = None,
    until: Until = None,
    container: Containers = None,
    no_wait: NoWait = False,
    wait: WaitUntilReady = WAIT,
) -> None:
    """Copy an iModel with its baseline and changesets."""
    texts = {"name": name, "description": description}
    pending = _copy(run, run.client.begin_clone_imodel, imodel, into, until=until, kinds=container, **texts)
    _finish(run, pending, 0.0 if no_wait else wait)


@app.verb("fork", example="imodels imodel fork Bridge --name 'Bridge, variant B' --preserve-history")
def fork(
    run: Run,
    imodel: IModelName,
    *,
    name: CopyName = None,
    into: Into = None,
    description: Description = None,
    until: Until = None,
    preserve_history: Annotated[
        bool | None, typer.Option(help="Copy the changesets one by one instead of merging them into the baseline.")
    ] = None,
    container: Containers = None,
    no_wait: NoWait = False,
    wait: WaitUntilReady = WAIT,
) -> None:
    """Fork an iModel, that is, create a copy that stays linked to it."""
    texts = {"name": name, "description": description}
    pending = _copy(
        run,
        run.client.begin_fork_imodel,
        imodel,
        into,
        until=until,
        kinds=container,
        preserve_history=preserve_history,
        **texts,
    )
    _finish(run, pending, 0.0 if no_wait else wait)


@app.verb("wait", example="imodels imodel wait Bridge --timeout 60")
def wait_(run: Run, imodel: IModelName, *, timeout: Timeout = WAIT) -> None:
    """Wait until an iModel is ready, and show it."""
    imodel_id = run.imodel_id(imodel)
    with run.waiting("Waiting for the iModel", timeout):
        entity = run.client.wait_for_imodel(imodel_id, timeout=timeout)
    run.show(entity, views.IMODEL)


def _finish(run: Run, pending: "PendingIModel", timeout: float) -> None:
    """Wait for the iModel and show it; with a timeout of 0, show the state of its creation instead."""
    if not timeout:
        run.show(run.client.operations.get(pending.imodel_id), views.OPERATION)
        return
    with run.waiting(f"Creating iModel {pending.imodel_id}", timeout):
        imodel = pending.wait(timeout=timeout)
    run.show(imodel, views.IMODEL)


def _copy(
    run: Run,
    copy: "Callable[..., PendingIModel]",
    imodel: str,
    into: str | None,
    *,
    until: str | None,
    kinds: list[str] | None,
    **more: str | bool | None,
) -> "PendingIModel":
    """Start cloning or forking an iModel."""
    imodel_id = run.imodel_id(imodel)
    return copy(
        imodel_id,
        run.itwin_id_of(into) if into is not None else run.client.imodels.get(imodel_id).itwin_id,
        changeset=arguments.optional_place(until),
        containers_enabled=_containers(kinds),
        **more,
    )


def _extent(text: str | None) -> "Extent | None":
    if text is None:
        return None
    from itwin_imodels.models import Extent, Point  # noqa: PLC0415 - help needs no models

    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"invalid extent {text!r}: use four numbers in degrees, south,west,north,east") from None
    return Extent(south_west=Point(latitude=south, longitude=west), north_east=Point(latitude=north, longitude=east))


def _containers(names: list[str] | None) -> "ContainerTypes | None":
    if names is None:
        return None
    from itwin_imodels.models import ContainerTypes  # noqa: PLC0415 - as above

    return arguments.flags(ContainerTypes, names)
