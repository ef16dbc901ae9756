"""``imodels mirror``: a local copy of a timeline."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import IModelName, OptionalTimeout
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

app = Commands("mirror", GROUPS["mirror"], alone=True)

_WAIT = 60.0


@app.verb("mirror", example="imodels mirror Bridge /var/mirrors/bridge\nimodels mirror Bridge bridge --check id")
def mirror(
    run: Run,
    imodel: IModelName,
    folder: Annotated[Path, typer.Argument(help="Folder of the mirror; created if missing.")],
    *,
    no_files: Annotated[
        bool, typer.Option("--no-files", help="Mirror only the metadata, without the changeset files.")
    ] = False,
    verify: Annotated[Literal["id", "size"], typer.Option(help="How new files are verified.")] = "id",
    check: Annotated[
        Literal["none", "size", "id"], typer.Option(help="How previously verified files are checked again.")
    ] = "size",
    wait: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", help="Maximum number of seconds to wait while another process updates the mirror.", min=0
        ),
    ] = _WAIT,
    timeout: OptionalTimeout = None,
) -> None:
    """Create or update a local copy of an iModel's whole timeline.

    The folder contains a database, timeline.db, and the changeset files. Missing and damaged files are downloaded
    again. After an interruption, run the same command again to resume.
    """
    imodel_id = run.imodel_id(imodel)
    with run.transfer("Mirroring") as progress:
        result = run.client.mirror_timeline(
            imodel_id,
            folder,
            files=not no_files,
            verify=verify,
            check=check,
            lock_timeout=wait,
            timeout=timeout,
            progress=progress,
        )
    run.show(result, views.MIRROR)
