"""One hub in several processes on one database: all rules apply, with any failure of a process."""

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from itwin_imodels.cli.app import app
from itwin_imodels_hub import Clock, FolderInUseError, HubSettings, Ids, LocalHub, SeedIModel
from itwin_imodels_hub.api.operations import Operation
from itwin_imodels_hub.api.routes import OPERATIONS
from itwin_imodels_hub.basis.data_folder import DataFolder
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.store.database import Database, SimultaneousChangeError
from itwin_imodels_hub.store.imodels import imodel_by_id
from itwin_imodels_hub.store.jobs import add_job
from itwin_imodels_hub.store.records import NewJob
from itwin_imodels_hub.store.schema import REVISION
from tests.hub.helpers.fleet import IMODELS, SECONDS, Member, Roamer, fleet, wait_until
from tests.postgres import Cluster

CLIENTS = 8
HAMMERING = 5.0
AT_MOST = 20.0
"""How long to go on where little happens in that time."""
KILLED_AFTER = 2.0
CONFIGURATION = "[settings]\nbriefcases_total = 100000\nbriefcases_per_minute = 100000\njob_delay = 0.1\n" + "".join(
    f'[[users]]\nname = "{name}"\ngiven_name = "{name}"\nsurname = "X"\ntoken = "{name}-token"\n'
    for name in ("ada", "grace")
)
BROKEN = """
SELECT 'two pushes at a time' FROM changesets WHERE state = 'waitingForFile' GROUP BY imodel_number HAVING count(*) > 1
UNION ALL
SELECT 'two holders of one object' FROM locks GROUP BY imodel_number, object_id HAVING max(level) = 2 AND count(*) > 1
"""


class Holders:
    """The holders of exclusive locks, as they see it."""

    def __init__(self) -> None:
        """Start without holders."""
        self._holders: dict[str, int] = {}
        self._lock = threading.Lock()
        self.times = 0

    def take(self, key: str, briefcase: int) -> None:
        """Record that a briefcase has locked an object exclusively, and fail if another one has, too."""
        with self._lock:
            assert key not in self._holders, f"{key} is held by {self._holders[key]} and {briefcase}"
            self._holders[key] = briefcase
            self.times += 1

    def leave(self, key: str) -> None:
        """Note that an object is about to be released."""
        with self._lock:
            del self._holders[key]


