"""Pushing changesets."""

import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from os import PathLike

import attrs

from itwin_imodels._aio.settling import settle
from itwin_imodels._aio.workflows.lock import AsyncLocking
from itwin_imodels._core import checks
from itwin_imodels._core.background import async_blocking
from itwin_imodels._core.backoff import OTHERS_PUSHING
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._core.waiting import async_sleep
from itwin_imodels._operations import changesets as wire
from itwin_imodels._transfer import ProgressCallback, UploadItem
from itwin_imodels._transfer.runners import AsyncRunner
from itwin_imodels._workflows import push as rules
from itwin_imodels._workflows.push import Push, PushDetails, SteadyProgress
from itwin_imodels.errors import (
    AlreadyExists,
    AnotherUserPushing,
    NewerChangesExist,
    NotFound,
    UnexpectedResponse,
)
from itwin_imodels.models import (
    Changeset,
    ChangesetGroup,
    ChangesetGroupState,
    ContainingChanges,
    CreatedChangeset,
    StorageLink,
    SynchronizationInfo,
)

__all__ = ["AsyncPushing"]

_RESTARTS = 3


class AsyncPushing(AsyncLocking):
    """The verbs of a client that push."""

    async def push_changeset(
        self,
        imodel_id: str,
        file: str | PathLike[str],
        *,
        briefcase_id: int,
        parent_id: str | None,
        id: str | None = None,
        description: str | None = None,
        containing_changes: ContainingChanges | int | None = None,
        group_id: str | None = None,
        synchronization_info: SynchronizationInfo | None = None,
        release_locks: bool = False,
        timeout: float = 300.0,
        progress: ProgressCallback | None = None,
    ) -> Changeset:
        """Push a changeset: announce it, upload its file, confirm it."""
        checks.identifier("imodel_id", imodel_id)
        deadline = time.monotonic() + checks.seconds("timeout", timeout)
        details = PushDetails(
            briefcase_id=checks.briefcase_id(briefcase_id),
            description=checks.description(description),
            containing_changes=containing_changes,
            synchronization_info=synchronization_info,
            group_id=group_id,
        )
        push = await async_blocking(rules.prepared, file, parent_id, id)
        changeset = await self._push(imodel_id, push, details, deadline, SteadyProgress(progress, push.size))
        if release_locks:
            await self._release_pushed(changeset, briefcase_id)
        return changeset

    async def push_changesets(
        self,
        imodel_id: str,
        files: Iterable[str | PathLike[str]],
        *,
        briefcase_id: int,
        parent_id: str | None,
        description: str | None = None,
        group: str | None = None,
        release_locks: bool = False,
        timeout: float = 300.0,
        progress: ProgressCallback | None = None,
    ) -> list[Changeset]:
        """Push changesets that follow one another."""
        checks.identifier("imodel_id", imodel_id)
        checks.seconds("timeout", timeout)
        details = PushDetails(
            briefcase_id=checks.briefcase_id(briefcase_id), description=checks.description(description)
        )
        if group is not None:
            checks.text("group", group, blank=True)
        given = list(checks.several("files", files, "files"))
        chain = await async_blocking(rules.prepared_chain, given, parent_id)
        steady = SteadyProgress(progress, sum(push.size for push in chain))
        found = await self._present(imodel_id, chain)
        left_open = None if group is None else await self._open_group(imodel_id, chain, found)
        if group is None or (len(found) == len(chain) and left_open is None):
            found += await self._push_rest(
                imodel_id, chain, details, begin=len(found), timeout=timeout, progress=steady
            )
        else:
            async with self._group(imodel_id, group, left_open) as entity:
                grouped = attrs.evolve(details, group_id=entity.id)
                found += await self._push_rest(
                    imodel_id, chain, grouped, begin=len(found), timeout=timeout, progress=steady
                )
        if release_locks:
            await self._release_pushed(found[-1], briefcase_id)
        return found

    @asynccontextmanager
    async def changeset_group(self, imodel_id: str, description: str | None = None) -> AsyncGenerator[ChangesetGroup]:
        """Open a changeset group for the length of a block, and close it as completed at its end."""
        async with self._group(imodel_id, description, None) as group:
            yield group

    @asynccontextmanager
    async def _group(
        self, imodel_id: str, description: str | None, present: ChangesetGroup | None
    ) -> AsyncGenerator[ChangesetGroup]:
        group = present or await self.changeset_groups.create(imodel_id, description=description)
        try:
            yield group
            await self._close_group(group)
        except BaseException as error:
            error.add_note(
                f"Changeset group {group.id} of iModel {imodel_id} is left open: go on with it, or close it with "
                "client.changeset_groups.close()."
            )
            raise

    async def _close_group(self, group: ChangesetGroup) -> None:
        async def closed() -> ChangesetGroup | None:
            found = await self.changeset_groups.get(group.imodel_id, group.id)
            return None if found.state == ChangesetGroupState.IN_PROGRESS else found

        await settle(lambda: self.changeset_groups.close(group.imodel_id, group.id), closed)

    async def _open_group(self, imodel_id: str, chain: list[Push], found: list[Changeset]) -> ChangesetGroup | None:
        """The group that an interrupted push of a chain has left open; a changeset that waits knows it, too."""
        waiting = [await self._known(imodel_id, push) for push in chain[len(found) : len(found) + 1]]
        for changeset in [*waiting, *found[-1:]]:
            if changeset is not None and changeset.group_id is not None:
                group = await self.changeset_groups.get(imodel_id, changeset.group_id)
                if group.state == ChangesetGroupState.IN_PROGRESS:
                    return group
        return None

    async def _present(self, imodel_id: str, chain: list[Push]) -> list[Changeset]:
        """The changesets at the beginning of a chain that are in the timeline already."""
        found: list[Changeset] = []
        for push in chain:
            changeset = await self._find(imodel_id, push)
            if changeset is None:
                break
            found.append(changeset)
        return found

    async def _push_rest(
        self,
        imodel_id: str,
        chain: list[Push],
        details: PushDetails,
        *,
        begin: int,
        timeout: float,
        progress: SteadyProgress,
    ) -> list[Changeset]:
        progress.add(sum(push.size for push in chain[:begin]))
        return [
            await self._push(imodel_id, push, details, time.monotonic() + timeout, progress) for push in chain[begin:]
        ]

    async def _release_pushed(self, changeset: Changeset, briefcase_id: int) -> None:
        try:
            await self.release_all_locks(changeset.imodel_id, briefcase_id, changeset_id=changeset.id)
        except BaseException as error:
            error.add_note(
                f"Changeset {changeset.id} is in the timeline, but locks of briefcase {briefcase_id} may be held "
                "still: call this again, or client.release_all_locks()."
            )
            raise

    async def _push(
        self, imodel_id: str, push: Push, details: PushDetails, deadline: float, progress: SteadyProgress
    ) -> Changeset:
        changeset = await self._push_in_time(imodel_id, push, details, deadline, progress)
        progress.add(push.size)
        return changeset

    async def _push_in_time(
        self, imodel_id: str, push: Push, details: PushDetails, deadline: float, progress: SteadyProgress
    ) -> Changeset:
        attempt = restarts = 0
        while True:
            try:
                return await self._push_once(imodel_id, push, details, progress)
            except AlreadyExists:
                found = await self._find(imodel_id, push)
                if found is not None:
                    return found
                raise
            except NewerChangesExist as error:
                found = await self._find(imodel_id, push)
                if found is not None:
                    return found
                raise error.naming(await self._newer(imodel_id, push)) from None
            except NotFound as error:
                restarts += 1
                if not rules.is_pushed_aside(error) or restarts > _RESTARTS:
                    raise
                LOGGER.info("push on iModel %s: another user took its place; beginning again", imodel_id)
            except AnotherUserPushing as error:
                attempt += 1
                left = deadline - time.monotonic()
                wait = OTHERS_PUSHING.wait_within(left, attempt, asked=error.retry_after)
                if wait is None:
                    raise
                LOGGER.info("push on iModel %s: another user is pushing; trying again in %.1f s", imodel_id, wait)
                await async_sleep(wait)

    async def _push_once(self, imodel_id: str, push: Push, details: PushDetails, progress: SteadyProgress) -> Changeset:
        async def link() -> StorageLink:
            created = await self._announce(imodel_id, push, details)
            if created.upload is None:
                raise UnexpectedResponse(f"changeset {push.id}: the service gave no link to upload the file to")
            return created.upload

        first = await link()
        runner = AsyncRunner()
        item = UploadItem(file=push.file, link=first, fresh_link=runner.call(link), name=push.file.name)
        await runner.run(self._session.pool.transfers.upload, item, progress=progress.callback)
        return await self._confirm(imodel_id, push, details)

    async def _announce(self, imodel_id: str, push: Push, details: PushDetails) -> CreatedChangeset:
        call = wire.create(
            imodel_id,
            changeset_id=push.id,
            parent_id=push.parent_id,
            briefcase_id=details.briefcase_id,
            file_size=push.size,
            description=details.description,
            containing_changes=details.containing_changes,
            synchronization_info=details.synchronization_info,
            group_id=details.group_id,
        )
        return await self._session.send(attrs.evolve(call, harmless=True))

    async def _confirm(self, imodel_id: str, push: Push, details: PushDetails) -> Changeset:
        return await settle(
            lambda: self.changesets.confirm(imodel_id, push.id, briefcase_id=details.briefcase_id),
            lambda: self._find(imodel_id, push),
        )

    async def _find(self, imodel_id: str, push: Push) -> Changeset | None:
        """The changeset, if it is in the timeline already."""
        found = await self._known(imodel_id, push)
        return found if found is not None and rules.is_same_push(found, push) else None

    async def _known(self, imodel_id: str, push: Push) -> Changeset | None:
        """The changeset, in the timeline or waiting for its file."""
        try:
            return await self.changesets.get(imodel_id, push.id)
        except NotFound as error:
            if error.code != rules.UNKNOWN_CHANGESET:
                raise
            return None

    async def _newer(self, imodel_id: str, push: Push) -> list[str]:
        parent = await self.changesets.get(imodel_id, push.parent_id) if push.parent_id else None
        after = 0 if parent is None else parent.index
        return rules.to_pull(await self.changesets.list(imodel_id, after_index=after, detail="minimal").all())
