"""Refresh tokens stay with the user who signed in."""

import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.backends.null
import keyring.errors
import pytest

from itwin_imodels._auth import stores
from itwin_imodels._auth.stores import default_store
from itwin_imodels.auth import FileTokenStore, KeyringTokenStore, TokenStore
from itwin_imodels.errors import AuthError, ConfigurationError
from tests.auth.helpers.secrecy import Watch

TOKEN = "the-refresh-token"  # noqa: S105 - of nobody
LOGIN = "https://ims.bentley.com native-abc itwin-platform offline_access"
posix = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")


class Memory(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()  # type: ignore[no-untyped-call]  # the library's own
        self.passwords: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        """Return a password."""
        self.check()
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password."""
        self.check(password)
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget a password."""
        self.check()
        del self.passwords[service, username]

    def check(self, password: str = "") -> None:
        """Fail while the keyring is locked."""
        if self.locked:
            raise keyring.errors.KeyringLocked(f"locked {password}")


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Memory:
    """Use a keyring in memory, and a folder of the test for locks."""
    monkeypatch.setattr(stores, "_state_folder", lambda: tmp_path)
    backend = Memory()
    use(backend, monkeypatch)
    return backend


def use(backend: keyring.backend.KeyringBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a keyring during a test."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend)


@pytest.fixture(params=["file", "keyring"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> TokenStore:
    """Return a store of each kind."""
    if request.param == "file":
        return FileTokenStore(tmp_path / "new" / "folder")
    request.getfixturevalue("memory")
    return KeyringTokenStore()


def test_a_store_keeps_replaces_and_forgets(store: TokenStore) -> None:
    """Each login by itself."""
    assert isinstance(store, TokenStore)
    assert store.load(LOGIN) is None
    store.delete(LOGIN)
    store.save(LOGIN, "first")
    store.save(LOGIN, "second")
    store.save("another", "third")
    assert store.load(LOGIN) == "second"
    store.delete(LOGIN)
    assert store.load(LOGIN) is None
    assert store.load("another") == "third"


def test_a_store_is_used_by_one_at_a_time(store: TokenStore) -> None:
    """Four threads count on without a gap."""
    store.save(LOGIN, "0")

    def count(_: int) -> None:
        with store.lock(LOGIN):
            store.save(LOGIN, str(int(store.load(LOGIN) or "") + 1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(20)))
    assert store.load(LOGIN) == "20"


def test_a_lock_that_is_not_let_go_is_reported(store: TokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some patience."""
    monkeypatch.setattr(stores, "_PATIENCE", 0.05)
    with store.lock(LOGIN), pytest.raises(AuthError, match="another program"), store.lock(LOGIN):
        pytest.fail("there are two")


@posix
def test_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    """This includes a new folder; no other file is left in it."""
    folder = tmp_path / "logins"
    store = FileTokenStore(folder)
    previous = os.umask(0)
    try:
        store.save(LOGIN, "token")
        store.save(LOGIN, "token")
    finally:
        os.umask(previous)
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o777])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, mode: int, watch: Watch) -> None:
    """The error says how to repair it; a new sign-in does so, too."""
    store = FileTokenStore(tmp_path)
    store.save(LOGIN, TOKEN)
    (file,) = tmp_path.glob("*.json")
    file.chmod(mode)
    text = watch.failure(AuthError, lambda: store.load(LOGIN), TOKEN)
    assert f"(mode {mode:04o})" in text
    assert f"chmod 600 '{file}'" in text
    store.save(LOGIN, "another")
    assert store.load(LOGIN) == "another"


@posix
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Another user could have created it."""
    store = FileTokenStore(tmp_path)
    store.save(LOGIN, "token")
    (file,) = tmp_path.glob("*.json")
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AuthError, match="cannot read"):
        store.load(LOGIN)
    store.save(LOGIN, "new")
    assert not file.is_symlink()
    assert store.load(LOGIN) == "new"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"refresh_token": 7}', b'{"refresh_token": ""}', b"\xff"]
)
def test_a_damaged_file_is_reported(tmp_path: Path, content: bytes) -> None:
    """It is not treated as a missing one."""
    store = FileTokenStore(tmp_path)
    store.save(LOGIN, "token")
    (file,) = tmp_path.glob("*.json")
    file.write_bytes(content)
    with pytest.raises(AuthError, match=r"is damaged|cannot read"):
        store.load(LOGIN)


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path, watch: Watch) -> None:
    """This applies to each operation on the folder."""
    (tmp_path / "file").write_text("")
    store = FileTokenStore(tmp_path / "file")
    for call in (
        lambda: store.save(LOGIN, TOKEN),
        lambda: store.load(LOGIN),
        lambda: store.delete(LOGIN),
        lambda: store.lock(LOGIN).__enter__(),
    ):
        assert str(tmp_path / "file") in watch.failure(AuthError, call, TOKEN)


def test_a_locked_keyring_is_reported(memory: Memory, watch: Watch) -> None:
    """The error names another way to store the sign-in, and does not contain the token of the keyring's error."""
    store = KeyringTokenStore()
    store.save(LOGIN, TOKEN)
    memory.locked = True
    for call in (
        lambda: store.save(LOGIN, TOKEN),
        lambda: store.load(LOGIN),
        lambda: store.delete(LOGIN),
    ):
        text = watch.failure(AuthError, call, TOKEN)
        assert "KeyringLocked" in text
        assert "store=FileTokenStore()" in text


def test_the_keyring_is_used_where_there_is_one(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Else files, in the user's folder for the state of programs."""
    assert repr(default_store()) == "KeyringTokenStore()"
    for unfit in (keyring.backends.fail.Keyring, keyring.backends.null.Keyring):
        use(unfit(), monkeypatch)
        assert repr(default_store()) == f"FileTokenStore({str(tmp_path)!r})"
    use(memory, monkeypatch)
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert isinstance(default_store(), FileTokenStore)
    with pytest.raises(ConfigurationError, match=r"pip install 'itwin-imodels\[keyring\]'"):
        KeyringTokenStore()


def test_files_are_in_the_users_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The library of the extra determines it; without the extra, the error names it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = FileTokenStore().folder
    assert folder.parts[-2:] == ("itwin-imodels", "logins")
    if sys.platform == "linux":
        assert folder == tmp_path / "itwin-imodels" / "logins"
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'itwin-imodels\[auth\]'"):
        FileTokenStore()
