"""A long timeline to list, without a hub."""

import json
import threading
import time
from urllib.parse import parse_qs, urlencode

import httpx

NEWEST = 400


class Timeline:
    """Responds with lists of the changesets of a long timeline, and records the requests.

    Attributes:
        asked: Number of received requests.
        most_at_once: Maximum number of parallel requests.
    """

    def __init__(self, broken_at: int | None = None, *, delay: float = 0.0) -> None:
        """Create the service; a page with the index `broken_at` is rejected, and each response takes some seconds."""
        self.asked = 0
        self.most_at_once = 0
        self._now = 0
        self._broken_at = broken_at
        self._delay = delay
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request."""
        with self._lock:
            self.asked += 1
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        time.sleep(self._delay)
        try:
            return self._answer(
                str(request.url).partition("?")[0], parse_qs(request.url.query.decode(), keep_blank_values=True)
            )
        finally:
            with self._lock:
                self._now -= 1

    def _answer(self, url: str, query: dict[str, list[str]]) -> httpx.Response:
        first = int(query.get("afterIndex", ["0"])[0]) + 1
        last = min(int(query.get("lastIndex", [str(NEWEST)])[0]), NEWEST)
        descending = "desc" in query.get("$orderBy", [""])[0]
        indexes = list(range(last, first - 1, -1) if descending else range(first, last + 1))
        page, rest = indexes[: int(query["$top"][0])], indexes[int(query["$top"][0]) :]
        if self._broken_at in page:
            return httpx.Response(404, json={"error": {"code": "iModelNotFound", "message": "Gone."}})
        items = [
            {"id": f"{index:040x}", "index": index, "state": "fileUploaded", "fileSize": 1, "briefcaseId": 2}
            for index in page
        ]
        further = {"lastIndex": page[-1:] and [page[-1] - 1]} if descending else {"afterIndex": page[-1:]}
        link = {"href": f"{url}?{urlencode({**query, **further}, doseq=True)}"} if rest else None
        return httpx.Response(200, content=json.dumps({"changesets": items, "_links": {"next": link}}).encode())
