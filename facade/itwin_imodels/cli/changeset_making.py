"""Commands of ``imodels changeset`` that make changesets: from others, or from databases."""

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
    typer.Option("--target", "-t", metavar="PATH", help="The file to write, or a folder in which it is named ID.cs."),
]
Before = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Database at the changeset whose content comes back; makes the inverse exact where changes did not fit.",
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
    """Write one changeset that takes changesets back. DDL is not taken back.

    Each file follows the one before it; the result follows the last one. Needs no service; --database needs the extra
    'checkpoint'.
    """
    from imodel_files.changesets import invert_changesets  # noqa: PLC0415 - only commands about files read them

    _show(run, invert_changesets(arguments.timeline_order(sources), target, parent_id=parent_id, database=database))


def merge(run: Run, sources: ChangesetSources, *, target: Target, parent_id: FirstParent = None) -> None:
    """Write one changeset that has the effect of changesets which follow one another.

    Needs no service.
    """
    from imodel_files.changesets import merge_changesets  # noqa: PLC0415 - as above

    _show(run, merge_changesets(arguments.timeline_order(sources), target, parent_id=parent_id))


def diff(
    run: Run,
    before: Annotated[Path, typer.Argument(help="The database that the changeset can be applied to.")],
    after: Annotated[Path, typer.Argument(help="The database that comes out.")],
    *,
    target: Target,
    parent_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="The changeset that the first database is at, if it does not note it; empty for a baseline.",
        ),
    ] = None,
) -> None:
    """Write the changeset that turns one database into another: its rows, and tables and indexes as DDL.

    Needs no service.
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
    folder: Annotated[Path, typer.Argument(help="Where the files go; it is created if it is missing.")],
    *,
    to: Annotated[
        str, typer.Option(metavar="CHANGESET", help="Whose content comes back: index (0 is the baseline) or id.")
    ],
    briefcase: Annotated[int, typer.Option(help="The briefcase that pushes.", min=2)],
    database: Before = None,
    description: Description = None,
    release_locks: ReleaseLocks = False,
    wait: WaitForPushes = PUSH_WAIT,
) -> None:
    """Take an iModel back to an earlier changeset: pull all later ones, invert them, and push the result.

    The timeline keeps every changeset and gets one more. DDL is not taken back. After an interruption the same command
    resumes.
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
        run.note(f"The iModel has the content of changeset {to} already. Nothing was pushed.")
    run.list([] if reverted is None else [reverted], views.CHANGESET)
