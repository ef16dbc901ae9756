"""``imodels checkpoint``: complete databases at points in the timeline."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import attrs
import typer

from itwin_imodels.cli import arguments, views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import WAIT, IModelName, OptionalTimeout, Timeout
from itwin_imodels.cli.cells import counted
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run
from itwin_imodels.cli.version import VersionName, version_id

if TYPE_CHECKING:
    from itwin_imodels.models import Checkpoint

app = Commands("checkpoint", GROUPS["checkpoint"])

At = Annotated[
    str | None, typer.Option("--changeset", metavar="CHANGESET", help="The changeset: index (0 is the baseline) or id.")
]
OfVersion = Annotated[
    str | None, typer.Option("--named-version", metavar="NAME", help="The Named Version: name or id.")
]
Exact = Annotated[bool, typer.Option("--exact", help="Do not use an earlier checkpoint.")]
Check = Annotated[bool, typer.Option("--check", help="Check the whole database with SQLite at the end.")]
WaitForCheckpoint = Annotated[
    float,
    typer.Option(
        "--wait",
        metavar="SECONDS",
        help="Maximum number of seconds to wait for the checkpoint of exactly this point.",
        min=0,
    ),
]
Kind = Literal["auto", "v1", "v2"]


@app.verb(
    "show", example="imodels checkpoint show Bridge\nimodels checkpoint show Bridge --named-version 'Design freeze'"
)
def show(run: Run, imodel: IModelName, *, changeset: At = None, named_version: OfVersion = None) -> None:
    """Show the newest checkpoint, or that of a changeset or Named Version."""
    imodel_id = run.imodel_id(imodel)
    run.show(_checkpoint(run, imodel_id, changeset, named_version), views.CHECKPOINT)


@app.verb("create", example="imodels checkpoint create Bridge 'Design freeze'")
def create(run: Run, imodel: IModelName, version: VersionName) -> None:
    """Request the checkpoint of a Named Version unless it exists. The service generates it in the background."""
    imodel_id = run.imodel_id(imodel)
    made = run.client.checkpoints.create_for_named_version(imodel_id, version_id(run, imodel_id, version))
    run.show(made, views.CHECKPOINT)


@app.verb("wait", example="imodels checkpoint wait Bridge --named-version 'Design freeze' --timeout 60")
def wait_(
    run: Run, imodel: IModelName, *, changeset: At = None, named_version: OfVersion = None, timeout: Timeout = WAIT
) -> None:
    """Wait until the checkpoint of a changeset or Named Version is ready, and show it."""
    imodel_id = run.imodel_id(imodel)
    with run.waiting("Waiting for the checkpoint", timeout):
        made = run.client.wait_for_checkpoint(
            imodel_id,
            changeset=arguments.optional_place(changeset),
            named_version=named_version,
            timeout=timeout,
        )
    run.show(made, views.CHECKPOINT)


@app.verb(
    "download",
    example="imodels checkpoint download Bridge bridge.bim --apply\n"
    "imodels checkpoint download Bridge freeze.bim --named-version 'Design freeze'",
)
def download(
    run: Run,
    imodel: IModelName,
    file: Annotated[Path, typer.Argument(help="The file to write; an existing one is replaced.")],
    *,
    changeset: At = None,
    named_version: OfVersion = None,
    exact: Exact = False,
    kind: Annotated[
        Kind, typer.Option(help="Form of the checkpoint: one file (v1), blocks (v2), or either (auto).")
    ] = "auto",
    apply: Annotated[
        bool, typer.Option("--apply", help="Apply the later changesets to an earlier checkpoint (extra 'checkpoint').")
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="With --apply: fail at the first conflicting change instead of resolving it."),
    ] = False,
    check: Check = False,
    keep_block_list: Annotated[
        bool, typer.Option("--keep-block-list", help="Keep FILE.blocks, for 'imodels checkpoint update'.")
    ] = False,
    wait: WaitForCheckpoint = 0.0,
    timeout: OptionalTimeout = None,
) -> None:
    """Download the database at a point in the timeline, by default the newest.

    The source is the checkpoint of that point, the nearest earlier one, or the baseline; the output shows which. A
    block-based checkpoint is assembled into one file. After an interruption, run the same command again to resume.
    """
    imodel_id = run.imodel_id(imodel)
    with run.transfer("Downloading") as progress:
        downloaded = run.client.download_checkpoint(
            imodel_id,
            file,
            changeset=arguments.optional_place(changeset),
            named_version=named_version,
            preceding=not exact,
            kind=kind,
            apply=apply,
            conflicts="strict" if strict else "native",
            check=check,
            keep_block_list=keep_block_list,
            checkpoint_timeout=wait,
            timeout=timeout,
            progress=progress,
        )
    if not downloaded.is_exact:
        run.note(
            f"The nearest checkpoint is at changeset {downloaded.changeset_index}; --apply applies later changesets."
        )
    if downloaded.report is not None and downloaded.report.skipped + downloaded.report.overridden:
        run.note(
            f"{counted(downloaded.report.conflict_count, 'change')} conflicted with the database:"
            f" {downloaded.report.overridden} applied anyway, {downloaded.report.skipped} skipped."
            " Use --output json to list them."
        )
    run.show(attrs.evolve(downloaded, report=None) if run.output.is_table else downloaded, views.DOWNLOADED)


@app.verb(
    "update",
    example="imodels checkpoint update Bridge bridge.bim\n"
    "imodels checkpoint update Bridge bridge.bim --target newest.bim --check",
)
def update(
    run: Run,
    imodel: IModelName,
    file: Annotated[Path, typer.Argument(help="The older database; it is replaced unless --target is given.")],
    *,
    target: Annotated[
        Path | None, typer.Option(parser=arguments.path, metavar="<path>", help="The file to write.")
    ] = None,
    changeset: At = None,
    named_version: OfVersion = None,
    exact: Exact = False,
    check: Check = False,
    wait: WaitForCheckpoint = 0.0,
    timeout: OptionalTimeout = None,
) -> None:
    """Create a newer database from an older one, downloading only the blocks that differ.

    The older database must be a checkpoint from 'imodels checkpoint download', preferably with --kind v2 and
    --keep-block-list. Blocks that were modified locally are downloaded too.
    """
    imodel_id = run.imodel_id(imodel)
    with run.transfer("Updating") as progress:
        updated = run.client.update_checkpoint(
            imodel_id,
            file,
            target=target,
            changeset=arguments.optional_place(changeset),
            named_version=named_version,
            preceding=not exact,
            check=check,
            checkpoint_timeout=wait,
            timeout=timeout,
            progress=progress,
        )
    run.note(f"Downloaded {counted(updated.downloaded_blocks, 'block')} and reused {updated.reused_blocks}.")
    run.show(updated, views.DOWNLOADED)


@app.verb(
    "inspect",
    example="imodels checkpoint inspect container\n"
    "imodels checkpoint inspect container/manifest.bcv --shared --output csv\n"
    "imodels checkpoint inspect old/manifest.bcv new/manifest.bcv",
)
def inspect(
    run: Run,
    place: Annotated[Path, typer.Argument(help="A folder with a manifest and blocks, or a manifest file.")],
    other: Annotated[
        Path | None,
        typer.Argument(help="A second folder or manifest, whose databases are compared with those of the first."),
    ] = None,
    *,
    container: Annotated[bool, typer.Option("--container", help="Show a summary of the whole container.")] = False,
    shared: Annotated[
        bool, typer.Option("--shared", help="Show how many blocks each pair of databases shares.")
    ] = False,
    deleted: Annotated[bool, typer.Option("--deleted", help="List the blocks that can be removed.")] = False,
) -> None:
    """List the databases of a block-based checkpoint: version, size, blocks and problems.

    When two databases are compared, 'to fetch' is the number of blocks in the second that the first lacks. The size of
    a database is known only if its first block is stored next to the manifest. Works offline.
    """
    if sum((container, shared, deleted, other is not None)) > 1:
        raise ValueError("a second container, --container, --shared and --deleted are mutually exclusive")
    from itwin_imodels.cli import containers  # noqa: PLC0415 - only this command needs it

    first = containers.read_container(place)
    if other is not None:
        second = containers.read_container(other)
        for note in containers.comparison_notes(first, second):
            run.note(note)
        run.list(containers.shared_between(first, second), views.SHARED_BLOCKS)
    elif container:
        run.show(containers.summary(first), views.BLOCK_CONTAINER)
    elif shared:
        run.list(containers.shared_within(first), views.SHARED_BLOCKS)
    elif deleted:
        run.list(containers.deleted_blocks(first), views.UNUSED_BLOCK)
    else:
        run.list(containers.databases(first), views.BLOCK_DATABASE)


def _checkpoint(run: Run, imodel_id: str, changeset: str | None, named_version: str | None) -> "Checkpoint":
    if changeset is not None and named_version is not None:
        raise ValueError("--changeset and --named-version are mutually exclusive")
    if named_version is not None:
        version = version_id(run, imodel_id, named_version)
        return run.client.checkpoints.get_for_named_version(imodel_id, version)
    if changeset is not None:
        return run.client.checkpoints.get(imodel_id, arguments.place(changeset))
    return run.client.checkpoints.latest(imodel_id)
