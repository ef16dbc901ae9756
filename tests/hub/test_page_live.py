"""The event streams of the page: they report changes by any client, and end when the hub stops."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from attrs import frozen

from itwin_imodels_hub import Fault, LocalHub, SeedIModel
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.serving import http_server
from itwin_imodels_hub.serving.app import Site
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.store.imodels import change_imodel
from itwin_imodels_hub.store.watching import Watcher
from tests.hub.helpers.databases import database_of
from tests.hub.helpers.serving import served

SOON = 10
"""Seconds within which a change must be shown; it is about one, on a machine with nothing else to do."""


@frozen
class PageEvent:
    """An event."""

    event: str
    data: str
    id: str = ""

    @property
    def section(self) -> str:
        """Id of the section that it brings."""
        return self.data.split('id="', 1)[1].split('"', 1)[0]


@contextmanager
def listening(url: str, **options: object) -> Iterator[Iterator[PageEvent]]:
    """Open an event stream."""
    with (
        httpx.Client(timeout=SOON) as client,
        client.stream("GET", url, **options) as response,  # type: ignore[arg-type] # query and headers
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield events_of(response.iter_lines())


def events_of(lines: Iterator[str]) -> Iterator[PageEvent]:
    """Read events."""
    fields: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line and name:
            fields.setdefault(name, []).append(value)
        elif fields:
            if "event" in fields:
                yield PageEvent(fields["event"][0], "\n".join(fields.get("data", [])), "".join(fields.get("id", [])))
            fields = {}


def until_now(events: Iterator[PageEvent]) -> tuple[list[str], str]:
    """Read the first events: the sections, and the mark for reconnecting."""
    sections = []
    for each in events:
        if each.event == "now":
            return sections, each.id
        sections.append(each.section)
    raise AssertionError("the stream has ended")


@pytest.fixture
def place() -> Iterator[LocalHub]:
    """Run a hub with an iModel."""
    with LocalHub(seed="demo", control=True) as hub:
        yield hub


def imodel_of(place: LocalHub) -> str:
    """Return the id of the iModel."""
    headers = {"Authorization": f"Bearer {place.token()}"}
    found = httpx.get(place.base_url, params={"iTwinId": place.itwin_id}, headers=headers).json()
    return str(found["iModels"][0]["id"])


def test_it_tells_what_changed(place: LocalHub) -> None:
    """A stream starts with everything that its reader lacks, then reports the sections of each change."""
    imodel = imodel_of(place)
    url = f"{place.url}/hub/imodels/{imodel}/events"
    headers = {"Authorization": f"Bearer {place.token()}"}
    with listening(url) as events:
        sections, mark = until_now(events)
        names = ["summary", "timeline", "changesets", "versions", "checkpoints", "briefcases", "locks", "groups"]
        assert sections == names
        answer = httpx.post(f"{place.base_url}/{imodel}/briefcases", json={}, headers=headers)
        assert answer.status_code == 201
        changed, newer = until_now(events)
        assert changed == ["summary", "briefcases"]
    for options in ({"params": {"known": newer}}, {"headers": {"Last-Event-ID": newer}, "params": {"known": mark}}):
        with listening(url, **options) as events:
            assert until_now(events) == ([], newer)
    with listening(url, params={"known": mark}) as events:
        assert until_now(events) == (["summary", "briefcases"], newer)
    with listening(url, params={"known": "nonsense,locks.x,.,"}) as events:
        assert until_now(events) == (names, newer)


def test_a_page_and_its_stream_agree(place: LocalHub) -> None:
    """A page that was just loaded receives only the time."""
    imodel = imodel_of(place)
    for path, stream in (("/?search=demo&sort=name", "/hub/events"), (f"/hub/imodels/{imodel}?locks=3",) * 2):
        html = httpx.get(f"{place.url}{path}").text
        known = html.split('data-known="')[1].split('"')[0]
        address = html.split('data-events="')[1].split('"')[0]
        assert address.startswith(stream.partition("?")[0])
        query = dict(pair.split("=") for pair in path.partition("?")[2].split("&"))
        with listening(f"{place.url}{address}", params={**query, "known": known}) as events:
            assert until_now(events) == ([], known)


def test_requests_and_faults(place: LocalHub) -> None:
    """Data that is not stored is sent as well, and watching is not a request."""
    with listening(f"{place.url}/hub/events") as events:
        until_now(events)
        place.control.faults.add(Fault(status=503))
        assert until_now(events)[0] == ["faults"]
        httpx.get(f"{place.base_url}/x")
        assert set(until_now(events)[0]) <= {"requests", "faults"}
        time.sleep(1.5)
        assert [each.path for each in place.control.log.requests] == ["/imodels/x"]


def test_a_change_by_another_process(tmp_path: Path) -> None:
    """Hubs may share a database: what another process commits is sent like everything else."""
    code = (
        "import sys; from sqlalchemy import create_engine, text\n"
        "with create_engine(sys.argv[1]).begin() as connection: connection.execute(text(sys.argv[2]))"
    )
    database = database_of(tmp_path) or f"sqlite:///{tmp_path / 'hub.sqlite'}"
    with LocalHub(tmp_path, seed="demo") as hub, listening(f"{hub.url}/hub/events") as events:
        until_now(events)
        change = "UPDATE imodels SET name = 'Renamed elsewhere'"
        subprocess.run([sys.executable, "-c", code, database, change], check=True, timeout=240)
        event = next(events)
        assert event.section == "imodels"
        assert "Renamed elsewhere" in event.data


def test_an_imodel_that_goes(place: LocalHub) -> None:
    """The stream reports that the page is gone, and ends."""
    imodel = imodel_of(place)
    with listening(f"{place.url}/hub/imodels/{imodel}/events") as events:
        until_now(events)
        headers = {"Authorization": f"Bearer {place.token()}"}
        assert httpx.delete(f"{place.base_url}/{imodel}", headers=headers).status_code == 204
        assert [each.event for each in events] == ["gone"]
    with listening(f"{place.url}/hub/imodels/{imodel}/events") as events:
        assert [each.event for each in events] == ["gone"]


def test_the_hub_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open streams end with the hub and do not delay its end; no thread and no connection is left."""
    monkeypatch.setattr(http_server, "SHUTDOWN_TIMEOUT", 60)
    before = set(threading.enumerate())
    hub = LocalHub(seed="demo").start()
    imodel = imodel_of(hub)
    with (
        listening(f"{hub.url}/hub/events") as one,
        listening(f"{hub.url}/hub/events") as two,
        listening(f"{hub.url}/hub/imodels/{imodel}/events") as three,
    ):
        for events in (one, two, three):
            until_now(events)
        begin = time.perf_counter()
        hub.stop()
        taken = time.perf_counter() - begin
        assert [list(events) for events in (one, two, three)] == [[], [], []]
    assert taken < 30, taken
    assert [each.name for each in threading.enumerate() if each not in before and "hub" in each.name] == []


