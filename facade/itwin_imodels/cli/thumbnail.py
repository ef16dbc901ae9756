"""``imodels thumbnail``: thumbnails of iModels."""

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
    file: Annotated[Path, typer.Argument(help="File to write; an existing file is replaced.")],
    *,
    size: Annotated[
        Literal["small", "large"], typer.Option(help="400 x 250 (small) or 800 x 500 (large) pixels.")
    ] = "small",
) -> None:
    """Download the thumbnail of an iModel, or a stock image if it has none."""
    picture = run.client.thumbnails.download(run.imodel_id(imodel), size=size)
    file.write_bytes(picture.content)
    run.note(f"Wrote {file} ({picture.content_type}, {len(picture.content)} bytes).")


@app.verb("set", example="imodels thumbnail set Bridge bridge.png")
def set_(
    run: Run,
    imodel: IModelName,
    file: Annotated[Path, typer.Argument(help="A PNG or JPEG image of at most 5 MiB.")],
) -> None:
    """Replace the thumbnail of an iModel."""
    run.client.thumbnails.upload(run.imodel_id(imodel), file.read_bytes())
    run.note(f"Replaced the thumbnail of {imodel}.")
