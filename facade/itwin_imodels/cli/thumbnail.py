"""``imodels thumbnail``: pictures of iModels."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import IModelName
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

app = Commands("thumbnail", GROUPS["thumbnail"])


@app.verb("get", example="imodels thumbnail get Bridge bridge.png --size large")
def get(
    run: Run,
    imodel: IModelName,
    file: Annotated[Path, typer.Argument(help="The file to write; one that is there is replaced.")],
    *,
    size: Annotated[Literal["small", "large"], typer.Option(help="400 x 250 or 800 x 500 pixels.")] = "small",
) -> None:
    """Get the picture of an iModel; a stock picture when it has none of its own."""
    picture = run.client.thumbnails.download(run.imodel_id(imodel), size=size)
    file.write_bytes(picture.content)
    run.note(f"Wrote {file} ({picture.content_type}, {len(picture.content)} bytes).")


@app.verb("set", example="imodels thumbnail set Bridge bridge.png")
def set_(
    run: Run,
    imodel: IModelName,
    file: Annotated[Path, typer.Argument(help="A PNG or JPEG picture of at most 5 MiB.")],
) -> None:
    """Replace the picture of an iModel."""
    run.client.thumbnails.upload(run.imodel_id(imodel), file.read_bytes())
    run.note(f"Set the picture of {imodel}.")