class Worker(threading.Thread):
    """A client that makes all kinds of calls on one iModel until it is stopped."""

    def __init__(self, number: int, addresses: list[str], imodel: str, itwin: str, holders: Holders) -> None:
        """Work on an iModel."""
        super().__init__(name=f"client {number}")
        self.user = Roamer(addresses, ("ada", "grace")[number % 2], number)
        self.number, self.imodel, self.itwin, self.holders = number, f"/{imodel}", itwin, holders
        self.stopping = threading.Event()
        self.pushed: list[str] = []
        self.uncertain: list[str] = []
        self.briefcases: list[int] = []
        self.made: dict[str, list[str]] = defaultdict(list)
        self.refused: set[str] = set()
        self.failure: BaseException | None = None
        self._contents = count()

    def run(self) -> None:
        """Work."""
        try:
            self.acquire()
            work = [self.push, self.name_version, self.lock, self.name_imodel, self.acquire, self.like, self.look]
            for step in cycle(work):
                if self.stopping.is_set():
                    break
                step()
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.failure = error
        finally:
            self.user.close()

    def newest(self) -> str:
        """Return the id of the newest changeset."""
        found = self.user.ask("GET", f"{self.imodel}/changesets?$orderBy=index desc&$top=1").json()["changesets"]
        return str(found[0]["id"]) if found else ""

    def acquire(self) -> None:
        """Acquire a briefcase."""
        answer = self.user.call("POST", f"{self.imodel}/briefcases", json={})
        if answer is not None:
            assert answer.status_code == 201, answer.text
            self.briefcases.append(answer.json()["briefcase"]["briefcaseId"])

    def push(self) -> None:
        """Try to push on top of the newest changeset."""
        content = f"client {self.number}, changeset {next(self._contents)}".encode()
        changeset = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        owner = {"briefcaseId": self.briefcases[0]}
        body = {"id": changeset, "parentId": self.newest(), "fileSize": len(content), **owner}
        begun = self.user.call("POST", f"{self.imodel}/changesets", json=body)
        if begun is None:
            self.uncertain.append(changeset)
            return
        if begun.status_code == 409:
            assert begun.json()["error"]["code"] in {"ConflictWithAnotherUser", "NewerChangesExist"}
            return
        assert begun.status_code == 201, begun.text
        self.user.put(begun.json()["changeset"]["_links"]["upload"]["href"], content)
        ended = self.user.call(
            "PATCH", f"{self.imodel}/changesets/{changeset}", json={"state": "fileUploaded", **owner}
        )
        if ended is None:
            self.uncertain.append(changeset)
            return
        assert ended.status_code == 200, ended.text
        self.pushed.append(changeset)

    def lock(self) -> None:
        """Try to lock an object exclusively for a moment."""
        key = hex(self.user.chooser.randrange(1, 4))
        briefcase, newest = self.briefcases[0], self.newest()
        taken = self.change_lock("exclusive", key, newest)
        if taken is None:
            self.release(key, newest)
        elif taken.status_code == 200:
            self.holders.take(key, briefcase)
            time.sleep(0.002)
            self.holders.leave(key)
            self.release(key, newest)
        else:
            assert taken.json()["error"]["code"] in {"ConflictWithAnotherUser", "NewerChangesExist"}

    def change_lock(self, level: str, key: str, changeset: str) -> httpx.Response | None:
        """Ask for a level of an object."""
        body = {"briefcaseId": self.briefcases[0], "lockedObjects": [{"lockLevel": level, "objectIds": [key]}]}
        return self.user.call("PATCH", f"{self.imodel}/locks", json={**body, "changesetId": changeset or None})

    def release(self, key: str, changeset: str) -> None:
        """Release an object, until a response confirms it."""
        while (answer := self.change_lock("none", key, changeset)) is None:
            pass
        assert answer.status_code in {200, 404}, answer.text

    def name_version(self) -> None:
        """Try to use a name that others request at the same time."""
        newest = self.newest()
        if newest:
            name = f"Version {int(time.monotonic() * 5)}"
            body = {"name": name, "changesetId": newest}
            self.create(
                f"{self.imodel}/namedversions", name, body, {"NamedVersionExists", "NamedVersionOnChangesetExists"}
            )

    def name_imodel(self) -> None:
        """Try to create an iModel whose name others want in the same moment."""
        name = f"iModel {int(time.monotonic() * 3)}"
        self.create("", name, {"iTwinId": self.itwin, "name": name}, {"iModelExists"})

    def create(self, path: str, name: str, body: dict[str, Any], codes: set[str]) -> None:
        """Create an entity with a name that may be taken."""
        answer = self.user.call("POST", path, json=body)
        if answer is not None and answer.status_code == 201:
            self.made[name].append(answer.text)
        elif answer is not None:
            assert answer.status_code == 409, answer.text
            assert answer.json()["error"]["code"] in codes, answer.text
            self.refused.add(name)

    def like(self) -> None:
        """Add the iModel to favorites and recents, or remove it."""
        method = self.user.chooser.choice(["PUT", "DELETE"])
        for answer in (
            self.user.call(method, f"/favorites{self.imodel}"),
            self.user.call(method.replace("PUT", "POST"), f"/recents{self.imodel}"),
        ):
            assert answer is None or answer.status_code == 204, answer.text

    def look(self) -> None:
        """Read what others are changing."""
        for path in ("/locks", "/namedversions", "/briefcases?$top=5", "/users"):
            assert self.user.ask("GET", f"{self.imodel}{path}").status_code == 200


