"""Registering webhooks: over the API, in the file of settings, from a test."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from itwin_imodels_hub import ConfigError, HubSettings, LocalHub, NewUser, NewWebhook, read_config
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.events.messages import EVENT_TYPES
from itwin_imodels_hub.store.schema import users
from tests.hub.helpers.desk import Desk, error_of
from tests.hub.helpers.receiving import SECRET, receiving

LOCAL = HubSettings(local_webhooks=True)
UNKNOWN = "00000000-0000-4000-8000-000000000000"
URL = "http://127.0.0.1:9/events"
BODY = {"callbackUrl": URL, "scope": "Account", "eventTypes": ["iModels.iModelDeleted.v1"]}


@pytest.fixture
def settings() -> HubSettings:
    """Allow users receivers on this machine."""
    return LOCAL


def create(desk: Desk, **changes: Any) -> httpx.Response:
    """Register a webhook; members that are None are left out."""
    body = {name: value for name, value in {**BODY, **changes}.items() if value is not None}
    return desk.client.post("/webhooks", json=body)


def problems(response: httpx.Response, code: str) -> list[tuple[str, str | None]]:
    """Return code and target of each problem of a body."""
    assert error_of(response) == (422, code), response.text
    return [(detail["code"], detail.get("target")) for detail in response.json()["error"]["details"]]


def test_a_webhook_is_made_inactive_and_tells_its_secret_once(ada: Desk) -> None:
    """It is made up where none is sent; later answers do not have it."""
    response = create(ada)
    assert response.status_code == 201
    made = response.json()
    assert made == {
        "id": made["id"],
        "scope": "Account",
        "scopeId": None,
        "active": False,
        "callbackUrl": URL,
        "eventTypes": ["iModels.iModelDeleted.v1"],
        "created": made["created"],
        "modified": made["created"],
        "secret": made["secret"],
    }
    assert len(made.pop("secret")) == 64
    assert ada.client.get(f"/webhooks/{made['id']}").json() == made
    assert ada.client.get("/webhooks").json() == {"webhooks": [made]}
    assert create(ada, secret=SECRET).json()["secret"] == SECRET


def test_a_webhook_of_an_itwin(ada: Desk, itwin: str) -> None:
    """It says so."""
    made = create(ada, scope="iTwin", scopeId=itwin.upper()).json()
    assert (made["scope"], made["scopeId"]) == ("iTwin", itwin)


def test_a_webhook_is_changed(ada: Desk) -> None:
    """What is not sent stays; the time says when."""
    made = create(ada).json()
    ada.wait(60)
    response = ada.client.patch(f"/webhooks/{made['id']}", json={"active": True})
    assert response.status_code == 200
    changed = response.json()
    assert changed["modified"] > made["modified"]
    assert changed == {
        **{name: value for name, value in made.items() if name != "secret"},
        "active": True,
        "modified": changed["modified"],
    }
    more = {"callbackUrl": f"{URL}/2", "eventTypes": list(EVENT_TYPES), "secret": SECRET}
    changed = ada.client.patch(f"/webhooks/{made['id']}", json=more).json()
    assert (changed["active"], changed["callbackUrl"], changed["eventTypes"]) == (True, f"{URL}/2", list(EVENT_TYPES))
    assert "secret" not in changed


def test_a_webhook_is_deleted(ada: Desk) -> None:
    """Then it is not there."""
    address = f"/webhooks/{create(ada).json()['id']}"
    response = ada.client.delete(address)
    assert (response.status_code, response.content) == (204, b"")
    for method in ("GET", "PATCH", "DELETE"):
        assert error_of(ada.client.request(method, address, json={})) == (404, "WebhookNotFound")


def test_webhooks_are_their_owners_alone(ada: Desk, grace: Desk) -> None:
    """Others do not see them."""
    webhook = create(ada).json()["id"]
    assert grace.client.get("/webhooks").json() == {"webhooks": []}
    for method in ("GET", "PATCH", "DELETE"):
        response = grace.client.request(method, f"/webhooks/{webhook}", json={"active": True})
        assert error_of(response) == (404, "WebhookNotFound")
    assert ada.client.get(f"/webhooks/{webhook}").json()["active"] is False
    assert error_of(ada.client.get("/webhooks/what")) == (404, "WebhookNotFound")


def test_who_may_register(
    open_desk: Callable[[str], Desk], add_user: Callable[[NewUser], Desk], ada: Desk, itwin: str
) -> None:
    """Nobody without a token; those who manage iModels, for an iTwin those who manage its iModels."""
    assert error_of(create(open_desk(""))) == (401, "HeaderNotFound")
    assert error_of(create(open_desk("Bearer other"))) == (401, "Unauthorized")
    assert error_of(create(ada, scope="iTwin", scopeId=UNKNOWN)) == (404, "iTwinNotFound")
    reader = add_user(NewUser(name="lin", given_name="Lin", surname="Berg", permissions=frozenset({"imodels_read"})))
    assert error_of(create(reader, scope="iTwin", scopeId=itwin)) == (403, "InsufficientPermissions")
    assert error_of(create(reader)) == (403, "InsufficientPermissions")
    nobody = frozenset[str]()
    boss = add_user(
        NewUser(name="bo", given_name="Bo", surname="Ek", permissions=nobody, organization_administrator=True)
    )
    assert create(boss).status_code == 201
    assert create(boss, scope="iTwin", scopeId=itwin).status_code == 201


def test_who_may_no_longer_manage_changes_nothing(hub: Hub, ada: Desk) -> None:
    """A webhook stays, and may be deleted, but leads nowhere else."""
    webhook = create(ada).json()["id"]
    with hub.store.writing() as connection:
        connection.execute(update(users).where(users.c.name == "ada").values(permissions=["imodels_read"]))
    changed = ada.client.patch(f"/webhooks/{webhook}", json={"callbackUrl": f"{URL}/elsewhere"})
    assert error_of(changed) == (403, "InsufficientPermissions")
    assert ada.client.get(f"/webhooks/{webhook}").json()["callbackUrl"] == URL
    assert ada.client.delete(f"/webhooks/{webhook}").status_code == 204


NEAR = [
    "http://127.0.0.1:9/",
    "http://localhost/",
    "https://LOCALHOST./",
    "http://hub.localhost/",
    "http://[::1]:9/",
    "http://127.9.9.9/",
    "http://[::ffff:127.0.0.1]/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://169.254.169.254/latest/meta-data",
    "http://[fe80::1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://224.0.0.1/",
]


@pytest.mark.thorough(keep=6)
@pytest.mark.parametrize("url", NEAR)
@pytest.mark.parametrize("settings", [HubSettings()])
def test_targets_on_this_machine_are_refused(ada: Desk, url: str) -> None:
    """A user does not reach through the hub what only the hub's machine reaches, unless a setting permits it."""
    assert problems(create(ada, callbackUrl=url), "InvalidCreateWebhookRequest") == [("InvalidValue", "callbackUrl")]
    webhook = create(ada, callbackUrl="https://receiver.example/events").json()["id"]
    response = ada.client.patch(f"/webhooks/{webhook}", json={"callbackUrl": url})
    assert problems(response, "InvalidUpdateWebhookRequest") == [("InvalidValue", "callbackUrl")]
    assert "local_webhooks" in response.text


