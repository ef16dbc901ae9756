"""Rules for rolling a database forward to a later point in the timeline by applying changesets."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from imodel_files.changesets import ApplyReport, ChainLink, ConflictPolicy, apply_changesets
from itwin_imodels._core.disk import disk_errors
from itwin_imodels._core.local_files import local_files
from itwin_imodels._transfer import Cancellation
from itwin_imodels._transfer.failures import cancellation_errors, errors_about
from itwin_imodels._workflows.checkpoint import DownloadSettings
from itwin_imodels._workflows.checkpoint_sources import CheckpointSource
from itwin_imodels._workflows.databases import check_at_rest, quick_check
from itwin_imodels.errors import ConfigurationError, UnexpectedResponse
from itwin_imodels.models import ContainingChanges, MinimalChangeset, PulledChangeset, TimelinePoint

_EXTRA = "applying changesets requires the extra 'checkpoint': pip install 'itwin-imodels[checkpoint]'"
_RESULT = "made.bim"


def check_can_apply(conflicts: ConflictPolicy) -> None:
    """Check that changesets can be applied in this environment.

    Args:
        conflicts: What to do with conflicting changes.

    Raises:
        ConfigurationError: The extra is not installed.
        ValueError: `conflicts` is unknown.
    """
    if conflicts not in get_args(ConflictPolicy):
        policies = ", ".join(map(repr, get_args(ConflictPolicy)))
        raise ValueError(f"`conflicts` must be one of {policies}, not {conflicts!r}")
    try:
        apsw = importlib.import_module("apsw")
    except ImportError as error:
        raise ConfigurationError(_EXTRA) from error
    if not hasattr(apsw, "Changeset"):
        raise ConfigurationError(f"the installed apsw lacks SQLite's session extension; {_EXTRA}")


def database_name(source: CheckpointSource) -> str:
    """Return the name of a source's file in the work folder. Files with the same name have the same content."""
    return f"{source.changeset_id or 'baseline'}.bim"


def links_to(point: TimelinePoint, pulled: Sequence[PulledChangeset]) -> list[ChainLink]:
    """Return the changesets to apply.

    Raises:
        UnexpectedResponse: The last changeset is not the requested one.
    """
    if not pulled or pulled[-1].changeset.id.lower() != point.changeset_id:
        raise UnexpectedResponse(
            f"iModel {point.imodel_id}: the list of changesets does not end with {point.changeset_id}"
        )
    return chain_links(pulled)


def chain_links(pulled: Sequence[PulledChangeset]) -> list[ChainLink]:
    """Return the files of changesets with their positions in the timeline."""
    return [_chain_link(each.path, each.changeset) for each in pulled]


def _chain_link(path: Path, changeset: MinimalChangeset) -> ChainLink:
    has_schema_changes = ContainingChanges.SCHEMA in changeset.containing_changes
    return ChainLink(path, changeset.id, changeset.parent_id, changeset.index, has_schema_changes)


def apply_to(
    database: Path,
    source: CheckpointSource,
    links: Sequence[ChainLink],
    settings: DownloadSettings,
    *,
    cancellation: Cancellation,
) -> tuple[int, ApplyReport]:
    """Apply changesets to a copy of a database, and move the result to the target.

    The result is written next to the database first.

    Returns:
        The size of the result in bytes, and the report of conflicts.

    Raises:
        Cancelled: The work was cancelled without a reason.
        IntegrityError: The result is damaged.
        InvalidChangesetFile: A changeset cannot be applied.
        InvalidFile: The target is in use.
        TransferError: A file could not be read or written.
    """
    result = database.with_name(_RESULT)
    with cancellation_errors(cancellation), local_files(), disk_errors(settings.target, "written"):
        report = apply_changesets(
            database,
            links,
            result,
            parent_id=source.changeset_id,
            conflicts=settings.conflicts,
            progress=lambda _done, _total: cancellation.check(),
        )
        if settings.check:
            with errors_about(f"creation of {settings.target.name}"):
                quick_check(result, cancellation)
    size = result.stat().st_size
    check_at_rest("target", settings.target)
    with disk_errors(settings.target, "written"):
        result.replace(settings.target)
    return size, report
