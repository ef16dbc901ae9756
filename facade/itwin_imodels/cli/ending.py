"""How a command ends: its exit code, and what is said of an error. The one place for both."""

import os
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import Final

import typer

from imodel_files import FileError
from imodel_files.cloud_sqlite import DatabaseNotFoundError
from itwin_imodels import errors
from itwin_imodels.cli.output import ReaderGoneError, flush
from itwin_imodels.cli.run import Common, Run

DEBUG: Final = "IMODELS_DEBUG"
"""Environment variable that asks for the traceback of an error."""


class ExitCode(IntEnum):
    """What the exit codes mean."""

    OK = 0
    ERROR = 1
    USAGE = 2
    NOT_FOUND = 3
    CONFLICT = 4
    UNAUTHORIZED = 5
    RATE_LIMITED = 6
    INTERRUPTED = 130


_CODES: Final = (
    ((errors.NotFound, errors.NameNotFound), ExitCode.NOT_FOUND),
    (errors.Conflict, ExitCode.CONFLICT),
    ((errors.Unauthorized, errors.Forbidden, errors.LinkMissing, errors.AuthError), ExitCode.UNAUTHORIZED),
    (errors.RateLimited, ExitCode.RATE_LIMITED),
    (DatabaseNotFoundError, ExitCode.NOT_FOUND),
    ((errors.FileError, FileError), ExitCode.ERROR),  # before their base, ValueError
    (UnicodeError, ExitCode.ERROR),  # as above
    (ValueError, ExitCode.USAGE),
)

_SIGN_IN: Final = "Sign in with 'imodels auth login', or give another token in IMODELS_TOKEN."

_PERMISSION: Final = "Ask for the permission; 'imodels permission show IMODEL' shows those that you have."

_HINTS: Final = (
    (errors.Unauthorized, _SIGN_IN),
    ((errors.Forbidden, errors.LinkMissing), _PERMISSION),
    (errors.NotInitialized, "Wait with 'imodels imodel wait IMODEL' until it is initialized."),
    (errors.LockConflict, "'imodels lock list IMODEL --by owner' shows who holds them."),
    (errors.NewerChangesExist, "Pull with 'imodels changeset pull IMODEL FOLDER', apply, and try again."),
)
"""In terms of commands, where the error's own hint is in terms of Python."""


def ended(common: Common, work: Callable[[Run], None]) -> None:
    """Do a command's work and end as the command should.

    Args:
        common: What the common options say.
        work: Does it.

    Raises:
        Exit: It did not end well; what was wrong has been told.
    """
    try:
        with Run(common) as run:
            work(run)
            flush(sys.stdout)
    except ReaderGoneError:
        _forget_output()
        raise typer.Exit(ExitCode.OK) from None
    except KeyboardInterrupt:
        typer.echo("imodels: interrupted", err=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except (errors.IModelsError, OSError, ValueError) as error:
        if os.environ.get(DEBUG):
            raise
        _tell(error)
        raise typer.Exit(exit_code(error)) from None


def exit_code(error: BaseException) -> ExitCode:
    """Give the exit code for an error."""
    for kinds, code in _CODES:
        if isinstance(error, kinds):
            return code
    return ExitCode.ERROR


def line(error: BaseException) -> str:
    """Return one line about an error: what is wrong, and what to do about it."""
    hint = _SIGN_IN if _wants_sign_in(error) else next((hint for kind, hint in _HINTS if isinstance(error, kind)), "")
    if not isinstance(error, errors.ApiError):
        return _one_line(". Hint: ".join(filter(None, (str(error) or type(error).__name__, hint))))
    code = f"{error.code} ({error.status})" if error.code else f"status {error.status}"
    parts = [code, f" on {error.entity}" if error.entity else "", f": {error.message}" if error.message else ""]
    facts = [*map(str, error.details), *_facts(error)]
    if facts:
        parts.append(f" [{'; '.join(facts)}]")
    hint = hint or error.hint
    parts.append(f" Hint: {hint}" if hint else "")
    parts.append(f" (request {error.request_id})" if error.request_id else "")
    return _one_line("".join(parts))


def _wants_sign_in(error: BaseException) -> bool:
    if not isinstance(error, errors.AuthError):
        return False
    from itwin_imodels.auth import LoginRequired  # noqa: PLC0415 - only where it has gone wrong

    return isinstance(error, LoginRequired)


def _facts(error: errors.ApiError) -> list[str]:
    if isinstance(error, errors.LockConflict):
        return [str(lock) for lock in error.conflicting_locks]
    if isinstance(error, errors.NewerChangesExist):
        changed = [f"changed since: {object_id}" for object_id in error.object_ids]
        return [*changed, *(f"to pull: {changeset_id}" for changeset_id in error.changeset_ids)]
    return []


def _one_line(text: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in " ".join(text.split()))


def _tell(error: BaseException) -> None:
    typer.echo(f"imodels: {line(error)}", err=True)
    for note in getattr(error, "__notes__", ()):
        typer.echo(f"imodels: note: {_one_line(note)}", err=True)


def _forget_output() -> None:
    """Let what is still to be written go nowhere, so that Python does not complain at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
