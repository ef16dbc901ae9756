"""``imodels extended-data``: data that applications attach to changesets."""

import json
from typing import Annotated

import typer

from itwin_imodels.cli import arguments, views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import ChangesetPlace, IModelName, Limit, PageSize
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

app = Commands("extended-data", GROUPS["extended-data"])


@app.verb("list", example="imodels extended-data list Bridge --output jsonl")
def list_(run: Run, imodel: IModelName, *, limit: Limit = None, page_size: PageSize = None) -> None:
    """List the extended data of all changesets of an iModel."""
    run.list(
        run.client.changeset_extended_data.list(run.imodel_id(imodel), limit=limit, page_size=page_size),
        views.EXTENDED_DATA,
    )


@app.verb("get", example="imodels extended-data get Bridge 7 --output json")
def get(run: Run, imodel: IModelName, changeset: ChangesetPlace) -> None:
    """Show the extended data of a changeset."""
    data = run.client.changeset_extended_data.get(run.imodel_id(imodel), arguments.place(changeset))
    run.show(data, views.EXTENDED_DATA)


@app.verb(
    "set",
    example="""imodels extended-data set Bridge 7 '{"source": "survey.dgn"}'
imodels extended-data set Bridge 7 @data.json""",
)
def set_(
    run: Run,
    imodel: IModelName,
    changeset: ChangesetPlace,
    data: Annotated[str, typer.Argument(help="A JSON object; @FILE reads it from a file, @- from standard input.")],
) -> None:
    """Attach data to a changeset. Only the user who pushed the changeset can do this, and only once."""
    text = arguments.text(data)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"extended data must be JSON: {error}") from None
    if not isinstance(content, dict):
        raise ValueError(  # noqa: TRY004 - invalid user input, not a wrong type
            'extended data must be a JSON object, such as {"source": "survey.dgn"}'
        )
    kept = run.client.changeset_extended_data.create(run.imodel_id(imodel), arguments.place(changeset), content)
    run.show(kept, views.EXTENDED_DATA)
