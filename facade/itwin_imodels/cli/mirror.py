"""``imodels mirror``: a copy of a timeline in a folder."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import IModelName
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

app = Commands("mirror", GROUPS["mirror"], alone=True)

_LOCK_TIMEOUT = 60.0


@app.verb("mirror", example="imodels mirror Bridge /var/mirrors/bridge\nimodels mirror Bridge bridge --check id")
def mirror(
    run: Run,
    imodel: IModelName,
    folder: Annotated[Path, typer.Argument(help="The mirror; it is made if it is not there.")],
    *,
    no_files: Annotated[
        bool, typer.Option("--no-files", help="Only what the service tells, without the files.")
    ] = False,
    verify: Annotated[Literal["id", "size"], typer.Option(help="What of new files is checked.")] = "id",
    check: Annotated[
        Literal["none", "size", "id"], typer.Option(help="What of files is checked that were right before.")
    ] = "size",
    lock_timeout: Annotated[
        float, typer.Option(help="Seconds to wait for another process that works on the mirror.", min=0)
    ] = _LOCK_TIMEOUT,
    timeout: Annotated[float | None, typer.Option(help="Seconds to wait at most.", min=0)] = None,
) -> None:
    """Keep a copy of an iModel's whole timeline in a folder: make it, or bring it up to date.

    The folder gets a database, timeline.db, and the files of the changesets. Files that are gone or broken are fetched
    again. After an interruption the same command goes on where it ended.
    """
    imodel_id = run.imodel_id(imodel)
    with run.transfer("Mirroring") as progress:
        result = run.client.mirror_timeline(
            imodel_id,
            folder,
            files=not no_files,
            verify=verify,
            check=check,
            lock_timeout=lock_timeout,
            timeout=timeout,
            progress=progress,
        )
    run.show(result, views.MIRROR)
