# Made from facade/itwin_imodels/_aio/workflows/push.py by 'make unasync'. Change that file, not this one.
"""Push one changeset."""

import time
from os import PathLike
from typing import Self

import attrs

from itwin_imodels._core.background import blocking
from itwin_imodels._core.backoff import OTHERS_PUSHING
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._core.waiting import sleep
from itwin_imodels._operations import changesets as wire
from itwin_imodels._sync.resources.changesets import Changesets
from itwin_imodels._sync.session import Session
from itwin_imodels._sync.settling import settle
from itwin_imodels._sync.workflows.lock import LockSet
from itwin_imodels._sync.workflows.timeline_end import newest_pushed
from itwin_imodels._transfer import UploadItem
from itwin_imodels._transfer.runners import Runner
from itwin_imodels._workflows import push as rules
from itwin_imodels._workflows.push import PreparedChangeset, PushPlan, SteadyProgress
from itwin_imodels._workflows.timeline_end import UNKNOWN_CHANGESET
from itwin_imodels.errors import (
    AlreadyExists,
    AnotherUserPushing,
    NewerChangesExist,
    NotFound,
    UnexpectedResponse,
)
from itwin_imodels.models import Changeset, CreatedChangeset, StorageLink

__all__ = ["Push", "Timeline"]

_RESTARTS = 3


class Timeline:
    """The timeline that changesets are pushed to."""

    def __init__(self, session: Session, imodel_id: str) -> None:
        """Select the iModel."""
        self._changesets = Changesets(session)
        self._imodel_id = imodel_id

    def find(self, changeset: PreparedChangeset) -> Changeset | None:
        """Return a changeset if it is in the timeline, otherwise None."""
        found = self.known(changeset)
        return found if found is not None and rules.is_pushed(found, changeset) else None

    def known(self, changeset: PreparedChangeset) -> Changeset | None:
        """Return a changeset if it is in the timeline or waiting for its file, otherwise None."""
        try:
            return self._changesets.get(self._imodel_id, changeset.id)
        except NotFound as error:
            if error.code != UNKNOWN_CHANGESET:
                raise
            return None

    def newest_id(self) -> str:
        """Return the id of the newest changeset; empty if the timeline is empty."""
        newest = self._changesets.latest(self._imodel_id)
        return "" if newest is None else newest.id.lower()

    def ids_after(self, parent_id: str) -> list[str]:
        """Return the ids of the changesets after a given one that can be pulled, oldest first."""
        after = (self._changesets.get(self._imodel_id, parent_id)).index if parent_id else 0
        newest = newest_pushed(self._changesets, self._imodel_id)
        if newest is None or newest.index <= after:
            return []
        newer = self._changesets.list(
            self._imodel_id, after_index=after, last_index=newest.index, order_by="index", detail="minimal"
        )
        return rules.ids_to_pull(parent_id, newer.all(), newest)


class Push:
    """The push of one changeset: announce it, upload its file, confirm it."""

    def __init__(
        self,
        session: Session,
        plan: PushPlan,
        changeset: PreparedChangeset,
        progress: SteadyProgress | None = None,
    ) -> None:
        """Prepare the push.

        Args:
            session: Sends the requests.
            plan: The options of the push.
            changeset: The changeset.
            progress: The progress of the chain that it belongs to; None if it is pushed alone.
        """
        self._session = session
        self._plan = plan
        self._changeset = changeset
        self._progress = progress or SteadyProgress(plan.progress, [changeset])
        self._changesets = Changesets(session)
        self._timeline = Timeline(session, plan.imodel_id)

    @classmethod
    def of_file(cls, session: Session, plan: PushPlan, file: str | PathLike[str], parent_id: str | None) -> Self:
        """Prepare the push of a file.

        Raises:
            FileError: The file cannot be read, or is not the expected changeset file.
        """
        return cls(session, plan, blocking(rules.prepare, file, parent_id, plan.id))

    def run(self) -> Changeset:
        """Push the changeset. While others push, wait and retry until the timeout of the plan."""
        pushed = self._push_before(time.monotonic() + self._plan.timeout)
        self._progress.add(self._changeset.size)
        if self._plan.release_locks:
            LockSet(self._session, pushed.imodel_id, self._plan.briefcase_id).release_after(pushed)
        return pushed

    def offer(self) -> None:
        """Announce the changeset without uploading it, so that the service rejects it if its parent is outdated.

        Raises:
            ApiError: The service rejected the changeset.
        """
        try:
            self._announce()
        except NewerChangesExist as error:
            self._find_despite(error)
        except AnotherUserPushing:
            LOGGER.info("push to iModel %s: another user is pushing", self._plan.imodel_id)

    def _push_before(self, deadline: float) -> Changeset:
        refusals = displacements = 0
        while True:
            try:
                return self._push_once()
            except (AlreadyExists, NewerChangesExist) as error:
                return self._find_despite(error)
            except NotFound as error:
                displacements += 1
                if not rules.is_displaced(error) or displacements > _RESTARTS:
                    raise
                LOGGER.info("push to iModel %s: another user's push replaced it; restarting", self._plan.imodel_id)
            except AnotherUserPushing as error:
                refusals += 1
                self._wait_for_others(error, refusals, deadline)

    def _find_despite(self, error: AlreadyExists | NewerChangesExist) -> Changeset:
        """Return the changeset if an earlier attempt pushed it; otherwise raise the error, with the ids to pull."""
        found = self._timeline.find(self._changeset)
        if found is not None:
            return found
        if isinstance(error, NewerChangesExist):
            raise error.naming(self._timeline.ids_after(self._changeset.parent_id)) from None
        raise error

    def _wait_for_others(self, error: AnotherUserPushing, attempt: int, deadline: float) -> None:
        wait = OTHERS_PUSHING.wait_within(deadline - time.monotonic(), attempt, asked=error.retry_after)
        if wait is None:
            raise error
        text = "push to iModel %s: another user is pushing; retrying in %.1f s"
        LOGGER.info(text, self._plan.imodel_id, wait, extra={"retry_in": wait})
        sleep(wait)

    def _push_once(self) -> Changeset:
        first = self._link()
        with rules.explain_changed_file(self._changeset, self._plan):
            self._upload(first)
        return settle(self._confirm, lambda: self._timeline.find(self._changeset))

    def _upload(self, link: StorageLink) -> None:
        runner = Runner()
        item = UploadItem(
            file=self._changeset.file,
            link=link,
            fresh_link=runner.call(self._link),
            announced=self._changeset.announced_state,
        )
        runner.run(self._session.pool.transfers.upload, item, progress=self._progress.callback)

    def _link(self) -> StorageLink:
        created = self._announce()
        if created.upload is None:
            raise UnexpectedResponse(f"changeset {self._changeset.id}: the service returned no link to upload its file")
        return created.upload

    def _announce(self) -> CreatedChangeset:
        call = wire.create(
            self._plan.imodel_id,
            changeset_id=self._changeset.id,
            parent_id=self._changeset.parent_id,
            briefcase_id=self._plan.briefcase_id,
            file_size=self._changeset.size,
            description=self._plan.description,
            containing_changes=self._plan.containing_changes,
            synchronization_info=self._plan.synchronization_info,
            group_id=self._plan.group_id,
        )
        return self._session.send(attrs.evolve(call, is_idempotent=True))

    def _confirm(self) -> Changeset:
        return self._changesets.confirm(self._plan.imodel_id, self._changeset.id, briefcase_id=self._plan.briefcase_id)
