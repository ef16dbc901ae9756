"""What happens on a hub is sent to those who subscribed: at least once, signed, and whatever happens to them."""

import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from itwin_imodels.errors import SignatureMismatch
from itwin_imodels.webhooks import ChangesReady, IModelCreated, IModelDeleted, NamedVersionCreated
from itwin_imodels_hub import HubSettings, LocalHub, NewUser, NewWebhook, SeedIModel
from itwin_imodels_hub.basis.clock import Clock
from itwin_imodels_hub.basis.ids import Ids
from itwin_imodels_hub.events.messages import EVENT_TYPES, format_time
from itwin_imodels_hub.events.outbox import Event, put_event
from itwin_imodels_hub.events.registering import put_webhook
from itwin_imodels_hub.events.retries import Retries
from itwin_imodels_hub.events.sender import EventSender
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.store.records import DeliveryRecord
from itwin_imodels_hub.store.schema import users
from itwin_imodels_hub.store.users import user_by_name
from itwin_imodels_hub.store.webhooks import all_deliveries
from tests.hub.helpers.desk import Desk
from tests.hub.helpers.receiving import SECRET, Receiver, receiving, wait_until

HOUR = timedelta(hours=1)
UNKNOWN = "00000000-0000-4000-8000-000000000000"
SETTINGS = HubSettings(event_timeout=timedelta(seconds=60), event_attempts=4, local_webhooks=True)
IMPATIENT = SETTINGS.with_(event_timeout=timedelta(seconds=0.4))

Open = Callable[..., LocalHub]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Receive events."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def open_hub() -> Iterator[Open]:
    """Yield a function that starts hubs."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(LocalHub(**options))


@pytest.fixture
def hub(open_hub: Open) -> LocalHub:
    """Start a hub."""
    return open_hub(settings=SETTINGS)


@pytest.fixture
def visit() -> Iterator[Callable[..., Desk]]:
    """Yield a function that makes clients of hubs."""
    with ExitStack() as stack:

        def visit_one(hub: LocalHub, user: str = "ada") -> Desk:
            headers = {"Authorization": f"Bearer {hub.token(user)}"}
            return Desk(hub.hub, stack.enter_context(httpx.Client(base_url=hub.url, headers=headers, timeout=120)))

        yield visit_one


@pytest.fixture
def ada(hub: LocalHub, visit: Callable[..., Desk]) -> Desk:
    """Call as the first user."""
    return visit(hub)


def registered(desk: Desk, url: str, *, types: tuple[str, ...] = EVENT_TYPES, **more: Any) -> str:
    """Register a webhook as an application does, and return its id."""
    body = {"callbackUrl": url, "scope": "Account", "secret": SECRET, "eventTypes": list(types), **more}
    response = desk.client.post("/webhooks/", json=body)
    assert response.status_code == 201, response.text
    webhook_id = str(response.json()["id"])
    assert desk.client.patch(f"/webhooks/{webhook_id}", json={"active": True}).status_code == 200
    return webhook_id


def states(hub: LocalHub) -> list[tuple[str, int, int | None]]:
    """How far the deliveries are."""
    return [(each.state, each.attempts, each.status) for each in hub.control.deliveries]


def settled(hub: LocalHub) -> list[DeliveryRecord]:
    """Send due events, and return all deliveries."""
    hub.control.advance(timedelta())
    return list(hub.control.deliveries)


def id_of_user(hub: LocalHub, name: str) -> str:
    """The id that a hub gave a user."""
    with hub.hub.store.reading() as connection:
        user = user_by_name(connection, name)
    assert user is not None
    return user.id


def unused_port() -> int:
    """Return an unused port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


# What is sent.


