"""Authoring sessions: work in a briefcase, from its acquisition to its release."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from os import PathLike
from typing import Unpack

from itwin_imodels._aio.resources.briefcases import AsyncBriefcases
from itwin_imodels._aio.resources.changesets import AsyncChangesets
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._aio.workflows.lock import AsyncLockSet
from itwin_imodels._aio.workflows.pull import AsyncPull
from itwin_imodels._aio.workflows.push import AsyncPush
from itwin_imodels._aio.workflows.timeline_end import newest_pushed
from itwin_imodels._core.background import async_blocking
from itwin_imodels._core.cancelling import async_cleaning_up
from itwin_imodels._core.local_files import local_files, local_path, require_regular
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._transfer import ProgressCallback
from itwin_imodels._workflows.authoring import PushOptions, base_not_listed
from itwin_imodels._workflows.pull_check import checked_pull
from itwin_imodels._workflows.push import PushPlan
from itwin_imodels._workflows.timeline_end import is_pushed
from itwin_imodels.errors import Cancelled
from itwin_imodels.models import Briefcase, Changeset, Lock, PullCheck

__all__ = ["AsyncAuthoring", "AsyncAuthoringSession"]


class AsyncAuthoringSession:
    """A session of work in a briefcase; `client.authoring_session()` creates it.

    Attributes:
        briefcase: The briefcase.
        changeset_id: Id of the changeset that the work is based on; empty for the baseline. Each push advances it.
    """

    def __init__(self, session: AsyncSession, briefcase: Briefcase, changeset_id: str) -> None:
        """Create a session; only the client calls this."""
        self.briefcase = briefcase
        self.changeset_id = changeset_id
        self._session = session
        self._locks = AsyncLockSet(session, briefcase.imodel_id, briefcase.briefcase_id)
        self._pushed: str | None = None
        self._is_outcome_unknown = False

    async def lock(self, *, exclusive: Iterable[str] = (), shared: Iterable[str] = (), timeout: float = 0.0) -> Lock:
        """Lock objects, any number at once; either all of them are locked or none. See `client.acquire_locks()`.

        Args:
            exclusive: Ids of objects, such as `0x1f`, that no other briefcase may lock.
            shared: Ids of objects that other briefcases may also lock at the shared level.
            timeout: Seconds to wait for other briefcases to release their locks; 0 does not wait.

        Returns:
            The resulting locks on these objects, as reported by the service.

        Raises:
            LockConflict: Other briefcases hold locks on some of the objects.
            OutdatedLock: Some of the objects were changed after `changeset_id`; `object_ids` lists them.
            ValueError: No id is given, an id is in both lists, or an id does not have the form `0x…`.

        Service operations: Update iModel Locks, Get iModel Locks.
        """
        return await self._locks.acquire(
            exclusive=exclusive, shared=shared, changeset_id=self.changeset_id or None, timeout=timeout
        )

    async def push(self, file: str | PathLike[str], **options: Unpack[PushOptions]) -> Changeset:
        """Push a changeset based on `changeset_id`, then set `changeset_id` to the id of the pushed changeset.

        Args:
            file: The changeset file.
            **options: The options of `client.push_changeset()`, except the briefcase and the parent.

        Returns:
            The changeset, which is now in the timeline.

        Raises:
            AnotherUserPushing: Another push was still in progress at the timeout.
            InvalidChangesetFile: The file is not a changeset file, or its id is not the expected one; nothing was sent.
            OutdatedPush: `changeset_id` is not the newest changeset; call `pull_and_check()` to find conflicts.
            TransferError: The upload failed.
            UnreadableFile: The file does not exist or cannot be read; nothing was sent.

        Service operations: Create iModel Changeset, Update iModel Changeset, Get iModel Changeset Details, Get iModel
        Changesets, Release iModel Locks Chunk.
        """
        plan = PushPlan(imodel_id=self.briefcase.imodel_id, briefcase_id=self.briefcase.briefcase_id, **options)
        push = await AsyncPush.of_file(self._session, plan, file, self.changeset_id)
        self._is_outcome_unknown = True
        changeset = await push.run()
        self._is_outcome_unknown = False
        self.changeset_id = self._pushed = changeset.id
        return changeset

    async def pull_and_check(
        self,
        file: str | PathLike[str],
        directory: str | PathLike[str],
        *,
        database: str | PathLike[str],
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
    ) -> PullCheck:
        """Pull the changesets after `changeset_id`, and return their conflicts with the changes in a file.

        Call this after a push that raised `OutdatedPush`. It applies, merges and pushes nothing, and does not change
        `changeset_id`. To push again, apply the pulled changesets to a database without the author's changes, repeat
        the changes that do not conflict, and set `changeset_id` to the `changeset_id` of the result.

        The net changes of both sides are compared by instance, or by row where a row belongs to no instance.
        `ConflictCause` lists the kinds of conflicts. Conflicts that only an application can detect, such as colliding
        geometry, are not found.

        Args:
            file: The changeset file with the author's changes, based on `changeset_id`.
            directory: The folder to write the pulled files to; created if missing.
            database: A database of the iModel, such as that of the author, from which to read the names of classes and
                properties; it is not modified.
            timeout: Seconds for the pull. None sets no limit; a transfer that makes no progress still fails.
            progress: Called, possibly from a worker thread, with the number of bytes present and the total size of the
                files.

        Returns:
            The pulled changesets and the conflicts.

        Raises:
            InvalidChangesetFile: A file is not a valid changeset file.
            InvalidFile: The database is not an iModel, or DDL moves columns whose values would have to be compared.
            LinkMissing: The service returned no link to a file; downloads require `imodels_read`.
            TransferError: A file could not be downloaded or written, for example because the disk is full.
            UnreadableFile: A file does not exist or cannot be read.
            WaitTimeout: The pull took longer than `timeout`.

        Service operations: Get iModel Changesets, Get iModel Changeset Details.
        """
        own, names = local_path(file), local_path(database)
        with local_files():
            require_regular(own)
            require_regular(names)
        imodel_id = self.briefcase.imodel_id
        limit = TimeLimit(timeout, f"pulling the changesets of iModel {imodel_id}")
        pull = AsyncPull(self._session.within(limit), imodel_id, directory, limit=limit, progress=progress)
        pulled = await pull.run(after=self.changeset_id, until=None)
        return await async_blocking(checked_pull, own, pulled, names)

    async def release_locks(self) -> int:
        """Release all locks. Their objects are recorded as changed if the session has pushed, otherwise as unchanged.

        Returns:
            The number of chunks in which the locks were released; 0 if there were none.

        Service operations: Release iModel Locks Chunk; Get iModel Changesets if the outcome of a push is unknown.
        """
        if self._is_outcome_unknown:
            await self._look_for_push()
        return await self._locks.release_all(self._pushed)

    async def _look_for_push(self) -> None:
        """Check whether a push that seemed to fail or was interrupted succeeded after all.

        In that case the locked objects have changed.
        """
        timeline = AsyncChangesets(self._session).list(
            self.briefcase.imodel_id, order_by="index desc", detail="minimal", page_size=100
        )
        async for changeset in timeline:
            if changeset.id.lower() == self.changeset_id.lower():
                break
            if changeset.briefcase_id == self.briefcase.briefcase_id and is_pushed(changeset):
                self.changeset_id = self._pushed = changeset.id
                break
        else:
            if self.changeset_id:
                raise base_not_listed(self.briefcase.imodel_id, self.changeset_id)
        self._is_outcome_unknown = False


class AsyncAuthoring:
    """Acquires a briefcase to work in, and releases it at the end."""

    def __init__(self, session: AsyncSession, imodel_id: str) -> None:
        """Select the iModel."""
        self._session = session
        self._imodel_id = imodel_id
        self._briefcases = AsyncBriefcases(session)

    @asynccontextmanager
    async def opened(
        self, *, device_name: str | None, briefcase_id: int | None, changeset_id: str | None, release_briefcase: bool
    ) -> AsyncGenerator[AsyncAuthoringSession]:
        """Work in a briefcase for the duration of a block; see `client.authoring_session()`."""
        if changeset_id is None:
            newest = await newest_pushed(AsyncChangesets(self._session), self._imodel_id)
            changeset_id = "" if newest is None else newest.id
        if briefcase_id is None:
            briefcase = await self._briefcases.acquire(self._imodel_id, device_name=device_name)
        else:
            briefcase = await self._briefcases.get(self._imodel_id, briefcase_id)
        work = AsyncAuthoringSession(self._session, briefcase, changeset_id)
        release_briefcase = release_briefcase and briefcase_id is None
        try:
            yield work
        except BaseException as error:
            await self._end_after(error, work, release_briefcase=release_briefcase)
            raise
        try:
            await self._end(work, release_briefcase=release_briefcase)
        except BaseException as error:
            if isinstance(error, Exception) and not isinstance(error, Cancelled):
                error.add_note(
                    f"Briefcase {work.briefcase.briefcase_id} of iModel {self._imodel_id} or its locks may not have"
                    " been released."
                )
            else:
                await self._end_after(error, work, release_briefcase=release_briefcase)
            raise

    async def _end(self, work: AsyncAuthoringSession, *, release_briefcase: bool) -> None:
        await work.release_locks()
        if release_briefcase:
            await self._briefcases.release(self._imodel_id, work.briefcase.briefcase_id)

    async def _end_after(self, error: BaseException, work: AsyncAuthoringSession, *, release_briefcase: bool) -> None:
        """Release after an error; if this fails, add a note to the error."""
        try:
            with async_cleaning_up():
                await self._end(work, release_briefcase=release_briefcase)
        except Exception as failure:  # noqa: BLE001 - reported in the note: the first error is the one to raise
            error.add_note(
                f"Briefcase {work.briefcase.briefcase_id} or its locks may not have been released: {failure}"
            )
