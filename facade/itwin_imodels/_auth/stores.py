"""Where the refresh token of a person stays between two runs of a program."""

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from itwin_imodels._auth.extra import needed
from itwin_imodels._auth.http import shown
from itwin_imodels._core.local_files import local_path
from itwin_imodels._core.secrets import Secret
from itwin_imodels.errors import AuthError, ConfigurationError

_APPLICATION: Final = "itwin-imodels"
_PATIENCE: Final = 60.0
_MEMBER: Final = "refresh_token"


@runtime_checkable
class TokenStore(Protocol):
    """Keeps refresh tokens, one for each login. Any object with these methods is one.

    A login is named by its authorization server, application and scope.
    """

    def load(self, login: str) -> str | None:
        """Give the refresh token of a login, or None.

        Raises:
            AuthError: It cannot be read.
        """
        ...

    def save(self, login: str, refresh_token: str) -> None:
        """Keep the refresh token of a login in place of the former one.

        Raises:
            AuthError: It cannot be kept.
        """
        ...

    def delete(self, login: str) -> None:
        """Forget the refresh token of a login, if there is one.

        Raises:
            AuthError: It cannot be deleted.
        """
        ...

    def lock(self, login: str) -> AbstractContextManager[object]:
        """Keep other programs from the refresh token of a login for as long as the block lasts.

        A server may take a refresh token only once, so one program at a time may use and replace it.

        Raises:
            AuthError: Another program does not let go.
        """
        ...


