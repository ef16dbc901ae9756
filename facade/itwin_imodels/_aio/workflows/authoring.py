"""Work in a briefcase, from its acquisition to its release."""

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
from itwin_imodels._core.local_files import local_files, local_path, require_regular
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._transfer import ProgressCallback
from itwin_imodels._workflows.authoring import PushOptions, base_not_listed
from itwin_imodels._workflows.pull_check import checked_pull
from itwin_imodels._workflows.push import PushPlan
from itwin_imodels.models import Briefcase, Changeset, Lock, PullCheck

__all__ = ["AsyncAuthoring", "AsyncAuthoringSession"]


class AsyncAuthoringSession:
    """A briefcase to work in; `client.authoring_session()` creates it.

    Attributes:
        briefcase: The briefcase.
        changeset_id: The changeset that the work is based on; empty at the baseline. Each push advances it.
    """

    def __init__(self, session: AsyncSession, briefcase: Briefcase, changeset_id: str) -> None:
        """Begin at a changeset; the client does this."""
        self.briefcase = briefcase
        self.changeset_id = changeset_id
        self._session = session
        self._locks = AsyncLockSet(session, briefcase.imodel_id, briefcase.briefcase_id)
        self._pushed: str | None = None
        self._unsure = False

    async def lock(self, *, exclusive: Iterable[str] = (), shared: Iterable[str] = (), timeout: float = 0.0) -> Lock:
        """Lock objects: all of them, or none.

        Args:
            exclusive: Ids of objects such as `0x1f` that no other briefcase may lock.
            shared: Ids of objects that others may also lock at the shared level.
            timeout: How long to wait for locks of others, in seconds; 0 does not wait.

        Returns:
            The locks of the briefcase as the service reports them.

        Raises:
            LockConflict: Other briefcases hold some of the objects.
            OutdatedLock: Some of the objects have changed after `changeset_id`.

        Service operation: Update iModel Locks.
        """
        return await self._locks.acquire(
            exclusive=exclusive, shared=shared, changeset_id=self.changeset_id or None, timeout=timeout
        )

    async def push(self, file: str | PathLike[str], **options: Unpack[PushOptions]) -> Changeset:
        """Push a changeset on top of `changeset_id`, which then becomes the pushed one.

        Args:
            file: The changeset's file.
            **options: Those of `client.push_changeset()`, except for the briefcase and the parent.

        Returns:
            The changeset, now part of the timeline.

        Raises:
            AnotherUserPushing: Others were pushing until the timeout.
            InvalidChangesetFile: The file is not a changeset file, or does not have the expected id.
            OutdatedPush: `changeset_id` is no longer the newest changeset.
            TransferError: The upload failed.
            UnreadableFile: The file does not exist, or cannot be read.

        Service operations: Create iModel Changeset, Update iModel Changeset.
        """
        plan = PushPlan(imodel_id=self.briefcase.imodel_id, briefcase_id=self.briefcase.briefcase_id, **options)
        push = await AsyncPush.of_file(self._session, plan, file, self.changeset_id)
        self._unsure = True
        changeset = await push.run()
        self._unsure = False
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
        """Pull what others have pushed after `changeset_id`, and return what of it conflicts with own changes.

        For a push that raised `OutdatedPush`: nothing is applied, merged or pushed, and `changeset_id` stays. The
        author applies the pulled changesets to a database without the own changes, repeats these where they do not
        conflict, sets `changeset_id` to that of the result, and pushes again.

        The net changes of both sides are compared instance by instance, and row by row outside of instances. Conflicts
        are: both changed the same properties, or one deleted what the other changed; one deleted the parent or the
        model of an element that the other inserted or updated; both gave elements the same code. What only an
        application can know, such as geometry that collides, is not compared.

        Args:
            file: The changeset with the own changes, based on `changeset_id`.
            directory: The folder to write the files to; created if missing.
            database: The iModel's database, such as that of the author, for the names of classes and properties; only
                read.
            timeout: Seconds for the download; None sets no limit as long as data arrives.
            progress: Called with the number of bytes present and the total size of the files.

        Returns:
            The pulled changesets and the conflicts.

        Raises:
            InvalidChangesetFile: A file is not a valid changeset file.
            InvalidFile: The database is not an iModel.
            LinkMissing: The service returned no link to a file; downloads require `imodels_read`.
            TransferError: A file could not be downloaded or written.
            UnreadableFile: A file does not exist, or cannot be read.
            WaitTimeout: The download took longer than `timeout`.

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
        """Release all locks: as changed if a changeset was pushed, else as abandoned.

        Returns:
            The number of chunks in which they were released; 0 if none was held.

        Service operation: Release iModel Locks Chunk.
        """
        if self._unsure:
            await self._look_for_push()
        return await self._locks.release_all(self._pushed)

    async def _look_for_push(self) -> None:
        """Find out whether a push that failed or was interrupted succeeded: then the locked objects have changed."""
        timeline = AsyncChangesets(self._session).list(
            self.briefcase.imodel_id, order_by="index desc", detail="minimal", page_size=100
        )
        async for changeset in timeline:
            if changeset.id.lower() == self.changeset_id.lower():
                break
            if changeset.briefcase_id == self.briefcase.briefcase_id:
                self.changeset_id = self._pushed = changeset.id
                break
        else:
            if self.changeset_id:
                raise base_not_listed(self.briefcase.imodel_id, self.changeset_id)
        self._unsure = False


class AsyncAuthoring:
    """The acquisition of a briefcase to work in, and its release."""

    def __init__(self, session: AsyncSession, imodel_id: str) -> None:
        """Bind it to an iModel."""
        self._session = session
        self._imodel_id = imodel_id
        self._briefcases = AsyncBriefcases(session)

    @asynccontextmanager
    async def opened(
        self, *, device_name: str | None, briefcase_id: int | None, changeset_id: str | None, release_briefcase: bool
    ) -> AsyncGenerator[AsyncAuthoringSession]:
        """Work in a briefcase for the length of a block; at its end, release the locks, and a briefcase acquired here.

        Args:
            device_name: The device to work on.
            briefcase_id: The briefcase to work in; None acquires one.
            changeset_id: The changeset that the work is based on; None takes the newest one.
            release_briefcase: Whether to release a briefcase that was acquired here.
        """
        if changeset_id is None:
            newest = await newest_pushed(AsyncChangesets(self._session), self._imodel_id)
            changeset_id = "" if newest is None else newest.id
        if briefcase_id is None:
            briefcase = await self._briefcases.acquire(self._imodel_id, device_name=device_name)
        else:
            briefcase = await self._briefcases.get(self._imodel_id, briefcase_id)
        work = AsyncAuthoringSession(self._session, briefcase, changeset_id)
        give_back = release_briefcase and briefcase_id is None
        try:
            yield work
        except BaseException as error:
            await self._end_after(error, work, give_back=give_back)
            raise
        await self._end(work, give_back=give_back)

    async def _end(self, work: AsyncAuthoringSession, *, give_back: bool) -> None:
        briefcase_id = work.briefcase.briefcase_id
        try:
            await work.release_locks()
            if give_back:
                await self._briefcases.release(self._imodel_id, briefcase_id)
        except BaseException as error:
            error.add_note(f"Briefcase {briefcase_id} of iModel {self._imodel_id} may not have been released.")
            raise

    async def _end_after(self, error: BaseException, work: AsyncAuthoringSession, *, give_back: bool) -> None:
        """End after an error; on failure, add a note to it."""
        try:
            await self._end(work, give_back=give_back)
        except Exception as failure:  # noqa: BLE001 - reported in the note: the first error is the one to raise
            error.add_note(
                f"Briefcase {work.briefcase.briefcase_id} or its locks have not been released, because that failed: "
                f"{failure}"
            )
