"""What a process must not share with the one that it was forked from.

Connections, threads, locks and databases of the parent are of no use in a forked child: answers would reach the wrong
process, and whoever waits for a thread waits for ever. Their owners register how to replace them.
"""

import os
from collections.abc import Callable
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")

_renewals: Final[WeakKeyDictionary[Any, Callable[[Any], None]]] = WeakKeyDictionary()
_abandoned: Final[list[object]] = []


def on_fork(owner: T, renew: Callable[[T], None]) -> None:
    """Register a function that every forked child calls before anything else happens in it.

    Args:
        owner: Passed to the function; held weakly, so the function must not refer to it otherwise.
        renew: Replaces what belongs to the parent. It may drop connections, but must not shut them down.
    """
    _renewals[owner] = renew


def abandon(inherited: object) -> None:
    """Keep an object of the parent for ever, since even its destruction would disturb the parent."""
    _abandoned.append(inherited)


def _renew_all() -> None:
    for owner, renew in list(_renewals.items()):
        renew(owner)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
