"""``imodels itwin``: iTwins."""

from typing import Annotated

import typer

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import Limit, PageSize
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.completion import complete_itwins
from itwin_imodels.cli.run import Run

app = Commands("itwin", GROUPS["itwin"])


@app.verb("list", example="imodels itwin list --search bridge")
def list_(
    run: Run,
    *,
    search: Annotated[str | None, typer.Option(help="Only list iTwins with this text in their name or number.")] = None,
    name: Annotated[str | None, typer.Option(help="Only list iTwins with exactly this name.")] = None,
    sub_class: Annotated[
        str | None, typer.Option(metavar="KIND", help="Only list iTwins of this kind, such as Project or Asset.")
    ] = None,
    include_inactive: Annotated[bool, typer.Option("--include-inactive", help="Also list inactive iTwins.")] = False,
    limit: Limit = None,
    page_size: PageSize = None,
) -> None:
    """List the iTwins of which you are a member."""
    run.list(
        run.client.itwins.list(
            name=name,
            search=search,
            sub_class=sub_class,
            include_inactive=include_inactive,
            limit=limit,
            page_size=page_size,
        ),
        views.ITWIN,
    )


@app.verb("show", example="imodels itwin show 'Sun City'")
def show(
    run: Run,
    name: Annotated[
        str, typer.Argument(metavar="ITWIN", help="Id or name of the iTwin.", autocompletion=complete_itwins)
    ],
) -> None:
    """Show an iTwin."""
    run.show(run.client.itwins.get(run.itwin_id_of(name)), views.ITWIN)
