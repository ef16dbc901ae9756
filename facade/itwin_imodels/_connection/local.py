"""A client of a hub in this process."""

import importlib.util
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from itwin_imodels._core.local_files import local_path
from itwin_imodels.errors import ConfigurationError

if TYPE_CHECKING:
    from itwin_imodels_hub import LocalHub as LocalHub  # noqa: PLC0414 - the client's annotations get it from here

__all__ = ["started_hub"]

_NEEDED = ("starlette", "sqlalchemy", "uvicorn", "anyio", "authlib", "jinja2", "joserfc")


def started_hub(data_dir: Path | str | None, seed: str | Path | None, *, instant: bool = False) -> "LocalHub":
    """Start a hub.

    Args:
        data_dir: Where it keeps everything; None keeps nothing beyond its end.
        seed: What a new hub begins with: `demo`, or a TOML file.
        instant: Whether what the service does in the background is done at once.

    Raises:
        ConfigurationError: What the hub needs is not installed.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigurationError(f"the local hub needs {', '.join(missing)}: pip install 'itwin-imodels[hub]'")
    from itwin_imodels_hub import HubSettings, LocalHub  # noqa: PLC0415 - the extra may be missing

    place = seed if not seed or seed == "demo" else local_path(seed)
    settings = HubSettings(job_delay=timedelta(0)) if instant else None
    return LocalHub(None if data_dir is None else local_path(data_dir), seed=place, settings=settings).start()
