"""The download of many files."""

from collections.abc import Generator, Iterable
from contextlib import closing

from itwin_imodels._core.cancellation import Cancelled
from itwin_imodels._transfer.adaptive import Adaptive
from itwin_imodels._transfer.context import Context
from itwin_imodels._transfer.crew import Crew
from itwin_imodels._transfer.download import Downloaded, DownloadItem, download_one
from itwin_imodels._transfer.failures import listed, reworded
from itwin_imodels.errors import ConnectionFailed, TransferError

WINDOW = 1000
"""Files that are at hand at most, those that wait for an earlier one included."""

_NAMES = 5


def download_files(items: Iterable[DownloadItem], context: Context) -> Generator[Downloaded]:
    """Download files, the smallest of those at hand first, and give the results in the order of the items.

    Raises:
        IModelsError: The first failure; it tells what is done and what is not. No other file is begun then, and those
            under way end in a state from which they are resumed.
    """
    workers = Adaptive(context.options.parallelism)

    def act(item: DownloadItem) -> Downloaded:
        era = workers.era

        def busy() -> None:
            nonlocal era
            workers.busy(era)
            era = workers.era

        done = download_one(item, context, busy)
        workers.succeeded()
        return done

    crew = Crew(act, rank=_rank, window=WINDOW, workers=workers, cancellation=context.cancellation)
    given: list[str] = []
    count = 0
    try:
        with closing(crew.run(items)) as results:
            for done in results:
                count += 1
                given = [*given, done.target.name][:_NAMES]
                yield done
    except Cancelled:
        raise
    except (TransferError, ConnectionFailed) as error:
        raise reworded(error, f"{error}\n{_account(crew, given, count)}") from error.__cause__
    except Exception as error:
        error.add_note(_account(crew, given, count))
        raise


def _rank(item: DownloadItem) -> int:
    """Small files first: their links are the ones that are used up before they expire. Unknown ones come last."""
    return (1 << 63) if item.size is None else item.size


def _account(crew: Crew[DownloadItem, Downloaded], given: list[str], count: int) -> str:
    """Tell what is done and what is not."""
    finished = [item.title for item in crew.finished]
    unfinished = [item.title for item in crew.unfinished]
    done = listed([*given, *finished], count + len(finished))
    return f"Done: {done}. Not done: {listed(unfinished, len(unfinished))}, and what would have come after them."
