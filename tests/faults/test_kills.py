"""A process may be killed at any point: the same call succeeds afterwards, with the same result.

The moments are reproducible: a request that the process sends, or one of its writes. They are derived from
`FAULT_SEED`; `FAULT_KILLS` is the number of moments for each workflow.
"""

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from attrs import field, frozen

from itwin_imodels._mirror.lock import LOCK_NAME
from itwin_imodels.mirror import DATABASE_NAME
from itwin_imodels_hub import LocalHub
from tests.faults.conftest import MakeWorld
from tests.faults.helpers.proxy import Fault, Handler, Plan, Proxy, Reply
from tests.faults.helpers.workflows import NEW, delivered, mirrored, pulled
from tests.faults.helpers.world import OWN, World
from tests.workflows.helpers.driving import client_class
from tests.workflows.helpers.files import changeset_file
from tests.workflows.helpers.processes import Author

KILLS = int(os.environ.get("FAULT_KILLS", "1"))
SEED = os.environ.get("FAULT_SEED", "2026")
LIMIT = 60.0
"""Seconds that no call may take after a process was killed; none of them waits for anything."""
LAST = 0.8
"""Part of the writes after which a process may reach its end: threads make their number vary a little."""

COLOURS = ("sync", "async")


@frozen
class Job:
    """The work of a process that is killed.

    Attributes:
        verb: Name of the client's method.
        arguments: Its arguments.
        options: Its options.
        check: Checks the state after a success.
        leaves: The names of the files in the folder after a success.
    """

    verb: str
    arguments: Callable[[World], tuple[Any, ...]]
    options: Callable[[World], Mapping[str, Any]]
    check: Callable[[World, Any], None]
    leaves: Callable[[World], set[str]]


def pushed_file(world: World) -> Path:
    """The file to push, which is sent in blocks."""
    return next(world.folder.glob("*.cs"))


def assert_pushed(world: World, result: Any) -> None:
    """The timeline has it once, and the locks are as they were."""
    world.assert_timeline_whole()
    ids = [each.id for each in world.timeline]
    assert ids == [*(file.stem for file in world.files), result.id]
    assert world.locks(world.briefcase_id) == set(OWN)
    world.assert_others_untouched()


def assert_pushed_without_locks(world: World, result: Any) -> None:
    """The timeline has it once, and only the pusher's locks are released."""
    assert [each.id for each in world.timeline] == [*(file.stem for file in world.files), result.id]
    assert world.locks(world.briefcase_id) == set()
    world.assert_others_untouched()


def assert_acquired(world: World, _: Any) -> None:
    """Check that the locks are held in addition to earlier ones."""
    assert world.locks(world.briefcase_id) == {*OWN, *NEW}
    world.assert_others_untouched()


def _push_options(world: World) -> dict[str, Any]:
    return {"briefcase_id": world.briefcase_id, "parent_id": world.files[-1].stem}


def _names(world: World) -> set[str]:
    return {file.name for file in world.files}


JOBS = {
    "push": Job(
        "push_changeset",
        lambda world: (world.imodel_id, str(pushed_file(world))),
        _push_options,
        assert_pushed,
        lambda world: {pushed_file(world).name},
    ),
    "push and release": Job(
        "push_changeset",
        lambda world: (world.imodel_id, str(pushed_file(world))),
        lambda world: {**_push_options(world), "release_locks": True},
        assert_pushed_without_locks,
        lambda world: {pushed_file(world).name},
    ),
    "acquire locks": Job(
        "acquire_locks",
        lambda world: (world.imodel_id, world.briefcase_id),
        lambda world: {"exclusive": NEW, "changeset_id": world.files[-1].stem},
        assert_acquired,
        lambda world: {pushed_file(world).name},
    ),
    "pull": Job(
        "pull_changesets",
        lambda world: (world.imodel_id, str(world.folder)),
        lambda _: {},
        lambda world, result: pulled(world, result, None),
        _names,
    ),
    "mirror": Job(
        "mirror_timeline",
        lambda world: (world.imodel_id, str(world.folder)),
        lambda _: {},
        lambda world, result: mirrored(world, result, None),
        lambda world: {*_names(world), DATABASE_NAME, LOCK_NAME},
    ),
    "baseline": Job(
        "download_checkpoint",
        lambda world: (world.imodel_id, str(world.folder / "newest.bim")),
        lambda _: {},
        lambda _, result: None if result.changeset_index == 0 else pytest.fail("not the baseline"),
        lambda _: {"newest.bim"},
    ),
    "apply": Job(
        "download_checkpoint",
        lambda world: (world.imodel_id, str(world.folder / "newest.bim")),
        lambda world: {"changeset": len(world.files), "apply": True},
        lambda world, result: delivered(world, result, None),
        lambda _: {"newest.bim"},
    ),
}
IN_FOLDERS = ["pull", "mirror", "baseline", "apply"]
"""Jobs that several processes may do at once."""


@frozen
class Moment:
    """The moment at which a process dies.

    Attributes:
        kind: `before` or `after` the hub acts on a request, or when `half` of the response has arrived; or before a
            `write`.
        part: Place in the course of the job, from 0 to 1.
    """

    kind: str
    part: float

    def number(self, counts: Mapping[str, int]) -> int:
        """Return the number of the request or write, from the total number."""
        return int(self.part * counts["writes" if self.kind == "write" else "requests"])