def test_a_timeline_causes_events(hub: LocalHub, ada: Desk, receiver: Receiver) -> None:
    """From creation to deletion, in order, each event with what the facade reads of it."""
    webhook = registered(ada, receiver.url)
    imodel = ada.imodel(hub.itwin_id)
    briefcase = ada.briefcase(imodel)
    first = ada.push(imodel, briefcase)
    ada.post(imodel, "namedversions", name="Baseline")
    version = ada.post(imodel, "namedversions", name="Piers", changesetId=first).json()["namedVersion"]["id"]
    assert ada.delete(imodel).status_code == 204
    receiver.wait(5)
    created, changes, baseline, named, deleted = receiver.events()
    creator = id_of_user(hub, "ada")
    assert isinstance(created, IModelCreated)
    assert (created.imodel_id, created.user_id) == (imodel, creator)
    assert isinstance(changes, ChangesReady)
    assert (changes.imodel_id, changes.changeset_id, changes.changeset_index) == (imodel, first, 1)
    assert isinstance(baseline, NamedVersionCreated)
    assert (baseline.changeset_id, baseline.changeset_index) == (None, 0)
    assert isinstance(named, NamedVersionCreated)
    assert (named.named_version_id, named.changeset_id, named.changeset_index) == (version, first, 1)
    assert isinstance(deleted, IModelDeleted)
    assert (deleted.imodel_id, deleted.user_id) == (imodel, creator)
    for event in (created, changes, baseline, named, deleted):
        assert (event.webhook_id, event.itwin_id, event.extra) == (webhook, hub.itwin_id, {})
        assert abs(event.enqueued_date_time - datetime.now(UTC)) < timedelta(minutes=1)
    assert len({event.message_id for event in (created, changes, baseline, named, deleted)}) == 5


def test_the_form_is_that_of_the_platform(hub: LocalHub, ada: Desk, receiver: Receiver) -> None:
    """Its members, its way to write times and indexes, its signature."""
    hub.control.set_time(datetime(2023, 11, 3, 20, 7, 1, tzinfo=UTC))
    imodel = ada.imodel(hub.itwin_id)
    briefcase = ada.briefcase(imodel)
    webhook = registered(ada, receiver.url)
    changeset = ada.push(imodel, briefcase)
    (request,) = receiver.wait(1)
    body = json.loads(request.body)
    user = id_of_user(hub, "ada")
    assert body == {
        "content": {"changesetId": changeset, "changesetIndex": "1", "imodelId": imodel, "userId": user},
        "eventType": "iModels.changesReady.v1",
        "enqueuedDateTime": body["enqueuedDateTime"],
        "iTwinId": hub.itwin_id,
        "messageId": body["messageId"],
        "webhookId": webhook,
    }
    assert body["enqueuedDateTime"].startswith("11/3/2023 8:0")
    assert body["enqueuedDateTime"].endswith(" PM")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["signature"].startswith("sha256=")
    assert "authorization" not in request.headers


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 1)))  # noqa: DTZ001 - hypothesis takes no other
def test_times_are_written_as_others_read_them(moment: datetime) -> None:
    """They have a precision of a second."""
    assert datetime.strptime(format_time(moment), "%m/%d/%Y %I:%M:%S %p") == moment.replace(tzinfo=None, microsecond=0)  # noqa: DTZ007


def test_copies_cause_events_and_seeds_do_not(hub: LocalHub, ada: Desk, receiver: Receiver) -> None:
    """A clone is a new iModel; what a test plants was always there."""
    source = ada.imodel(hub.itwin_id)
    registered(ada, receiver.url)
    hub.control.create_imodel(SeedIModel(name="Planted"))
    response = ada.post(source, "clone", iTwinId=hub.itwin_id, name="Copy")
    (event,) = [*receiver.wait(1)] and receiver.events()
    assert isinstance(event, IModelCreated)
    assert response.headers["location"].endswith(event.imodel_id)


def test_changes_that_fail_cause_no_events(open_hub: Open, visit: Callable[..., Desk], receiver: Receiver) -> None:
    """This applies to rejected changes, and to those whose transaction is rolled back later."""
    hub = open_hub(settings=SETTINGS.with_(verify_changesets=True))
    ada = visit(hub)
    imodel = ada.imodel(hub.itwin_id)
    briefcase = ada.briefcase(imodel)
    registered(ada, receiver.url)
    changeset = ada.announce(imodel, briefcase, "")
    ada.upload(changeset)
    assert ada.confirm(imodel, changeset).status_code == 409
    assert ada.post(imodel, "namedversions", name="Piers", changesetId="0" * 40).status_code == 404
    event = an_event(hub.itwin_id)
    with pytest.raises(RuntimeError, match="power cut"):
        put_and_fail(hub.hub.store, event)
    assert settled(hub) == []
    assert receiver.received == []


