"""Mirror the timelines of all iModels of given iTwins to object storage with Dask, and write Parquet files for queries.

Requires the extra `fleet`. docs/fleet.md explains how to use it, docs/fleet-format.md the format of the files.
"""

from typing import TYPE_CHECKING

from itwin_imodels._core.lazy import lazy_names
from itwin_imodels.errors import ConfigurationError

if TYPE_CHECKING:
    from itwin_imodels.fleet.budget import Budget
    from itwin_imodels.fleet.picture import save_fleet_picture
    from itwin_imodels.fleet.planning import parse_share
    from itwin_imodels.fleet.report import FleetProgress, FleetReport, FleetRow, Outcome, ProgressCallback
    from itwin_imodels.fleet.runs import fleet_status, mirror_fleet, verify_fleet, write_fleet_changes

__all__ = [
    "Budget",
    "FleetProgress",
    "FleetReport",
    "FleetRow",
    "Outcome",
    "ProgressCallback",
    "fleet_status",
    "mirror_fleet",
    "parse_share",
    "save_fleet_picture",
    "verify_fleet",
    "write_fleet_changes",
]

_EXTRA = "fleets require the extra 'fleet': pip install 'itwin-imodels[fleet]'"
_PACKAGES = frozenset({"dask", "distributed", "filelock", "fsspec", "pyarrow"})

if not TYPE_CHECKING:
    _names = lazy_names(
        __name__,
        {
            "budget": ("Budget",),
            "picture": ("save_fleet_picture",),
            "planning": ("parse_share",),
            "report": ("FleetProgress", "FleetReport", "FleetRow", "Outcome", "ProgressCallback"),
            "runs": ("fleet_status", "mirror_fleet", "verify_fleet", "write_fleet_changes"),
        },
    )

    def __getattr__(name: str) -> object:
        """Import a name on first use.

        Raises:
            ConfigurationError: The extra `fleet` is not installed.
        """
        try:
            return _names(name)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] in _PACKAGES:
                raise ConfigurationError(_EXTRA) from error
            raise
