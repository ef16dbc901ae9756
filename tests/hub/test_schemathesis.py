"""Requests that Schemathesis generates from the definition: all responses of the hub must conform to it.

Each operation gets the documented requests and random ones; in a thorough run also systematic ones (limits, missing
properties, wrong types, wrong methods). Most of them use existing entities, since otherwise nearly all would end with a
404. Some callers may see less than others, and one nothing at all. The requests are the same every time.
HUB_FUZZ_EXAMPLES sets the number of random ones per operation, and HUB_FUZZ_SEED selects others.
"""

import hashlib
import os
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from attrs import define, evolve, field, frozen
from PIL import Image
from schemathesis.checks import CHECKS
from schemathesis.core import NotSet
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase
from starlette.responses import JSONResponse, PlainTextResponse, Response

from itwin_imodels_hub import HubSettings, Ids, LocalHub, NewUser, SeedChangeset, SeedCheckpoint, SeedIModel
from itwin_imodels_hub.api.routes import OPERATIONS
from itwin_imodels_hub.identity import DEMO_USERS
from scripts.specs.walk import operations
from tests.definition import Schemas, answer_key, by_id, error_codes, expected, is_json, known
from tests.depth import THOROUGH
from tests.hub.helpers.checking import FRAMEWORK, OURS

EXAMPLES = int(os.environ.get("HUB_FUZZ_EXAMPLES", "5" if THOROUGH else "2"))
ENOUGH = 40
"""Random requests per operation from which on each operation must have succeeded at least once."""
SEED = int(os.environ.get("HUB_FUZZ_SEED", "2026"))
AIMED = 0.85
"""Share of the ids in requests that are those of things that are there; documented examples have no others."""

ACCEPT = "application/vnd.bentley.itwin-platform.v2+json"
GIVEN_HEADERS = {"Accept", "Authorization", "Content-Type"}
"""Headers that requests carry as they should; they are not made up."""

CONTENTS = (b"first changes", b"second changes", b"changes that wait")
FIRST, SECOND, WAITING, NEW = (
    hashlib.sha1(content, usedforsecurity=False).hexdigest() for content in (*CONTENTS, b"new changes")
)
ROLE = "5abbfcef-0eab-472a-b5f5-5c5a43df34b1"
MANAGING = {"imodels_manage", "imodels_delete"}
"""Permissions with which one sees every iModel of an iTwin."""
EXTENDED_DATA = "eyJhIjoxfQ=="

CALLERS = {
    ("ada", "open"): 14,
    ("grace", "visible"): 3,
    ("grace", "hidden"): 1,
    ("share", "open"): 2,
    ("nobody", "open"): 1,
}
"""Who calls, what kind of target the call is aimed at, and how often."""

CONTRADICTORY = ({"changesetId", "changesetIndex"}, {"creationMode", "template", "baselineFile"})
"""Groups of members of which a body that the hub takes has one."""

BUILT_IN = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
)


def definition_for_fuzzing() -> dict[str, Any]:
    """Return the operations of the definition that the hub serves, with its URLs, without the given headers."""
    document = expected()
    served = {operation.id: f"/{'/'.join(operation.path)}" for operation in OPERATIONS}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations(document):
        if operation.id in served:
            path = served[operation.id]
            names = dict(zip(placeholders(operation.path), placeholders(path), strict=True))
            parameters = [renamed(each, names) for each in operation.node["parameters"]]
            made_up = [each for each in parameters if each["name"] not in GIVEN_HEADERS]
            paths.setdefault(path, {})[operation.method] = {**operation.node, "parameters": made_up}
    return {**document, "paths": paths}


def placeholders(path: str) -> list[str]:
    """Return the names of the parameters in a path."""
    return re.findall(r"\{(\w+)\}", path)


