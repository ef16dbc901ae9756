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

    def __init__(self, broken_at: int | None = None, *, delay: float = 0.0, grows: bool = False) -> None:
        """Create the service.

        Args:
            broken_at: Index of a changeset; requests for a page with it fail.
            delay: Duration of each response in seconds.
            grows: Whether a changeset is pushed before each request, and links count entities, as those of the service.
        """
        self.asked = 0
        self.most_at_once = 0
        self._now = 0
        self._broken_at = broken_at
        self._delay = delay
        self._grows = grows
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
        newest = NEWEST + self.asked if self._grows else NEWEST
        last = min(int(query.get("lastIndex", [str(newest)])[0]), newest)
        descending = "desc" in query.get("$orderBy", [""])[0]
        indexes = list(range(last, first - 1, -1) if descending else range(first, last + 1))
        skipped, top = int(query.get("$skip", ["0"])[0]), int(query["$top"][0])
        page, rest = indexes[skipped : skipped + top], indexes[skipped + top :]
        if self._broken_at in page:
            return httpx.Response(404, json={"error": {"code": "iModelNotFound", "message": "Gone."}})
        items = [
            {"id": f"{index:040x}", "index": index, "state": "fileUploaded", "fileSize": 1, "briefcaseId": 2}
            for index in page
        ]
        further = {"lastIndex": page[-1:] and [page[-1] - 1]} if descending else {"afterIndex": page[-1:]}
        if self._grows:
            further = {"$skip": [skipped + top]}
        link = {"href": f"{url}?{urlencode({**query, **further}, doseq=True)}"} if rest else None
        return httpx.Response(200, content=json.dumps({"changesets": items, "_links": {"next": link}}).encode())
