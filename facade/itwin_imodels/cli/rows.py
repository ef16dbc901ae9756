"""What commands print that no model of the client is."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """How commands are let in.

    Attributes:
        way: `token`, `share_key`, `client_credentials`, `sign_in`, or `none`.
        signed_in: Whether tokens can be got, as far as is known without asking a server.
        client_id: The application.
        environment: The deployment.
        base_url: Where the API is, when it is not that of the environment.
        expires_at: The end of the token at hand, when it is known.
        kept_in: Where the sign-in of a person stays.
    """

    way: str
    signed_in: bool
    client_id: str | None
    environment: str | None
    base_url: str | None
    expires_at: datetime | None = None
    kept_in: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProfileRow:
    """A profile.

    Attributes:
        profile: Its name.
        current: Whether it is used where none is named.
        settings: Its settings.
    """

    profile: str
    current: bool
    settings: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class OwnersLocks:
    """The locks of one user.

    Attributes:
        owner_id: The user.
        display_name: The user's name, when it is known.
        email: The user's e-mail address, when it is known.
        briefcase_ids: The briefcases that hold the locks.
        devices: The devices they are on.
        exclusive: How many objects are locked exclusively.
        shared: How many objects are locked shared.
    """

    owner_id: str | None
    display_name: str | None
    email: str | None
    briefcase_ids: tuple[int, ...]
    devices: tuple[str, ...]
    exclusive: int
    shared: int


@dataclass(frozen=True, kw_only=True)
class VerifiedFile:
    """A changeset file, held against its id.

    Attributes:
        path: The file.
        id: The id that its content and its parent give; None when it cannot be read.
        parent_id: The changeset before it; empty for the first one.
        expected_id: The id it should have.
        is_valid: Whether it has this id.
        problem: What is wrong.
    """

    path: Path
    id: str | None
    parent_id: str
    expected_id: str | None
    is_valid: bool
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class PermissionRow:
    """A permission of the caller.

    Attributes:
        permission: Its name.
    """

    permission: str


@dataclass(frozen=True, kw_only=True)
class Day:
    """What was pushed on one day.

    Attributes:
        day: The day, where this machine is.
        pushes: Changesets pushed.
        file_size: Bytes pushed.
    """

    day: str
    pushes: int
    file_size: int
