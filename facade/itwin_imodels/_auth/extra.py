"""The libraries that the extra brings, imported when they are first needed."""

import importlib
from types import ModuleType

from itwin_imodels.errors import ConfigurationError


def needed(module: str) -> ModuleType:
    """Import a library of the extra `auth`.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"signing in needs the extra 'auth' (no module {error.name}): pip install 'itwin-imodels[auth]'"
        ) from error