def put_and_fail(store: Database, event: Event) -> None:
    """Store an event in a transaction that fails."""
    with store.writing() as connection:
        assert put_event(connection, event, Ids())
        raise RuntimeError("power cut")


def an_event(itwin_id: str) -> Event:
    """An event that did not happen."""
    return Event(
        event_type=EVENT_TYPES[0],
        itwin_id=itwin_id,
        imodel_id=UNKNOWN,
        imodel_number=1,
        secured_by=None,
        content={"imodelId": UNKNOWN},
        happened_at=datetime.now(UTC) - HOUR,
    )


# To whom.


def test_webhooks_hear_what_they_asked_for(hub: LocalHub, ada: Desk) -> None:
    """Events of their types and of their iTwin; those that hear of the same event hear of the same message."""
    other = ada.itwin("Harbour")
    with receiving() as everything, receiving() as elsewhere, receiving() as deletions:
        registered(ada, everything.url)
        registered(ada, elsewhere.url, scope="iTwin", scopeId=other)
        registered(ada, deletions.url, types=("iModels.iModelDeleted.v1",))
        here, there = ada.imodel(hub.itwin_id), ada.imodel(other)
        ada.delete(here)
        settled(hub)
        heard = [
            [(event.event_type, getattr(event, "imodel_id", None)) for event in each.events()]
            for each in (everything, elsewhere, deletions)
        ]
        created, deleted = "iModels.iModelCreated.v1", "iModels.iModelDeleted.v1"
        assert heard[0] == [(created, here), (created, there), (deleted, here)]
        assert heard[1:] == [[(created, there)], [(deleted, here)]]
        assert everything.events()[1].message_id == elsewhere.events()[0].message_id


def test_nobody_hears_of_what_they_may_not_see(open_hub: Open, visit: Callable[..., Desk], receiver: Receiver) -> None:
    """Events of other users' iTwins and of hidden iModels are not sent; the hub's own webhooks receive all."""
    people = (
        NewUser(name="ada", given_name="Ada", surname="Lindqvist"),
        NewUser(name="lin", given_name="Lin", surname="Berg"),
        NewUser(name="eve", given_name="Eve", surname="Holm"),
    )
    hub = open_hub(settings=SETTINGS, users=people)
    ada, lin, eve = (visit(hub, name) for name in ("ada", "lin", "eve"))
    with receiving() as lins, receiving() as eves:
        registered(lin, lins.url)
        registered(eve, eves.url)
        with hub.hub.store.writing() as connection:
            connection.execute(update(users).where(users.c.name == "lin").values(permissions=[]))
            connection.execute(update(users).where(users.c.name == "eve").values(permissions=["imodels_read"]))
        hub.control.create_webhook(NewWebhook(url=receiver.url, secret=SECRET))
        imodel = ada.imodel(hub.itwin_id)
        settled(hub)
        assert [len(each.received) for each in (receiver, lins, eves)] == [1, 0, 1]
        own = ada.get(imodel).json()["iModel"]["_links"]["creator"]["href"].rpartition("/")[2]
        grant = [{"id": own, "permissions": ["imodels_manage"]}]
        assert ada.patch(imodel, "userpermissions", userPermissions=grant).status_code == 200
        ada.push(imodel, ada.briefcase(imodel))
        settled(hub)
        assert [len(each.received) for each in (receiver, lins, eves)] == [2, 0, 1]


def test_a_wrong_secret_is_noticed(ada: Desk, hub: LocalHub, receiver: Receiver) -> None:
    """The receiver detects it; with the correct secret, the same request is valid. A new secret applies immediately."""
    webhook = registered(ada, receiver.url)
    ada.imodel(hub.itwin_id)
    receiver.wait(1)
    with pytest.raises(SignatureMismatch):
        receiver.events("another-secret-of-at-least-32-characters")
    assert len(receiver.events()) == 1
    renewed = "the-new-secret-of-at-least-32-characters"
    assert ada.client.patch(f"/webhooks/{webhook}", json={"secret": renewed}).status_code == 200
    receiver.received.clear()
    ada.imodel(hub.itwin_id, "Second")
    receiver.wait(1)
    assert len(receiver.events(renewed)) == 1


