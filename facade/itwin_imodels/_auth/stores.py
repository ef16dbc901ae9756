"""Stores that keep a user's refresh token between runs of a program."""

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from itwin_imodels._auth.extra import import_extra
from itwin_imodels._auth.http import safe_text
from itwin_imodels._core.local_files import local_path
from itwin_imodels._core.secrets import Secret
from itwin_imodels.errors import AuthError, ConfigurationError

_APPLICATION: Final = "itwin-imodels"
_PATIENCE: Final = 60.0
_MEMBER: Final = "refresh_token"


@runtime_checkable
class TokenStore(Protocol):
    """Interface of a store that holds one refresh token for each login.

    A login is identified by a string that names its authorization server, application and scope.
    """

    def load(self, login: str) -> str | None:
        """Return the refresh token of a login, or None if there is none.

        Raises:
            AuthError: The token cannot be read.
        """
        ...

    def save(self, login: str, refresh_token: str) -> None:
        """Store the refresh token of a login, replacing an earlier one.

        Raises:
            AuthError: The token cannot be stored.
        """
        ...

    def delete(self, login: str) -> None:
        """Delete the refresh token of a login, if there is one.

        Raises:
            AuthError: The token cannot be deleted.
        """
        ...

    def lock(self, login: str) -> AbstractContextManager[object]:
        """Lock the refresh token of a login against other programs for the duration of a block.

        A server may accept a refresh token only once, so only one program at a time may use and replace it.

        Raises:
            AuthError: Another program does not release the lock in time.
        """
        ...


