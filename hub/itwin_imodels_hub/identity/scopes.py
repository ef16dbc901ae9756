"""What tokens can be for."""

from typing import Final

API: Final = "itwin-platform"
OPENID: Final = "openid"
OFFLINE: Final = "offline_access"

MEANINGS: Final = {
    API: "read and change iModels as you",
    OPENID: "know who you are",
    "profile": "know your name",
    "email": "know your e-mail address",
    OFFLINE: "stay signed in without asking again",
}
"""Every scope there is, in words."""


def granted(asked: str | None) -> str | None:
    """Tell what is granted of what is asked for.

    Args:
        asked: Names between spaces; without any it is the API.

    Returns:
        The same without repetitions; None when there is no such scope.
    """
    names = dict.fromkeys((asked or API).split())
    return " ".join(names) if names and names.keys() <= MEANINGS.keys() else None


def includes(scope: str, name: str) -> bool:
    """Tell whether a scope is among several."""
    return name in scope.split()
