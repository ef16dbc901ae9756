"""API calls of one user, with the steps that most tests need."""

import hashlib
from datetime import timedelta
from itertools import count
from typing import Any

import httpx

from itwin_imodels_hub.control.hub import Hub

Json = dict[str, Any]
FULL = {"Prefer": "return=representation"}

_contents = count()


class Desk:
    """Calls of one user."""

    def __init__(self, hub: Hub, client: httpx.Client) -> None:
        """Call `hub` with `client`."""
        self.hub = hub
        self.client = client

    def call(self, method: str, *path: object, **options: Any) -> httpx.Response:
        """Send a request to a path below `/imodels`."""
        return self.client.request(method, "/".join(["/imodels", *map(str, path)]), **options)

    def get(self, *path: object, **params: Any) -> httpx.Response:
        """Read; parameters are given by name, with `_` for `$`."""
        named = {name.replace("_", "$", 1) if name[0] == "_" else name: value for name, value in params.items()}
        return self.call("GET", *path, params=named or None)

    def get_full(self, *path: object, **params: Any) -> httpx.Response:
        """Read a list of full entities."""
        named = {name.replace("_", "$", 1) if name[0] == "_" else name: value for name, value in params.items()}
        return self.call("GET", *path, params=named or None, headers=FULL)

    def post(self, *path: object, **body: Any) -> httpx.Response:
        """Create; the properties of the body are given by name."""
        return self.call("POST", *path, json=body)

    def patch(self, *path: object, **body: Any) -> httpx.Response:
        """Update; the properties of the body are given by name."""
        return self.call("PATCH", *path, json=body)

    def put(self, *path: object) -> httpx.Response:
        """Put without a body."""
        return self.call("PUT", *path)

    def delete(self, *path: object) -> httpx.Response:
        """Delete."""
        return self.call("DELETE", *path)

    def itwin(self, name: str = "Plant") -> str:
        """Create an iTwin, and return its id."""
        response = self.client.post("/itwins", json={"displayName": name})
        assert response.status_code == 201
        return str(response.json()["iTwin"]["id"])

    def itwin_of(self, imodel_id: str) -> str:
        """Return the id of the iTwin of an iModel."""
        return str(self.get(imodel_id).json()["iModel"]["iTwinId"])

    def imodel(self, itwin_id: str, name: str = "Model", **more: Any) -> str:
        """Create an iModel that is ready immediately, and return its id."""
        response = self.call("POST", json={"iTwinId": itwin_id, "name": name, **more})
        assert response.status_code == 201, response.text
        return str(response.json()["iModel"]["id"])

    def briefcase(self, imodel_id: str) -> int:
        """Acquire a briefcase, and return its id."""
        response = self.post(imodel_id, "briefcases")
        assert response.status_code == 201, response.text
        return int(response.json()["briefcase"]["briefcaseId"])

    def announce(self, imodel_id: str, briefcase_id: int, parent: str, content: bytes = b"", **more: Any) -> Json:
        """Announce a changeset with this content, or with new content."""
        content = content or new_content()
        body = {"id": id_of(content), "parentId": parent, "briefcaseId": briefcase_id, "fileSize": len(content)}
        response = self.post(imodel_id, "changesets", **{**body, **more})
        assert response.status_code == 201, response.text
        return {**response.json()["changeset"], "content": content}

    def upload(self, changeset: Json) -> None:
        """Upload the file of a changeset."""
        response = httpx.put(
            changeset["_links"]["upload"]["href"],
            content=changeset["content"],
            headers={"x-ms-blob-type": "BlockBlob"},
        )
        assert response.status_code == 201, response.text

    def confirm(self, imodel_id: str, changeset: Json, **more: Any) -> httpx.Response:
        """Confirm the upload of a changeset."""
        body = {"state": "fileUploaded", "briefcaseId": changeset["briefcaseId"], **more}
        return self.patch(imodel_id, "changesets", changeset["id"], **body)

    def push(self, imodel_id: str, briefcase_id: int, parent: str = "", content: bytes = b"", **more: Any) -> str:
        """Push a changeset, and return its id."""
        changeset = self.announce(imodel_id, briefcase_id, parent, content, **more)
        self.upload(changeset)
        response = self.confirm(imodel_id, changeset)
        assert response.status_code == 200, response.text
        return str(changeset["id"])

    def history(self, imodel_id: str, briefcase_id: int, amount: int) -> list[str]:
        """Push consecutive changesets to an iModel without changesets."""
        ids: list[str] = []
        for _ in range(amount):
            ids.append(self.push(imodel_id, briefcase_id, ids[-1] if ids else ""))
        return ids

    def lock(self, imodel_id: str, briefcase_id: int, changeset_id: str | None = None, **levels: list[str]) -> Any:
        """Update locks; levels are given by name."""
        objects = [{"lockLevel": level, "objectIds": ids} for level, ids in levels.items()]
        body = {"briefcaseId": briefcase_id, "changesetId": changeset_id, "lockedObjects": objects}
        return self.patch(imodel_id, "locks", **body)

    def wait(self, seconds: float = 60) -> None:
        """Advance the hub's clock, and run the jobs that are due."""
        self.hub.clock.advance(timedelta(seconds=seconds))
        self.hub.jobs.finish_due()

    def follow(self, first: httpx.Response, member: str) -> list[Any]:
        """Collect the items of a list from its first page on."""
        items: list[Any] = []
        page = first
        while True:
            assert page.status_code == 200, page.text
            items += page.json()[member]
            link = page.json()["_links"]["next"]
            if link is None:
                return items
            page = self.client.get(link["href"], headers={"Prefer": first.request.headers.get("prefer", "")})


def new_content() -> bytes:
    """Create bytes that no changeset had before."""
    return f"changeset {next(_contents)}".encode()


def id_of(content: bytes) -> str:
    """Return an id in the form of a changeset id."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Return status and code of a failed request."""
    return response.status_code, response.json()["error"]["code"]


def details_of(response: httpx.Response, code: str = "InvalidiModelsRequest") -> list[tuple[str, str | None]]:
    """Return code and target of each problem of a request."""
    assert error_of(response) == (422, code), response.text
    return [(detail["code"], detail.get("target")) for detail in response.json()["error"]["details"]]
