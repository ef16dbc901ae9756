# Made from facade/itwin_imodels/_aio/workflows/checkpoint.py by 'make unasync'. Change that file, not this one.
"""Downloading whole databases."""

from itwin_imodels._core.background import blocking
from itwin_imodels._sync.session import Session
from itwin_imodels._sync.workflows.checkpoint_sources import CheckpointSources
from itwin_imodels._sync.workflows.database_fetch import DatabaseFetch
from itwin_imodels._sync.workflows.roll_forward import RollForward
from itwin_imodels._workflows.checkpoint import DownloadSettings, outcome
from itwin_imodels._workflows.roll_forward import check_can_apply
from itwin_imodels.models import DownloadedCheckpoint, MinimalNamedVersion

__all__ = ["CheckpointDownload"]


class CheckpointDownload:
    """One download of the database at a point in the timeline."""

    def __init__(
        self,
        session: Session,
        sources: CheckpointSources,
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

    def run(self, changeset: str | int | None, named_version: str | MinimalNamedVersion | None) -> DownloadedCheckpoint:
        """Download the database at a changeset or a Named Version; by default, at the newest changeset."""
        blocking(self._settings.check_files)
        point = self._sources.point(changeset, named_version)
        source = self._sources.source(point)
        if self._apply and source.index != point.index:
            return RollForward(self._session, self._settings, point, source).run()
        fetched = DatabaseFetch(self._session, self._settings, source).run(self._settings.target)
        return outcome(self._settings, point, source, fetched)