# When receivers fail.


def test_a_receiver_that_is_down_hears_later(hub: LocalHub, ada: Desk) -> None:
    """The event is sent when the receiver is up and the retry is due."""
    port = unused_port()
    registered(ada, f"http://127.0.0.1:{port}/events")
    imodel = ada.imodel(hub.itwin_id)
    (delivery,) = settled(hub)
    assert (delivery.state, delivery.attempts, delivery.status) == ("pending", 1, None)
    assert delivery.problem == "No response from the receiver: ConnectError."
    assert delivery.due_at - delivery.enqueued_at >= timedelta(seconds=2.5)
    assert delivery.due_at - ada.hub.clock.now() <= timedelta(seconds=7)
    with receiving(port) as receiver:
        hub.control.advance(timedelta(seconds=7))
        (event,) = receiver.events()
        assert isinstance(event, IModelCreated)
        assert event.imodel_id == imodel
    (delivery,) = hub.control.deliveries
    assert (delivery.state, delivery.attempts, delivery.status, delivery.problem) == ("delivered", 2, 200, None)
    assert delivery.ended_at is not None


def test_a_receiver_that_refuses_hears_again(hub: LocalHub, ada: Desk, receiver: Receiver) -> None:
    """The same message is repeated literally; newer ones are sent meanwhile, and delivered ones not repeated."""
    receiver.answers.extend([500, 503])
    registered(ada, receiver.url)
    first = ada.imodel(hub.itwin_id, "First")
    receiver.wait(1)
    settled(hub)
    hub.control.advance(timedelta(seconds=7))
    second = ada.imodel(hub.itwin_id, "Second")
    receiver.wait(3)
    settled(hub)
    hub.control.advance(HOUR)
    assert [getattr(event, "imodel_id", "") for event in receiver.events()] == [first, first, second, first]
    bodies = [request.body for request in receiver.received]
    assert bodies[0] == bodies[1] == bodies[3]
    assert states(hub) == [("delivered", 3, 200), ("delivered", 1, 200)]
    hub.control.advance(24 * HOUR)
    assert len(receiver.received) == 4


def test_a_receiver_that_never_takes_it_is_given_up(
    hub: LocalHub, ada: Desk, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """After the number of attempts that is set; how it ended can be looked up, and the log names no secret."""
    receiver.answers.extend([410] * 9)
    registered(ada, f"{receiver.url}?key=hidden")
    with caplog.at_level(logging.DEBUG):
        ada.imodel(hub.itwin_id)
        settled(hub)
        for _ in range(9):
            hub.control.advance(HOUR)
    assert len(receiver.received) == 4
    (delivery,) = hub.control.deliveries
    assert (delivery.state, delivery.attempts, delivery.status) == ("failed", 4, 410)
    assert delivery.problem == "The receiver responded with status 410."
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("itwin_imodels_hub")]
    assert "No more retries." in ours[-1]
    assert not any(SECRET in line or "hidden" in line for line in ours)


def test_what_ended_is_forgotten(open_hub: Open, visit: Callable[..., Desk], receiver: Receiver) -> None:
    """After the time that is set."""
    hub = open_hub(settings=SETTINGS.with_(event_retention=timedelta(days=1)))
    ada = visit(hub)
    registered(ada, receiver.url)
    ada.imodel(hub.itwin_id, "First")
    assert len(settled(hub)) == 1
    hub.control.advance(timedelta(days=2))
    ada.imodel(hub.itwin_id, "Second")
    assert [each.state for each in settled(hub)] == ["delivered"]


def test_redirects_are_not_followed(hub: LocalHub, ada: Desk, receiver: Receiver) -> None:
    """To receive events at another URL, register it."""
    receiver.answers.append(307)
    registered(ada, receiver.url)
    ada.imodel(hub.itwin_id)
    (delivery,) = settled(hub)
    assert (delivery.state, delivery.status) == ("pending", 307)
    assert [request.path for request in receiver.received] == ["/events"]


