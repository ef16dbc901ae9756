"""The errors of transfers that callers see."""

from collections.abc import Iterator
from contextlib import contextmanager

from itwin_imodels._core.cancellation import Cancellation, Cancelled
from itwin_imodels._transfer.refusals import Refused
from itwin_imodels._transfer.retrying import Changed
from itwin_imodels.errors import (
    ConnectionFailed,
    IntegrityError,
    LinkExpired,
    LinkMissing,
    RequestTimeout,
    TransferError,
)

_SHOWN = 5


@contextmanager
def errors_about(what: str) -> Iterator[None]:
    """Prefix errors with a description of what failed.

    Args:
        what: Description of the work, such as `download of 1f2e.cs`.
    """
    try:
        yield
    except Cancelled:
        raise
    except Changed:
        raise IntegrityError(f"{what}: the file in the storage keeps changing") from None
    except Refused as error:
        raise _public(error, what) from None
    except (TransferError, ConnectionFailed) as error:
        raise reworded(error, f"{what}: {error}") from error.__cause__


def _public(error: Refused, what: str) -> TransferError:
    if error.expired:
        return LinkExpired(f"{what}: {error}; the link has expired or does not permit this operation")
    return TransferError(f"{what}: {error}")


@contextmanager
def cancellation_errors(cancellation: Cancellation) -> Iterator[None]:
    """Raise the reason of a cancellation, if there is one, instead of `Cancelled`."""
    try:
        yield
    except Cancelled:
        if cancellation.reason is not None:
            raise cancellation.reason from None
        raise


def reworded(error: TransferError | ConnectionFailed, text: str) -> TransferError | ConnectionFailed:
    """Return an error of the same class with another message."""
    for kind in (IntegrityError, LinkExpired, LinkMissing, TransferError, RequestTimeout, ConnectionFailed):
        if isinstance(error, kind):
            return kind(text)
    raise TypeError(error)


def format_names(names: list[str], count: int) -> str:
    """Format the first names, followed by the number of the remaining ones.

    Args:
        names: The first names.
        count: Total number of names.
    """
    shown = names[:_SHOWN]
    rest = count - len(shown)
    if not shown:
        return f"{count} file{'s' * (count > 1)}" if count else "none"
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
