"""The recorded requests of each method of the client.

    python -m tests.contract.wire_goldens    writes tests/contract/data/wire-goldens.json: review the difference

Requests are recorded through the hook for transports, and answered with the definition's documented examples.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from itwin_imodels import IModelsClient
from itwin_imodels.models import (
    ContainerTypes,
    ContainingChanges,
    Extent,
    IModelTemplate,
    PermissionGrant,
    Point,
    SynchronizationInfo,
)
from scripts.toolkit import replace_file
from tests.behaviour.helpers.driving import COLOURS, client_class
from tests.examples import answers, routes

GOLDENS = Path(__file__).with_name("data") / "wire-goldens.json"
BASE_URL = "https://api.bentley.com/imodels"

Request = dict[str, Any]

_IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
_ITWIN = "ad0ba809-9241-48ad-9eb0-c8038c1a1d51"
_OTHER = "80e7afd9-5df8-4ae0-8810-d1a35069b4a2"
_CHANGESET = "1f2e04b666edce395e37a795e2231e995cbf8349"
_PARENT = "f7618612c572d7db8e3e6095d622d0d8aff22874"
_HOSTILE = "a b/../c?d#e%2F'é"
_TEXT = "A & B + Größe / 2 = 50%"
_WHEN = datetime(2027, 1, 31, 12, 30, tzinfo=UTC)
_EXTENT = Extent(south_west=Point(latitude=46.1, longitude=-7.6), north_east=Point(latitude=46.3, longitude=7.9))
_PNG = b"\x89PNG\r\n\x1a\n picture"
_JPEG = b"\xff\xd8\xff picture"
_VOLATILE = {"host", "user-agent", "accept-encoding", "connection", "content-length"}

# The iTwins API is not part of the definition.
_SUN_CITY = {"id": _ITWIN, "displayName": "Sun City", "class": "Endeavor", "subClass": "Project"}
_ITWIN_LIST: dict[str, Any] = {"iTwins": [_SUN_CITY], "_links": {"next": None}}

CALLS: Mapping[str, Mapping[str, Callable[[IModelsClient], object]]] = {
    "imodels.list": {
        "plain": lambda c: c.imodels.list(_ITWIN).all(),
        "whole": lambda c: c.imodels.list(
            _ITWIN, name=_TEXT, state="notInitialized", order_by="name desc", detail="minimal", page_size=7
        ).all(),
        "searched": lambda c: c.imodels.list(
            _ITWIN, search=_TEXT, order_by=["created_date_time", "name asc"], limit=3
        ).all(),
    },
    "imodels.get": {"plain": lambda c: c.imodels.get(_IMODEL), "hostile": lambda c: c.imodels.get(_HOSTILE)},
    "imodels.get_by_name": {"plain": lambda c: c.imodels.get_by_name(_ITWIN, _TEXT)},
    "imodels.create": {
        "plain": lambda c: c.imodels.create(_ITWIN, "Bridge"),
        "whole": lambda c: c.imodels.create(
            _ITWIN,
            _TEXT,
            description=_TEXT,
            extent=_EXTENT,
            containers_enabled=ContainerTypes.SCHEMA_SYNC | ContainerTypes.CODE_STORE,
            horizontal_crs_id="EPSG:3857",
        ),
        "from template": lambda c: c.imodels.create(
            _ITWIN, "Bridge", template=IModelTemplate(imodel_id=_IMODEL, changeset_id=_CHANGESET)
        ),
        "from baseline of template": lambda c: c.imodels.create(
            _ITWIN, "Bridge", template=IModelTemplate(imodel_id=_IMODEL)
        ),
        "from baseline": lambda c: c.imodels.create(_ITWIN, "Bridge", baseline_file_size=4096),
    },
    "imodels.update": {
        "name": lambda c: c.imodels.update(_IMODEL, name=_TEXT),
        "removed": lambda c: c.imodels.update(_IMODEL, description=None, extent=None),
        "whole": lambda c: c.imodels.update(_IMODEL, name="B", description=_TEXT, extent=_EXTENT),
    },
    "imodels.delete": {"plain": lambda c: c.imodels.delete(_IMODEL)},
    "imodels.clone": {
        "plain": lambda c: c.imodels.clone(_IMODEL, _ITWIN),
        "whole": lambda c: c.imodels.clone(
            _IMODEL, _ITWIN, name=_TEXT, description=_TEXT, changeset=_CHANGESET, containers_enabled=1
        ),
        "baseline": lambda c: c.imodels.clone(_IMODEL, _ITWIN, changeset=""),
    },
    "imodels.fork": {
        "plain": lambda c: c.imodels.fork(_IMODEL, _ITWIN),
        "whole": lambda c: c.imodels.fork(
            _IMODEL, _ITWIN, name="B", description="b", changeset=3, containers_enabled=5, preserve_history=True
        ),
    },
    "operations.get": {"plain": lambda c: c.operations.get(_IMODEL)},
    "baseline_files.get": {"plain": lambda c: c.baseline_files.get(_IMODEL)},
    "baseline_files.complete": {"plain": lambda c: c.baseline_files.complete(_IMODEL)},
    "briefcases.list": {
        "plain": lambda c: c.briefcases.list(_IMODEL).all(),
        "whole": lambda c: c.briefcases.list(
            _IMODEL, owner_id="me", order_by="acquired_date_time desc", detail="minimal", page_size=1
        ).all(),
    },
    "briefcases.get": {"plain": lambda c: c.briefcases.get(_IMODEL, 2)},
    "briefcases.acquire": {
        "plain": lambda c: c.briefcases.acquire(_IMODEL),
        "whole": lambda c: c.briefcases.acquire(_IMODEL, device_name=_TEXT),
    },
    "briefcases.release": {"plain": lambda c: c.briefcases.release(_IMODEL, 2)},
    "changesets.list": {
        "plain": lambda c: c.changesets.list(_IMODEL).all(),
        "whole": lambda c: c.changesets.list(
            _IMODEL, after_index=3, last_index=900, order_by="index desc", detail="minimal", page_size=5
        ).all(),
        "first": lambda c: c.changesets.list(_IMODEL).first(),
        "parallel": lambda c: c.changesets.list(_IMODEL, concurrency=2, last_index=300).all(),
    },
    "changesets.get": {
        "by id": lambda c: c.changesets.get(_IMODEL, _CHANGESET.upper()),
        "by index": lambda c: c.changesets.get(_IMODEL, 7),
    },
    "changesets.latest": {"plain": lambda c: c.changesets.latest(_IMODEL)},
    "changesets.get_for_named_version": {
        "plain": lambda c: c.changesets.get_for_named_version(c.named_versions.get(_IMODEL, _OTHER))
    },
    "changesets.create": {
        "first": lambda c: c.changesets.create(
            _IMODEL, changeset_id=_CHANGESET, parent_id="", briefcase_id=2, file_size=109
        ),
        "whole": lambda c: c.changesets.create(
            _IMODEL,
            changeset_id=_CHANGESET,
            parent_id=_PARENT,
            briefcase_id=2,
            file_size=109,
            description=_TEXT,
            containing_changes=ContainingChanges.SCHEMA | ContainingChanges.SCHEMA_SYNC,
            synchronization_info=SynchronizationInfo(task_id="run 7", changed_files=["a.dgn", "b.dgn"]),
            group_id=_OTHER,
        ),
        "task alone": lambda c: c.changesets.create(
            _IMODEL,
            changeset_id=_CHANGESET,
            parent_id=_PARENT,
            briefcase_id=2,
            file_size=109,
            containing_changes=0,
            synchronization_info=SynchronizationInfo(task_id="run 7"),
        ),
    },
    "changesets.confirm": {"plain": lambda c: c.changesets.confirm(_IMODEL, _CHANGESET, briefcase_id=2)},
    "changeset_groups.list": {"plain": lambda c: c.changeset_groups.list(_IMODEL, page_size=10).all()},
    "changeset_groups.get": {"plain": lambda c: c.changeset_groups.get(_IMODEL, _OTHER)},
    "changeset_groups.create": {
        "plain": lambda c: c.changeset_groups.create(_IMODEL),
        "whole": lambda c: c.changeset_groups.create(_IMODEL, description=_TEXT),
    },
    "changeset_groups.close": {"plain": lambda c: c.changeset_groups.close(_IMODEL, _OTHER)},
    "changeset_extended_data.list": {"plain": lambda c: c.changeset_extended_data.list(_IMODEL).all()},
    "changeset_extended_data.get": {"plain": lambda c: c.changeset_extended_data.get(_IMODEL, _CHANGESET)},
    "changeset_extended_data.create": {
        "plain": lambda c: c.changeset_extended_data.create(_IMODEL, 7, {"source": "Größe.dgn", "counts": [1, None]})
    },
    "named_versions.list": {
        "plain": lambda c: c.named_versions.list(_IMODEL).all(),
        "whole": lambda c: c.named_versions.list(
            _IMODEL, search=_TEXT, state="hidden", order_by="changeset_index desc", detail="minimal", page_size=9
        ).all(),
    },
    "named_versions.get": {"plain": lambda c: c.named_versions.get(_IMODEL, _OTHER)},
    "named_versions.get_by_name": {"plain": lambda c: c.named_versions.get_by_name(_IMODEL, _TEXT)},
    "named_versions.get_for_changeset": {
        "plain": lambda c: c.named_versions.get_for_changeset(c.changesets.get(_IMODEL, 7))
    },
    "named_versions.create": {
        "baseline": lambda c: c.named_versions.create(_IMODEL, "Begin"),
        "whole": lambda c: c.named_versions.create(_IMODEL, _TEXT, changeset_id=_CHANGESET, description=_TEXT),
    },
    "named_versions.update": {
        "state": lambda c: c.named_versions.update(_IMODEL, _OTHER, state="hidden"),
        "removed": lambda c: c.named_versions.update(_IMODEL, _OTHER, name="B", description=None),
    },
    "checkpoints.get": {
        "by index": lambda c: c.checkpoints.get(_IMODEL, 0),
        "by id": lambda c: c.checkpoints.get(_IMODEL, _CHANGESET),
    },
    "checkpoints.latest": {"plain": lambda c: c.checkpoints.latest(_IMODEL)},
    "checkpoints.get_for_briefcase": {"plain": lambda c: c.checkpoints.get_for_briefcase(c.briefcases.get(_IMODEL, 2))},
    "checkpoints.get_for_changeset": {"plain": lambda c: c.checkpoints.get_for_changeset(c.changesets.get(_IMODEL, 7))},
    "checkpoints.get_for_named_version": {"plain": lambda c: c.checkpoints.get_for_named_version(_IMODEL, _OTHER)},
    "checkpoints.create_for_named_version": {
        "plain": lambda c: c.checkpoints.create_for_named_version(_IMODEL, _OTHER)
    },
    "locks.list": {
        "plain": lambda c: c.locks.list(_IMODEL).all(),
        "whole": lambda c: c.locks.list(_IMODEL, briefcase_id=2, level="shared", page_size=50).all(),
    },
    "locks.update": {
        "whole": lambda c: c.locks.update(
            _IMODEL, 2, exclusive=["0x1f", "0x1f"], shared=["0x1", "0x2"], release=["0x3"], changeset_id=_CHANGESET
        ),
        "baseline": lambda c: c.locks.update(_IMODEL, 2, exclusive=["0xAB"]),
        "split": lambda c: c.locks.update(_IMODEL, 2, shared=[hex(number) for number in range(1, 1002)]),
    },
    "locks.release_chunk": {
        "plain": lambda c: c.locks.release_chunk(_IMODEL, 2),
        "whole": lambda c: c.locks.release_chunk(_IMODEL, 2, changeset_id=_CHANGESET),
    },
    "locks.list_released": {
        "plain": lambda c: c.locks.list_released(_IMODEL, after_changeset_index=0).all(),
        "whole": lambda c: c.locks.list_released(_IMODEL, after_changeset_index=7, page_size=3).all(),
    },
    "thumbnails.download": {
        "plain": lambda c: c.thumbnails.download(_IMODEL),
        "large": lambda c: c.thumbnails.download(_IMODEL, size="large"),
    },
    "thumbnails.upload": {
        "png": lambda c: c.thumbnails.upload(_IMODEL, _PNG),
        "jpeg": lambda c: c.thumbnails.upload(_IMODEL, _JPEG),
    },
    "users.list": {
        "plain": lambda c: c.users.list(_IMODEL).all(),
        "whole": lambda c: c.users.list(_IMODEL, order_by="surname desc, given_name", detail="minimal").all(),
    },
    "users.get": {"plain": lambda c: c.users.get(_IMODEL, _OTHER)},
    "users.get_creator": {"plain": lambda c: c.users.get_creator(c.changesets.get(_IMODEL, 7))},
    "users.get_owner": {"plain": lambda c: c.users.get_owner(c.briefcases.get(_IMODEL, 2))},
    "permissions.get": {"plain": lambda c: c.permissions.get(_IMODEL)},
    "permissions.get_roles": {"plain": lambda c: c.permissions.get_roles(_IMODEL)},
    "permissions.update_roles": {
        "plain": lambda c: c.permissions.update_roles(
            _IMODEL, [PermissionGrant(id=_OTHER, permissions=["imodels_read", "imodels_new"])]
        )
    },
    "permissions.get_users": {"plain": lambda c: c.permissions.get_users(_IMODEL)},
    "permissions.update_users": {
        "plain": lambda c: c.permissions.update_users(_IMODEL, [PermissionGrant(id=_OTHER, permissions=[])])
    },
    "shares.list": {"plain": lambda c: c.shares.list(_IMODEL).all()},
    "shares.get": {"plain": lambda c: c.shares.get(_IMODEL, _OTHER)},
    "shares.create": {
        "plain": lambda c: c.shares.create(_IMODEL, "Review", expires_at=_WHEN),
        "whole": lambda c: c.shares.create(
            _IMODEL, _TEXT, expires_at="2027-01-31T12:30+02:00", permission="imodels_read"
        ),
    },
    "shares.update": {"plain": lambda c: c.shares.update(_IMODEL, _OTHER, expires_at="2027-01-31")},
    "shares.revoke": {"plain": lambda c: c.shares.revoke(_IMODEL, _OTHER)},
    "favorites.list": {
        "plain": lambda c: c.favorites.list(_ITWIN).all(),
        "whole": lambda c: c.favorites.list(_ITWIN, detail="minimal", page_size=4).all(),
    },
    "favorites.add": {"plain": lambda c: c.favorites.add(_IMODEL)},
    "favorites.remove": {"plain": lambda c: c.favorites.remove(_IMODEL)},
    "itwins.list": {
        "plain": lambda c: c.itwins.list().all(),
        "whole": lambda c: c.itwins.list(
            search=_TEXT, sub_class="Project,Asset", include_inactive=True, page_size=7
        ).all(),
    },
    "itwins.get": {"plain": lambda c: c.itwins.get(_ITWIN), "hostile": lambda c: c.itwins.get(_HOSTILE)},
    "itwins.get_by_name": {"plain": lambda c: c.itwins.get_by_name(_TEXT)},
    "recents.list": {
        "plain": lambda c: c.recents.list(_ITWIN).all(),
        "whole": lambda c: c.recents.list(_ITWIN, detail="minimal", page_size=4).all(),
    },
    "recents.add": {"plain": lambda c: c.recents.add(_IMODEL)},
    "recents.remove": {"plain": lambda c: c.recents.remove(_IMODEL)},
}
"""Calls of each method of a resource, by a name for what distinguishes them."""


def recorded(colour: str, portal: BlockingPortal) -> dict[str, dict[str, list[Request]]]:
    """Make every call with a client, and return the requests of each."""
    return {
        method: {name: _requests(colour, portal, call) for name, call in calls.items()}
        for method, calls in CALLS.items()
    }


def _requests(colour: str, portal: BlockingPortal, call: Callable[[IModelsClient], object]) -> list[Request]:
    found: list[Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        found.append(_described(request))
        return example(request)

    with (
        client_class(colour, portal)(
            "golden-token", base_url=BASE_URL, transport=httpx.MockTransport(answer), headers={"X-Correlation-Id": "7"}
        ) as client,
        about_any_entity(),
    ):
        call(client)
    return found


def about_any_entity() -> AbstractContextManager[object]:
    """Accept examples about other entities than those of the calls."""
    return mock.patch("itwin_imodels._operations.common.check_requested")


def _described(request: httpx.Request) -> Request:
    path, _, query = request.url.raw_path.decode().partition("?")
    return {
        "method": request.method,
        "path": path,
        "query": query,
        "headers": {name: value for name, value in sorted(request.headers.items()) if name not in _VOLATILE},
        "body": _body(request),
    }


def _body(request: httpx.Request) -> object:
    content = request.read()
    if request.headers.get("content-type") == "application/json":
        return json.loads(content)
    return content.decode("latin-1") or None


def example(request: httpx.Request) -> httpx.Response:
    """Return the documented response to a request; for a list, its only page."""
    path = request.url.raw_path.decode().partition("?")[0]
    if path.startswith("/itwins/"):
        return httpx.Response(200, json=_ITWIN_LIST if path == "/itwins/" else {"iTwin": _SUN_CITY})
    (operation, *_) = _operations(request.method, path)
    successes = [each for each in answers(operation) if each.status < 300]
    full = request.headers.get("prefer") == "return=representation"
    answer = max(successes, key=lambda each: len(str(each.value))) if full else successes[0]
    headers = {"location": f"{BASE_URL}/{_OTHER}"}
    if isinstance(answer.value, bytes):
        return httpx.Response(answer.status, content=answer.value, headers={**headers, "content-type": "image/png"})
    if answer.value is None:
        return httpx.Response(answer.status, headers=headers)
    return httpx.Response(answer.status, json=_last_page(answer.value), headers=headers)


def _operations(method: str, path: str) -> Iterator[Any]:
    for defined, pattern, operation in routes():
        if defined == method and pattern.fullmatch(path):
            yield operation


def _last_page(value: Any) -> Any:
    links = value.get("_links") if isinstance(value, dict) else None
    return {**value, "_links": {**links, "next": None}} if links else value


def main() -> None:
    """Write the goldens."""
    with start_blocking_portal("asyncio") as portal:
        found = recorded(COLOURS[0], portal)
    replace_file(GOLDENS, (json.dumps(found, indent=1, ensure_ascii=False) + "\n").encode())


if __name__ == "__main__":
    main()