class FileTokenStore:
    """Store that keeps each refresh token in a file that only its owner can read (mode 0600).

    A file that other users can access is rejected, except on Windows. Requires the extra `auth`.

    Args:
        folder: Folder of the files; by default the user's folder for application state.

    Example:
        ```python
        AuthorizationCode("native-abc", store=FileTokenStore(Path("/secure/logins")))
        ```
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        """Create a store; the folder is created when the first token is stored."""
        self.folder = local_path(folder) if folder is not None else _state_folder()

    def __repr__(self) -> str:
        """Return the class and the folder."""
        return f"FileTokenStore({str(self.folder)!r})"

    def load(self, login: str) -> str | None:
        """Return the refresh token of a login, or None if there is none.

        Raises:
            AuthError: The file is unreadable or damaged, or other users can access it.
        """
        path = self._path(login)
        try:
            token = _token_in(_private_text(path))
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            token = None
        except OSError as error:
            raise AuthError(f"cannot read the stored sign-in {path}: {error}") from error
        if token is None:
            raise AuthError(f"the stored sign-in {path} is damaged: sign in again with login()")
        return token

    def save(self, login: str, refresh_token: str) -> None:
        """Store the refresh token of a login, replacing an earlier one.

        Raises:
            AuthError: The file cannot be written.
        """
        token, refresh_token = Secret(refresh_token), ""  # keeps the secret out of tracebacks with variables
        with self._store_errors("stored in"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".tmp")  # created with mode 0600
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump({"login": login, _MEMBER: token.value}, file)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(self._path(login))
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise

    def delete(self, login: str) -> None:
        """Delete the refresh token of a login, if there is one.

        Raises:
            AuthError: The file cannot be deleted.
        """
        with self._store_errors("deleted from"):
            self._path(login).unlink(missing_ok=True)

    def lock(self, login: str) -> AbstractContextManager[object]:
        """Lock the refresh token of a login against other programs for the duration of a block.

        Raises:
            AuthError: Another program does not release the lock within 60 s, or the lock file cannot be created.
        """
        return _lock(self._path(login).with_suffix(".lock"))

    def _path(self, login: str) -> Path:
        return self.folder / f"{_key(login)}.json"

    @contextmanager
    def _store_errors(self, done: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise AuthError(f"the sign-in cannot be {done} {self.folder}: {error}") from error


class KeyringTokenStore:
    """Store that keeps each refresh token in the system's keyring, through the `keyring` library.

    Requires the extras `auth` and `keyring`.

    Example:
        ```python
        AuthorizationCode("native-abc", store=KeyringTokenStore())
        ```
    """

    def __init__(self) -> None:
        """Use the keyring backend that the library selects.

        Raises:
            ConfigurationError: The library is not installed.
        """
        try:
            self._keyring = import_extra("keyring")
        except ConfigurationError as error:
            raise ConfigurationError(
                "the system's keyring requires the extra 'keyring': pip install 'itwin-imodels[keyring]'"
            ) from error.__cause__

    def __repr__(self) -> str:
        """Return the class."""
        return "KeyringTokenStore()"

    @property
    def usable(self) -> bool:
        """Whether the system has a keyring that can store passwords."""
        backend = self._keyring.get_keyring()
        unfit = (import_extra("keyring.backends.fail").Keyring, import_extra("keyring.backends.null").Keyring)
        return not isinstance(backend, unfit)

    def load(self, login: str) -> str | None:
        """Return the refresh token of a login, or None if there is none.

        Raises:
            AuthError: The keyring is locked or fails.
        """
        token: str | None = self._done("read from", lambda: self._keyring.get_password(_APPLICATION, login))
        return token

    def save(self, login: str, refresh_token: str) -> None:
        """Store the refresh token of a login, replacing an earlier one.

        Raises:
            AuthError: The keyring is locked or fails.
        """
        token, refresh_token = Secret(refresh_token), ""  # keeps the secret out of tracebacks with variables
        self._done("stored in", lambda: self._keyring.set_password(_APPLICATION, login, token.value), token)

    def delete(self, login: str) -> None:
        """Delete the refresh token of a login, if there is one.

        Raises:
            AuthError: The keyring is locked or fails.
        """
        if self.load(login) is None:
            return
        self._done("deleted from", lambda: self._keyring.delete_password(_APPLICATION, login))

    def lock(self, login: str) -> AbstractContextManager[object]:
        """Lock the refresh token of a login against other programs for the duration of a block.

        Raises:
            AuthError: Another program does not release the lock within 60 s, or the lock file cannot be created.
        """
        return _lock(_state_folder() / f"{_key(login)}.lock")

    def _done(self, done: str, call: Callable[[], Any], *secrets: Secret) -> Any:  # noqa: ANN401 - as the library declares it
        try:
            return call()
        except import_extra("keyring.errors").KeyringError as error:
            reason = f"{type(error).__name__}: {safe_text(error, secrets)}"
        # Raised outside of the except block, since the keyring's own error may contain secrets.
        raise AuthError(
            f"the sign-in cannot be {done} the system's keyring: {reason}\n"
            "Unlock the keyring, or store the sign-in in a file with store=FileTokenStore()."
        )


def default_store() -> TokenStore:
    """Return a store in the system's keyring if that is usable, otherwise one in files.

    Raises:
        ConfigurationError: The extra `auth` is not installed.
    """
    try:
        store = KeyringTokenStore()
    except ConfigurationError:
        return FileTokenStore()
    return store if store.usable else FileTokenStore()


def _state_folder() -> Path:
    folder: Path = import_extra("platformdirs").user_state_path(_APPLICATION, appauthor=False)
    return folder / "logins"


def _key(login: str) -> str:
    return hashlib.sha256(login.encode()).hexdigest()[:32]


def _token_in(text: str) -> str | None:
    try:
        token = json.loads(text)[_MEMBER]
    except (ValueError, TypeError, KeyError):
        return None
    return token if isinstance(token, str) and token else None


def _private_text(path: Path) -> str:
    """Read a file that only the user can access. The checks use the open file, not its path, to avoid races."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(handle, encoding="utf-8") as file:
        status = os.fstat(file.fileno())
        if os.name == "posix":
            if status.st_uid != os.geteuid():
                raise AuthError(f"the stored sign-in {path} is not used: the file belongs to another user")
            if (mode := stat.S_IMODE(status.st_mode)) & 0o077:
                raise AuthError(
                    f"the stored sign-in {path} is not used: other users can access the file (mode {mode:04o})\n"
                    f"If you trust it, run: chmod 600 '{path}'. Otherwise delete it and sign in again."
                )
        return file.read()


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    filelock = import_extra("filelock")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = filelock.FileLock(path, timeout=_PATIENCE, mode=0o600)
        lock.acquire()
    except filelock.Timeout:
        raise AuthError(f"another program is using this sign-in and did not release {path} in time") from None
    except OSError as error:
        raise AuthError(f"the lock file of the sign-in cannot be created in {path.parent}: {error}") from error
    try:
        yield
    finally:
        lock.release()