@pytest.mark.parametrize("url", ["http://127.1:{}/", "http://2130706433:{}/", "http://0x7f000001:{}/", "{}"])
def test_a_name_that_leads_here_is_noticed_when_it_is_called(tmp_path: Path, url: str) -> None:
    """However the address is hidden, and also a webhook that was registered while the setting permitted it."""
    with receiving() as receiver:
        target = receiver.url if url == "{}" else url.format(receiver.port)
        with LocalHub(tmp_path, settings=HubSettings(local_webhooks=True)) as hub, visiting(hub) as ada:
            webhook = create(ada, callbackUrl=target, eventTypes=list(EVENT_TYPES)).json()["id"]
            ada.client.patch(f"/webhooks/{webhook}", json={"active": True})
        own = NewWebhook(url=f"{receiver.url}/own", secret=SECRET)
        with LocalHub(tmp_path, settings=HubSettings(event_attempts=1), webhooks=[own]) as hub, visiting(hub) as ada:
            ada.imodel(hub.itwin_id)
            hub.control.advance(timedelta())
            outcomes = {each.webhook_id: (each.state, each.problem) for each in hub.control.deliveries}
        assert [each.path for each in receiver.received] == ["/events/own"]
        assert outcomes[own.id] == ("delivered", None)
        state, problem = outcomes[webhook]
        assert (state, "local_webhooks" in str(problem)) == ("failed", True)


