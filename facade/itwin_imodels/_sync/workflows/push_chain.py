# Made from facade/itwin_imodels/_aio/workflows/push_chain.py by 'make unasync'. Change that file, not this one.
"""Push a chain of changesets."""

from collections.abc import Iterable, Sequence
from os import PathLike
from typing import Self

import attrs

from itwin_imodels._core import checks
from itwin_imodels._core.background import blocking
from itwin_imodels._sync.resources.changeset_groups import ChangesetGroups
from itwin_imodels._sync.session import Session
from itwin_imodels._sync.workflows.changeset_group import OpenGroup
from itwin_imodels._sync.workflows.lock import LockSet
from itwin_imodels._sync.workflows.push import Push, Timeline
from itwin_imodels._workflows import push as rules
from itwin_imodels._workflows.push import PreparedChangeset, PushPlan, SteadyProgress
from itwin_imodels.models import Changeset, ChangesetGroup, ChangesetGroupState

__all__ = ["PushChain"]


class PushChain:
    """The push of a chain of changesets, each based on the one before it."""

    def __init__(self, session: Session, plan: PushPlan, chain: Sequence[PreparedChangeset]) -> None:
        """Prepare the push.

        Args:
            session: Sends the requests.
            plan: The options of the push.
            chain: The changesets, oldest first.
        """
        self._session = session
        self._plan = plan
        self._chain = chain
        self._progress = SteadyProgress(plan.progress, chain)
        self._groups = ChangesetGroups(session)
        self._timeline = Timeline(session, plan.imodel_id)

    @classmethod
    def of_files(
        cls, session: Session, plan: PushPlan, files: Iterable[str | PathLike[str]], parent_id: str | None
    ) -> Self:
        """Prepare the push of files, oldest first.

        Raises:
            FileError: A file cannot be read, or is not a changeset file.
            ValueError: There are no files, or the parent's id is invalid.
        """
        paths = list(checks.several("files", files, "files"))
        return cls(session, plan, blocking(rules.prepare_chain, paths, parent_id))

    def run(self, group: str | None) -> list[Changeset]:
        """Push the changesets that are not in the timeline yet, and return the whole chain.

        Args:
            group: Description of the changeset group to push them into; None for no group.
        """
        present = self._present()
        self._progress.add(rules.total_size(self._chain[: len(present)]))
        pushed = present + (self._push_rest(present) if group is None else self._push_rest_in(group, present))
        if self._plan.release_locks:
            locks = LockSet(self._session, self._plan.imodel_id, self._plan.briefcase_id)
            locks.release_after(pushed[-1])
        return pushed

    def _present(self) -> list[Changeset]:
        """Return the changesets at the beginning of the chain that are in the timeline already."""
        changesets: list[Changeset] = []
        for each in self._chain:
            changeset = self._timeline.find(each)
            if changeset is None:
                break
            changesets.append(changeset)
        return changesets

    def _push_rest_in(self, group: str, present: list[Changeset]) -> list[Changeset]:
        groups = OpenGroup(self._session, self._plan.imodel_id)
        left_open = self._left_open(present)
        if left_open is not None:
            with groups.opened(group, left_open) as entity:
                return self._push_rest(present, entity)
        if len(present) == len(self._chain):
            return []
        first = self._chain[len(present)]
        self._require_newest(first)
        with groups.opened(group, first=lambda: self._timeline.known(first)) as entity:
            return self._push_rest(present, entity)

    def _require_newest(self, first: PreparedChangeset) -> None:
        """Check that the parent is the newest changeset before a group is opened."""
        if self._timeline.newest_id() != first.parent_id:
            Push(self._session, self._plan, first).offer()

    def _push_rest(self, present: list[Changeset], group: ChangesetGroup | None = None) -> list[Changeset]:
        plan = attrs.evolve(self._plan, group_id=None if group is None else group.id, release_locks=False)
        rest = self._chain[len(present) :]
        return [Push(self._session, plan, each, self._progress).run() for each in rest]

    def _left_open(self, present: list[Changeset]) -> ChangesetGroup | None:
        """Return the group that an interrupted push of the chain left open; None if there is no such group."""
        waiting = [self._timeline.known(each) for each in self._chain[len(present) : len(present) + 1]]
        for changeset in [*waiting, *present[-1:]]:
            if changeset is not None and changeset.group_id is not None:
                group = self._groups.get(self._plan.imodel_id, changeset.group_id)
                if group.state == ChangesetGroupState.IN_PROGRESS:
                    return group
        return None