def watch(folder: Path, name: str, workers: list[Worker]) -> int:
    """Check the database for invalid states until enough was done; return the number of checks."""
    times = 0
    begin = time.monotonic()
    with psycopg.connect(host=str(folder), user="postgres", dbname=name, autocommit=True) as connection:
        while (passed := time.monotonic() - begin) < AT_MOST and (passed < HAMMERING or not is_enough(workers)):
            found = connection.execute(BROKEN).fetchall()
            assert not found, found
            times += 1
            time.sleep(0.01)
    return times


def is_enough(workers: list[Worker]) -> bool:
    """Return whether clients did what the test looks at, and met each other."""
    names = {name.split()[0] for worker in workers for name in worker.made}
    met = any(worker.refused for worker in workers)
    return met and names == {"Version", "iModel"} and sum(len(worker.pushed) for worker in workers) > 2


def done_by(workers: list[Worker]) -> str:
    """Print how much clients did."""
    pushed = sum(len(worker.pushed) for worker in workers)
    made = sum(len(worker.made) for worker in workers)
    answers = sum(worker.user.answered for worker in workers)
    unanswered = sum(worker.user.unanswered for worker in workers)
    return f"{pushed} pushes, {made} names given, {answers} answers, {unanswered} requests without"


def test_four_processes_keep_every_rule(cluster: Cluster, tmp_path: Path) -> None:
    """Clients call four processes at random; one of these is killed, which affects only its callers."""
    (tmp_path / "hub.toml").write_text(CONFIGURATION)
    name = cluster.make()
    with fleet(4, tmp_path / "hub", cluster.address(name), "--config", tmp_path / "hub.toml") as (members, addresses):
        boss = Roamer(addresses[:1], "ada", 0)
        itwin = httpx.post(
            f"{addresses[0]}/itwins", json={"displayName": "Plant"}, headers={"Authorization": "Bearer ada-token"}
        ).json()["iTwin"]["id"]
        imodel = boss.ask("POST", "", json={"iTwinId": itwin, "name": "Model"}).json()["iModel"]["id"]
        holders = Holders()
        workers = [Worker(number, addresses, imodel, itwin, holders) for number in range(CLIENTS)]
        for worker in workers:
            worker.start()
        killer = threading.Timer(KILLED_AFTER, members[3].kill)
        killer.start()
        try:
            watched = watch(cluster.folder, name, workers)
        finally:
            for worker in workers:
                worker.stopping.set()
        killer.join()
        for worker in workers:
            worker.join()
        for worker in workers:
            assert worker.failure is None, repr(worker.failure)
        assert watched > 10
        assert_one_line(boss, imodel, workers)
        assert_distinct(workers)
        assert holders.times > 0
        copied = boss.ask("POST", f"/{imodel}/clone", json={"iTwinId": itwin, "name": "Copy"})
        made = copied.headers["location"].rpartition("/")[2]
        wait_until(lambda: state_of(boss, made) == "successful")
        boss.close()
    cluster.drop(name)


def assert_one_line(boss: Roamer, imodel: str, workers: list[Worker]) -> None:
    """Fail unless the history is a sequence with every confirmed push and no other changeset."""
    listed = boss.ask("GET", f"/{imodel}/changesets?$top=1000", prefer="return=representation").json()["changesets"]
    ids = [item["id"] for item in listed]
    assert [item["parentId"] for item in listed] == ["", *ids[:-1]][: len(ids)]
    pushed = [key for worker in workers for key in worker.pushed]
    uncertain = [key for worker in workers for key in worker.uncertain]
    assert len(set(pushed)) == len(pushed) > 0
    assert set(pushed) <= set(ids) <= {*pushed, *uncertain}
    indexes = [item["index"] for item in listed]
    assert indexes == sorted(set(indexes))
    # A push that was begun and given up used an index.
    assert indexes[-1] - len(indexes) <= len(uncertain)


def assert_distinct(workers: list[Worker]) -> None:
    """Fail if a number or a name was assigned twice."""
    numbers = [number for worker in workers for number in worker.briefcases]
    assert len(set(numbers)) == len(numbers) > CLIENTS
    made: dict[str, list[str]] = defaultdict(list)
    for worker in workers:
        for name, answers in worker.made.items():
            made[name] += answers
    assert [name for name, answers in made.items() if len(answers) > 1] == []
    assert is_enough(workers), f"too little was done to tell: {done_by(workers)}"


