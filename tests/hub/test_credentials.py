"""The tokens and secrets of a hub's first users cannot be guessed, unless they are configured."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from itwin_imodels_hub import LocalHub, NewUser, read_config
from itwin_imodels_hub.identity import DEMO_USERS
from tests.hub.helpers.databases import ON_POSTGRESQL

DEMO = {"ada": "ada-token", "grace": "grace-token"}
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what is tested


def may(hub: LocalHub, token: str) -> bool:
    """Return whether a token is valid."""
    url = hub.url.replace(EVERYWHERE, "127.0.0.1")
    return httpx.get(f"{url}/itwins", headers={"Authorization": f"Bearer {token}"}, timeout=240).status_code == 200


def is_application(hub: LocalHub, name: str, secret: str) -> bool:
    """Return whether a secret is that of a user's application."""
    url = hub.url.replace(EVERYWHERE, "127.0.0.1")
    form = {"grant_type": "client_credentials"}
    auth = (f"{name}-application", secret)
    return httpx.post(f"{url}/connect/token", data=form, auth=auth, timeout=240).status_code == 200


@pytest.mark.thorough
def test_each_folder_has_its_own(tmp_path: Path) -> None:
    """Two hubs share no token and no secret, all of them are long, and no predictable one is valid."""
    with LocalHub(tmp_path / "one") as one, LocalHub(tmp_path / "two") as two, LocalHub() as passing:
        hubs = (one, two, passing)
        given = [text for hub in hubs for text in (*hub.tokens.values(), *hub.application_secrets.values())]
        assert len(set(given)) == len(given) == 12
        assert min(map(len, given)) >= 43
        for hub in hubs:
            assert list(hub.tokens) == list(hub.application_secrets) == ["ada", "grace"]
            for name in hub.tokens:
                assert may(hub, hub.token(name))
                assert not may(hub, f"{name}-token")
                assert is_application(hub, name, hub.application_secrets[name])
                assert not is_application(hub, name, f"{name}-secret")
        assert not may(one, two.token())


def test_a_restart_keeps_them(tmp_path: Path) -> None:
    """The hub prints the same ones again, and does not store them in plain text."""
    with LocalHub(tmp_path) as hub:
        before = hub.tokens, hub.application_secrets
    with LocalHub(tmp_path) as hub:
        assert (hub.tokens, hub.application_secrets) == before
        assert may(hub, hub.token())
    texts = [*before[0].values(), *before[1].values()]
    for path in (each for each in tmp_path.rglob("*") if each.is_file()):
        assert not [text for text in texts if text.encode() in path.read_bytes()], path


def test_a_demo_has_known_ones(tmp_path: Path) -> None:
    """They exist only with the seed `demo` and on this machine."""
    with LocalHub(tmp_path / "demo", seed="demo") as hub:
        assert hub.tokens == DEMO
        assert hub.application_secrets == {"ada": "ada-secret", "grace": "grace-secret"}
        assert may(hub, "ada-token")
        assert is_application(hub, "grace", "grace-secret")
    with LocalHub(tmp_path / "demo") as hub:
        assert hub.tokens == DEMO
    with LocalHub(tmp_path / "open", seed="demo", host=EVERYWHERE) as hub:
        assert not may(hub, "ada-token")
        assert not is_application(hub, "ada", "ada-secret")
        assert may(hub, hub.token("ada"))


def test_a_demo_that_is_opened_to_others_loses_them(tmp_path: Path) -> None:
    """On an interface other than loopback, the known ones are revoked and permanently replaced."""
    with LocalHub(tmp_path, seed="demo") as hub:
        assert may(hub, "ada-token")
    with LocalHub(tmp_path, host=EVERYWHERE) as hub:
        tokens, secrets = hub.tokens, hub.application_secrets
        assert not set(tokens.values()) & set(DEMO.values())
        for name, known in DEMO.items():
            assert not may(hub, known)
            assert may(hub, tokens[name])
            assert not is_application(hub, name, f"{name}-secret")
            assert is_application(hub, name, secrets[name])
    with LocalHub(tmp_path) as hub:
        assert (hub.tokens, hub.application_secrets) == (tokens, secrets)


