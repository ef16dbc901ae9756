"""Create and update a local copy of a timeline."""

import time
from contextlib import aclosing
from os import PathLike

from itwin_imodels._aio.resources.changesets import AsyncChangesets
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._aio.workflows.mirror_files import AsyncMirrorFiles
from itwin_imodels._aio.workflows.timeline_end import newest_pushed
from itwin_imodels._core import checks
from itwin_imodels._core.background import async_blocking
from itwin_imodels._core.local_files import local_path
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._core.waiting import async_sleep
from itwin_imodels._mirror.database import MirrorDatabase, opened_to_write
from itwin_imodels._mirror.lock import MirrorLock
from itwin_imodels._transfer import ProgressCallback
from itwin_imodels._workflows import mirror as rules
from itwin_imodels._workflows.mirror import MirrorLedger, NewChangesets
from itwin_imodels._workflows.pull import checked_verification, make_directory
from itwin_imodels._workflows.pull_progress import PullProgress
from itwin_imodels.errors import WaitTimeout
from itwin_imodels.models import Changeset, MirrorResult

__all__ = ["AsyncMirrorUpdate"]

_LOCK_POLL = 0.2
"""Seconds between two attempts to lock the mirror."""


class AsyncMirrorUpdate:
    """One run that creates a mirror or brings it up to date."""

    def __init__(
        self,
        session: AsyncSession,
        imodel_id: str,
        directory: str | PathLike[str],
        *,
        verify: str,
        check: str,
        lock_timeout: float,
        timeout: float | None,
        progress: ProgressCallback | None,
    ) -> None:
        """Check the arguments, which are those of `mirror_timeline()`; `run()` starts the update."""
        self._imodel_id = checks.identifier("imodel_id", imodel_id)
        self._folder = local_path(directory)
        self._limit = TimeLimit(timeout, f"mirroring the timeline of iModel {imodel_id}")
        self._verify = checked_verification(verify)
        self._recheck = rules.valid_recheck(check)
        self._lock_timeout = checks.seconds("lock_timeout", lock_timeout)
        self._progress = progress
        self._session = session.within(self._limit)
        self._changesets = AsyncChangesets(self._session)

    async def run(self, *, files: bool) -> MirrorResult:
        """Add new changesets to the mirror, then verify and download the files, if requested."""
        await async_blocking(make_directory, self._folder)
        with await async_blocking(MirrorLock, self._folder) as lock:
            await self._acquire(lock)
            newest = await newest_pushed(self._changesets, self._imodel_id)  # first, because it detects a wrong id
            with await async_blocking(opened_to_write, self._folder, self._imodel_id) as database:
                return await self._update(database, newest, files=files)

    async def _acquire(self, lock: MirrorLock) -> None:
        deadline = time.monotonic() + self._lock_timeout
        is_logged = False
        while not await async_blocking(lock.acquire):
            holder = await async_blocking(lock.holder)
            self._limit.check()
            if time.monotonic() >= deadline:
                raise WaitTimeout(
                    f"{self._folder} is being updated by {holder}, which did not finish within "
                    f"{self._lock_timeout:g} s. Try again later, or wait longer with lock_timeout."
                )
            if not is_logged:
                LOGGER.info("%s is being updated by %s; waiting", self._folder, holder)
                is_logged = True
            await async_sleep(_LOCK_POLL)

    async def _update(self, database: MirrorDatabase, newest: Changeset | None, *, files: bool) -> MirrorResult:
        added = await self._add_new_changesets(database, newest)
        ledger = MirrorLedger(database, self._verify)
        if files:
            progress = PullProgress(self._progress, await async_blocking(database.total_size))
            await AsyncMirrorFiles(
                self._session,
                database,
                self._folder,
                ledger=ledger,
                verification=self._verify,
                recheck=self._recheck,
                progress=progress,
            ).run(self._limit)
        return MirrorResult(
            imodel_id=self._imodel_id,
            directory=self._folder,
            database=database.path,
            changesets=await async_blocking(database.count),
            new_changesets=added,
            downloaded_files=ledger.downloaded,
            repaired_files=ledger.repaired,
            downloaded_bytes=ledger.received,
        )

    async def _add_new_changesets(self, database: MirrorDatabase, newest: Changeset | None) -> int:
        """Record the changesets that the mirror lacks, and return their number."""
        tip = await async_blocking(database.tip)
        if rules.is_current(tip, newest):
            return 0
        new = NewChangesets(self._imodel_id, self._folder, tip)
        if newest is not None:
            pages = self._changesets.list(self._imodel_id, after_index=new.after_index, last_index=newest.index).pages()
            async with aclosing(pages):
                async for page in pages:
                    await async_blocking(database.add, new.rows(page.items))
                    self._limit.check()
        new.finish(newest)
        return new.count
