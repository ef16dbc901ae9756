"""The download of many files."""

from collections.abc import Generator, Iterable
from contextlib import closing

from itwin_imodels._core.cancellation import Cancelled
from itwin_imodels._transfer.adaptive import Adaptive
from itwin_imodels._transfer.context import Context
from itwin_imodels._transfer.crew import Crew
from itwin_imodels._transfer.download import download_one
from itwin_imodels._transfer.failures import format_names, reworded
from itwin_imodels._transfer.items import Downloaded, DownloadItem
from itwin_imodels.errors import ConnectionFailed, TransferError

WINDOW = 1000
"""Maximum number of items that are queued, in progress, or done but waiting for an earlier one."""

_START = 16
"""Initial number of concurrent downloads."""
_OVERHEAD = 64 << 10
"""Overhead per file, as the number of bytes that could be transferred in the same time."""
_NAMES = 5


def download_files(items: Iterable[DownloadItem], context: Context) -> Generator[Downloaded]:
    """Download files, the smallest of the queued ones first, and yield the results in the order of the items.

    Raises:
        IModelsError: The first failure, which lists the files that are done and those that are not. No other file is
            started, and interrupted downloads can be resumed.
    """
    workers = Adaptive(context.options.parallelism, _START)

    def act(item: DownloadItem) -> Downloaded:
        done = download_one(item, context, workers)
        workers.succeeded(done.size + _OVERHEAD)
        return done

    crew = Crew(act, rank=_rank, window=WINDOW, workers=workers, cancellation=context.cancellation)
    yielded: list[str] = []
    count = 0
    try:
        with closing(crew.run(items)) as results:
            for done in results:
                count += 1
                yielded = [*yielded, done.target.name][:_NAMES]
                yield done
    except Cancelled:
        raise
    except (TransferError, ConnectionFailed) as error:
        raise reworded(error, f"{str(error).removesuffix('.')}.\n{_summary(crew, yielded, count)}") from error.__cause__
    except Exception as error:
        error.add_note(_summary(crew, yielded, count))
        raise


def _rank(item: DownloadItem) -> int:
    """Rank small files first, so that more links are used before they expire. Files of unknown size come last."""
    return (1 << 63) if item.size is None else item.size


def _summary(crew: Crew[DownloadItem, Downloaded], yielded: list[str], count: int) -> str:
    """Return a summary of the files that are done and those that are not."""
    finished = [item.title for item in crew.finished]
    unfinished = [item.title for item in crew.unfinished]
    total = count + len(finished)
    if not total and not unfinished:
        return "No file was downloaded."
    remaining = [format_names(unfinished, len(unfinished))] if unfinished else []
    if not crew.exhausted:
        remaining.append("all later files")
    done = f"Done: {format_names([*yielded, *finished], total)}."
    return f"{done} Not done: {' and '.join(remaining)}." if remaining else done
