"""Compare responses with the definition, in the background."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from itwin_imodels._core.forks import on_fork
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._drift.rules import SeenResponse, findings
from itwin_imodels._drift.store import Store, StoreError
from itwin_imodels._operations.endpoints import answers_contract

if TYPE_CHECKING:
    from itwin_imodels._drift.finding import Finding

_MAX_WAITING: Final = 256
_MAX_BYTES_WAITING: Final = 32 << 20
_SECONDS_BETWEEN_SAVES: Final = 1.0


class Recorder:
    """Recorder that compares responses in a thread, and stores the counts of differences in a folder.

    Calls never wait for it and never fail because of it. Responses that arrive faster than they can be compared are
    skipped. The first error is logged and stops the recording.
    """

    def __init__(self, folder: Path, load_contract: Callable[[], Mapping[str, Any]] = answers_contract) -> None:
        """Create a recorder; nothing is read or written yet.

        Args:
            folder: Folder to record into.
            load_contract: Returns the schemas of responses in the definition.
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
        """Reset the state. In a forked child, pending responses are left to the parent."""
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="itwin-imodels-drift")
        self._lock = threading.Lock()
        self._waiting = 0
        self._bytes_waiting = 0
        self._unsaved: Counter[Finding] = Counter()
        self._saved_at = time.monotonic()

    def record(self, endpoint: str, status: int, headers: Mapping[str, str], content: bytes) -> None:
        """Queue a response for comparison.

        Args:
            endpoint: Generated module of its operation.
            status: HTTP status of the response.
            headers: Headers of the response. All names are compared, but no value except that of `Content-Type`.
            content: Body of the response.
        """
        seen = SeenResponse(
            endpoint=endpoint,
            status=status,
            headers=tuple(headers),
            content_type=headers.get("content-type", ""),
            content=content,
        )
        with self._lock:
            full = self._waiting >= _MAX_WAITING or self._bytes_waiting + len(content) > _MAX_BYTES_WAITING
            if self._stopped or full:
                return
            try:
                self._executor.submit(self._compare, seen)
            except RuntimeError as error:  # the interpreter is shutting down
                self._stop(error)
                return
            self._waiting += 1
            self._bytes_waiting += len(content)

    def close(self) -> None:
        """Compare all queued responses and save the result."""
        self._executor.shutdown(wait=True)
        self._guarded(self._save)
        self._stopped = True

    def _compare(self, seen: SeenResponse) -> None:
        self._guarded(self._count, seen)
        with self._lock:
            self._waiting -= 1
            self._bytes_waiting -= len(seen.content)

    def _guarded(self, action: Callable[..., None], *arguments: object) -> None:
        if self._stopped:
            return
        try:
            action(*arguments)
        except Exception as error:  # noqa: BLE001 - recording must never affect calls
            self._stop(error)

    def _stop(self, error: Exception) -> None:
        self._stopped = True
        LOGGER.warning("recording drift into %s was stopped: %s. Calls are not affected.", self._folder, _reason(error))

    def _count(self, seen: SeenResponse) -> None:
        if self._contract is None:
            self._contract = self._load_contract()
        counts = findings(self._contract, seen)
        self._unsaved.update(counts)
        due = time.monotonic() - self._saved_at > _SECONDS_BETWEEN_SAVES
        if due or not counts <= self._known:
            self._known |= counts
            self._save()

    def _save(self) -> None:
        unsaved, self._unsaved = self._unsaved, Counter()
        if unsaved:
            self._store.add(unsaved)
            self._saved_at = time.monotonic()


def _reason(error: Exception) -> str:
    """Return the reason for a failure. Messages of unexpected errors are omitted, because they may quote a response."""
    if isinstance(error, StoreError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return type(error).__name__