def test_proxies_of_the_environment_are_not_asked(
    monkeypatch: pytest.MonkeyPatch, open_hub: Open, receiver: Receiver
) -> None:
    """They do not know receivers on this machine."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_port()}")
    hub = open_hub(settings=SETTINGS)
    hub.control.create_webhook(NewWebhook(url=receiver.url, secret=SECRET))
    with httpx.Client(base_url=hub.url, headers={"Authorization": f"Bearer {hub.token()}"}, trust_env=False) as client:
        Desk(hub.hub, client).imodel(hub.itwin_id)
    assert [each.state for each in settled(hub)] == ["delivered"]


def test_a_slow_receiver_is_alone_with_it(open_hub: Open, visit: Callable[..., Desk], receiver: Receiver) -> None:
    """Others receive events, requests get responses and background work is done in the meantime."""
    hub = open_hub(settings=SETTINGS.with_(job_delay=timedelta(seconds=0.1)))
    ada = visit(hub)
    with receiving() as slow:
        slow.go_on.clear()
        registered(ada, slow.url)
        registered(ada, receiver.url)
        imodel = ada.imodel(hub.itwin_id)
        empty = ada.imodel(hub.itwin_id, "Empty", creationMode="empty")
        ada.push(imodel, ada.briefcase(imodel))
        receiver.wait(3)
        wait_until(lambda: ada.get(empty).json()["iModel"]["state"] == "initialized")
        assert len(slow.received) == 1
        slow.go_on.set()
        settled(hub)
        assert [event.message_id for event in slow.events()] == [event.message_id for event in receiver.events()]


@pytest.mark.thorough
def test_many_slow_receivers_are_called_side_by_side(open_hub: Open, receiver: Receiver) -> None:
    """All of them are called at the same time."""
    hub = open_hub(settings=SETTINGS)
    with httpx.Client(base_url=hub.url) as client:
        client.headers["Authorization"] = f"Bearer {hub.token()}"
        ada = Desk(hub.hub, client)
        receiver.go_on.clear()
        for number in range(20):
            registered(ada, f"{receiver.url}/{number}")
        ada.imodel(hub.itwin_id)
        receiver.wait(20)
        receiver.go_on.set()
        assert {each.state for each in settled(hub)} == {"delivered"}


def test_slow_receivers_get_it_later(open_hub: Open, visit: Callable[..., Desk], receiver: Receiver) -> None:
    """The time of each is limited."""
    hub = open_hub(settings=IMPATIENT)
    ada = visit(hub)
    receiver.go_on.clear()
    for number in range(3):
        registered(ada, f"{receiver.url}/{number}")
    ada.imodel(hub.itwin_id)
    assert {(each.state, each.problem) for each in settled(hub)} == {
        ("pending", "The receiver did not respond within 0.4 s.")
    }
    receiver.go_on.set()
    hub.control.advance(HOUR)
    assert {each.state for each in hub.control.deliveries} == {"delivered"}


def test_a_receiver_that_answers_drop_by_drop_is_slow(open_hub: Open, visit: Callable[..., Desk]) -> None:
    """The timeout applies to the whole head of the response, not to each piece."""
    hub = open_hub(settings=IMPATIENT)
    ada = visit(hub)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def dribble() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    for letter in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
                        connection.send(bytes([letter]))
                        time.sleep(0.1)
                except OSError:
                    pass

        thread = threading.Thread(target=dribble)
        thread.start()
        registered(ada, f"http://127.0.0.1:{server.getsockname()[1]}/")
        ada.imodel(hub.itwin_id)
        (delivery,) = settled(hub)
        assert delivery.problem == "The receiver did not respond within 0.4 s."
        thread.join()


def test_receivers_that_speak_another_language(hub: LocalHub, ada: Desk) -> None:
    """Responses that are not HTTP, and connections that end early, are failures."""
    for answer in (b"220 mail.example.com\r\n", b""):
        with socket.create_server(("127.0.0.1", 0)) as server:

            def respond(server: socket.socket = server, answer: bytes = answer) -> None:
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

            thread = threading.Thread(target=respond)
            thread.start()
            webhook = registered(ada, f"http://127.0.0.1:{server.getsockname()[1]}/")
            ada.imodel(hub.itwin_id, f"Model {answer!r}")
            (delivery,) = settled(hub)
            thread.join()
        assert (delivery.state, delivery.attempts) == ("pending", 1)
        assert (delivery.problem or "").startswith("No response from the receiver: ")
        ada.client.delete(f"/webhooks/{webhook}")


def test_a_deleted_webhook_hears_nothing_more(hub: LocalHub, ada: Desk, receiver: Receiver) -> None:
    """This includes pending events."""
    receiver.answers.extend([500] * 9)
    webhook = registered(ada, receiver.url)
    ada.imodel(hub.itwin_id, "First")
    settled(hub)
    assert ada.client.delete(f"/webhooks/{webhook}").status_code == 204
    ada.imodel(hub.itwin_id, "Second")
    hub.control.advance(HOUR)
    assert len(receiver.received) == 1
    assert hub.control.deliveries == []


def test_an_inactive_webhook_waits(hub: LocalHub, ada: Desk, receiver: Receiver) -> None:
    """Events that were pending are sent afterwards; new ones in the meantime are not."""
    receiver.answers.append(500)
    webhook = registered(ada, receiver.url)
    first = ada.imodel(hub.itwin_id, "First")
    settled(hub)
    ada.client.patch(f"/webhooks/{webhook}", json={"active": False})
    ada.imodel(hub.itwin_id, "Second")
    hub.control.advance(HOUR)
    assert len(receiver.received) == 1
    ada.client.patch(f"/webhooks/{webhook}", json={"active": True})
    receiver.wait(2)
    third = ada.imodel(hub.itwin_id, "Third")
    receiver.wait(3)
    assert [getattr(event, "imodel_id", "") for event in receiver.events()] == [first, first, third]


@given(attempts=st.integers(1, 10_000), chance=st.floats(0, 1))
def test_waits_grow_up_to_the_longest(attempts: int, chance: float) -> None:
    """They end with the last attempt."""
    retries = Retries(attempts=9_000, first=timedelta(seconds=5), longest=HOUR)
    wait = retries.wait_after(attempts, chance)
    if attempts >= 9_000:
        assert wait is None
        return
    full = min(5.0 * 2 ** min(attempts - 1, 20), 3600.0)
    assert wait is not None
    assert full / 2 <= wait.total_seconds() <= full


# When hubs fail, and when there are several.


@contextmanager
def serving(folder: Path, url: str) -> Iterator[tuple[subprocess.Popen[str], Desk, str]]:
    """Serve a hub as people do, with a file of settings, in a process to be ended in any way."""
    config = folder / "hub.toml"
    config.write_text(
        f"""
        [settings]
        event_timeout = 0.5
        event_first_retry = 0.2

        [[webhooks]]
        url = "{url}"
        secret = "{SECRET}"
        event_types = ["iModels.changesReady.v1"]
        """
    )
    options = ["--data-dir", str(folder / "hub"), "--config", str(config), "--port", "0", "--json"]
    command = [sys.executable, "-m", "itwin_imodels.cli", "hub", "serve", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            announcement = json.loads(process.stdout.readline())
            headers = {"Authorization": f"Bearer {announcement['tokens']['ada']}"}
            with httpx.Client(
                base_url=announcement["base_url"].removesuffix("/imodels"), headers=headers, timeout=30
            ) as client:
                yield process, Desk(None, client), announcement["itwin_id"]  # type: ignore[arg-type]  # the hub is elsewhere
        finally:
            process.kill()


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("moment", ["before it is sent", "while it is sent"])
def test_a_hub_that_is_killed_loses_no_event(tmp_path: Path, moment: str) -> None:
    """Events of confirmed changes are sent, possibly twice."""
    port = unused_port()
    with ExitStack() as stack:
        receiver = None
        if moment == "while it is sent":
            receiver = stack.enter_context(receiving(port))
            receiver.go_on.clear()
        with serving(tmp_path, f"http://127.0.0.1:{port}/events") as (process, desk, itwin):
            imodel = desk.imodel(itwin)
            changeset = desk.push(imodel, desk.briefcase(imodel))
            if receiver is not None:
                receiver.wait(1)
            process.kill()
        receiver = receiver or stack.enter_context(receiving(port))
        before = len(receiver.received)
        receiver.go_on.set()
        with serving(tmp_path, receiver.url) as (_, desk, _):
            receiver.wait(before + 1)
        events = receiver.events()
        assert {getattr(event, "changeset_id", "") for event in events} == {changeset}
        assert len({event.message_id for event in events}) == 1


def test_a_hub_that_is_opened_again_goes_on(open_hub: Open, tmp_path: Path) -> None:
    """It sends its pending events."""
    port = unused_port()
    webhook = NewWebhook(url=f"http://127.0.0.1:{port}/events", secret=SECRET)
    options: dict[str, Any] = {"data_dir": tmp_path / "hub", "settings": SETTINGS, "webhooks": [webhook]}
    with LocalHub(**options) as first, httpx.Client(base_url=first.url) as client:
        client.headers["Authorization"] = f"Bearer {first.token()}"
        imodel = Desk(first.hub, client).imodel(first.itwin_id)
    hub = open_hub(**options)
    with receiving(port) as receiver:
        hub.control.advance(timedelta(seconds=10))
        (event,) = receiver.events()
        assert getattr(event, "imodel_id", "") == imodel


def test_a_hub_that_is_closed_meanwhile_gives_back_what_it_was_at(
    open_hub: Open, tmp_path: Path, receiver: Receiver
) -> None:
    """The next hub sends it immediately."""
    webhook = NewWebhook(url=receiver.url, secret=SECRET)
    slow = HubSettings(event_timeout=timedelta(seconds=60))
    options: dict[str, Any] = {"data_dir": tmp_path / "hub", "settings": slow, "webhooks": [webhook]}
    receiver.go_on.clear()
    with LocalHub(**options) as first, httpx.Client(base_url=first.url) as client:
        client.headers["Authorization"] = f"Bearer {first.token()}"
        Desk(first.hub, client).imodel(first.itwin_id)
        receiver.wait(1)
        begin = time.monotonic()
    assert time.monotonic() - begin < 30
    receiver.go_on.set()
    hub = open_hub(**options)
    receiver.wait(2)
    settled(hub)
    assert states(hub) == [("delivered", 1, 200)]


def test_several_hubs_send_each_event_once(tmp_path: Path, receiver: Receiver) -> None:
    """Each has a separate connection to the same database, all at the same time."""
    settings, clock = HubSettings(), Clock()
    stores = [Database.in_file(tmp_path / "hub.sqlite", durable=False) for _ in range(4)]
    senders = [EventSender(store, clock, settings) for store in stores]
    with receiving() as other:
        with stores[0].writing() as connection:
            for each in (receiver, other):
                put_webhook(connection, NewWebhook(url=each.url, secret=SECRET), clock.now())
        for sender in senders:
            sender.start()
        for _ in range(20):
            with stores[1].writing() as connection:
                put_event(connection, an_event(UNKNOWN), Ids())
            for sender in senders:
                sender.wake()

        def ended() -> bool:
            with stores[2].reading() as connection:
                return all(each.state == "delivered" for each in all_deliveries(connection))

        wait_until(ended)
        for sender in senders:
            sender.stop()
        with stores[3].reading() as connection:
            sent = [(each.webhook_id, each.message_id) for each in all_deliveries(connection)]
        came = [[(event.webhook_id, event.message_id) for event in each.events()] for each in (receiver, other)]
        assert [*map(len, came)] == [20, 20]
        assert came == [[each for each in sent if each[0] == came[place][0][0]] for place in (0, 1)]
    for store in stores:
        store.close()


def test_a_sender_that_was_never_started_can_be_stopped(tmp_path: Path) -> None:
    """It can also be run without being started."""
    store = Database.in_file(tmp_path / "hub.sqlite", durable=False)
    sender = EventSender(store, Clock(), HubSettings())
    sender.stop()
    sender.run_due()
    sender.stop()
    store.close()
