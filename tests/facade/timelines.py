"""A long timeline to list, without a hub."""

import json
import threading
from urllib.parse import parse_qs

import httpx

NEWEST = 400


class Timeline:
    """Answers lists of changesets of a long timeline, and watches how it is asked.

    Attributes:
        asked: Requests received.
        most_at_once: Most requests that were under way together.
    """

    def __init__(self, broken_at: int | None = None) -> None:
        """Begin; a page with the index `broken_at` is refused."""
        self.asked = 0
        self.most_at_once = 0
        self._now = 0
        self._broken_at = broken_at
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        with self._lock:
            self.asked += 1
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            return self._answer(parse_qs(request.url.query.decode()))
        finally:
            with self._lock:
                self._now -= 1

    def _answer(self, query: dict[str, list[str]]) -> httpx.Response:
        first = int(query.get("afterIndex", ["0"])[0]) + 1
        last = min(int(query.get("lastIndex", [str(NEWEST)])[0]), NEWEST)
        indexes = list(range(first, last + 1))
        if "desc" in query.get("$orderBy", [""])[0]:
            indexes.reverse()
        indexes = indexes[: int(query["$top"][0])]
        if self._broken_at in indexes:
            return httpx.Response(404, json={"error": {"code": "iModelNotFound", "message": "Gone."}})
        items = [
            {"id": f"{index:040x}", "index": index, "state": "fileUploaded", "fileSize": 1, "briefcaseId": 2}
            for index in indexes
        ]
        return httpx.Response(200, content=json.dumps({"changesets": items}).encode())
