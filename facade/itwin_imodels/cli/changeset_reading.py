"""Commands of ``imodels changeset`` that read the changes in changesets.

They work offline, except that the names of Named Versions are looked up in the service.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO, cast

import typer

from itwin_imodels.cli import arguments, views
from itwin_imodels.cli.arguments import FirstParent
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.output import Output
from itwin_imodels.cli.rows import ChangedElement, ChangedRow, ChangesetFile, ElementEntry
from itwin_imodels.cli.run import Run
from itwin_imodels.errors import FileError, IntegrityError, NameNotFound

if TYPE_CHECKING:
    from imodel_files.changes import (
        AnyChange,
        ChangeReader,
        ClassSummary,
        ElementChange,
        HistoryEntry,
        RowChange,
    )
    from imodel_files.changesets import ChainLink
    from itwin_imodels.mirror import Mirror

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE...",
        help="Changeset files, folders or patterns, or the folder of a mirror. If the files are named by id, the order"
        " does not matter.",
    ),
]
Database = Annotated[
    Path,
    typer.Option(
        "--database",
        "-d",
        metavar="FILE",
        help="Database of the iModel at any changeset, from which names of classes and properties are read.",
    ),
]
After = Annotated[
    str | None,
    typer.Option(
        metavar="CHANGESET",
        help="Start after this changeset: index, id, or for a mirror the name of a Named Version.",
    ),
]
Until = Annotated[
    str | None,
    typer.Option(
        metavar="CHANGESET",
        help="End with this changeset: index, id, or for a mirror the name of a Named Version.",
    ),
]
Net = Annotated[bool, typer.Option("--net", help="Combine all changesets into their net effect.")]


def add_to(app: Commands) -> None:
    """Add the commands to a group."""
    app.verb(
        "verify",
        example="imodels changeset verify changesets/*.cs\n"
        "imodels changeset verify /var/mirrors/bridge\n"
        "imodels changeset verify 1.cs 2.cs 3.cs --id 1f2e04b666edce395e37a795e2231e995cbf8349",
    )(verify)
    app.verb("changes", example="imodels changeset changes 1.cs --database baseline.bim")(changes)
    app.verb(
        "elements",
        example="imodels changeset elements changesets --database baseline.bim\n"
        "imodels changeset elements /var/mirrors/bridge -d tip.bim --after 100 --until 'Design freeze' --net",
    )(elements)
    app.verb(
        "summary",
        example="imodels changeset summary changesets --database baseline.bim\n"
        "imodels changeset summary changesets -d baseline.bim --each --output csv\n"
        "imodels changeset summary changesets -d baseline.bim --plot classes.svg",
    )(summary)
    app.verb("history", example="imodels changeset history 0x20000000001 /var/mirrors/bridge -d tip.bim")(history)
    app.verb(
        "export",
        example="imodels changeset export changesets elements.jsonl --database baseline.bim\n"
        "imodels changeset export changesets rows.parquet --database baseline.bim --rows",
    )(export)


def show_files(run: Run, sources: list[str]) -> None:
    """Show changeset files in timeline order."""
    from imodel_files.changes import order_changesets  # noqa: PLC0415 - only commands about files read them
    from imodel_files.changesets import inspect_changeset  # noqa: PLC0415 - as above

    def rows() -> Iterator[ChangesetFile]:
        for each in order_changesets(sources):
            summary = inspect_changeset(each.path or "")
            yield ChangesetFile(
                index=each.index,
                id=each.id,
                parent_id=each.parent_id,
                path=str(each.path),
                inserts=summary.inserts,
                updates=summary.updates,
                deletes=summary.deletes,
                has_schema_changes=summary.has_schema_changes,
                file_size=summary.file_size,
            )

    run.list(rows(), views.CHANGESET_FILE)


def verify(
    run: Run,
    sources: Sources,
    *,
    parent_id: FirstParent = None,
    id: Annotated[  # noqa: A002 - the service's own word
        str | None, typer.Option(metavar="ID", help="Id of the last file, if the file is not named by its id.")
    ] = None,
) -> None:
    """Verify the ids of changeset files, which are computed from their contents and parents.

    Files that are named by their ids may be given in any order; others must be given oldest first. Exits with code 1
    if a file does not match its id. Works offline.
    """
    from imodel_files.changesets import VerifiedFile, verify_changesets  # noqa: PLC0415 - as above

    counts: Counter[bool] = Counter()

    def counted() -> Iterator[VerifiedFile]:
        with _source(sources) as source:
            files = source if isinstance(source, list) else _mirrored(source)
            for file in verify_changesets(files, parent_id=parent_id, id=id):
                counts[file.is_valid] += 1
                yield file

    verified = counted()
    first = next(verified, None)
    if first is None:
        raise FileError(f"no changeset files in {' '.join(sources)}")
    run.list(chain([first], verified), views.VERIFIED)
    if counts[False]:
        raise IntegrityError(f"{counts[False]} of {counts.total()} changeset files failed verification")


def _mirrored(mirror: "Mirror") -> "Iterator[ChainLink]":
    from imodel_files.changesets import ChainLink  # noqa: PLC0415 - as above

    for each in mirror.changesets():
        changeset = each.changeset
        yield ChainLink(mirror.directory / f"{changeset.id}.cs", changeset.id, changeset.parent_id, changeset.index)


def changes(run: Run, sources: Sources, *, database: Database, after: After = None, until: Until = None) -> None:
    """Print the changed rows with column names, class names and decoded values.

    Works offline unless --after or --until names a Named Version.
    """
    with _reading(sources, database) as reader:
        run.list(map(_row, reader.rows(**_range_arguments(run, sources, after, until))), views.CHANGED_ROW)


def elements(
    run: Run, sources: Sources, *, database: Database, after: After = None, until: Until = None, net: Net = False
) -> None:
    """Print the changed elements: class, code, label and changed properties.

    Works offline unless --after or --until names a Named Version.
    """
    with _reading(sources, database) as reader:
        run.list(
            map(_element, reader.elements(**_range_arguments(run, sources, after, until), net=net)),
            views.CHANGED_ELEMENT,
        )


def summary(
    run: Run,
    sources: Sources,
    *,
    database: Database,
    after: After = None,
    until: Until = None,
    each: Annotated[bool, typer.Option("--each", help="Count each changeset separately.")] = False,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw changed elements per class and changeset: .png or .svg."),
    ] = None,
) -> None:
    """Count the elements that were inserted, updated and deleted, by class.

    Counts the net effect of the selected changesets, unless --each or --plot is set. Works offline unless --after or
    --until names a Named Version.
    """
    with _reading(sources, database) as reader:
        summaries: Iterable[ClassSummary] = reader.summarize(
            **_range_arguments(run, sources, after, until), net=not each and plot is None
        )
        if plot is None:
            run.list(summaries, views.CLASS_SUMMARY_EACH if each else views.CLASS_SUMMARY)
            return
        from itwin_imodels.cli import plotting  # noqa: PLC0415 - only needed to draw

        plotting.save_classes(summaries, plot)
        run.note(f"Drew {plot}.")


def history(
    run: Run,
    element: Annotated[str, typer.Argument(metavar="ELEMENT", help="Id of the element, such as 0x20000000001.")],
    sources: Sources,
    *,
    database: Database,
) -> None:
    """Print each change to an element and its aspects, oldest first.

    In a mirror, the first run builds an index of all changes, elements.db, and later runs are fast. Works offline.
    """
    with _reading(sources, database) as reader:
        run.list(map(_entry, reader.history(element)), views.ELEMENT_ENTRY)


def export(
    run: Run,
    sources: Sources,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="File to write: .jsonl, .csv or .parquet (extra 'arrow'); '-' prints JSONL."
        ),
    ],
    *,
    database: Database,
    after: After = None,
    until: Until = None,
    net: Net = False,
    rows: Annotated[bool, typer.Option("--rows", help="Write rows instead of elements and other instances.")] = False,
) -> None:
    """Write all changes to a file for other programs.

    JSONL has a line for each change. CSV and Parquet have a row for each changed property, or one for a change without
    properties. Works offline unless --after or --until names a Named Version.
    """
    from imodel_files.changes import write_csv, write_jsonl, write_parquet  # noqa: PLC0415 - as above

    writers = {".jsonl": write_jsonl, ".csv": write_csv, ".parquet": write_parquet}
    if file != Path("-") and file.suffix.lower() not in writers:
        raise ValueError(f"{file}: the file name must end with one of {', '.join(writers)}")
    if rows and net:
        raise ValueError("--rows and --net are mutually exclusive")
    with _reading(sources, database) as reader:
        places = _range_arguments(run, sources, after, until)
        records: Iterable[AnyChange] = reader.rows(**places) if rows else reader.changes(**places, net=net)
        if file == Path("-"):
            # its method write() reports a closed pipe as the other commands do
            write_jsonl(records, cast("TextIO", Output("jsonl", run.data_stream(), run.note)))
        else:
            count = writers[file.suffix.lower()](records, file)
            run.note(f"Wrote {count} {'lines' if file.suffix.lower() == '.jsonl' else 'rows'} to {file}.")


def _range_arguments(run: Run, sources: list[str], after: str | None, until: str | None) -> dict[str, Any]:
    bounds = {"after": after, "until": until}
    return {name: None if text is None else _changeset_reference(run, sources, text) for name, text in bounds.items()}


def _changeset_reference(run: Run, sources: list[str], text: str) -> str | int:
    """Return the index or id of a changeset; Named Versions of a mirrored iModel are looked up by name."""
    reference = arguments.index_or_text(text)
    if isinstance(reference, int) or arguments.is_changeset_id(reference):
        return reference
    with _source(sources) as source:
        if isinstance(source, list):
            return reference
        imodel_id = source.imodel_id
    version = run.client.named_versions.get_by_name(imodel_id, text)
    if version is None:
        raise NameNotFound(f"no changeset or Named Version {text!r} in {sources[0]}", entity=f"changeset {text!r}")
    return version.changeset_index


@contextmanager
def _reading(sources: list[str], database: Path) -> "Iterator[ChangeReader]":
    """Open a reader of the changes.

    Raises:
        NameNotFound: No changeset has the given id.
    """
    from imodel_files.changes import ChangeReader  # noqa: PLC0415 - as above

    with _source(sources) as source, ChangeReader(source, database) as reader:
        try:
            yield reader
        except KeyError as error:
            name = str(error.args[0])
            raise NameNotFound(f"no changeset {name} in {' '.join(sources)}", entity=f"changeset {name}") from None


@contextmanager
def _source(sources: list[str]) -> "Iterator[list[str] | Mirror]":
    """Open a mirror if its folder is named; otherwise yield the names of files, folders and patterns."""
    if len(sources) == 1 and (Path(sources[0]) / "timeline.db").is_file():
        from itwin_imodels.mirror import open_mirror  # noqa: PLC0415 - few commands read mirrors

        with open_mirror(sources[0]) as mirror:
            yield mirror
    else:
        yield sources


def _element(change: "ElementChange") -> ChangedElement:
    from imodel_files.changes import change_record  # noqa: PLC0415 - as above

    return ChangedElement(
        changeset=None if change.changeset is None else change.changeset.index,
        operation=change.operation.value,
        id=change.id,
        class_name=change.class_name,
        model_id=change.model_id,
        parent_id=change.parent_id,
        code=change.code.value,
        label=change.label,
        is_touched_only=change.is_touched_only,
        properties=change_record(change)["properties"],
    )


def _row(change: "RowChange") -> ChangedRow:
    from imodel_files.changes import change_record  # noqa: PLC0415 - as above

    record = change_record(change)
    return ChangedRow(
        changeset=None if change.changeset is None else change.changeset.index,
        table=change.table,
        operation=change.operation.value,
        is_indirect=change.is_indirect,
        key=record["id"],
        class_name=change.class_name,
        values=record["properties"],
    )


def _entry(entry: "HistoryEntry") -> ElementEntry:
    from imodel_files.changes import change_record  # noqa: PLC0415 - as above

    return ElementEntry(
        changeset=entry.changeset.index,
        changeset_id=entry.changeset.id,
        push_date_time=entry.changeset.push_date_time,
        creator_id=entry.changeset.creator_id,
        operation=entry.operation.value,
        properties={} if entry.change is None else change_record(entry.change)["properties"],
        aspects=list(map(change_record, entry.aspects)),
    )