@pytest.mark.thorough(keep=10)
@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"callbackUrl": None}, [("MissingRequiredProperty", "callbackUrl")]),
        ({"scope": None}, [("MissingRequiredProperty", "scope")]),
        ({"eventTypes": None}, [("MissingRequiredProperty", "eventTypes")]),
        ({"scope": "Everything"}, [("InvalidValue", "scope")]),
        ({"scope": "iTwin"}, [("MissingRequiredProperty", "scopeId")]),
        ({"scope": "iTwin", "scopeId": "here"}, [("InvalidValue", "scopeId")]),
        ({"scopeId": UNKNOWN}, [("InvalidValue", "scopeId")]),
        ({"eventTypes": []}, [("InvalidValue", "eventTypes")]),
        ({"eventTypes": ["iModels.other.v1"]}, [("InvalidValue", "eventTypes")]),
        ({"secret": "x" * 31}, [("InvalidValue", "secret")]),
        ({"secret": "x" * 256}, [("InvalidValue", "secret")]),
        ({"active": True}, [("InvalidValue", "active")]),
        ({"callbackUrl": "ftp://example.com/"}, [("InvalidValue", "callbackUrl")]),
        ({"callbackUrl": "file:///etc/passwd"}, [("InvalidValue", "callbackUrl")]),
        ({"callbackUrl": "http:///events"}, [("InvalidValue", "callbackUrl")]),
        ({"callbackUrl": "/events"}, [("InvalidValue", "callbackUrl")]),
        ({"callbackUrl": "http://exa mple.com:x/"}, [("InvalidValue", "callbackUrl")]),
        ({"callbackUrl": "http://ada:secret@example.com/"}, [("InvalidValue", "callbackUrl")]),
        ({"callbackUrl": "http://example.com/#here"}, [("InvalidValue", "callbackUrl")]),
        ({"callbackUrl": f"http://example.com/{'x' * 2048}"}, [("InvalidValue", "callbackUrl")]),
        ({"callbackUrl": 9, "secret": 9, "eventTypes": "all"}, [("InvalidValue", None)] * 3),
    ],
)
def test_what_cannot_be_registered(ada: Desk, changes: dict[str, Any], found: list[tuple[str, str | None]]) -> None:
    """Each problem with its place, and nothing is stored."""
    told = problems(create(ada, **changes), "InvalidCreateWebhookRequest")
    assert [(code, target if expected[1] else None) for (code, target), expected in zip(told, found, strict=True)] == (
        found
    )
    assert ada.client.get("/webhooks").json() == {"webhooks": []}


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ({"scope": "iTwin"}, "scope"),
        ({"active": "yes"}, "active"),
        ({"active": None}, "active"),
        ({"callbackUrl": "ftp://example.com/"}, "callbackUrl"),
        ({"secret": "short"}, "secret"),
        ({"eventTypes": []}, "eventTypes"),
    ],
)
def test_what_a_webhook_cannot_become(ada: Desk, body: dict[str, Any], target: str) -> None:
    """It stays as it is then."""
    made = create(ada).json()
    response = ada.client.patch(f"/webhooks/{made['id']}", json=body)
    assert [each[1] for each in problems(response, "InvalidUpdateWebhookRequest")] == [target]
    assert ada.client.get(f"/webhooks/{made['id']}").json()["modified"] == made["modified"]


