"""Whatever happens to a request of a workflow: the answer is right, or there is an error that says what is wrong.

Each cell is a workflow, one of its requests, and something that happens to that request. A sample is run, the same in
every run of a day's code; `FAULT_CELLS=all` runs every cell, a number runs so many, and `FAULT_SEED` chooses others.
"""

import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal
from attrs import frozen

from itwin_imodels import IModelsClient, RetryPolicy, Timeout, TransferOptions
from itwin_imodels.errors import IModelsError
from itwin_imodels_hub import LocalHub
from tests.faults.helpers.faults import FAULTS
from tests.faults.helpers.proxy import Fault, Plan, Proxy
from tests.faults.helpers.workflows import WORKFLOWS
from tests.faults.helpers.world import World, made
from tests.variables import causes_of
from tests.workflows.helpers.driving import client_class
from tests.workflows.helpers.files import chain_of

CELLS = os.environ.get("FAULT_CELLS", "150")
SEED = os.environ.get("FAULT_SEED", "2026")
REQUESTS = 14
"""Requests of a workflow that are tried, the first ones; none of them has more that differ."""
LIMIT = 60.0
"""Seconds that no cell may take, even on a busy machine: there are limits of a few seconds everywhere."""

PATIENCE = Timeout(connect=2, read=0.5, write=2, pool=2)
QUICK = RetryPolicy(attempts=3, first_wait=0.01, longest_wait=0.02, deadline=5)
TRANSFER = TransferOptions(retries=2)

NOT_SEEN = {
    ("list", "lost items"),
    ("list at once", "lost items"),
    ("list", "double items"),
    ("list at once", "double items"),
}
"""A list is what the service says; only a timeline has indexes that show what is missing."""


@frozen
class Cell:
    """A cell of the matrix: what happens to which request of a workflow, run by a client of a colour."""

    workflow: str
    number: int
    fault: Fault
    colour: str

    def __str__(self) -> str:
        """A name for reports."""
        return f"{self.workflow} {self.number} {self.fault.name} {self.colour}".replace(" ", "-")


def sample() -> Sequence[Cell]:
    """The cells of this run."""
    found = [
        Cell(workflow, number, fault, colour)
        for workflow in WORKFLOWS
        for number in range(REQUESTS)
        for fault in FAULTS
        for colour in ("sync", "async")
        if (workflow, fault.name) not in NOT_SEEN
    ]
    if CELLS == "all":
        return found
    return random.Random(SEED).sample(found, int(CELLS))  # noqa: S311 - no secret


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of a timeline of five."""
    return chain_of(tmp_path_factory.mktemp("files"), 5)


@pytest.fixture(scope="module")
def users(hub: LocalHub) -> Iterator[list[IModelsClient]]:
    """Clients of two users to whom nothing happens."""
    with ExitStack() as stack:
        opened = (IModelsClient(hub.token(name), base_url=hub.base_url) for name in ("ada", "grace"))
        yield [stack.enter_context(each) for each in opened]


@pytest.fixture
def world(hub: LocalHub, users: list[IModelsClient], files: list[Path], tmp_path: Path) -> World:
    """A world of its own."""
    folder = tmp_path / "work"
    folder.mkdir()
    return made(hub, *users, files, folder)


@pytest.fixture(scope="module")
def counts(
    hub: LocalHub, users: list[IModelsClient], files: list[Path], proxy: Proxy, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, int]:
    """How many requests each workflow has when all goes well; and it goes well."""
    found = {}
    for name, (run, check) in WORKFLOWS.items():
        world = made(hub, *users, files, tmp_path_factory.mktemp("world"))
        proxy.plan = Plan()
        with IModelsClient(hub.token("ada"), base_url=proxy.base_url) as client:
            try:
                result, error = run(world, client), None
            except IModelsError as caught:
                result, error = None, caught
        check(world, result, error)
        found[name] = len(proxy.plan.seen)
    return found


@pytest.mark.timeout(180)
@pytest.mark.parametrize("cell", sample(), ids=str)
def test_the_answer_is_right_or_there_is_an_error(
    cell: Cell, world: World, proxy: Proxy, portal: BlockingPortal, counts: dict[str, int]
) -> None:
    """No wrong answer, lost lock, wrong file, second changeset, other exception, secret, or endless wait."""
    run, check = WORKFLOWS[cell.workflow]
    if cell.number >= counts[cell.workflow] and CELLS == "all":
        pytest.skip("no such request")
    token = world.hub.token("ada")
    result, error = None, None
    proxy.plan = Plan(cell.fault, cell.number % counts[cell.workflow])
    begun = time.monotonic()
    with opened(cell.colour, portal, token, proxy.base_url) as client:
        try:
            result = run(world, client)
        except IModelsError as caught:
            error = caught
    assert time.monotonic() - begun < LIMIT
    proxy.plan = Plan()
    for each in () if error is None else causes_of(error):
        assert token not in f"{each!s}{each!r}"
        assert "sig=" not in f"{each!s}{each!r}"
    check(world, result, error)


def opened(colour: str, portal: BlockingPortal, token: str, base_url: str) -> Any:
    """A client without much patience."""
    transport = (httpx.HTTPTransport if colour == "sync" else httpx.AsyncHTTPTransport)()
    options: dict[str, Any] = {"retry": QUICK, "timeout": PATIENCE, "transfer": TRANSFER, "transport": transport}
    return client_class(colour, portal)(token, base_url=base_url, **options)
