"""For any failure of a request in a workflow, the result is correct, or an error describes the problem.

Each cell is a workflow, one of its requests, and a failure of that request. By default, a sample is run, which is the
same for the same code; `FAULT_CELLS=all` runs every cell, a number runs that many, and `FAULT_SEED` selects others.
`FAULT_OUTCOMES` names a folder for the outcomes of the cells, from which `make faults` writes the table of
docs/faults.md.
"""

import json
import os
import random
import ssl
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal
from attrs import frozen

from itwin_imodels import IModelsClient, RetryPolicy, Timeout, TransferOptions
from itwin_imodels._core.network import shared_tls
from itwin_imodels.errors import IModelsError
from itwin_imodels_hub import LocalHub
from tests.depth import samples
from tests.faults.conftest import MakeWorld
from tests.faults.helpers.faults import COMPLETE, FAULTS
from tests.faults.helpers.proxy import Fault, Plan, Proxy
from tests.faults.helpers.workflows import WORKFLOWS
from tests.variables import causes_of
from tests.workflows.helpers.driving import client_class

CELLS = os.environ.get("FAULT_CELLS", str(samples(300)))
SEED = os.environ.get("FAULT_SEED", "2026")
OUTCOMES = os.environ.get("FAULT_OUTCOMES")
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
REQUESTS = 14
"""Number of requests of a workflow that are tried, from the first; no workflow has more that differ."""
LIMIT = 60.0
"""Time limit of a cell in seconds, also on a busy machine; the limits of the clients are a few seconds."""

PATIENCE = Timeout(connect=2, read=0.5, write=2, pool=2)
QUICK = RetryPolicy(attempts=3, first_wait=0.01, longest_wait=0.02, deadline=5)
TRANSFER = TransferOptions(retries=2)

NOT_SEEN = {
    *(
        (workflow, fault)
        for workflow in ("list", "list in parallel")
        for fault in ("lost items", "missing page", "empty page")
    ),
    ("list", "no next"),
}
"""Faults that a list cannot detect. Other workflows look at the end of the timeline first."""
OLDER = {("pull", "lost items", 0), ("mirror", "lost items", 0)}
"""Requests whose altered response is correct for the timeline before the newest changeset."""


@frozen
class Cell:
    """A cell of the matrix: a fault of one request of a workflow, run by one of the two clients."""

    workflow: str
    number: int
    fault: Fault
    colour: str

    def __str__(self) -> str:
        """Return a name for reports."""
        return f"{self.workflow} {self.number} {self.fault.name} {self.colour}".replace(" ", "-")


def sample() -> Sequence[Cell]:
    """Return the cells of this run."""
    found = [
        Cell(workflow, number, fault, colour)
        for workflow in WORKFLOWS
        for number in range(REQUESTS)
        for fault in FAULTS
        for colour in ("sync", "async")
        if (workflow, fault.name) not in NOT_SEEN and (workflow, fault.name, number) not in OLDER
    ]
    if CELLS == "all":
        return found
    return random.Random(SEED).sample(found, int(CELLS))  # noqa: S311 - no secret


@pytest.fixture(scope="module")
def counts(hub: LocalHub, proxy: Proxy, make_world: MakeWorld) -> dict[str, int]:
    """Count the requests of each workflow without a fault, and check that it succeeds."""
    found = {}
    for name, (run, check) in WORKFLOWS.items():
        world, plan = make_world(name), proxy.begin(Plan())
        with IModelsClient(hub.token("ada"), base_url=proxy.base_url) as client:
            try:
                result, error = run(world, client), None
            except IModelsError as caught:
                result, error = None, caught
        check(world, result, error)
        found[name] = len(plan.seen)
    return found


@pytest.fixture
def server(
    cell: Cell, proxy: Proxy, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Proxy]:
    """Return the proxy for a cell: one with TLS if the certificate fails."""
    if cell.fault.certificate is None:
        yield proxy
        return
    monkeypatch.setenv("SSL_CERT_FILE", str(request.getfixturevalue("authority")))
    shared_tls.cache_clear()
    yield request.getfixturevalue("secure_proxy")
    shared_tls.cache_clear()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("cell", sample(), ids=str)
def test_the_answer_is_right_or_there_is_an_error(
    cell: Cell, make_world: MakeWorld, server: Proxy, portal: BlockingPortal, counts: dict[str, int]
) -> None:
    """There is no wrong result, lost lock, wrong file, second changeset, other exception, secret, or endless wait."""
    run, check = WORKFLOWS[cell.workflow]
    if cell.number >= counts[cell.workflow] and CELLS == "all":
        pytest.skip("no such request")
    world = make_world(cell.workflow)
    token = world.hub.token("ada")
    result, error = None, None
    plan = server.begin(Plan(cell.fault, cell.number % counts[cell.workflow]))
    begun = time.monotonic()
    with opened(cell.colour, portal, token, server.base_url) as client:
        try:
            result = run(world, client)
        except IModelsError as caught:
            error = caught
    assert time.monotonic() - begun < LIMIT
    assert plan.has_struck or (plan.seen and error is None)  # parallel workflows vary in their requests
    server.begin(Plan())
    for each in () if error is None else causes_of(error):
        assert token not in f"{each!s}{each!r}"
        assert "sig=" not in f"{each!s}{each!r}"
    check(world, result, error)
    if plan.has_struck:
        note_outcome(cell, error)


def opened(colour: str, portal: BlockingPortal, token: str, base_url: str) -> Any:
    """Return a client with short timeouts and few retries."""
    options: dict[str, Any] = {"retry": QUICK, "timeout": PATIENCE, "transfer": TRANSFER}
    if not base_url.startswith("https"):  # the system's certificates take longer to read than a cell
        options["transport"] = (httpx.HTTPTransport if colour == "sync" else httpx.AsyncHTTPTransport)(verify=NO_TLS)
    return client_class(colour, portal)(token, base_url=base_url, **options)


def note_outcome(cell: Cell, error: IModelsError | None) -> None:
    """Record the outcome of a cell, if recording is enabled."""
    if OUTCOMES is not None:
        outcome = {
            "workflow": cell.workflow,
            "fault": cell.fault.name,
            "outcome": COMPLETE if error is None else type(error).__name__,
        }
        with (Path(OUTCOMES) / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(outcome) + "\n")
