"""Working in a briefcase from its acquisition to its end."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from os import PathLike
from typing import Unpack

from itwin_imodels._aio.workflows.push import AsyncPushing
from itwin_imodels._workflows.authoring import PushOptions
from itwin_imodels.models import Briefcase, Changeset, Lock

__all__ = ["AsyncAuthoring", "AsyncAuthoringSession"]


class AsyncAuthoringSession:
    """A briefcase that somebody works in; `client.authoring_session()` makes it.

    Attributes:
        briefcase: The briefcase.
        changeset_id: The changeset that the work is based on; empty at the baseline. It moves on with each push.
    """

    def __init__(self, client: AsyncPushing, briefcase: Briefcase, changeset_id: str) -> None:
        """Begin at a changeset; the client does this."""
        self.briefcase = briefcase
        self.changeset_id = changeset_id
        self._client = client
        self._pushed: str | None = None
        self._unsure = False

    async def lock(self, *, exclusive: Iterable[str] = (), shared: Iterable[str] = (), timeout: float = 0.0) -> Lock:
        """Lock objects: all of them, or none.

        Args:
            exclusive: Ids of objects such as `0x1f` that nobody else shall lock.
            shared: Ids of objects that others may lock shared too.
            timeout: Seconds for which locks of others are waited for; 0 does not wait.

        Returns:
            The locks of the briefcase as the service tells them.

        Raises:
            LockConflict: Other briefcases hold some of the objects.
            NewerChangesExist: Some of the objects were changed after `changeset_id`.

        Service operation: Update iModel Locks.
        """
        return await self._client.acquire_locks(
            self.briefcase.imodel_id,
            self.briefcase.briefcase_id,
            exclusive=exclusive,
            shared=shared,
            changeset_id=self.changeset_id or None,
            timeout=timeout,
        )

    async def push(self, file: str | PathLike[str], **options: Unpack[PushOptions]) -> Changeset:
        """Push a changeset on top of `changeset_id`, which then becomes the pushed one.

        Args:
            file: The changeset's file.
            **options: As of `client.push_changeset()`, but for the briefcase and the parent.

        Returns:
            The changeset, now part of the timeline.

        Raises:
            AnotherUserPushing: Others were pushing until the deadline.
            ChangesetFileError: The file is no changeset file, or has not the expected id.
            NewerChangesExist: `changeset_id` is not the newest changeset any more.
            TransferError: The upload failed.

        Service operations: Create iModel Changeset, Update iModel Changeset.
        """
        self._unsure = True
        changeset = await self._client.push_changeset(
            self.briefcase.imodel_id,
            file,
            briefcase_id=self.briefcase.briefcase_id,
            parent_id=self.changeset_id or None,
            **options,
        )
        self._unsure = False
        self.changeset_id = self._pushed = changeset.id
        return changeset

    async def release_locks(self) -> int:
        """Release all locks; as changed when something was pushed, else as abandoned.

        Returns:
            In how many chunks they were released; 0 when none was held.

        Service operation: Release iModel Locks Chunk.
        """
        if self._unsure:
            await self._look_for_push()
        return await self._client.release_all_locks(
            self.briefcase.imodel_id, self.briefcase.briefcase_id, changeset_id=self._pushed
        )

    async def _look_for_push(self) -> None:
        """Look whether a push that failed or was interrupted came to its end: locks of what was pushed are changed."""
        timeline = self._client.changesets.list(
            self.briefcase.imodel_id, order_by="index desc", detail="minimal", page_size=100
        )
        async for changeset in timeline:
            if changeset.id == self.changeset_id:
                break
            if changeset.briefcase_id == self.briefcase.briefcase_id:
                self.changeset_id = self._pushed = changeset.id
                break
        self._unsure = False


class AsyncAuthoring(AsyncPushing):
    """The verb of a client for working in a briefcase."""

    @asynccontextmanager
    async def authoring_session(
        self,
        imodel_id: str,
        *,
        device_name: str | None = None,
        briefcase_id: int | None = None,
        changeset_id: str | None = None,
        release_briefcase: bool = True,
    ) -> AsyncGenerator[AsyncAuthoringSession]:
        """Work in a briefcase for the length of a block. At its end, also after an error, its locks are released."""
        if changeset_id is None:
            newest = await self.changesets.latest(imodel_id)
            changeset_id = "" if newest is None else newest.id
        if briefcase_id is None:
            briefcase = await self.briefcases.acquire(imodel_id, device_name=device_name)
        else:
            briefcase = await self.briefcases.get(imodel_id, briefcase_id)
        session = AsyncAuthoringSession(self, briefcase, changeset_id)
        give_back = release_briefcase and briefcase_id is None
        try:
            yield session
        except BaseException as error:
            await self._end_after(error, session, give_back=give_back)
            raise
        await self._end(session, give_back=give_back)

    async def _end(self, session: AsyncAuthoringSession, *, give_back: bool) -> None:
        briefcase = session.briefcase
        try:
            await session.release_locks()
            if give_back:
                await self.briefcases.release(briefcase.imodel_id, briefcase.briefcase_id)
        except BaseException as error:
            error.add_note(f"Briefcase {briefcase.briefcase_id} of iModel {briefcase.imodel_id} may be held still.")
            raise

    async def _end_after(self, error: BaseException, session: AsyncAuthoringSession, *, give_back: bool) -> None:
        try:
            await self._end(session, give_back=give_back)
        except Exception as failure:  # noqa: BLE001 - told, not hidden: the first error is the one to raise
            error.add_note(
                f"Briefcase {session.briefcase.briefcase_id} or its locks are held still, because giving them back "
                f"failed: {failure}"
            )
