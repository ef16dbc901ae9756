"""Rules for reverts: how the inverse is written, and the options for pushing it."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from pathlib import Path

import attrs

from imodel_files.changesets import inspect_changeset, invert_changesets
from itwin_imodels._core import checks
from itwin_imodels._core.disk import disk_errors
from itwin_imodels._core.local_files import local_files, local_path, require_regular
from itwin_imodels._workflows.push import PushPlan
from itwin_imodels._workflows.roll_forward import chain_links, check_can_apply
from itwin_imodels.models import ContainingChanges, PulledChangeset, TimelinePoint


@attrs.frozen(kw_only=True)
class RevertPlan:
    """The options of a revert; see `client.revert_timeline()`.

    Attributes:
        to: Id or index of the changeset to return to; 0 or an empty string is the baseline.
        directory: The folder for the files.
        database: A database at that changeset, whose content is restored exactly; None uses only the changeset files.
        push: The options of the push.
    """

    to: str | int
    directory: Path = attrs.field(converter=local_path)
    database: Path | None = attrs.field(converter=attrs.converters.optional(local_path))
    push: PushPlan

    def __attrs_post_init__(self) -> None:
        """Check the changeset, and that changesets can be applied to the database.

        Raises:
            ConfigurationError: The database requires an extra that is not installed.
            UnreadableFile: The database cannot be read.
            ValueError: The changeset is invalid.
        """
        if self.to != "":
            checks.changeset(self.to)
        if self.database is not None:
            check_can_apply("native")
            with local_files(self.database):
                require_regular(self.database)


def push_plan(plan: RevertPlan, point: TimelinePoint, pulled: Sequence[PulledChangeset]) -> PushPlan:
    """Return the options of the push, with the kinds of the reverted changes and a description."""
    kinds = kinds_of_revert(each.changeset.containing_changes for each in pulled)
    description = plan.push.description or f"Revert to {f'changeset {point.index}' if point.index else 'the baseline'}"
    return attrs.evolve(plan.push, containing_changes=kinds, description=description)


def kinds_of_revert(reverted: Iterable[ContainingChanges]) -> ContainingChanges:
    """Return the kinds of changes in a changeset that reverts others.

    Kinds that this version does not know are left out. The service combines schema changes only with `SCHEMA_SYNC`.
    """
    kinds = reduce(or_, reverted, ContainingChanges.REGULAR) & ~ContainingChanges.REGULAR
    is_of_schema = ContainingChanges.SCHEMA in kinds
    return kinds & (ContainingChanges.SCHEMA | ContainingChanges.SCHEMA_SYNC) if is_of_schema else kinds


def write_inverse(plan: RevertPlan, point: TimelinePoint, pulled: Sequence[PulledChangeset]) -> Path | None:
    """Write the changeset that reverts the pulled ones, and return its path; return None if it would be empty.

    Args:
        plan: The options of the revert.
        point: The point in the timeline whose content is restored.
        pulled: All changesets after this point.

    Raises:
        InvalidChangesetFile: A changeset cannot be inverted, or the database is not at the point.
        TransferError: A file could not be read or written.
    """
    with local_files(), disk_errors(plan.directory, "written"):
        written = invert_changesets(
            chain_links(pulled), plan.directory, parent_id=point.changeset_id, database=plan.database
        )
        path = Path(written.path)
        if inspect_changeset(path).total:
            return path
        path.unlink()
    return None