def test_bodies_that_are_not_json(ada: Desk) -> None:
    """Are bodies that are not valid."""
    headers = {"content-type": "application/json"}
    response = ada.client.post("/webhooks", content=b"{", headers=headers)
    assert problems(response, "InvalidCreateWebhookRequest") == [("InvalidRequestBody", None)]
    response = ada.client.post("/webhooks", content=b"callbackUrl=x", headers={"content-type": "text/plain"})
    assert error_of(response) == (415, "UnsupportedMediaType")
    assert error_of(ada.client.put("/webhooks", json={})) == (405, "MethodNotAllowed")


# In the settings.


def read(path: Path, text: str) -> tuple[NewWebhook, ...]:
    """Read the webhooks of a file."""
    path.write_text(text)
    return tuple(read_config(path).webhooks)


def test_webhooks_in_the_file(tmp_path: Path) -> None:
    """With all events of all iTwins unless they say otherwise."""
    both = read(
        tmp_path / "hub.toml",
        f"""
        [[webhooks]]
        url = "{URL}"
        secret = "{SECRET}"

        [[webhooks]]
        url = "https://example.com/events"
        secret = "{SECRET}"
        event_types = ["iModels.changesReady.v1", "iModels.changesReady.v1"]
        itwin = "{UNKNOWN.upper()}"
        """,
    )
    assert [(each.url, each.event_types, each.itwin) for each in both] == [
        (URL, EVENT_TYPES, None),
        ("https://example.com/events", ("iModels.changesReady.v1",), UNKNOWN),
    ]
    assert SECRET not in repr(both)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('secret = "x"', r"webhooks\[0\]: url is missing"),
        (f'url = "{URL}"', r"webhooks\[0\]: secret is missing"),
        (f'url = "{URL}"\nsecret = "short"', r"webhooks\[0\]: secret: The secret must have 32 to 255 characters"),
        (f'url = "gopher://x"\nsecret = "{SECRET}"', r"webhooks\[0\]: url: Expected a URL that begins"),
        (f'url = "{URL}"\nsecret = "{SECRET}"\nevent_types = ["all"]', "unknown event types all; known: iModels"),
        (f'url = "{URL}"\nsecret = "{SECRET}"\nevent_types = []', "no event types; known:"),
        (f'url = "{URL}"\nsecret = "{SECRET}"\nitwin = "here"', "itwin: 'here' is not a UUID"),
        (f'url = "{URL}"\nsecret = "{SECRET}"\nactive = true', "unknown active"),
    ],
)
def test_webhooks_that_cannot_be(tmp_path: Path, table: str, said: str) -> None:
    """Are named with their place."""
    with pytest.raises(ConfigError, match=said):
        read(tmp_path / "hub.toml", f"[[webhooks]]\n{table}")


def test_webhooks_that_are_the_same_twice(tmp_path: Path) -> None:
    """Are a mistake; so is something that is no list."""
    table = f'[[webhooks]]\nurl = "{URL}"\nsecret = "{SECRET}"\n'
    with pytest.raises(ConfigError, match="another webhook has the same url and itwin"):
        read(tmp_path / "hub.toml", table * 2)
    with pytest.raises(ConfigError, match="expected tables"):
        read(tmp_path / "hub.toml", "webhooks = 3")


