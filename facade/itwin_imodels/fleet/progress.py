"""The progress of a run: the results for finished iModels, and what workers report about the others."""

from typing import Any, Final

import attrs
from distributed import get_worker

from itwin_imodels.fleet.report import FleetProgress, FleetRow, Outcome


@attrs.frozen(kw_only=True)
class Part:
    """What a worker has added to the mirror of an iModel since it last reported.

    Attributes:
        imodel_id: Id of the iModel.
        changesets: Number of changesets.
        downloaded_bytes: Bytes that were downloaded for them.
    """

    imodel_id: str
    changesets: int
    downloaded_bytes: int


def report_part(topic: str, part: Part) -> None:
    """Send a part to the drivers that subscribe to a topic. Only possible within a task."""
    get_worker().log_event(topic, attrs.asdict(part))


def part_of(event: tuple[float, dict[str, Any]]) -> Part:
    """Return the part in an event of a topic, without what Dask adds."""
    return Part(**{name: event[1][name] for name in attrs.fields_dict(Part)})


_NOTHING: Final = (0, 0)


class ProgressCount:
    """The progress of a run. It never decreases: work that a killed worker had reported still counts.

    Attributes:
        now: The progress.
    """

    def __init__(self, total: int, dashboard: str) -> None:
        """Start at zero.

        Args:
            total: Number of iModels of the run.
            dashboard: Address of Dask's dashboard.
        """
        self.now = FleetProgress(done=0, total=total, dashboard=dashboard)
        self._added: dict[str, tuple[int, int]] = {}

    def add_part(self, part: Part) -> None:
        """Count what a worker has reported."""
        changesets, downloaded = self._added.get(part.imodel_id, _NOTHING)
        self._count(part.imodel_id, changesets + part.changesets, downloaded + part.downloaded_bytes)

    def add_row(self, row: FleetRow) -> None:
        """Count a finished iModel, and the part of its work that no worker has reported."""
        self._count(row.imodel_id, row.new_changesets, row.downloaded_bytes)
        self.now = attrs.evolve(
            self.now, done=self.now.done + 1, failed=self.now.failed + (row.outcome is Outcome.FAILED)
        )

    def _count(self, imodel_id: str, changesets: int, downloaded: int) -> None:
        counted = self._added.get(imodel_id, _NOTHING)
        total = max(counted[0], changesets), max(counted[1], downloaded)
        self._added[imodel_id] = total
        self.now = attrs.evolve(
            self.now,
            changesets=self.now.changesets + total[0] - counted[0],
            downloaded_bytes=self.now.downloaded_bytes + total[1] - counted[1],
        )