NAMED = (
    '[[users]]\nname = "lin"\ngiven_name = "Lin"\nsurname = "Berg"\ntoken = "chosen-token"\nsecret = "chosen-secret"\n'
)


@pytest.mark.thorough
def test_a_configuration_may_name_them(tmp_path: Path) -> None:
    """Configured ones are valid on every interface; the others are generated."""
    file = tmp_path / "hub.toml"
    file.write_text(f'{NAMED}[[users]]\nname = "bo"\ngiven_name = "Bo"\nsurname = "Ek"\n')
    users = read_config(file).users
    assert "chosen" not in repr(users)
    for host in ("127.0.0.1", EVERYWHERE):
        with LocalHub(tmp_path / host, users=users, host=host, seed="demo") as hub:
            assert hub.token("lin") == "chosen-token"
            assert may(hub, "chosen-token")
            assert is_application(hub, "lin", "chosen-secret")
            assert may(hub, hub.token("bo"))
            assert not may(hub, "bo-token")


@pytest.mark.parametrize("value", ["short", "with a blank", "ä" * 10, "x" * 256, ""])
@pytest.mark.parametrize("name", ["token", "secret"])
def test_ones_that_cannot_be(name: str, value: str) -> None:
    """Short ones could be guessed, and others are not valid in a header."""
    with pytest.raises(ValueError, match=f"{name}: expected 8 to 255 visible ASCII characters") as caught:
        NewUser(name="lin", given_name="Lin", surname="Berg", **{name: value})
    assert not value or value not in str(caught.value)


def test_two_users_cannot_share_a_token() -> None:
    """It would belong to only one of them."""
    twins = [NewUser(name=name, given_name=name, surname="X", token="chosen-token") for name in ("a", "b")]  # noqa: S106
    with pytest.raises(ValueError, match="user b: the token belongs to another user") as caught:
        LocalHub(users=twins)
    assert "chosen-token" not in str(caught.value)


def test_users_of_tests_get_theirs() -> None:
    """A user that the control API adds has a new token, or the given one."""
    with LocalHub() as hub:
        made = hub.control.create_user(NewUser(name="lin", given_name="Lin", surname="Berg"))
        named = hub.control.create_user(NewUser(name="bo", given_name="Bo", surname="Ek", token="chosen-token"))  # noqa: S106
        assert (hub.token("lin"), hub.token("bo")) == (made, named) == (made, "chosen-token")
        assert may(hub, made)
        assert may(hub, named)
        before = hub.token("ada")
        hub.control.reset()
        assert list(hub.tokens) == ["ada", "grace"]
        assert hub.token("ada") == before
        assert may(hub, before)
        assert not may(hub, named)


@pytest.mark.parametrize("users", [(), DEMO_USERS])
def test_a_loaded_dump_brings_tokens_and_the_hub_has_its_own(tmp_path: Path, users: Sequence[NewUser]) -> None:
    """The tokens of the dumped hub and of the loading hub are valid."""
    options = {"users": users} if users else {}
    with LocalHub(tmp_path / "one", **options) as one, LocalHub(tmp_path / "two") as two:
        one.control.dump(tmp_path / "one.zip")
        issued = one.expiring_token("ada", timedelta(hours=1))
        two.control.load(tmp_path / "one.zip")
        for token in (*one.tokens.values(), *two.tokens.values()):
            assert may(two, token)
        assert not may(two, issued)
        assert is_application(two, "ada", one.application_secrets["ada"])


@pytest.mark.skipif(ON_POSTGRESQL, reason="the folder of an older hub has a database of SQLite")
def test_a_folder_of_an_older_hub_keeps_its_tokens_on_this_machine(tmp_path: Path) -> None:
    """Hubs of earlier versions had predictable ones; they stay valid where only this machine can use them."""
    older = [NewUser(name=name, given_name=name, surname="X", token=f"{name}-token") for name in ("lin", "bo")]
    with LocalHub(tmp_path, users=older):
        pass
    with LocalHub(tmp_path) as hub:
        assert hub.token("lin") == "lin-token"
        assert may(hub, "lin-token")
    with LocalHub(tmp_path, host=EVERYWHERE) as hub:
        assert not may(hub, "lin-token")
        assert may(hub, hub.token("lin"))
