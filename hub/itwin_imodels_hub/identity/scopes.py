"""OAuth scopes."""

from typing import Final

API: Final = "itwin-platform"
OPENID: Final = "openid"
OFFLINE: Final = "offline_access"

MEANINGS: Final = {
    API: "read and change iModels as you",
    OPENID: "identify you",
    "profile": "see your name",
    "email": "see your e-mail address",
    OFFLINE: "keep you signed in",
}
"""Every supported scope, with its description on the sign-in page."""


def granted_scope(requested: str | None) -> str | None:
    """Return the scope granted for a requested scope.

    Args:
        requested: Scope names separated by spaces; None or empty means the API.

    Returns:
        The scope without repetitions; None if a name is unknown.
    """
    names = dict.fromkeys((requested or API).split())
    return " ".join(names) if names and names.keys() <= MEANINGS.keys() else None


def includes(scope: str, name: str) -> bool:
    """Check whether a scope contains a name."""
    return name in scope.split()