def moments(names: Iterable[str], count: int) -> list[Any]:
    """Return the moments of this run: a number for each job and client."""
    found = []
    for name in names:
        for colour in COLOURS:
            for number in range(count):
                source = random.Random(f"{SEED} {name} {colour} {number}")  # noqa: S311 - no secret
                kind = source.choice(["before", "half", "after", "write", "write", "write"])
                moment = Moment(kind, source.random())
                found.append(pytest.param(name, colour, moment, id=f"{name} {colour} {number}".replace(" ", "-")))
    return found


@frozen
class Scene:
    """A hub behind a proxy, and processes that work on it."""

    hub: LocalHub
    proxy: Proxy
    large: Path
    make_world: MakeWorld
    counted: dict[tuple[str, str], Mapping[str, int]] = field(factory=dict)

    def world(self, name: str) -> World:
        """Create a world, with a file to push if that is the job."""
        world = self.make_world("")
        if name not in IN_FOLDERS:
            shutil.copy(self.large, world.folder)
        return world

    def start(self, name: str, colour: str, world: World, **more: Any) -> Author:
        """Start a process that does a job."""
        job = JOBS[name]
        task = {"base_url": self.proxy.base_url, "verb": job.verb, "arguments": job.arguments(world), **more}
        return Author(self.hub, colour, options=job.options(world), **task)

    def counts(self, name: str, colour: str) -> Mapping[str, int]:
        """How many requests and writes a job has."""
        if (name, colour) not in self.counted:
            plan = self.proxy.begin(Plan())
            outcome = self.start(name, colour, self.world(name), dies_at=None).outcome()
            assert "error" not in outcome, outcome
            self.counted[name, colour] = {"requests": len(plan.seen), "writes": outcome["writes"]}
        return self.counted[name, colour]

    def start_to_die(self, name: str, colour: str, world: World, moment: Moment) -> Author:
        """Start a process that dies at a moment."""
        number = moment.number(self.counts(name, colour))
        if moment.kind == "write":
            self.proxy.begin(Plan())
            return self.start(name, colour, world, dies_at=number)
        killing = Killing(moment.kind)
        self.proxy.begin(Plan(Fault("killed", killing.happen, acts=moment.kind != "before"), number))
        author = self.start(name, colour, world)
        killing.victim(author)
        return author


class Killing:
    """Kills a process at a request."""

    def __init__(self, kind: str) -> None:
        """Prepare the failure; `victim` returns the process."""
        self._kind = kind
        self._is_known = threading.Event()
        self._author: Author | None = None

    def victim(self, author: Author) -> None:
        """Set the target."""
        self._author = author
        self._is_known.set()

    def happen(self, handler: Handler, reply: Reply) -> None:
        """Kill the process, optionally after a part of the response."""
        self._is_known.wait()
        assert self._author is not None
        if self._kind == "half":
            handler.send(Reply(reply.status, reply.headers, reply.body[: len(reply.body) // 2]), length=len(reply.body))
        self._author.signal(signal.SIGKILL)


@pytest.fixture(scope="module")
def scene(
    hub: LocalHub,
    proxy: Proxy,
    make_world: MakeWorld,
    files: list[Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Scene]:
    """The scene of these tests."""
    large = changeset_file(tmp_path_factory.mktemp("large"), files[-1].stem, size=300 << 10)
    yield Scene(hub, proxy, large, make_world)
    proxy.begin(Plan())


def assert_finishes(scene: Scene, name: str, colour: str, portal: BlockingPortal, world: World) -> None:
    """The call succeeds within its limit, and leaves what it should."""
    job = JOBS[name]
    begun = time.monotonic()
    with client_class(colour, portal)(scene.hub.token("ada"), base_url=scene.hub.base_url) as client:
        result = getattr(client, job.verb)(*job.arguments(world), **job.options(world))
    assert time.monotonic() - begun < LIMIT
    job.check(world, result)
    assert {path.name for path in world.folder.iterdir()} == job.leaves(world)


@pytest.mark.thorough(keep=6)
@pytest.mark.timeout(180)
@pytest.mark.parametrize(("name", "colour", "moment"), moments(JOBS, KILLS))
def test_killed_anywhere(scene: Scene, portal: BlockingPortal, name: str, colour: str, moment: Moment) -> None:
    """The same call finishes what a dead process began."""
    world = scene.world(name)
    outcome = scene.start_to_die(name, colour, world, moment).outcome()
    assert outcome is None or (moment.kind == "write" and moment.part > LAST), outcome
    assert_finishes(scene, name, colour, portal, world)


@pytest.mark.thorough(keep=3)
@pytest.mark.timeout(180)
@pytest.mark.parametrize(("name", "colour", "moment"), moments(IN_FOLDERS, KILLS))
def test_two_in_one_folder(scene: Scene, portal: BlockingPortal, name: str, colour: str, moment: Moment) -> None:
    """One process dies while another one does the same in the same folder and succeeds."""
    world = scene.world(name)
    first = scene.start_to_die(name, colour, world, moment)
    second = scene.start(name, COLOURS[COLOURS.index(colour) - 1], world, base_url=scene.hub.base_url)
    outcomes = [
        first.outcome() or {},
        second.outcome(),
    ]  # the first need not get to its end if the second does the work
    assert not [each for each in outcomes if each is None or "error" in each]
    assert_finishes(scene, name, colour, portal, world)
