"""The API, files and a sink for uploads, from memory: a server that costs little compared with the clients measured.

python benchmarks/serving/service.py CONFIGURATION    prints its URL, and runs until standard input is closed
"""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

DEFINITION = Path(__file__).resolve().parents[2] / "tests" / "contract" / "data" / "hand-kept.openapi.json"
UNCOMMITTED = b'<?xml version="1.0"?><BlockList><UncommittedBlocks></UncommittedBlocks></BlockList>'
STORED = {"Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT", "x-ms-request-id": "1", "x-ms-version": "2020-10-02"}

Json = dict[str, Any]
Query = dict[str, str]


class Service:
    """The responses."""

    def __init__(self, configuration: Json) -> None:
        """Serve timelines.

        Args:
            configuration: `timelines` by iModel id, each with the `ids` of its changesets, and the `size` and `path` of
                the file that they share; `files`, the URL of the file server, or null for this one; `delay`, the delay
                of each response in seconds; `upload_rate`, the maximum upload rate of each connection in bytes per
                second, or null for no limit.
        """
        self.timelines: dict[str, Json] = configuration["timelines"]
        self.delay: float = configuration["delay"]
        self.upload_rate: int | None = configuration["upload_rate"]
        self.origin = ""
        self._files: str | None = configuration["files"]
        self._pages: dict[tuple[str, str], bytes] = {}
        self._contents: dict[str, bytes] = {}
        self._pushed: dict[str, Json] = {}
        paths = json.loads(DEFINITION.read_text(encoding="utf-8"))["paths"]
        pages = _examples(paths["/{id}/changesets"]["get"], "200")
        self._short, self._full = (pages[form]["changesets"][0] for form in ("minimal", "representation"))
        (self._imodel,) = _examples(paths["/{id}"]["get"], "200").values()
        (self._briefcase,) = _examples(paths["/{id}/briefcases"]["post"], "201").values()

    def answer(  # noqa: PLR0911 - one for each operation
        self, method: str, target: str, headers: Query, body: bytes
    ) -> tuple[int, Query, bytes]:
        """Return status, headers and body of the response to a request."""
        path, query = urlsplit(target).path, {name: each[0] for name, each in parse_qs(urlsplit(target).query).items()}
        match path.strip("/").split("/"):
            case ["files", imodel_id, _]:
                return 200, {"ETag": '"1"', "Content-Type": "application/octet-stream"}, self._content(imodel_id)
            case ["sink", _]:
                return (200, {}, UNCOMMITTED) if method == "GET" else (201, {"ETag": '"1"', **STORED}, b"")
            case ["imodels", imodel_id]:
                return _json(200, {"iModel": {**self._imodel["iModel"], "id": imodel_id}})
            case ["imodels", _, "briefcases"]:
                return _json(201, self._briefcase)
            case ["imodels", imodel_id, "changesets"] if method == "GET":
                return 200, {"Content-Type": "application/json"}, self._page(imodel_id, target, query, headers)
            case ["imodels", imodel_id, "changesets"]:
                return _json(201, {"changeset": self._announced(imodel_id, json.loads(body))})
            case ["imodels", imodel_id, "changesets", changeset] if method == "GET":
                ids = self.timelines[imodel_id]["ids"]
                index = ids.index(changeset) + 1 if changeset in ids else int(changeset)
                return _json(200, {"changeset": self._entity(imodel_id, index, self._full)})
            case ["imodels", _, "changesets", changeset]:
                return _json(200, {"changeset": {**self._pushed[changeset], "state": "fileUploaded"}})
        return _json(404, {"error": {"code": "ResourceNotFound", "message": path}})

    def _content(self, imodel_id: str) -> bytes:
        if imodel_id not in self._contents:
            self._contents[imodel_id] = Path(self.timelines[imodel_id]["path"]).read_bytes()
        return self._contents[imodel_id]

    def _page(self, imodel_id: str, target: str, query: Query, headers: Query) -> bytes:
        form = headers.get("prefer", "return=minimal")
        if (target, form) not in self._pages:
            example = self._full if form == "return=representation" else self._short
            self._pages[target, form] = json.dumps(self._made(imodel_id, query, example)).encode()
        return self._pages[target, form]

    def _made(self, imodel_id: str, query: Query, example: Json) -> Json:
        length = len(self.timelines[imodel_id]["ids"])
        top, skip = int(query.get("$top", "100")), int(query.get("$skip", "0"))
        indexes = range(int(query.get("afterIndex", "0")) + 1, min(int(query.get("lastIndex", length)), length) + 1)
        shown = (indexes[::-1] if "desc" in query.get("$orderBy", "") else indexes)[skip : skip + top]
        following = "&".join(f"{name}={value}" for name, value in {**query, "$skip": str(skip + top)}.items())
        link = {"href": f"{self.origin}/imodels/{imodel_id}/changesets?{following}".replace(" ", "%20")}
        links = {"self": link, "prev": None, "next": link if skip + top < len(indexes) else None}
        return {"changesets": [self._entity(imodel_id, index, example) for index in shown], "_links": links}

    def _entity(self, imodel_id: str, index: int, example: Json) -> Json:
        timeline = self.timelines[imodel_id]
        ids = timeline["ids"]
        files = self._files or f"{self.origin}/files"
        download = {"href": f"{files}/{imodel_id}/{ids[index - 1]}.cs?sig=secret", "storageType": "azure"}
        links = {**example["_links"], **({"download": download} if "download" in example["_links"] else {})}
        parent_id = ids[index - 2] if index > 1 else ""
        facts = {"id": ids[index - 1], "parentId": parent_id, "index": index, "fileSize": timeline["size"]}
        return {**example, **facts, "_links": links}

    def _announced(self, imodel_id: str, body: Json) -> Json:
        upload = {"href": f"{self.origin}/sink/{body['id']}.cs?sig=secret", "storageType": "azure"}
        complete = {"href": f"{self.origin}/imodels/{imodel_id}/changesets/{body['id']}"}
        links = {**self._full["_links"], "download": None, "upload": upload, "complete": complete}
        facts = {name: body[name] for name in ("id", "parentId", "fileSize", "briefcaseId") if name in body}
        changeset = {**self._full, "parentId": "", **facts, "index": 1, "state": "waitingForFile", "_links": links}
        self._pushed[body["id"]] = {**changeset, "_links": {**links, "upload": None, "complete": None}}
        return changeset


