"""Exit codes and error messages of all commands."""

import errno
import os
import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Final

import typer

from imodel_files import FileError
from itwin_imodels import errors
from itwin_imodels.cli.advice import translate_advice
from itwin_imodels.cli.log import Detail, show_log
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
    ((errors.FileError, FileError), ExitCode.ERROR),  # before their base, ValueError
    (errors.AmbiguousName, ExitCode.USAGE),
    (UnicodeEncodeError, ExitCode.USAGE),
    (UnicodeError, ExitCode.ERROR),  # before its base, ValueError
    (ValueError, ExitCode.USAGE),
)
_INVALID_VALUE: Final = "InvalidValue"

_SIGN_IN: Final = "Sign in with 'imodels auth login', or set IMODELS_TOKEN to a valid token."

_PERMISSION: Final = "Request the permission; 'imodels permission show IMODEL' shows those that you have."

_RESUME: Final = "Run the same command again to resume."
_PATH: Final = "/imodels"
_NO_SUCH_PATH: Final = ("", "ResourceNotFound")
"""Error codes of servers that have nothing at the requested path."""
_MAX_IDS: Final = 10
"""Maximum number of ids in a message."""

_HINTS: Final = (
    (errors.Unauthorized, _SIGN_IN),
    ((errors.Forbidden, errors.LinkMissing), _PERMISSION),
    (errors.NotInitialized, "Wait with 'imodels imodel wait IMODEL' until the iModel is initialized."),
    (errors.LockConflict, "'imodels lock list IMODEL --by owner' shows who holds the locks."),
    (
        errors.NewerChangesExist,
        "Pull the newer changesets with 'imodels changeset pull IMODEL FOLDER', apply them, and try again.",
    ),
)
"""Hints that name commands; they replace the errors' own hints, which name Python methods."""


def run_command(common: Common, work: Callable[[Run], None]) -> None:
    """Run the work of a command, and convert errors to messages and exit codes.

    Args:
        common: Values of the common options.
        work: Function that does the work.

    Raises:
        Exit: The command failed, and its error message has been printed; or the reader of its output is gone.
    """
    run = Run(common)
    try:
        with show_log(_detail(common)), run:
            run.check_query()
            work(run)
            flush(sys.stdout)
    except ReaderGoneError:
        _discard_output()
        raise typer.Exit(ExitCode.OK) from None
    except KeyboardInterrupt:
        typer.echo(f"imodels: interrupted{_hint_suffix(_RESUME if run.is_resumable else '')}", err=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except (errors.IModelsError, OSError, ValueError) as error:
        if common.debug or os.environ.get(DEBUG):
            raise
        _report(error, run)
        raise typer.Exit(exit_code(error)) from None


def _detail(common: Common) -> Detail:
    if common.debug or common.verbose:
        return Detail.HEADERS if common.debug else Detail.REQUESTS
    return Detail.WARNINGS if common.quiet else Detail.WAITS


def exit_code(error: BaseException) -> ExitCode:
    """Return the exit code for an error."""
    if isinstance(error, errors.ValidationFailed) and error.has(_INVALID_VALUE):
        return ExitCode.USAGE
    if _is_missing_database(error):
        return ExitCode.NOT_FOUND
    for kinds, code in _CODES:
        if isinstance(error, kinds):
            return code
    return ExitCode.ERROR


def _is_missing_database(error: BaseException) -> bool:
    if not isinstance(error, FileError):
        return False
    from imodel_files.cloud_sqlite import DatabaseNotFoundError  # noqa: PLC0415 - needed only on failure

    return isinstance(error, DatabaseNotFoundError)


def line(error: BaseException, hint: str = "") -> str:
    """Return an error message of one line, with a hint on what to do.

    Args:
        error: The error.
        hint: A hint that takes precedence over the hint of the error.
    """
    hint = hint or _hint(error)
    if not isinstance(error, errors.ApiError):
        return translate_advice(
            _one_line(f"{text_of(error).removesuffix('.') if hint else text_of(error)}{_hint_suffix(hint)}")
        )
    code = f"{error.code} ({error.status})" if error.code else f"status {error.status}"
    parts = [code, f" on {error.entity}" if error.entity else "", f": {error.message}" if error.message else ""]
    facts = [*map(str, error.details), *_facts(error)]
    if facts:
        parts.append(f" [{'; '.join(facts)}]")
    hint = hint or error.hint
    parts.append(f" Hint: {hint}" if hint else "")
    parts.append(f" (request {error.request_id})" if error.request_id else "")
    return translate_advice(_one_line("".join(parts)))


def text_of(error: BaseException) -> str:
    """Return the message of an error, without wording that is specific to Python."""
    if isinstance(error, UnicodeEncodeError):
        return f"{error.object[error.start : error.start + 1]!r} is not valid text: it cannot be encoded in UTF-8"
    if isinstance(error, OSError) and str(error).startswith("["):
        place = "" if error.filename is None else f"{os.fspath(error.filename)!r}: "
        return f"{place}{error.strerror}"
    return str(error) or type(error).__name__


def _hint_suffix(hint: str) -> str:
    return f". Hint: {hint}" if hint else ""


def _hint(error: BaseException) -> str:
    if _requires_sign_in(error):
        return _SIGN_IN
    return next((hint for kind, hint in _HINTS if isinstance(error, kind)), "")


def _hint_of_run(error: BaseException, run: Run) -> str:
    """Return a hint that follows from what the command has done so far."""
    if run.is_resumable and _is_transient(error):
        return _RESUME
    base_url = run.base_url_in_use
    is_foreign = isinstance(error, errors.UnexpectedResponse) or (
        isinstance(error, errors.NotFound) and error.code in _NO_SUCH_PATH
    )
    if is_foreign and base_url is not None and not base_url.rstrip("/").endswith(_PATH):
        return f"The base URL {base_url} does not end with {_PATH}; try {base_url.rstrip('/')}{_PATH}."
    return ""


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, errors.IntegrityError | errors.LinkMissing):
        return False
    is_full = isinstance(error, OSError) and error.errno == errno.ENOSPC
    return is_full or isinstance(error, errors.ConnectionFailed | errors.TransferError | errors.WaitTimeout)


def _requires_sign_in(error: BaseException) -> bool:
    if not isinstance(error, errors.AuthError):
        return False
    from itwin_imodels.auth import LoginRequired  # noqa: PLC0415 - needed only on failure

    return isinstance(error, LoginRequired)


def _facts(error: errors.ApiError) -> list[str]:
    if isinstance(error, errors.LockConflict):
        return [str(lock) for lock in error.conflicting_locks]
    if isinstance(error, errors.NewerChangesExist):
        return [
            *_shortened("changed since: ", error.object_ids, "objects"),
            *_shortened("to pull: ", error.changeset_ids, "changesets"),
        ]
    return []


def _shortened(prefix: str, ids: Sequence[str], what: str) -> list[str]:
    """List the first ids, and count the rest."""
    more = len(ids) - _MAX_IDS
    return [*(f"{prefix}{each}" for each in ids[:_MAX_IDS]), *([f"and {more} more {what}"] if more > 0 else [])]


def _one_line(text: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in " ".join(text.split()))


def _report(error: BaseException, run: Run) -> None:
    """Print an error and its notes; on one line if the command is quiet."""
    notes = [f"note: {translate_advice(_one_line(note))}" for note in getattr(error, "__notes__", ())]
    parts = [line(error, _hint_of_run(error, run)), *notes]
    for each in ["; ".join(parts)] if run.quiet else parts:
        typer.echo(f"imodels: {each}", err=True)


def _discard_output() -> None:
    """Discard pending output, so that Python reports no error at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