def renamed(parameter: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Copy a parameter; one of the path gets a new name."""
    return {**parameter, "name": names[parameter["name"]]} if parameter["in"] == "path" else parameter


def configuration() -> schemathesis.Config:
    """Generate the same requests every time: nothing is learned from responses, earlier runs, or our source."""
    fuzzing = {"extra-data-sources": {"responses": False}, "error-feedback": {"enabled": False}}
    return schemathesis.Config.from_dict(
        {
            "seed": SEED,
            "generation": {
                "max-examples": EXAMPLES,
                "deterministic": True,
                "database": "none",
                "no-shrink": True,
                "with-security-parameters": False,
            },
            "phases": {"stateful": {"enabled": False}, "coverage": {"enabled": THOROUGH}, "fuzzing": fuzzing},
            "analysis": {"constants": {"enabled": False}},
        }
    )


SCHEMAS = Schemas(known())
OPERATIONS_BY_ID = by_id(known())
schema = schemathesis.openapi.from_dict(definition_for_fuzzing(), config=configuration())


@frozen(kw_only=True)
class Target:
    """An iModel with one entity of each kind, for requests."""

    imodel: str
    itwin: str
    briefcases: tuple[int, int]
    group: str
    version: str
    share: str
    share_key: str
    user: str


@define
class World:
    """A hub with targets; those that requests change are created again.

    Targets are `open` to everyone, `visible` to the second user or `hidden` from that user, or `waiting` for the
    confirmation of a push.
    """

    hub: LocalHub
    folder: Path
    session: requests.Session
    made: int = 0
    targets: dict[str, Target] = field(factory=dict)
    seen: dict[str, set[int]] = field(factory=lambda: defaultdict(set))

    def target(self, kind: str) -> Target:
        """Return a target, and create it if necessary."""
        if kind not in self.targets:
            self.targets[kind] = self._make(kind)
        return self.targets[kind]

    def awaiting_baseline(self) -> Target:
        """Return a target whose iModel waits for the confirmation of its baseline file."""
        self.made += 1
        body = {"iTwinId": self.hub.itwin_id, "name": f"baseline {self.made}", "creationMode": "fromBaseline"}
        created = self._call("ada", "POST", "", {**body, "baselineFile": {"size": len(CONTENTS[2])}})["iModel"]
        self._upload(created)
        return evolve(self.target("open"), imodel=created["id"])

    def _make(self, kind: str) -> Target:
        self.made += 1
        seed = SeedIModel(
            name=f"{kind} {self.made}",
            changesets=[SeedChangeset(id=name, file=self.folder / name) for name in (FIRST, SECOND)],
            checkpoints=[SeedCheckpoint(changeset_index=1, file=self.folder / FIRST, directory=self.folder)],
        )
        imodel = self.hub.control.create_imodel(seed)
        mine, hers = (self._call(user, "POST", f"{imodel}/briefcases", {})["briefcase"] for user in ("ada", "grace"))
        version = self._call("ada", "POST", f"{imodel}/namedversions", {"name": "A", "changesetId": FIRST})
        group = self._call("ada", "POST", f"{imodel}/changesetgroups", {"description": "A"})
        share = {"name": "A", "permission": "imodels_read", "expiresAt": later()}
        share = self._call("ada", "POST", f"{imodel}/shares", share)["share"]
        self._call("ada", "POST", f"{imodel}/changesets/{FIRST}/extendeddata", {"data": EXTENDED_DATA})
        for user, briefcase, first in (("ada", mine, 1), ("grace", hers, 100)):
            locks = [{"lockLevel": "exclusive", "objectIds": [hex(first), hex(first + 1)]}]
            body = {"briefcaseId": briefcase["briefcaseId"], "lockedObjects": locks}
            self._call(user, "PATCH", f"{imodel}/locks", body)
        granted = [{"id": mine["ownerId"], "permissions": ["imodels_manage"]}]
        if kind == "visible":
            granted.append({"id": hers["ownerId"], "permissions": ["imodels_webview"]})
        if kind in {"visible", "hidden"}:
            self._call("ada", "PATCH", f"{imodel}/userpermissions", {"userPermissions": granted})
        if kind == "waiting":
            body = {"id": WAITING, "parentId": SECOND, "briefcaseId": mine["briefcaseId"], "fileSize": len(CONTENTS[2])}
            self._upload(self._call("ada", "POST", f"{imodel}/changesets", body)["changeset"])
        return Target(
            imodel=imodel,
            itwin=self.hub.itwin_id,
            briefcases=(mine["briefcaseId"], hers["briefcaseId"]),
            group=group["changesetGroup"]["id"],
            version=version["namedVersion"]["id"],
            share=share["id"],
            share_key=share["shareKey"],
            user=mine["ownerId"],
        )

    def _upload(self, entity: dict[str, Any]) -> None:
        href = entity["_links"]["upload"]["href"]
        response = self.session.put(href, data=CONTENTS[2], headers={"x-ms-blob-type": "BlockBlob"}, timeout=30)
        assert response.status_code == 201, response.text

    def _call(self, user: str, method: str, path: str, body: object) -> Any:
        headers = {"Authorization": f"Bearer {self.hub.token(user)}", "Accept": ACCEPT}
        response = self.session.request(method, f"{self.hub.base_url}/{path}", json=body, headers=headers, timeout=30)
        assert response.ok, response.text
        return response.json()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Serve a hub for the fuzzed requests; in the end each operation must have succeeded at least once."""
    folder = tmp_path_factory.mktemp("files")
    for name, content in zip((FIRST, SECOND), CONTENTS, strict=False):
        (folder / name).write_bytes(content)
    limits = HubSettings(briefcases_per_minute=10**6, briefcases_total=10**6, job_delay=timedelta())
    stranger = NewUser(name="stranger", given_name="S", surname="T", permissions=frozenset(), token="stranger-token")  # noqa: S106
    demo = [
        evolve(each, permissions=each.permissions - MANAGING) if each.name == "grace" else each for each in DEMO_USERS
    ]
    with (
        LocalHub(settings=limits, ids=Ids("schemathesis"), users=(*demo, stranger)) as hub,
        requests.Session() as session,
    ):
        world = World(hub, folder, session)
        yield world
    never = [label for label, statuses in world.seen.items() if min(statuses) >= 300]
    assert EXAMPLES < ENOUGH or not never, f"no request of these operations succeeded: {never}"


@schema.parametrize()
def test_requests_that_are_made_up(case: schemathesis.Case, world: World) -> None:
    """The response always conforms to the definition, and invalid requests are rejected."""
    body = None if isinstance(case.body, NotSet) else case.body
    made_up = (case.method, case.path, case.path_parameters, case.query, dict(case.headers), body)
    chance = random.Random(repr(made_up))  # noqa: S311 - repeatable
    documented = case.meta is not None and case.meta.phase.name == TestPhase.EXAMPLES
    user, kind = ("ada", "open") if documented else chance.choices(list(CALLERS), list(CALLERS.values()))[0]
    if user == "ada":
        kind = "waiting" if is_confirmation(case) else kind
    target = world.target(kind)
    if user == "ada" and case.operation.definition.raw["operationId"] == "complete-imodel-baseline-file-upload":
        target = world.awaiting_baseline()
    point(case, target, chance, 1.0 if documented else AIMED)
    response = send(case, world, {"share": f"Basic {target.share_key}", "nobody": ""}.get(user, f"Bearer {user}-token"))
    if case.method != "GET" and response.status_code < 300:
        world.targets.pop(kind)
    if case.method == case.operation.method.upper():
        world.seen[case.operation.label].add(response.status_code)


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("authorization", ["", "Bearer unknown", "Basic unknown", "Bearer"])
def test_callers_who_are_nobody(world: World, authorization: str) -> None:
    """Every operation responds with the documented 401 to callers without a valid token."""
    for case in plain_cases(world.target("open")):
        assert send(case, world, authorization).status_code == 401, case.operation.label


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize(("user", "kind"), [("grace", "hidden"), ("stranger", "open")])
def test_callers_who_may_nothing(world: World, user: str, kind: str) -> None:
    """Every operation reports an iModel as missing to users without permission on it."""
    for case in plain_cases(world.target(kind)):
        if "id" in case.path_parameters:
            assert send(case, world, f"Bearer {user}-token").status_code == 404, case.operation.label


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({"error": {"code": "iModelNotFound", "message": ""}}, 418),
        JSONResponse({"error": {"code": "Unknown", "message": ""}}, 500),
        JSONResponse({"error": {"code": "BriefcaseNotFound", "message": ""}}, 404),
        JSONResponse({"error": {"message": ""}}, 404),
        JSONResponse({"iModel": {"id": 1}}, 200),
        PlainTextResponse("iModel", 200),
    ],
    ids=["status", "crash", "code", "error", "entity", "media type"],
)
def test_an_answer_that_is_not_documented_is_noticed(world: World, answer: Response) -> None:
    """The checks of this file fail if the hub sends an undefined response."""
    case = next(each for each in plain_cases(world.target("open")) if each.operation.label == "GET /{id}")
    send(case, world, "Bearer ada-token")

    async def instead(*_: object) -> Response:
        return answer

    world.hub._site.api.interceptor = instead
    try:
        with pytest.raises(FailureGroup):
            send(case, world, "Bearer ada-token")
    finally:
        world.hub._site.api.interceptor = None


