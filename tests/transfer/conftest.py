"""A storage of each kind, and transfers to and from it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from itwin_imodels._transfer import Transfers
from itwin_imodels._transfer.options import TransferOptions
from tests.hub.helpers.serving import Switch
from tests.transfer.helpers.storage import Storage, running, serving

MakeTransfers = Callable[..., Transfers]


@pytest.fixture(params=["azure", "google"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return each kind of storage in turn."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def switch() -> Switch:
    """Return the application of the server, which forwards requests to the storage of the running test."""
    return Switch()


@pytest.fixture(scope="session")
def address(switch: Switch) -> Iterator[str]:
    """Run the server of all tests."""
    with running(switch) as address:
        yield address


@pytest.fixture
def storage(tmp_path: Path, kind: str, switch: Switch, address: str) -> Iterator[Storage]:
    """Serve an empty storage."""
    with serving(tmp_path / "storage", kind, switch, address) as storage:
        yield storage


@pytest.fixture
def slept() -> list[float]:
    """Record the waits of transfers without waiting."""
    return []


@pytest.fixture
def make(slept: list[float]) -> Iterator[MakeTransfers]:
    """Yield a function that creates transfers without waits."""
    made: list[Transfers] = []

    def make(*, really_sleep: bool = False, **settings: object) -> Transfers:
        options = TransferOptions(**settings)  # type: ignore[arg-type] # as the test wrote them
        made.append(Transfers(options, sleep=None if really_sleep else slept.append))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def transfers(make: MakeTransfers) -> Transfers:
    """Return transfers with small blocks and without waits."""
    return make(block_threshold=3 << 20, block_size=1 << 20)


@pytest.fixture
def source(tmp_path: Path) -> Callable[[int], Path]:
    """Return a function that makes a file of random bytes."""

    def make(size: int) -> Path:
        path = tmp_path / f"source-{size}.cs"
        path.write_bytes(os.urandom(size))
        return path

    return make
