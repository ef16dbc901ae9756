"""Compares answers beside the calls that they belong to."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from itwin_imodels._core.forks import on_fork
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._drift.rules import Seen, findings
from itwin_imodels._drift.store import Store, StoreError
from itwin_imodels._operations.endpoints import answers_contract

if TYPE_CHECKING:
    from itwin_imodels._drift.finding import Finding

_MOST_WAITING: Final = 256
_MOST_BYTES_WAITING: Final = 32 << 20
_SECONDS_BETWEEN_SAVES: Final = 1.0


class Recorder:
    """Compares answers in a thread of its own, and counts what differs in a folder.

    A call never waits for it and never fails because of it. Answers that come faster than they can be compared are
    skipped. The first fault is logged and ends the recording.
    """

    def __init__(self, folder: Path, load_contract: Callable[[], Mapping[str, Any]] = answers_contract) -> None:
        """Prepare to record into a folder; nothing is read or written yet.

        Args:
            folder: The folder.
            load_contract: Returns what the definition promises of answers.
        """
        self._folder = folder
        self._store = Store(folder)
        self._load_contract = load_contract
        self._contract: Mapping[str, Any] | None = None
        self._stopped = False
        self._known: set[Finding] = set()
        self._renew()
        on_fork(self, Recorder._renew)

    def _renew(self) -> None:
        """Begin with nothing to do; what waits in a forked child is compared and saved by its parent."""
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="itwin-imodels-drift")
        self._lock = threading.Lock()
        self._waiting = 0
        self._bytes_waiting = 0
        self._unsaved: Counter[Finding] = Counter()
        self._saved_at = time.monotonic()

    def saw(self, endpoint: str, status: int, headers: Mapping[str, str], content: bytes) -> None:
        """Take note of an answer; it is compared later.

        Args:
            endpoint: The generated module of its operation.
            status: Its status.
            headers: Its headers. Of their values only the media type is looked at.
            content: Its body.
        """
        seen = Seen(
            endpoint=endpoint,
            status=status,
            headers=tuple(headers),
            content_type=headers.get("content-type", ""),
            content=content,
        )
        with self._lock:
            full = self._waiting >= _MOST_WAITING or self._bytes_waiting + len(content) > _MOST_BYTES_WAITING
            if self._stopped or full:
                return
            try:
                self._executor.submit(self._compare, seen)
            except RuntimeError as error:  # the interpreter is ending
                self._stop(error)
                return
            self._waiting += 1
            self._bytes_waiting += len(content)

    def close(self) -> None:
        """Compare what is waiting and save everything."""
        self._executor.shutdown(wait=True)
        self._guarded(self._save)
        self._stopped = True

    def _compare(self, seen: Seen) -> None:
        self._guarded(self._count, seen)
        with self._lock:
            self._waiting -= 1
            self._bytes_waiting -= len(seen.content)

    def _guarded(self, action: Callable[..., None], *arguments: object) -> None:
        if self._stopped:
            return
        try:
            action(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller's work goes on
            self._stop(error)

    def _stop(self, error: Exception) -> None:
        self._stopped = True
        LOGGER.warning("recording drift into %s has stopped: %s. Calls go on as usual.", self._folder, _reason(error))

    def _count(self, seen: Seen) -> None:
        if self._contract is None:
            self._contract = self._load_contract()
        found = findings(self._contract, seen)
        self._unsaved.update(found)
        due = time.monotonic() - self._saved_at > _SECONDS_BETWEEN_SAVES
        if due or not found <= self._known:
            self._known |= found
            self._save()

    def _save(self) -> None:
        unsaved, self._unsaved = self._unsaved, Counter()
        if unsaved:
            self._store.add(unsaved)
            self._saved_at = time.monotonic()


def _reason(error: Exception) -> str:
    """Say what went wrong without what an answer contains, which the texts of other errors may quote."""
    if isinstance(error, StoreError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return type(error).__name__
