"""Commands of ``imodels changeset`` that create changesets from other changesets or from databases."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from itwin_imodels.cli import arguments, views
from itwin_imodels.cli.arguments import (
    PUSH_WAIT,
    ChangesetSources,
    Description,
    FirstParent,
    IModelName,
    ReleaseLocks,
    WaitForPushes,
)
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

if TYPE_CHECKING:
    from imodel_files.changesets import WrittenChangeset

Target = Annotated[
    Path,
    typer.Option(
        "--target", "-t", metavar="PATH", help="File to write, or a folder, in which the file is named ID.cs."
    ),
]
Before = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Database at the changeset whose content is restored; makes the inverse exact if changes conflicted.",
    ),
]


def add_to(app: Commands) -> None:
    """Add the commands to a group."""
    app.verb(
        "invert",
        example="imodels changeset invert 7.cs 8.cs --target inverse.cs --parent-id"
        " 1f2e04b666edce395e37a795e2231e995cbf8349",
    )(invert)
    app.verb("merge", example="imodels changeset merge 1.cs 2.cs 3.cs --target merged.cs")(merge)
    app.verb("diff", example="imodels changeset diff before.bim after.bim --target difference.cs")(diff)
    app.verb(
        "revert",
        example="imodels changeset revert Bridge changesets --to 7 --briefcase 2\n"
        "imodels changeset revert Bridge changesets --to 7 --briefcase 2 --database 7.bim --description Mistake",
    )(revert)


def invert(
    run: Run, sources: ChangesetSources, *, target: Target, parent_id: FirstParent = None, database: Before = None
) -> None:
    """Write one changeset that undoes changesets. DDL is not undone.

    The parent of each file is the one before it; the parent of the result is the last one. Works offline; --database
    requires the extra 'checkpoint'.
    """
    from imodel_files.changesets import invert_changesets  # noqa: PLC0415 - only commands about files read them

    _show(run, invert_changesets(arguments.timeline_order(sources), target, parent_id=parent_id, database=database))


def merge(run: Run, sources: ChangesetSources, *, target: Target, parent_id: FirstParent = None) -> None:
    """Write one changeset that has the effect of several consecutive changesets.

    Works offline.
    """
    from imodel_files.changesets import merge_changesets  # noqa: PLC0415 - as above

    _show(run, merge_changesets(arguments.timeline_order(sources), target, parent_id=parent_id))


def diff(
    run: Run,
    before: Annotated[Path, typer.Argument(help="Database that the changeset can be applied to.")],
    after: Annotated[Path, typer.Argument(help="Database that results from applying it.")],
    *,
    target: Target,
    parent_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Changeset of the first database, if the database does not record it; empty for a baseline.",
        ),
    ] = None,
) -> None:
    """Write the changeset that turns one database into another; changes to the schema become DDL.

    Works offline.
    """
    from imodel_files.changesets import diff_databases  # noqa: PLC0415 - as above

    _show(run, diff_databases(before, after, target, parent_id=parent_id))


def _show(run: Run, written: "WrittenChangeset") -> None:
    for note in written.notes:
        run.note(f"Note: {note}.")
    run.show(written, views.WRITTEN_CHANGESET)


def revert(
    run: Run,
    imodel: IModelName,
    folder: Annotated[Path, typer.Argument(help="Folder for the files; created if missing.")],
    *,
    to: Annotated[
        str, typer.Option(metavar="CHANGESET", help="Changeset to restore: index (0 is the baseline) or id.")
    ],
    briefcase: Annotated[int, typer.Option(help="The briefcase to push from.", min=2)],
    database: Before = None,
    description: Description = None,
    release_locks: ReleaseLocks = False,
    wait: WaitForPushes = PUSH_WAIT,
) -> None:
    """Restore an iModel to an earlier changeset: pull all later ones, invert them and push the result.

    The timeline keeps every changeset and gets one more. DDL is not undone. After an interruption, run the same command
    again to resume. --database requires the extra 'checkpoint'.
    """
    imodel_id = run.imodel_id(imodel)
    with run.transfer("Pulling") as progress:
        reverted = run.client.revert_timeline(
            imodel_id,
            folder,
            to=arguments.place(to),
            briefcase_id=briefcase,
            database=database,
            description=description,
            release_locks=release_locks,
            timeout=wait,
            progress=progress,
        )
    if reverted is None:
        run.note(f"The iModel already has the content of changeset {to}. Nothing was pushed.")
    run.list([] if reverted is None else [reverted], views.CHANGESET)
