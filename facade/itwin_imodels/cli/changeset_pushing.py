"""``imodels changeset push``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from itwin_imodels.cli import arguments, views
from itwin_imodels.cli.arguments import (
    PUSH_WAIT,
    ChangesetFiles,
    Description,
    IModelName,
    ReleaseLocks,
    WaitForPushes,
)
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run
from itwin_imodels.errors import NotFound

if TYPE_CHECKING:
    from itwin_imodels.models import ContainingChanges, SynchronizationInfo


def add_to(app: Commands) -> None:
    """Add the command to a group."""
    app.verb(
        "push",
        example="imodels changeset push Bridge 1.cs --briefcase 2 --parent-id '' --description Piers\n"
        "imodels changeset push Bridge 1f2e04b666edce395e37a795e2231e995cbf8349.cs --briefcase 2 --release-locks",
    )(push)


def push(
    run: Run,
    imodel: IModelName,
    files: ChangesetFiles,
    *,
    briefcase: Annotated[int, typer.Option(help="The briefcase to push from.", min=2)],
    parent_id: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Parent of the first file; empty for the baseline."),
    ] = None,
    description: Description = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Kind of changes, such as schema or spatial_data; repeatable."),
    ] = None,
    group_id: Annotated[str | None, typer.Option(metavar="ID", help="Changeset group to add the changeset to.")] = None,
    group: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Create a changeset group with this description for the files, and close it afterwards.",
        ),
    ] = None,
    task_id: Annotated[str | None, typer.Option(metavar="ID", help="Id of a connector's synchronization run.")] = None,
    changed_file: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Source file that the synchronization run found to have changed; requires --task-id; repeatable.",
        ),
    ] = None,
    release_locks: ReleaseLocks = False,
    wait: WaitForPushes = PUSH_WAIT,
) -> None:
    """Push changesets: announce, upload and confirm each file.

    After an interruption, run the same command again to resume. A file that is named by its id does not require
    --parent-id: the id shows whether the newest changeset is its parent.
    """
    for file in files:
        arguments.check_file(file)
    files = arguments.timeline_order(files)
    single = {"--changes": changes, "--group-id": group_id, "--task-id": task_id}
    if len(files) > 1 or group is not None:
        names = [name for name, value in single.items() if value is not None]
        if names:
            raise ValueError(f"{names[0]} requires a single file and cannot be combined with --group")
    if changed_file is not None and task_id is None:
        raise ValueError("--changed-file requires --task-id")
    imodel_id = run.imodel_id(imodel)
    parent = _parent(run, imodel_id, files[0]) if parent_id is None else parent_id
    with run.transfer("Pushing") as progress:
        if len(files) == 1 and group is None:
            pushed = [
                run.client.push_changeset(
                    imodel_id,
                    files[0],
                    briefcase_id=briefcase,
                    parent_id=parent,
                    description=description,
                    containing_changes=_kinds(changes),
                    group_id=group_id,
                    synchronization_info=_synchronization(task_id, changed_file),
                    release_locks=release_locks,
                    timeout=wait,
                    progress=progress,
                )
            ]
        else:
            pushed = run.client.push_changesets(
                imodel_id,
                files,
                briefcase_id=briefcase,
                parent_id=parent,
                description=description,
                group=group,
                release_locks=release_locks,
                timeout=wait,
                progress=progress,
            )
    run.list(pushed, views.CHANGESET)


def _parent(run: Run, imodel_id: str, first: Path) -> str:
    """Find the parent of the first file, and verify it with the id in the name of the file.

    Raises:
        ChangesetFileError: The file has another parent.
        ValueError: The name of the file is not an id.
    """
    if not arguments.is_changeset_id(first.stem):
        raise ValueError(
            f"the parent of {first} is unknown: use --parent-id ID (empty for the baseline), or name the file after "
            "its changeset id"
        )
    from imodel_files.changesets import verify_changeset  # noqa: PLC0415 - few commands read files

    try:
        parent_id = run.client.changesets.get(imodel_id, first.stem).parent_id
    except NotFound as error:
        if error.code != "ChangesetNotFound":
            raise
        parent_id = run.client.changeset_at(imodel_id, latest=True).changeset_id
    verify_changeset(first, id=first.stem, parent_id=parent_id)
    return parent_id


def _kinds(names: list[str] | None) -> "ContainingChanges | None":
    if names is None:
        return None
    from itwin_imodels.models import ContainingChanges  # noqa: PLC0415 - help needs no models

    return arguments.flags(ContainingChanges, names)


def _synchronization(task_id: str | None, changed_files: list[str] | None) -> "SynchronizationInfo | None":
    if task_id is None:
        return None
    from itwin_imodels.models import SynchronizationInfo  # noqa: PLC0415 - help needs no models

    return SynchronizationInfo(task_id=task_id, changed_files=changed_files)
