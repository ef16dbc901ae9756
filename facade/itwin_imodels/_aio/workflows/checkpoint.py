"""Downloading whole databases."""

from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._aio.workflows.checkpoint_sources import AsyncCheckpointSources
from itwin_imodels._aio.workflows.database_fetch import AsyncDatabaseFetch
from itwin_imodels._aio.workflows.roll_forward import AsyncRollForward
from itwin_imodels._core.background import async_blocking
from itwin_imodels._workflows.checkpoint import DownloadSettings, outcome
from itwin_imodels._workflows.roll_forward import check_can_apply
from itwin_imodels.models import DownloadedCheckpoint, MinimalNamedVersion

__all__ = ["AsyncCheckpointDownload"]


class AsyncCheckpointDownload:
    """One download of the database at a point in the timeline."""

    def __init__(
        self,
        session: AsyncSession,
        sources: AsyncCheckpointSources,
        settings: DownloadSettings,
        *,
        apply: bool = False,
    ) -> None:
        """Prepare the download.

        Args:
            session: Sends the requests.
            sources: The databases to choose from.
            settings: The files and options of the download.
            apply: Whether to apply changesets to an earlier database.

        Raises:
            ConfigurationError: `apply` requires an extra that is not installed.
            ValueError: The conflict policy is unknown.
        """
        if apply:
            check_can_apply(settings.conflicts)
        self._session = session
        self._sources = sources
        self._settings = settings
        self._apply = apply

    async def run(
        self, changeset: str | int | None, named_version: str | MinimalNamedVersion | None
    ) -> DownloadedCheckpoint:
        """Download the database at a changeset or a Named Version; by default, at the newest changeset."""
        await async_blocking(self._settings.check_files)
        point = await self._sources.point(changeset, named_version)
        source = await self._sources.source(point)
        if self._apply and source.index != point.index:
            return await AsyncRollForward(self._session, self._settings, point, source).run()
        fetched = await AsyncDatabaseFetch(self._session, self._settings, source).run(self._settings.target)
        return outcome(self._settings, point, source, fetched)