class FileTokenStore:
    """Keeps each refresh token in a file that only its owner can read (mode 0600).

    Where others could read a file it is refused. Needs the extra `auth`.

    Args:
        folder: Where the files are; by default the user's folder for the state of programs.

    Example:
        ```python
        AuthorizationCode("native-abc", store=FileTokenStore(Path("/secure/logins")))
        ```
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        """Keep files in a folder, which is made when it is needed."""
        self.folder = local_path(folder) if folder is not None else _state_folder()

    def __repr__(self) -> str:
        """Its folder."""
        return f"FileTokenStore({str(self.folder)!r})"

    def load(self, login: str) -> str | None:
        """Give the refresh token of a login, or None.

        Raises:
            AuthError: The file is not the user's alone, or is damaged.
        """
        path = self._path(login)
        try:
            token = _token_in(_private_text(path))
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            token = None
        except OSError as error:
            raise AuthError(f"the sign-in kept in {path} cannot be read: {error}") from error
        if token is None:
            raise AuthError(f"the sign-in kept in {path} is damaged: sign in again with login()")
        return token

    def save(self, login: str, refresh_token: str) -> None:
        """Keep the refresh token of a login in place of the former one.

        Raises:
            AuthError: The file cannot be written.
        """
        token, refresh_token = Secret(refresh_token), ""  # tracebacks with variables must not show it
        with self._told("kept"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".tmp")  # made with mode 0600
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
        """Forget the refresh token of a login, if there is one.

        Raises:
            AuthError: The file cannot be deleted.
        """
        with self._told("deleted"):
            self._path(login).unlink(missing_ok=True)

    def lock(self, login: str) -> AbstractContextManager[object]:
        """Keep other programs from the refresh token of a login for as long as the block lasts.

        Raises:
            AuthError: Another program does not let go within a minute.
        """
        return _lock(self._path(login).with_suffix(".lock"))

    def _path(self, login: str) -> Path:
        return self.folder / f"{_key(login)}.json"

    @contextmanager
    def _told(self, done: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise AuthError(f"the sign-in cannot be {done} in {self.folder}: {error}") from error


class KeyringTokenStore:
    """Keeps each refresh token in the keyring of the user's system, by the library `keyring`.

    Needs the extra `keyring`.

    Example:
        ```python
        AuthorizationCode("native-abc", store=KeyringTokenStore())
        ```
    """

    def __init__(self) -> None:
        """Use the keyring that the library chooses.

        Raises:
            ConfigurationError: The library is not installed.
        """
        try:
            self._keyring = needed("keyring")
        except ConfigurationError as error:
            raise ConfigurationError(
                "the system's keyring needs the extra 'keyring': pip install 'itwin-imodels[keyring]'"
            ) from error.__cause__

    def __repr__(self) -> str:
        """Its name."""
        return "KeyringTokenStore()"

    @property
    def usable(self) -> bool:
        """Whether the system has a keyring that keeps anything."""
        backend = self._keyring.get_keyring()
        unfit = (needed("keyring.backends.fail").Keyring, needed("keyring.backends.null").Keyring)
        return not isinstance(backend, unfit)

    def load(self, login: str) -> str | None:
        """Give the refresh token of a login, or None.

        Raises:
            AuthError: The keyring is locked or fails.
        """
        token: str | None = self._done("read", lambda: self._keyring.get_password(_APPLICATION, login))
        return token

    def save(self, login: str, refresh_token: str) -> None:
        """Keep the refresh token of a login in place of the former one.

        Raises:
            AuthError: The keyring is locked or fails.
        """
        token, refresh_token = Secret(refresh_token), ""  # tracebacks with variables must not show it
        self._done("kept", lambda: self._keyring.set_password(_APPLICATION, login, token.value), token)

    def delete(self, login: str) -> None:
        """Forget the refresh token of a login, if there is one.

        Raises:
            AuthError: The keyring is locked or fails.
        """
        if self.load(login) is None:
            return
        self._done("deleted", lambda: self._keyring.delete_password(_APPLICATION, login))

    def lock(self, login: str) -> AbstractContextManager[object]:
        """Keep other programs from the refresh token of a login for as long as the block lasts.

        Raises:
            AuthError: Another program does not let go within a minute.
        """
        return _lock(_state_folder() / f"{_key(login)}.lock")

    def _done(self, done: str, call: Callable[[], Any], *secrets: Secret) -> Any:  # noqa: ANN401 - as the library has it
        try:
            return call()
        except needed("keyring.errors").KeyringError as error:
            reason = f"{type(error).__name__}: {shown(error, secrets)}"
        # Raised out here, since nobody knows what the keyring's own error holds.
        raise AuthError(
            f"the sign-in cannot be {done} in the system's keyring: {reason}\n"
            "Unlock it, or keep the sign-in in a file with store=FileTokenStore()."
        )


def default_store() -> TokenStore:
    """Give the system's keyring if it has one that can be used, else files.

    Raises:
        ConfigurationError: The extra `auth` is not installed.
    """
    try:
        store = KeyringTokenStore()
    except ConfigurationError:
        return FileTokenStore()
    return store if store.usable else FileTokenStore()


def _state_folder() -> Path:
    folder: Path = needed("platformdirs").user_state_path(_APPLICATION, appauthor=False)
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
    """Read a file that nobody but the user can read. The open file is looked at, not what the name stands for later."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(handle, encoding="utf-8") as file:
        found = os.fstat(file.fileno())
        if os.name == "posix":
            if found.st_uid != os.geteuid():
                raise AuthError(f"the sign-in kept in {path} is refused: the file belongs to somebody else")
            if (mode := stat.S_IMODE(found.st_mode)) & 0o077:
                raise AuthError(
                    f"the sign-in kept in {path} is refused: others may use the file (mode {mode:04o})\n"
                    f"If you trust it all the same: chmod 600 '{path}'. If not: delete it and sign in again."
                )
        return file.read()


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    filelock = needed("filelock")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = filelock.FileLock(path, timeout=_PATIENCE, mode=0o600)
        lock.acquire()
    except filelock.Timeout:
        raise AuthError(f"another program uses this sign-in and does not let go of {path}") from None
    except OSError as error:
        raise AuthError(f"the sign-in cannot be kept in {path.parent}: {error}") from error
    try:
        yield
    finally:
        lock.release()
