"""Authors in processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from itwin_imodels_hub import LocalHub

_ROOT = Path(__file__).resolve().parents[3]


class Author:
    """A process that does one task; see `author.py`."""

    def __init__(self, hub: LocalHub, colour: str, **task: Any) -> None:
        """Start it."""
        task = {"colour": colour, "base_url": hub.base_url, "token": hub.token("ada"), **task}
        path = os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.workflows.helpers.author", json.dumps(task)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )

    @classmethod
    def calling(cls, hub: LocalHub, colour: str, verb: str, *arguments: Any, **options: Any) -> "Author":
        """Start one that calls a verb of the client."""
        return cls(hub, colour, verb=verb, arguments=arguments, options=options)

    def kill(self) -> None:
        """End it without a chance to do anything."""
        self.process.kill()
        self.process.communicate(timeout=30)

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def outcome(self) -> Any:
        """Wait for what it tells at its end."""
        output, _ = self.process.communicate(timeout=60)
        return json.loads(output.splitlines()[-1])