def test_the_file_is_what_counts_at_each_start(tmp_path: Path) -> None:
    """Those that are gone from it hear nothing more, those that stay keep what waits, users' own are left alone."""
    kept, gone = (NewWebhook(url=f"{URL}/{name}", secret=SECRET) for name in ("kept", "gone"))
    with LocalHub(tmp_path, settings=LOCAL, webhooks=[kept, gone]) as hub, visiting(hub) as ada:
        webhook = create(ada, eventTypes=list(EVENT_TYPES)).json()["id"]
        ada.client.patch(f"/webhooks/{webhook}", json={"active": True})
        ada.imodel(hub.itwin_id)
        assert {each.webhook_id for each in hub.control.deliveries} == {kept.id, gone.id, webhook}
    with (
        LocalHub(tmp_path, settings=LOCAL) as hub,
        visiting(hub) as ada,
    ):  # as 'imodels hub dump' opens it: without the file
        assert {each.webhook_id for each in hub.control.deliveries} == {kept.id, gone.id, webhook}
        assert [each["id"] for each in ada.client.get("/webhooks").json()["webhooks"]] == [webhook]
    changed = NewWebhook(url=kept.url, secret=SECRET, event_types=["iModels.iModelDeleted.v1"])
    with LocalHub(tmp_path, settings=LOCAL, webhooks=[changed]) as hub, visiting(hub) as ada:
        assert {each.webhook_id for each in hub.control.deliveries} == {kept.id, webhook}
        ada.imodel(hub.itwin_id, "Second")
        assert [each.webhook_id for each in hub.control.deliveries].count(kept.id) == 1


def visiting(hub: LocalHub) -> Any:
    """Call a hub as its first user."""
    return Visitor(hub)


class Visitor:
    """A client for as long as a block lasts."""

    def __init__(self, hub: LocalHub) -> None:
        """Call `hub`."""
        self._hub = hub
        self._client = httpx.Client(base_url=hub.url, headers={"Authorization": f"Bearer {hub.token()}"})

    def __enter__(self) -> Desk:
        """Begin."""
        return Desk(self._hub.hub, self._client)

    def __exit__(self, *_: object) -> None:
        """End."""
        self._client.close()


# From a test.


def test_control_over_http() -> None:
    """A webhook for a test that is not in the hub's process, and what became of its events; no secret in it."""
    with LocalHub(control=True) as hub, receiving() as receiver, visiting(hub) as ada:
        secret = {"Authorization": f"Bearer {hub.control_secret}"}
        control = httpx.Client(base_url=f"{hub.url}/_hub", headers=secret)
        made = control.post("/webhooks", json={"url": receiver.url, "secret": SECRET})
        assert made.status_code == 201
        imodel = ada.imodel(hub.itwin_id)
        assert control.post("/time/advance", json={"seconds": 0}).status_code == 200
        (event,) = receiver.events()
        answer = control.get("/deliveries")
        (delivery,) = answer.json()["deliveries"]
        assert (delivery["webhook_id"], delivery["message_id"]) == (made.json()["id"], event.message_id)
        assert (delivery["state"], delivery["attempts"], delivery["status"]) == ("delivered", 1, 200)
        assert (delivery["imodel_id"], delivery["event_type"]) == (imodel, "iModels.iModelCreated.v1")
        assert delivery["enqueued_at"].endswith("Z")
        assert SECRET not in answer.text
        refused = control.post("/webhooks", json={"url": "nowhere", "secret": SECRET})
        assert refused.status_code == 400
        control.close()


def test_snapshots_have_webhooks(tmp_path: Path) -> None:
    """With what waits for them; a hub that is emptied has those it was begun with."""
    own = NewWebhook(url=f"{URL}/own", secret=SECRET)
    with LocalHub(webhooks=[own]) as hub, visiting(hub) as ada:
        other = hub.control.create_webhook(NewWebhook(url=f"{URL}/other", secret=SECRET))
        ada.imodel(hub.itwin_id)
        hub.control.advance(timedelta())
        before = hub.control.deliveries
        assert {each.webhook_id for each in before} == {own.id, other}
        hub.control.dump(tmp_path / "state.zip")
        itwin = hub.control.reset()
        assert hub.control.deliveries == []
        ada.imodel(itwin)
        assert [each.webhook_id for each in hub.control.deliveries] == [own.id]
        hub.control.load(tmp_path / "state.zip")
        assert hub.control.deliveries == before
