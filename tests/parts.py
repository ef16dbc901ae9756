"""Real parts that some tests need and a machine may lack."""

import os
import shutil

import pytest

_COMMANDS = {
    "node": ("node", "npm"),
}


def require_part(name: str) -> None:
    """Skip the calling test where a part is missing; fail it where REQUIRE_PARTS=1 promises the part."""
    missing = [command for command in _COMMANDS[name] if shutil.which(command) is None]
    if not missing:
        return
    reason = f"needs {name}: no command {', '.join(missing)} on this machine"
    if os.environ.get("REQUIRE_PARTS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