@pytest.mark.thorough
def test_readers_come_and_go(place: LocalHub) -> None:
    """Readers are independent of one another, and no query runs without readers."""
    live = place._site.page._live
    with listening(f"{place.url}/hub/events") as one:
        until_now(one)
        with listening(f"{place.url}/hub/events") as two, listening(f"{place.url}/hub/events?search=x") as three:
            until_now(two)
            until_now(three)
            assert len(live._watches) == 2
        place.control.create_imodel(SeedIModel(name="New"))
        assert "imodels" in until_now(one)[0]
    deadline = time.monotonic() + SOON
    while live._poller is not None or live._watches:
        assert time.monotonic() < deadline
        place.control.create_imodel(SeedIModel(name=f"Model {time.monotonic()}"))
        time.sleep(0.2)


def test_a_plain_application(tmp_path: Path) -> None:
    """A hub that another server serves has the streams, too, and they end with that server."""
    application = Site(Hub(data_dir=tmp_path)).application()
    with served(application) as address, listening(f"{address}/hub/events") as events:
        assert until_now(events)[0] == ["itwins", "imodels"]


@pytest.mark.thorough
def test_a_database_that_fails_for_a_while(place: LocalHub, caplog: pytest.LogCaptureFixture) -> None:
    """The error is logged, and changes are sent after the next successful query."""
    with listening(f"{place.url}/hub/events") as events:
        until_now(events)
        with place.hub.store.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE itwins RENAME TO hidden")
        deadline = time.monotonic() + SOON
        while "Updating the page failed" not in caplog.text:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with place.hub.store.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE hidden RENAME TO itwins")
            change_imodel(connection, 1, {"name": "Renamed"})
        assert "imodels" in until_now(events)[0]


def test_the_watcher(tmp_path: Path) -> None:
    """It notices commits of others once each, and neither readers nor what was rolled back."""
    database = Database.in_file(tmp_path / "hub.sqlite")
    watcher = Watcher(database)
    assert [watcher.has_changed(), watcher.has_changed()] == [True, False]
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO meta VALUES ('one', '1')")
        assert not watcher.has_changed()
    assert [watcher.has_changed(), watcher.has_changed()] == [True, False]
    with database.reading() as connection:
        connection.exec_driver_sql("SELECT * FROM meta").all()
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO meta VALUES ('two', '2')")
        connection.rollback()
    assert not watcher.has_changed()
    watcher.close()
    database.close()
