"""Differences between PostgreSQL and SQLite, which must not affect the hub."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from itwin_imodels_hub import HubSettings, LocalHub, NewUser, SeedIModel
from itwin_imodels_hub.store import engines
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.store.schema import metadata
from tests.postgres import Cluster
from tests.workflows.helpers.bench import until

NAMES = ["b", "A", "a", "B", "Ä", "ä", "_", "-1", "1", "zebra", "Zebra", "a b", "ab", "é", "𝄞", "\uffee"]


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalHub]:
    """Serve a hub on each database; that of PostgreSQL sorts texts as English dictionaries do."""
    if request.param == "sqlite":
        with LocalHub(tmp_path / "hub") as hub:
            yield hub
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = f"english_{uuid4().hex}"
    cluster.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C.UTF-8'")
    try:
        with LocalHub(tmp_path / "hub", database=cluster.address(name)) as hub:
            yield hub
    finally:
        cluster.drop(name)


@pytest.fixture
def client(hub: LocalHub) -> Iterator[httpx.Client]:
    """Call the hub as its first user."""
    headers = {"Authorization": f"Bearer {hub.token()}"}
    with httpx.Client(base_url=hub.url, headers=headers, timeout=240) as client:
        yield client


def names_of(client: httpx.Client, itwin: str, **parameters: Any) -> list[str]:
    """List names of iModels, page after page, from item to item."""
    names: list[str] = []
    asked = {"iTwinId": itwin, "$top": 3, "$continuationToken": "", **parameters}
    answer = client.get("/imodels", params=asked)
    while True:
        assert answer.status_code == 200, answer.text
        names += [each["displayName"] for each in answer.json()["iModels"]]
        following = answer.json()["_links"]["next"]
        if following is None:
            return names
        answer = client.get(following["href"])


@pytest.mark.thorough(keep=1)
def test_texts_are_sorted_by_their_characters(hub: LocalHub, client: httpx.Client) -> None:
    """The order does not depend on the database's collation, in both directions and across pages."""
    for name in NAMES:
        assert client.post("/imodels", json={"iTwinId": hub.itwin_id, "name": name}).status_code == 201
    assert names_of(client, hub.itwin_id, **{"$orderBy": "name"}) == sorted(NAMES)
    assert names_of(client, hub.itwin_id, **{"$orderBy": "name desc"}) == sorted(NAMES, reverse=True)
    assert names_of(client, hub.itwin_id, **{"$orderBy": "name desc,createdDateTime"}) == sorted(NAMES, reverse=True)
    assert set(names_of(client, hub.itwin_id, **{"$search": "Ä"})) == {"Ä", "ä"}
    assert names_of(client, hub.itwin_id, **{"$search": "_"}) == ["_"]


@pytest.mark.thorough(keep=6)
@pytest.mark.parametrize(
    "path",
    [
        "/imodels/{id}/changesets?$skip=9223372036854775807",
        "/imodels/{id}/changesets?afterIndex=9223372036854775807&lastIndex=9223372036854775807",
        "/imodels/{id}/locks/released-locks?afterChangesetIndex=9223372036854775807",
        "/imodels/{id}/briefcases?ownerId=%00",
        "/imodels/{id}/locks?briefcaseId=2147483647",
        "/itwins?displayName=%00",
    ],
)
def test_what_no_row_can_have_is_found_nowhere(hub: LocalHub, client: httpx.Client, path: str) -> None:
    """Numbers and texts outside the range of a column result in an empty list."""
    imodel = hub.control.create_imodel(SeedIModel(name="Bridge"))
    answer = client.get(path.format(id=imodel))
    assert answer.status_code == 200, answer.text
    (items,) = [value for key, value in answer.json().items() if key != "_links"]
    assert items == []


def test_what_cannot_be_kept_is_refused(hub: LocalHub, client: httpx.Client) -> None:
    """A NUL in a body or a filter is 422, one in the name of an application 400, and too long a name is an error."""
    imodel = hub.control.create_imodel(SeedIModel(name="Bridge"))
    for answer in (
        client.post("/imodels", json={"iTwinId": hub.itwin_id, "name": "a\x00b"}),
        client.post(f"/imodels/{imodel}/briefcases", json={"deviceName": "\x00"}),
        client.get("/imodels", params={"iTwinId": hub.itwin_id, "name": "\x00"}),
    ):
        assert answer.status_code == 422, answer.text
    form = {"grant_type": "client_credentials", "client_id": "a\x00", "client_secret": "x", "scope": "itwin-platform"}
    assert client.post("/connect/token", data=form).json()["error"] == "invalid_request"
    if hub.hub.store.shared:
        with pytest.raises(ValueError, match="is too long or contains NUL"):
            hub.control.create_user(NewUser(name="n" * 300, given_name="N", surname="N"))


def test_the_longest_texts_fit(hub: LocalHub, client: httpx.Client) -> None:
    """Texts that the API accepts are stored completely; lengths are counted in characters."""
    longest = "𝄞" * 255
    body = {"iTwinId": hub.itwin_id, "name": longest, "description": longest}
    made = client.post("/imodels", json=body)
    assert made.status_code == 201, made.text
    imodel = made.json()["iModel"]["id"]
    read = client.get(f"/imodels/{imodel}").json()["iModel"]
    assert (read["name"], read["description"]) == (longest, longest)
    acquired = client.post(f"/imodels/{imodel}/briefcases", json={"deviceName": longest})
    assert acquired.json()["briefcase"]["deviceName"] == longest


