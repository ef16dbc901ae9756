"""Rolling a downloaded database forward to a later point in the timeline."""

from pathlib import Path

import attrs

from itwin_imodels._aio.resources.changesets import AsyncChangesets
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._aio.workflows.database_fetch import AsyncDatabaseFetch
from itwin_imodels._aio.workflows.pull import AsyncPull
from itwin_imodels._core.background import async_blocking
from itwin_imodels._transfer.runners import AsyncRunner
from itwin_imodels._workflows import roll_forward as rules
from itwin_imodels._workflows.checkpoint import DownloadSettings, outcome
from itwin_imodels._workflows.checkpoint_sources import CheckpointSource
from itwin_imodels._workflows.work_folder import WorkFolder
from itwin_imodels.models import DownloadedCheckpoint, PulledChangeset, TimelinePoint

__all__ = ["AsyncRollForward"]


class AsyncRollForward:
    """The download of a database, to which changesets are then applied."""

    def __init__(
        self, session: AsyncSession, settings: DownloadSettings, point: TimelinePoint, source: CheckpointSource
    ) -> None:
        """Prepare the download.

        Args:
            session: Sends the requests.
            settings: The files and options of the download.
            point: The requested point in the timeline.
            source: The database at an earlier point.
        """
        self._session = session
        self._settings = settings
        self._point = point
        self._source = source

    async def run(self) -> DownloadedCheckpoint:
        """Download the database and the changesets, and apply the changesets."""
        with await async_blocking(WorkFolder, self._settings.target, self._point.imodel_id) as work:
            result = await self._run_in(work.path)
            await async_blocking(work.remove)
        return result

    async def _run_in(self, folder: Path) -> DownloadedCheckpoint:
        database = folder / rules.database_name(self._source)
        after = 0 if self._settings.progress is None else await self._pull_size()
        fetched = await AsyncDatabaseFetch(self._session, self._settings, self._source).run(database, after=after)
        links = rules.links_to(self._point, await self._pull(folder, fetched.size, fetched.size + after))
        runner = AsyncRunner()
        with self._settings.limit.ending(runner.cancellation):
            size, report = await runner.run(rules.apply_to, database, self._source, links, self._settings)
        return attrs.evolve(
            outcome(self._settings, self._point, self._source, fetched),
            size=size,
            changeset_index=self._point.index,
            changeset_id=self._point.changeset_id,
            applied=len(links),
            report=report,
        )

    async def _pull(self, folder: Path, before: int, total: int) -> list[PulledChangeset]:
        pull = AsyncPull(
            self._session,
            self._point.imodel_id,
            folder,
            limit=self._settings.limit,
            progress=self._settings.progress_of_part(before=before, total=total),
        )
        return await pull.run(after=self._source.index, until=self._point.changeset)

    async def _pull_size(self) -> int:
        """Return the total size of the changeset files in bytes."""
        changesets = AsyncChangesets(self._session).list(
            self._point.imodel_id, after_index=self._source.index, last_index=self._point.index, detail="minimal"
        )
        return sum([changeset.file_size async for changeset in changesets])
