"""``imodels changeset``: timelines."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from itwin_imodels.cli import arguments, changeset_making, changeset_pushing, changeset_reading, views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import (
    ChangesetSources,
    FirstParent,
    IModelName,
    Limit,
    OptionalTimeout,
    PageSize,
)
from itwin_imodels.cli.cells import counted, size
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run

if TYPE_CHECKING:
    from imodel_files.changesets import ApplyReport

app = Commands("changeset", GROUPS["changeset"])

_TERMINAL = "-"
_REFERENCE_LENGTH = 2
"""Number of arguments that identify a changeset: the iModel and the changeset."""


@app.verb(
    "list",
    example="imodels changeset list Bridge --after 100 --output jsonl\n"
    "imodels changeset list Bridge --plot -\n"
    "imodels changeset list Bridge --plot timeline.svg",
)
def list_(
    run: Run,
    imodel: IModelName,
    *,
    after: Annotated[int | None, typer.Option(help="Only list changesets after this index.", min=0)] = None,
    last: Annotated[int | None, typer.Option(help="Only list changesets up to this index.", min=0)] = None,
    newest_first: Annotated[bool, typer.Option("--newest-first", help="List the newest first.")] = False,
    limit: Limit = None,
    page_size: PageSize = None,
    concurrency: Annotated[
        int | None, typer.Option(help="Number of parallel requests; by default up to 16 for long lists.", min=1, max=16)
    ] = None,
    plot: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Draw pushes and bytes per day: '-' for the terminal, or a .png or .svg file."
        ),
    ] = None,
) -> None:
    """List the changesets of an iModel, or draw its timeline."""
    changesets = run.client.changesets.list(
        run.imodel_id(imodel),
        after_index=after,
        last_index=last,
        order_by="index desc" if newest_first else None,
        limit=limit,
        page_size=page_size,
        concurrency=concurrency or "auto",
    )
    if plot is None:
        run.list(changesets, views.CHANGESET)
        return
    from itwin_imodels.cli import plotting  # noqa: PLC0415 - only needed to draw

    if plot == _TERMINAL:
        plotting.draw(run, plotting.days(changesets))
    else:
        plotting.save(plotting.days(changesets), arguments.path(plot), title=imodel)
        run.note(f"Drew {plot}.")


@app.verb("show", example="imodels changeset show Bridge 7\nimodels changeset show changesets/*.cs")
def show(
    run: Run,
    what: Annotated[
        list[str],
        typer.Argument(metavar="IMODEL CHANGESET | FILE...", help="An iModel and a changeset, or files or a folder."),
    ],
) -> None:
    """Show a changeset of an iModel by its index or id, or list changeset files in timeline order.

    Works offline with files.
    """
    if all(Path(each).exists() for each in what):
        changeset_reading.show_files(run, what)
        return
    if len(what) != _REFERENCE_LENGTH:
        missing = next(each for each in what if not Path(each).exists())
        raise ValueError(f"{missing}: no such file. To show a changeset of an iModel, specify IMODEL and CHANGESET")
    imodel, changeset = what
    run.show(run.client.changesets.get(run.imodel_id(imodel), arguments.place(changeset)), views.CHANGESET)


@app.verb(
    "latest",
    example="imodels changeset latest Bridge --output json\n"
    "imodels changeset latest Bridge --named-version 'Design freeze'",
)
def latest(
    run: Run,
    imodel: IModelName,
    *,
    named_version: Annotated[
        str | None, typer.Option(metavar="NAME", help="Show the point of this Named Version (name or id) instead.")
    ] = None,
) -> None:
    """Show the newest point in the timeline, or that of a Named Version: index, id and changeset.

    If there is no changeset, the point is the baseline, with index 0 and an empty id.
    """
    imodel_id = run.imodel_id(imodel)
    if named_version is None:
        point = run.client.changeset_at(imodel_id, latest=True)
    else:
        point = run.client.changeset_at(imodel_id, named_version=named_version)
    run.show(point, views.POINT)


changeset_pushing.add_to(app)


@app.verb("pull", example="imodels changeset pull Bridge changesets --after 100")
def pull(
    run: Run,
    imodel: IModelName,
    folder: Annotated[Path, typer.Argument(help="Folder for the files; created if missing.")],
    *,
    after: Annotated[
        str | None, typer.Option(metavar="CHANGESET", help="Start after this changeset: index or id.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="CHANGESET", help="End with this changeset: index or id.")
    ] = None,
    verify: Annotated[
        Literal["id", "size"], typer.Option(help="How each file is checked; computing the id reads the whole file.")
    ] = "id",
    timeout: OptionalTimeout = None,
) -> None:
    """Download changeset files that are not in the folder yet.

    A file gets its name, ID.cs, once it is complete and verified. After an interruption, run the same command again to
    resume.
    """
    imodel_id = run.imodel_id(imodel)
    with run.transfer("Pulling") as progress:
        pulled = run.client.pull_changesets(
            imodel_id,
            folder,
            after=arguments.optional_place(after),
            until=arguments.optional_place(until),
            verify=verify,
            timeout=timeout,
            progress=progress,
        )
    run.list(pulled, views.PULLED)
    total = size(sum(each.changeset.file_size for each in pulled))
    run.note(f"Complete in {folder}: {counted(len(pulled), 'file')} ({total}).")


@app.verb(
    "apply",
    example="imodels changeset apply baseline.bim tip.bim changesets/*.cs\n"
    "imodels changeset apply tip.bim baseline.bim changesets/*.cs --reverse",
)
def apply(
    run: Run,
    baseline: Annotated[Path, typer.Argument(help="Database to start from; it is not modified.")],
    target: Annotated[Path, typer.Argument(help="Database to write; an existing file is replaced.")],
    sources: ChangesetSources,
    *,
    parent_id: FirstParent = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="Undo the changesets, last one first.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail at the first conflicting change instead of resolving it.")
    ] = False,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="Print the conflicting changes with their values.")
    ] = False,
) -> None:
    """Apply changesets to a database, as the native library of iTwin.js does, and print which changes conflicted.

    Each file must be named by its id, ID.cs. Prints the number of conflicting changes of each kind; with --output json,
    the whole report. Works offline and requires the extra 'checkpoint'.
    """
    from imodel_files.changesets import apply_changesets  # noqa: PLC0415 - only commands about files read them

    report = apply_changesets(
        baseline,
        arguments.timeline_order(sources),
        target,
        parent_id=parent_id,
        reverse=reverse,
        conflicts="strict" if strict else "native",
    )
    for note in report.notes:
        run.note(f"Note: {note}.")
    if conflicts or run.output.is_table:
        _note_skipped(run, report)
    if conflicts:
        run.list(report.conflicts, views.CONFLICT)
    elif run.output.is_table:
        applied = f"{counted(report.changesets, 'changeset')} with {counted(report.changes, 'change')}"
        run.note(f"Applied {applied} to {target}.")
        run.list(report.conflict_counts, views.CONFLICT_COUNT)
    else:
        run.show(report, views.APPLY_REPORT)


def _note_skipped(run: Run, report: "ApplyReport") -> None:
    """Print which tables and statements were skipped."""
    for table in report.skipped_tables:
        changes = counted(table.count, "change")
        run.note(f"Changeset {table.changeset_id}: {changes} to {table.table} skipped: {table.reason}.")
    for statement in report.skipped_statements:
        run.note(f"Changeset {statement.changeset_id}: DDL without effect: {statement.reason}.")


@app.verb(
    "inspect",
    example="imodels changeset inspect 1.cs\nimodels changeset inspect 1.cs --tables --output csv",
)
def inspect(
    run: Run,
    file: Annotated[Path, typer.Argument(help="Changeset file.")],
    *,
    tables: Annotated[bool, typer.Option("--tables", help="Only show the changes to each table.")] = False,
) -> None:
    """Summarize a changeset file: rows inserted, updated and deleted in each table, and schema changes.

    Works offline.
    """
    from imodel_files.changesets import inspect_changeset  # noqa: PLC0415 - only commands about files read them

    summary = inspect_changeset(file)
    if tables:
        run.list(summary.tables, views.TABLE_CHANGES)
        return
    run.show(summary, views.SUMMARY)


changeset_reading.add_to(app)
changeset_making.add_to(app)