def state_of(boss: Roamer, imodel: str) -> str:
    """Return the state of the creation of an iModel."""
    return str(boss.ask("GET", f"/{imodel}/operations/create").json()["createOperation"]["state"])


# Jobs.

CLAIM = """
import sys, time
from itwin_imodels_hub.store.database import Database
with Database.on_server(sys.argv[1]).claim(int(sys.argv[2])) as claimed:
    print(claimed, flush=True)
    time.sleep(60)
"""


def test_a_job_of_a_killed_process_is_done_by_another(cluster: Cluster, tmp_path: Path) -> None:
    """While a process has claimed a job, others do those after it; when it dies, its own is done as well."""
    with cluster.database() as database:
        hub = Hub(HubSettings(), tmp_path / "hub", database=database)
        now = datetime.now(UTC)
        with hub.store.writing() as connection:
            for seconds in (2, 1):
                payload = {"prefix": f"imodel-{seconds}/"}
                add_job(connection, NewJob(kind="purge", due_at=now - timedelta(seconds=seconds), payload=payload))
            first = connection.scalar(text("SELECT min(number) FROM jobs"))
        command = [sys.executable, "-c", CLAIM, database, str(first)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "True\n"
            hub.jobs.start()
            wait_until(lambda: jobs_left(hub) == [first])
            time.sleep(1)
            assert jobs_left(hub) == [first]
            other.kill()
        wait_until(lambda: jobs_left(hub) == [], 5)
        hub.close()


def jobs_left(hub: Hub) -> list[int]:
    """List the numbers of the jobs that are not done."""
    with hub.store.reading() as connection:
        return list(connection.scalars(text("SELECT number FROM jobs ORDER BY number")))


def test_a_job_is_claimed_once(cluster: Cluster, tmp_path: Path) -> None:
    """This includes the threads of one process, on both databases."""
    with cluster.database() as address:
        for database in (Database.on_server(address), Database.in_file(tmp_path / "hub.sqlite")):
            with database.claim(1) as first, database.claim(1) as second, database.claim(2) as other:
                assert (first, second, other) == (True, False, True)
            with database.claim(1) as again:
                assert again
            database.close()


# Transactions.


def test_deadlocks_are_settled(cluster: Cluster) -> None:
    """Two changes that wait for each other are both made."""
    with cluster.database() as address:
        database = Database.on_server(address)
        with database.writing() as connection:
            connection.execute(text("INSERT INTO meta VALUES ('a', '0'), ('b', '0')"))
        both = threading.Barrier(2)

        def change(first: str, second: str) -> None:
            waited = False

            def work(connection: Any) -> None:
                nonlocal waited
                add = text("UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE key = :key")
                connection.execute(add, {"key": first})
                if not waited:
                    waited = True
                    both.wait(10)
                connection.execute(add, {"key": second})

            database.change(work)

        run_together([lambda: change("a", "b"), lambda: change("b", "a")])
        with database.reading() as connection:
            assert connection.execute(text("SELECT value FROM meta ORDER BY key")).scalars().all() == ["2", "2"]
        database.close()


def test_a_change_that_cannot_be_ends(cluster: Cluster) -> None:
    """What contradicts the data is not tried forever."""
    with cluster.database() as address:
        database = Database.on_server(address)
        with database.writing() as connection:
            connection.execute(text("INSERT INTO meta VALUES ('a', '0')"))
        with pytest.raises(SimultaneousChangeError):
            database.change(lambda connection: connection.execute(text("INSERT INTO meta VALUES ('a', '0')")))
        database.close()


def test_readers_see_one_state_and_write_nothing(cluster: Cluster) -> None:
    """Changes in the meantime are not visible, and a reader cannot change anything."""
    with cluster.database() as address:
        database = Database.on_server(address)
        count_rows = text("SELECT count(*) FROM meta")
        with database.reading() as reader:
            assert reader.scalar(count_rows) == 0
            with database.writing() as writer:
                writer.execute(text("INSERT INTO meta VALUES ('a', '0')"))
            assert reader.scalar(count_rows) == 0
        with database.reading() as reader:
            assert reader.scalar(count_rows) == 1
            with pytest.raises(Exception, match="read-only transaction"):
                reader.execute(text("DELETE FROM meta"))
        database.close()


WRITING = [each for each in OPERATIONS if each.writes and "{id}" in each.path]
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


@pytest.mark.thorough(keep=8)
@pytest.mark.parametrize("operation", WRITING, ids=[each.id for each in WRITING])
def test_who_writes_waits_for_the_imodel(locked: LocalHub, operation: Operation) -> None:
    """Each change to an iModel locks its row first, and waits while another one has it."""
    imodel = locked.control.create_imodel(SeedIModel(name=operation.id))
    path = "/".join(imodel if each == "{id}" else "1" if each.startswith("{") else each for each in operation.path)
    answers: list[httpx.Response] = []

    def call() -> None:
        headers = {"Authorization": f"Bearer {locked.token()}"}
        answers.append(httpx.request(operation.method, f"{locked.base_url}/{path}", headers=headers, timeout=SECONDS))

    caller = threading.Thread(target=call)
    store = locked.hub.store
    with store.writing() as connection:
        imodel_by_id(connection, imodel, lock=True)
        caller.start()
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as onlooker:
            wait_until(lambda: answers or onlooker.scalar(WAITING))
        assert not answers, "it was answered at once"
    caller.join()
    assert answers[0].status_code < 500


@pytest.fixture(scope="module")
def locked(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    """Serve a hub in which iModels are locked."""
    with cluster.database() as database, LocalHub(tmp_path_factory.mktemp("locked"), database=database) as hub:
        yield hub


def run_together(actions: list[Callable[[], object]]) -> None:
    """Run actions in threads at the same time, and fail if one fails."""
    failures: list[BaseException] = []

    def run_one(action: Callable[[], object]) -> None:
        try:
            action()
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=run_one, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert failures == []


# Folders.


def test_processes_share_a_folder_or_have_it_alone(tmp_path: Path) -> None:
    """Hubs with another database share one folder; one with SQLite requires exclusive use."""
    first, second = DataFolder(tmp_path, shared=True), DataFolder(tmp_path, shared=True)
    with pytest.raises(FolderInUseError, match="is in use by another hub"):
        DataFolder(tmp_path)
    first.release()
    second.release()
    alone = DataFolder(tmp_path)
    with pytest.raises(FolderInUseError, match="is in use by another hub"):
        DataFolder(tmp_path, shared=True)
    alone.release()


def test_a_folder_has_one_key(tmp_path: Path) -> None:
    """The first process creates it; the others read the same one."""
    keys: set[bytes] = set()

    def read_key() -> None:
        folder = DataFolder(tmp_path, shared=True)
        keys.add(folder.key())
        folder.release()

    run_together([read_key] * 8)
    assert len(keys) == 1
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_hubs_that_begin_together_plant_once(cluster: Cluster, tmp_path: Path) -> None:
    """One process creates the seed, the users and the iTwin; the others find them."""
    hubs: list[LocalHub] = []
    with cluster.database() as database:
        run_together([lambda: hubs.append(LocalHub(tmp_path, database=database, seed="demo")) for _ in range(4)])
        assert len({hub.itwin_id for hub in hubs}) == 1
        with hubs[0].hub.store.reading() as connection:
            assert connection.scalars(text("SELECT name FROM imodels")).all() == ["Demo iModel"]
        for hub in hubs:
            hub.stop()


# Workers.


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Member]]:
    """Yield a function that starts hubs, which end with the test."""
    started: list[Member] = []

    def start_one(*options: str, database: str) -> Member:
        started.append(Member(tmp_path / "hub", database, *options))
        return started[-1]

    yield start_one
    for member in started:
        member.dispose()