class Protocol(asyncio.Protocol):
    """The part of HTTP that is needed here: connections stay open, and uploads are discarded as they arrive."""

    def __init__(self, service: Service) -> None:
        """Respond to the requests of one connection with a service."""
        self._service = service
        self._received = bytearray()
        self._left = 0
        self._head = ""
        self._busy_until = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Receive data, and respond to each complete request."""
        if self._service.upload_rate:
            self._slow_down(len(data) / self._service.upload_rate)
        if self._left > len(data) and self._is_upload():
            self._left -= len(data)
            return
        self._received += data
        while self._complete():
            pass

    def _slow_down(self, seconds: float) -> None:
        """Pause reading for the time that the received data takes at the maximum rate."""
        loop = asyncio.get_running_loop()
        self._busy_until = max(self._busy_until, loop.time()) + seconds
        self._transport.pause_reading()
        loop.call_at(self._busy_until, self._transport.resume_reading)

    def _complete(self) -> bool:
        """Respond to one request if it is complete, and return whether it was."""
        if not self._head:
            head, found, rest = self._received.partition(b"\r\n\r\n")
            if not found:
                return False
            self._head, self._received = head.decode(), bytearray(rest)
            length = re.search(r"(?im)^content-length: *(\d+)", self._head)
            self._left = int(length[1]) if length else 0
            if re.search(r"(?im)^expect:", self._head):
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._is_upload() and len(self._received) < self._left:
            self._left -= len(self._received)
            self._received.clear()
        if len(self._received) < self._left:
            return False
        body, self._received = bytes(self._received[: self._left]), self._received[self._left :]
        request, self._head, self._left = self._head, "", 0
        answer = self._answer(request, body)
        if self._service.delay:
            asyncio.get_running_loop().call_later(self._service.delay, self._transport.write, answer)
        else:
            self._transport.write(answer)
        return True

    def _is_upload(self) -> bool:
        return self._head.startswith("PUT /sink/")

    def _answer(self, head: str, body: bytes) -> bytes:
        method, target, _ = head.split(" ", 2)
        lines = (line.partition(":") for line in head.splitlines()[1:])
        headers = {name.strip().lower(): value.strip() for name, _, value in lines}
        status, more, content = self._service.answer(method, target, headers, body)
        fields = "".join(f"{name}: {value}\r\n" for name, value in more.items())
        return f"HTTP/1.1 {status} .\r\n{fields}Content-Length: {len(content)}\r\n\r\n".encode() + content


def _examples(operation: Json, status: str) -> dict[str, Json]:
    answers = operation["responses"][status]["content"]["application/json"]["examples"]
    return {name: each["value"] for name, each in answers.items()}


def _json(status: int, content: Json) -> tuple[int, Query, bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()


async def serve(configuration: Json) -> None:
    """Serve until standard input is closed."""
    service, loop = Service(configuration), asyncio.get_running_loop()
    running = await loop.create_server(lambda: Protocol(service), "127.0.0.1", 0)
    service.origin = f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}"
    print(service.origin, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
