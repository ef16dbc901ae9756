"""Start a local hub in this process."""

import importlib.util
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from itwin_imodels._core.local_files import local_path
from itwin_imodels.errors import ConfigurationError

if TYPE_CHECKING:
    from itwin_imodels_hub import LocalHub as LocalHub  # noqa: PLC0414 - the annotations of the client import it from here

__all__ = ["started_hub"]

_NEEDED = ("starlette", "sqlalchemy", "uvicorn", "anyio", "authlib", "jinja2", "joserfc")


def started_hub(data_dir: Path | str | None, seed: str | Path | None, *, instant: bool = False) -> "LocalHub":
    """Start a local hub and return it.

    Args:
        data_dir: Data folder of the hub; None discards all data when the hub stops.
        seed: Initial content of a new hub: `demo`, or the path of a TOML file.
        instant: Whether background work of the service is done at once.

    Raises:
        ConfigurationError: The extra `hub` is not installed.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigurationError(f"the local hub requires {', '.join(missing)}: pip install 'itwin-imodels[hub]'")
    from itwin_imodels_hub import HubSettings, LocalHub  # noqa: PLC0415 - the extra may be missing

    place = seed if not seed or seed == "demo" else local_path(seed)
    settings = HubSettings(job_delay=timedelta(0)) if instant else None
    return LocalHub(None if data_dir is None else local_path(data_dir), seed=place, settings=settings).start()