def plain_cases(target: Target) -> Iterator[schemathesis.Case]:
    """Create one request per operation for a target, without query and body."""
    for result in schema.get_all_operations():
        case = result.ok().Case()
        names = [parameter.name for parameter in case.operation.path_parameters]
        case.path_parameters = {name: path_values(case, target, random.Random(SEED))[name] for name in names}  # noqa: S311
        yield case


def send(case: schemathesis.Case, world: World, authorization: str) -> schemathesis.Response:
    """Send a request and check the response."""
    headers = {"Accept": ACCEPT, **({"Authorization": authorization} if authorization else {})}
    response = case.call(base_url=world.hub.base_url, headers=headers, session=world.session)
    checks = [CHECKS.get_one(name) for name in BUILT_IN]
    case.validate_response(
        response, checks=[*checks, documented_answers, documented_codes, refused_when_not_valid], headers=headers
    )
    return response


def documented_answers(_: object, response: schemathesis.Response, case: schemathesis.Case) -> None:
    """Check that a response conforms to the schema for its status."""
    operation = OPERATIONS_BY_ID[case.operation.definition.raw["operationId"]]
    key = answer_key(operation.node["responses"], str(response.status_code))
    media_type = response.headers.get("content-type", [""])[0]
    if key is None or case.method != case.operation.method.upper() or not is_json(media_type):
        return
    for address in SCHEMAS.addresses(operation.node["responses"][key], *operation.pointer, "responses", key):
        if problems := SCHEMAS.errors(response.json(), address):
            raise Failure(operation=case.operation.label, title="Answer not documented", message="; ".join(problems))


