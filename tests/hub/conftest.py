"""A fresh hub for each test, behind one server, and clients that check every response against the definition.

With HUB_TEST_DATABASE=postgresql, the hubs have their state in PostgreSQL, and tests that do not depend on the database
are skipped.
"""

from collections.abc import Callable, Iterator

import httpx
import pytest

from itwin_imodels_hub.basis.clock import Clock
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.identity import DEMO_USERS, NewUser
from itwin_imodels_hub.serving.app import Site
from tests.depth import THOROUGH
from tests.hub.helpers.checking import check
from tests.hub.helpers.databases import ON_POSTGRESQL, Databases, hubs_on
from tests.hub.helpers.desk import Desk
from tests.hub.helpers.serving import Switch, served
from tests.parts import require_part
from tests.postgres import Cluster, common_folder, shared_cluster

# Tests that do not depend on the database, test PostgreSQL anyway, or run the hub as a command without PostgreSQL.
_LEFT_OUT = (
    "blobs_*",
    "config",
    "faults",
    "migrations",
    "postgresql",
    "processes",
    "resuming_uploads",
    "serve",
    "traffic",
    "vendor_client",
    "verification",
)
# Tests that send no statements that other tests do not send.
_FURTHER = (
    "api_requests",
    "api_rules",
    "azure_storage",
    "checkpoint_blocks",
    "connections",
    "cross_origin",
    "demo",
    "page_*",
    "perimeter",
    "redirects",
    "schemathesis",
    "sign_in_by_token",
    "vendor_browser",
)
collect_ignore_glob = [f"test_{each}.py" for each in (*_LEFT_OUT, *(() if THOROUGH else _FURTHER)) if ON_POSTGRESQL]

OpenHub = Callable[[HubSettings], Hub]
AddUser = Callable[[NewUser], Desk]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Run a PostgreSQL server for the tests that need one."""
    require_part("postgresql")
    with shared_cluster(common_folder(tmp_path_factory)) as cluster:
        yield cluster


@pytest.fixture(scope="session", autouse=True)
def _where_hubs_are(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep the state of hubs in the database of the run."""
    if not ON_POSTGRESQL:
        yield
        return
    with hubs_on(Databases(request.getfixturevalue("cluster"))):
        yield


@pytest.fixture(scope="session")
def switch() -> Switch:
    """Return the application of the server, which forwards requests to the hub of the running test."""
    return Switch()


@pytest.fixture(scope="session")
def address(switch: Switch) -> Iterator[str]:
    """Serve the hub of the running test."""
    with served(switch, lifespan=False) as address:
        yield address


@pytest.fixture
def settings() -> HubSettings:
    """Return the settings of the test's hub; tests replace this fixture."""
    return HubSettings()


@pytest.fixture
def hub(switch: Switch, settings: HubSettings) -> Iterator[Hub]:
    """Serve a fresh hub whose clock stands still until a test advances it."""
    hub = Hub(settings, users=DEMO_USERS, clock=Clock(running=False))
    switch.app = Site(hub).application()
    hub.jobs.start()
    yield hub
    switch.app = None
    hub.close()


@pytest.fixture
def open_desk(hub: Hub, address: str) -> Iterator[Callable[[str], Desk]]:
    """Yield a function that makes clients from the value of their Authorization header."""
    clients: list[httpx.Client] = []

    def open_one(authorization: str) -> Desk:
        headers = {"Authorization": authorization} if authorization else {}
        client = httpx.Client(base_url=address, headers=headers, event_hooks={"response": [check]}, timeout=240)
        clients.append(client)
        return Desk(hub, client)

    yield open_one
    for client in clients:
        client.close()


@pytest.fixture
def ada(open_desk: Callable[[str], Desk]) -> Desk:
    """Call as the first default user."""
    return open_desk(f"Bearer {DEMO_USERS[0].token}")


@pytest.fixture
def grace(open_desk: Callable[[str], Desk]) -> Desk:
    """Call as the second default user."""
    return open_desk(f"Bearer {DEMO_USERS[1].token}")


@pytest.fixture
def add_user(hub: Hub, open_desk: Callable[[str], Desk]) -> AddUser:
    """Return a function that adds users."""

    def add_one(user: NewUser) -> Desk:
        with hub.store.writing() as connection:
            token = hub.credentials.create_user(connection, user)
        return open_desk(f"Bearer {token}")

    return add_one


@pytest.fixture
def itwin(ada: Desk) -> str:
    """Create an iTwin."""
    return ada.itwin()


@pytest.fixture
def imodel(ada: Desk, itwin: str) -> str:
    """Create an iModel that is ready."""
    return ada.imodel(itwin)


@pytest.fixture
def briefcase(ada: Desk, imodel: str) -> int:
    """Acquire a briefcase of the first user."""
    return ada.briefcase(imodel)
