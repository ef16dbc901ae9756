"""Import the libraries that extras install, on first use."""

import importlib
from types import ModuleType

from itwin_imodels.errors import ConfigurationError


def import_extra(module: str) -> ModuleType:
    """Import a library of the extra `auth`.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"authentication requires the extra 'auth' (no module {error.name}): pip install 'itwin-imodels[auth]'"
        ) from error