def documented_codes(_: object, response: schemathesis.Response, case: schemathesis.Case) -> None:
    """An error has a code that the tests know for it, at a status that they know."""
    if response.status_code < 400 or response.status_code == 405:
        return
    operation_id = case.operation.definition.raw["operationId"]
    code = response.json().get("error", {}).get("code")
    if code not in {*error_codes(operation_id, response.status_code), *FRAMEWORK} and (operation_id, code) not in OURS:
        raise Failure(operation=case.operation.label, title="Error code not documented", message=response.text)


def refused_when_not_valid(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """Check that an invalid request is rejected, with three exceptions.

    Unknown preferences are ignored (RFC 7240). The type of a picture is only known after reading it. Null is treated as
    missing, also if the definition does not permit it.
    """
    wrong = {place for place, info in case.meta.components.items() if info.mode.is_negative} if case.meta else set()
    picture_sent = (case.media_type or "").startswith("image/")
    if wrong != {ParameterLocation.HEADER} and not picture_sent and not has_null(case.body):
        CHECKS.get_one("negative_data_rejection")(context, response, case)


def has_null(body: object) -> bool:
    """Return whether a member of a body is null."""
    return isinstance(body, Mapping) and any(value is None or has_null(value) for value in body.values())


def is_confirmation(case: schemathesis.Case) -> bool:
    """Return whether a request ends a push."""
    return case.operation.definition.raw["operationId"] == "update-imodel-changeset"


def point(case: schemathesis.Case, target: Target, chance: random.Random, share: float) -> None:
    """Replace a part of the generated valid ids with those of existing entities."""
    valid = {place for place, info in case.meta.components.items() if info.mode.is_positive} if case.meta else set()
    if ParameterLocation.PATH in valid:
        case.path_parameters = pointed(case.path_parameters, path_values(case, target, chance), chance, share)
    if ParameterLocation.QUERY in valid:
        case.query = pointed(case.query, {"iTwinId": target.itwin}, chance, share)
    if ParameterLocation.BODY in valid and (case.media_type or "").startswith("image/"):
        case.body = picture() if chance.random() < share else case.body
    elif ParameterLocation.BODY in valid and isinstance(case.body, Mapping):
        body = pointed(case.body, body_values(case, target, chance), chance, share)
        case.body = without_contradictions(body, chance) if chance.random() < share else body


def path_values(case: schemathesis.Case, target: Target, chance: random.Random) -> dict[str, object]:
    """Return what parameters of paths may be."""
    changeset = chance.choice([FIRST, SECOND, "0", "1", "2"])
    if case.method != "GET":
        changeset = WAITING if is_confirmation(case) else SECOND
    return {
        "id": target.imodel,
        "briefcaseId": chance.choice(target.briefcases),
        "changeset": changeset,
        "changesetGroupId": target.group,
        "namedVersionId": target.version,
        "userId": target.user,
        "shareId": target.share,
    }


def body_values(case: schemathesis.Case, target: Target, chance: random.Random) -> dict[str, object]:
    """Return what members of bodies may be."""
    mine, hers = target.briefcases
    values = {
        "iTwinId": target.itwin,
        "iModelId": target.imodel,
        "briefcaseId": chance.choice([mine, mine, hers]),
        "changesetId": chance.choice([FIRST, SECOND, SECOND, ""]),
        "changesetIndex": chance.choice([0, 1, 2]),
        "parentId": chance.choice([SECOND, SECOND, SECOND, FIRST]),
        "groupId": target.group,
        "objectIds": [hex(chance.randrange(1, 200)) for _ in range(chance.randrange(4))],
        "expiresAt": later(),
        "data": EXTENDED_DATA,
        "fileSize": len(CONTENTS[2]),
    }
    if case.path.endswith(("/", "/clone", "/fork")):
        values["name"] = f"name {chance.random()}"
    elif case.path.endswith("/changesets"):
        values["id"] = chance.choice([NEW, NEW, FIRST])
    elif case.path.endswith("permissions"):
        values["id"] = chance.choice([target.user, ROLE])
    return values


def pointed(made_up: Any, values: Mapping[str, object], chance: random.Random, share: float) -> Any:
    """Copy what was made up, with a share of the members that are named in `values` replaced."""
    if isinstance(made_up, list):
        return [pointed(item, values, chance, share) for item in made_up]
    if not isinstance(made_up, Mapping):
        return made_up
    return {
        name: values[name]
        if name in values and value is not None and chance.random() < share
        else pointed(value, values, chance, share)
        for name, value in made_up.items()
    }


def without_contradictions(body: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """Copy a body, with one of each group of mutually exclusive properties."""
    kept = set(body)
    for group in CONTRADICTORY:
        kept -= group - {chance.choice(sorted(group & kept) or [""])}
    return {name: value for name, value in body.items() if name in kept}


def picture() -> bytes:
    """Create a small picture."""
    content = BytesIO()
    Image.new("RGB", (8, 5), "teal").save(content, "PNG")
    return content.getvalue()


def later() -> str:
    """Return a time within the limit of shares."""
    return (datetime.now(UTC) + timedelta(days=30)).isoformat()