def test_workers_share_a_port(cluster: Cluster, start: Callable[..., Member]) -> None:
    """Several processes respond at one address; a killed one is replaced; all end with the command."""
    with cluster.database() as database:
        member = start("--workers", "3", "--seed", "demo", database=database)
        announcement = member.announcement
        assert announcement["pid"] == member.process.pid
        children = children_of(announcement["pid"])
        assert len(children) == 3
        url = f"{announcement['base_url']}?iTwinId={announcement['itwin_id']}"

        def works() -> bool:
            with contextlib.suppress(httpx.TransportError):
                answer = httpx.get(url, headers={"Authorization": "Bearer ada-token"}, timeout=SECONDS)
                return [each["displayName"] for each in answer.json()["iModels"]] == ["Demo iModel"]
            return False

        assert all(works() for _ in range(12))
        os.kill(children[0], signal.SIGKILL)
        wait_until(
            lambda: (
                children_of(announcement["pid"]) not in (children, children[1:])
                and len(children_of(announcement["pid"])) == 3
            )
        )
        wait_until(works)
        seen = children_of(announcement["pid"])
        status, messages = member.end()
        assert (status, "Traceback" in messages) == (0, False), messages
        assert not [pid for pid in seen if is_running(pid)]


def test_workers_end_when_their_parent_is_killed(cluster: Cluster, start: Callable[..., Member]) -> None:
    """No worker continues without a parent."""
    with cluster.database() as database:
        member = start("--workers", "2", database=database)
        children = children_of(member.announcement["pid"])
        member.process.kill()
        wait_until(lambda: not [pid for pid in children if is_running(pid)])
        member.process.communicate()


