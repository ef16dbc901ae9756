"""Real parts that some tests need and a machine may lack."""

import importlib.util
import os
import shutil

import pytest

_COMMANDS = {
    "chromium": ("chromium",),
    "node": ("node", "npm"),
}
_MODULES = {
    "chromium": ("playwright",),
    "matplotlib": ("matplotlib",),
    "pyreqwest": ("pyreqwest",),
}


def require_part(name: str) -> None:
    """Skip the calling test where a part is missing; fail it where REQUIRE_PARTS=1 promises the part."""
    missing = [f"command {each}" for each in _COMMANDS.get(name, ()) if shutil.which(each) is None]
    missing += [f"module {each}" for each in _MODULES.get(name, ()) if importlib.util.find_spec(each) is None]
    if not missing:
        return
    reason = f"needs {name}: no {', '.join(missing)} on this machine"
    if os.environ.get("REQUIRE_PARTS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