def rows_of(hub: LocalHub) -> dict[str, list[Any]]:
    """Read all rows but the marks of the database and the tokens, which follow from the key of each hub."""
    with hub.hub.store.reading() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(table.select()).all()))
            for table in metadata.sorted_tables
            if table.name not in {"meta", "tokens"}
        }


def test_a_hub_moves_between_databases(cluster: Cluster, tmp_path: Path) -> None:
    """A dump of either loads into the other, and both continue to number after the existing rows."""
    with LocalHub(tmp_path / "lite") as lite, cluster.database() as address:
        for name in ("Bridge", "Tunnel", "Road"):
            lite.control.create_imodel(SeedIModel(name=name))
        lite.control.dump(tmp_path / "lite.zip")
        with LocalHub(tmp_path / "served", database=address) as served:
            served.control.load(tmp_path / "lite.zip")
            assert rows_of(served) == rows_of(lite)
            served.control.create_imodel(SeedIModel(name="Dam"))
            with served.hub.store.reading() as connection:
                assert connection.scalar(text("SELECT max(number) FROM imodels")) == 4
            served.control.dump(tmp_path / "served.zip")
            lite.control.load(tmp_path / "served.zip")
            assert rows_of(served) == rows_of(lite)
            served.control.reset()
            served.control.create_imodel(SeedIModel(name="Dam"))
            with served.hub.store.reading() as connection:
                assert connection.scalar(text("SELECT max(number) FROM imodels")) == 5


def test_a_dump_waits_for_nobody_and_holds_writers(cluster: Cluster, tmp_path: Path) -> None:
    """During a dump, readers continue and writers wait."""
    with cluster.database() as address, LocalHub(tmp_path / "hub", database=address) as hub:
        store = hub.hub.store
        with store.alone():
            with store.reading() as connection:
                assert connection.scalar(text("SELECT count(*) FROM users")) == 2
            with store.writing() as connection:
                connection.execute(text("SET LOCAL lock_timeout = 100"))
                with pytest.raises(OperationalError, match="lock timeout"):
                    connection.execute(text("SELECT number FROM imodels FOR NO KEY UPDATE"))
                connection.rollback()


def test_a_writer_that_waited_too_long_may_try_again(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that cannot change anything during a long dump gets 503 with `Retry-After`, and changes nothing."""
    monkeypatch.setattr(engines, "_LOCK_TIMEOUT_MS", 100)
    with cluster.database() as address, LocalHub(tmp_path / "hub", database=address) as hub:
        headers = {"Authorization": f"Bearer {hub.token()}"}
        with httpx.Client(base_url=hub.url, headers=headers, timeout=60) as client:
            body = {"iTwinId": hub.itwin_id, "name": "Bridge"}
            seen = client.post("/imodels", json={**body, "name": "Tunnel"}).json()["iModel"]
            other = {"Authorization": f"Bearer {list(hub.tokens.values())[1]}"}
            with hub.hub.store.alone():
                assert client.get(f"/imodels/{seen['id']}", headers=other).status_code == 200  # for the first time
                refused = client.post("/imodels", json=body)
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "DatabaseBusy")
            assert refused.headers["Retry-After"] == "5"
            assert client.post("/imodels", json=body).status_code == 201


def test_a_sign_in_that_waited_too_long_may_try_again(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token endpoint responds to a long dump like the API."""
    monkeypatch.setattr(engines, "_LOCK_TIMEOUT_MS", 100)
    with cluster.database() as address, LocalHub(tmp_path / "hub", database=address) as hub:
        form = {"grant_type": "client_credentials", "scope": "itwin-platform"}
        user, secret = next(iter(hub.application_secrets.items()))
        call = partial(httpx.post, f"{hub.url}/connect/token", data=form, auth=(f"{user}-application", secret))
        with hub.hub.store.alone():
            refused = call()
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "DatabaseBusy")
        assert call().status_code == 200


def test_a_job_that_waited_too_long_is_repeated(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A long dump does not make the creation of an iModel fail."""
    monkeypatch.setattr(engines, "_LOCK_TIMEOUT_MS", 100)
    settings = HubSettings(job_delay=timedelta(minutes=1))
    with cluster.database() as address, LocalHub(tmp_path / "hub", database=address, settings=settings) as hub:
        headers = {"Authorization": f"Bearer {hub.token()}"}
        with httpx.Client(base_url=hub.url, headers=headers, timeout=60) as client:
            body = {"iTwinId": hub.itwin_id, "name": "Bridge", "creationMode": "empty"}
            imodel = client.post("/imodels", json=body).json()["iModel"]
            with hub.hub.store.alone():
                hub.control.clock.advance(timedelta(hours=1))
                until(lambda: "the database is busy" in caplog.text)
            until(lambda: client.get(f"/imodels/{imodel['id']}").json()["iModel"]["state"] == "initialized")


def test_a_server_that_ends_idle_transactions_leaves_the_set_up_alone(cluster: Cluster) -> None:
    """Otherwise, another process could begin to set up the hub before this one has finished."""
    with cluster.database() as address:
        store = Database.on_server(address)
        cluster.execute(f"ALTER DATABASE {make_url(address).database} SET idle_in_transaction_session_timeout = 100")
        store.close()  # the next connection has the new setting
        with store.setting_up():
            sleep(0.5)
        store.close()