@pytest.mark.thorough
def test_workers_in_python(cluster: Cluster, tmp_path: Path) -> None:
    """A hub in this process can have workers, and sees their changes."""
    with (
        cluster.database() as database,
        LocalHub(tmp_path / "hub", database=database, workers=2) as hub,
    ):
        headers = {"Authorization": f"Bearer {hub.token()}"}
        body = {"iTwinId": hub.itwin_id, "name": "Bridge"}
        assert httpx.post(f"{hub.base_url}/", json=body, headers=headers).status_code == 201
        assert hub.control.create_imodel(SeedIModel(name="Tunnel"))
        listed = httpx.get(f"{hub.base_url}/?iTwinId={hub.itwin_id}", headers=headers).json()["iModels"]
        assert [each["displayName"] for each in listed] == ["Bridge", "Tunnel"]


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["localhost", "hub.example"])
def test_workers_know_the_same_hosts(cluster: Cluster, tmp_path: Path, name: str) -> None:
    """Each of them rejects an unknown host, serves a known one, and has the same tokens."""
    settings = HubSettings(allowed_hosts=["hub.example"], allowed_origins=["https://viewer.example"])
    with (
        cluster.database() as database,
        LocalHub(tmp_path / "hub", database=database, workers=2, settings=settings, seed="demo") as hub,
    ):
        assert hub.tokens == {"ada": "ada-token", "grace": "grace-token"}
        headers = {"Authorization": "Bearer ada-token", "Origin": "https://viewer.example", "Connection": "close"}
        for _ in range(16):
            answer = httpx.get(f"{hub.url}/itwins", headers={**headers, "Host": name}, timeout=240)
            assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, headers["Origin"])
            strange = httpx.get(f"{hub.url}/itwins", headers={**headers, "Host": "evil.example"}, timeout=240)
            assert strange.status_code == 421


@pytest.mark.thorough
def test_workers_on_all_interfaces_have_no_known_tokens(cluster: Cluster, tmp_path: Path) -> None:
    """No worker has them, because another one could be called instead."""
    with (
        cluster.database() as database,
        LocalHub(tmp_path / "hub", database=database, workers=2, seed="demo", host="0.0.0.0") as hub,  # noqa: S104
    ):
        url = f"http://127.0.0.1:{hub.url.rpartition(':')[2]}/itwins"
        for token, status in (("ada-token", 401), (hub.token("ada"), 200)):
            headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
            assert {httpx.get(url, headers=headers, timeout=240).status_code for _ in range(8)} == {status}


