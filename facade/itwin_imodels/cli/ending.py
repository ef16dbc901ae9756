"""Exit codes and error messages of all commands."""

import os
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import Final

import typer

from imodel_files import FileError
from imodel_files.cloud_sqlite import DatabaseNotFoundError
from itwin_imodels import errors
from itwin_imodels.cli.log import Detail, log_shown
from itwin_imodels.cli.output import ReaderGoneError, flush
from itwin_imodels.cli.run import Common, Run

DEBUG: Final = "IMODELS_DEBUG"
"""Environment variable that enables tracebacks of errors."""


class ExitCode(IntEnum):
    """Exit codes of the command."""

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

_SIGN_IN: Final = "Sign in with 'imodels auth login', or set IMODELS_TOKEN to another token."

_PERMISSION: Final = "Request the permission; 'imodels permission show IMODEL' shows those that you have."

_HINTS: Final = (
    (errors.Unauthorized, _SIGN_IN),
    ((errors.Forbidden, errors.LinkMissing), _PERMISSION),
    (errors.NotInitialized, "Wait with 'imodels imodel wait IMODEL' until it is initialized."),
    (errors.LockConflict, "'imodels lock list IMODEL --by owner' shows who holds them."),
    (errors.NewerChangesExist, "Pull with 'imodels changeset pull IMODEL FOLDER', apply, and try again."),
)
"""Hints that name commands, in place of the errors' own hints, which name Python methods."""


def ended(common: Common, work: Callable[[Run], None]) -> None:
    """Run the work of a command, and convert errors to messages and exit codes.

    Args:
        common: Values of the common options.
        work: Function that does the work.

    Raises:
        Exit: The command failed; its error message has been printed.
    """
    try:
        with log_shown(_detail(common)), Run(common) as run:
            work(run)
            flush(sys.stdout)
    except ReaderGoneError:
        _forget_output()
        raise typer.Exit(ExitCode.OK) from None
    except KeyboardInterrupt:
        typer.echo("imodels: interrupted", err=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except (errors.IModelsError, OSError, ValueError) as error:
        if common.debug or os.environ.get(DEBUG):
            raise
        _tell(error)
        raise typer.Exit(exit_code(error)) from None


def _detail(common: Common) -> Detail:
    if common.debug or common.verbose:
        return Detail.HEADERS if common.debug else Detail.REQUESTS
    return Detail.NOTHING if common.quiet else Detail.WAITS


def exit_code(error: BaseException) -> ExitCode:
    """Return the exit code for an error."""
    for kinds, code in _CODES:
        if isinstance(error, kinds):
            return code
    return ExitCode.ERROR


def line(error: BaseException) -> str:
    """Return an error message of one line, with a hint on what to do."""
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
    from itwin_imodels.auth import LoginRequired  # noqa: PLC0415 - needed only on failure

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
    """Redirect pending output to nowhere, so that Python reports no error at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
