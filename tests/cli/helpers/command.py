"""The installed command, run as a process: with pipes, and in a pseudo-terminal."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from typer.testing import CliRunner

from itwin_imodels.cli.app import app

COMMAND = Path(sys.executable).with_name("imodels")
IMODELS = [str(COMMAND)] if COMMAND.exists() else [sys.executable, "-m", "itwin_imodels.cli"]
SECONDS = 240

_FOREIGN = ("IMODELS_", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "TERM", "XDG_", "TZ", "_TYPER")


class Done(NamedTuple):
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output, parsed as JSON."""
        return json.loads(self.out)


class Cli:
    """Runs the command in a separate environment.

    Attributes:
        environment: The environment variables.
    """

    def __init__(self, home: Path, **environment: str) -> None:
        """Use a home folder; of the variables that affect the command, set only the given ones."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        if "PYTHONPATH" in kept:  # the command may be run in another folder
            kept["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, kept["PYTHONPATH"].split(os.pathsep)))
        self.home = home
        self.environment = {**kept, "HOME": str(home), "TERM": "xterm", "TZ": "UTC", **environment}

    def with_(self, **environment: str | None) -> Self:
        """Return a copy with other variables; None removes a variable."""
        other = type(self)(self.home)
        changed = {**self.environment, **environment}
        other.environment = {name: value for name, value in changed.items() if value is not None}
        return other

    def run(self, *arguments: object, text: str | None = None) -> Done:
        """Run a command to its end."""
        done = subprocess.run(
            [*IMODELS, *map(str, arguments)],
            check=False,
            capture_output=True,
            text=True,
            input=text or "",
            env=self.environment,
            timeout=SECONDS,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments: object, text: str | None = None) -> Done:
        """Run a command that must succeed."""
        done = self.run(*arguments, text=text)
        assert done.code == 0, done
        return done

    def json(self, *arguments: object, text: str | None = None) -> Any:
        """Run a command that must succeed, and return its JSON output."""
        return self.ok(*arguments, "--output", "json", text=text).json

    def refused(self, code: int, *arguments: object) -> str:
        """Run a command that fails with an exit code and prints no data, and return its message."""
        done = self.run(*arguments)
        assert (done.code, done.out) == (code, ""), done
        return done.err

    def unread(self, *arguments: object) -> tuple[int, str]:
        """Run a command whose output nobody reads, and return its exit code and message."""
        process = self.start(*arguments)
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        message = process.stderr.read()
        code = process.wait()
        process.stderr.close()
        return code, message

    def start(self, *arguments: object, **options: Any) -> subprocess.Popen[str]:
        """Start a command."""
        return subprocess.Popen(
            [*IMODELS, *map(str, arguments)],
            text=True,
            env=self.environment,
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )

    def at_terminal(
        self, *arguments: object, columns: int = 100, answer: str = "", before: Callable[[], object] | None = None
    ) -> tuple[int, str]:
        """Run a command in a terminal, type an answer, and return its exit code and the content of the terminal.

        Args:
            arguments: The command.
            columns: Width of the terminal.
            answer: Text to type: at once, or after the question if `before` is given.
            before: Called once the question is shown.
        """
        outer, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        process = self.start(*arguments, stdin=inner, stdout=inner, stderr=inner, start_new_session=True)
        os.close(inner)
        if before is None:
            os.write(outer, answer.encode())
        shown = b""
        while True:
            try:
                piece = os.read(outer, 65536)
            except OSError:  # Linux reports the end of the output in this way
                break
            if not piece:
                break
            shown += piece
            if before is not None and b"?" in shown:
                before()
                before = None
                os.write(outer, answer.encode())
        os.close(outer)
        code = process.wait(SECONDS)
        return code, shown.decode().replace("\r\n", "\n")


class QuickCli(Cli):
    """Runs commands in this process, which is much quicker: for tests that need many, and no pipes or terminals."""

    def run(self, *arguments: object, text: str | None = None) -> Done:
        """Run a command to its end."""
        nothing: dict[str, str | None] = {name: None for name in os.environ if name.startswith(_FOREIGN)}
        environment = {**nothing, **self.environment}
        result = CliRunner().invoke(app, [*map(str, arguments)], input=text, env=environment, prog_name="imodels")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Done(result.exit_code, result.stdout, result.stderr)


def variables(place: Any) -> Mapping[str, str]:
    """Return the environment variables with which a command uses a service."""
    return {"IMODELS_BASE_URL": place.base_url, "IMODELS_TOKEN": place.auth, "IMODELS_ITWIN_ID": place.itwin_id}