def children_of(pid: int) -> list[int]:
    """List the processes that a process has begun."""
    return [int(each) for path in Path(f"/proc/{pid}/task").glob("*/children") for each in path.read_text().split()]


def is_running(pid: int) -> bool:
    """Return whether there is a process of this number that is not over."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, r"require a database server \(--database\)"),
        (
            {"database": "postgresql+psycopg:///hub", "control": True},
            r"the control API \(--control\) requires a single process",
        ),
        (
            {"database": "postgresql+psycopg:///hub", "clock": Clock()},
            "'clock' requires a single process",
        ),
        (
            {"database": "postgresql+psycopg:///hub", "ids": Ids("a")},
            "'ids' requires a single process",
        ),
        ({"workers": 0}, "workers must be at least 1, not 0"),
    ],
)
def test_what_workers_cannot_do_is_refused(tmp_path: Path, options: dict[str, Any], reason: str) -> None:
    """Before anything is opened."""
    with pytest.raises(ValueError, match=reason):
        LocalHub(tmp_path / "hub", **{"workers": 2, **options})
    assert not (tmp_path / "hub").exists()


def refused(*options: str | Path, database: str = "", code: str = "") -> str:
    """Start a hub that must fail, and return its message of one line."""
    start = IMODELS if not code else [sys.executable, "-c", f"{code}; from itwin_imodels.cli import main; main()"]
    command = [*start, "hub", "serve", "--port", "0", *map(str, options)]
    environment = {**os.environ, "IMODELS_HUB_DATABASE": database}
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS, env=environment)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    (line,) = done.stderr.splitlines()
    return line.removeprefix("imodels hub serve: ")


@pytest.mark.thorough
def test_the_command_says_what_cannot_be(tmp_path: Path) -> None:
    """The message is one line without the password."""
    folder = ("--data-dir", tmp_path / "hub")
    assert "requires a folder for the files" in refused("--data-dir", ":memory:", database="postgresql:///hub")
    assert "the control API" in refused(*folder, "--workers", "2", "--control", database="postgresql:///hub")
    secret = "postgresql+psycopg://somebody:secret@127.0.0.1:9/hub"  # noqa: S105 - of nobody
    assert "somebody:***@127.0.0.1:9/hub: " in (line := refused(*folder, database=secret))
    assert "secret" not in line
    line = refused(*folder, database=secret, code="import sys; sys.modules['psycopg'] = None")
    assert "pip install 'itwin-imodels[hub-postgres]'" in line


def test_the_commands_take_the_database(cluster: Cluster, tmp_path: Path) -> None:
    """A hub in a database is seeded, dumped, also while it runs, loaded, emptied and upgraded by the commands."""
    seeds = tmp_path / "seeds.toml"
    seeds.write_text('[[imodels]]\nname = "Bridge"\n')
    state = str(tmp_path / "state.zip")

    with cluster.database() as database:

        def run(*arguments: str) -> str:
            place = {"IMODELS_HUB_DATABASE": database}
            done = CliRunner().invoke(app, ["hub", *arguments, "--data-dir", str(tmp_path / "hub")], env=place)
            assert done.exit_code == 0, done.output
            return done.output

        with LocalHub(tmp_path / "hub", database=database) as hub:
            assert "Bridge" in run("seed", str(seeds))
            run("dump", state)
            before = rows_of(hub)
        run("reset", "--yes")
        run("load", state, "--yes")
        assert run("upgrade") == f"The tables have revision {REVISION}.\n"
        with LocalHub(tmp_path / "hub", database=database) as hub:
            assert rows_of(hub) == before
            running = CliRunner().invoke(
                app, ["hub", "upgrade", "--data-dir", str(tmp_path / "hub"), "--database", database]
            )
            assert running.exit_code == 1
            assert "is in use by another hub" in running.output
    assert not (tmp_path / "hub" / "hub.sqlite").exists()


def rows_of(hub: LocalHub) -> list[str]:
    """List the iModels and their changes, by name."""
    with hub.hub.store.reading() as connection:
        return [str(row) for row in connection.execute(text("SELECT id, name, state FROM imodels ORDER BY name"))]
