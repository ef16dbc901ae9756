"""Replace resources that a forked process must not share with its parent.

A forked child cannot use connections, threads, locks and databases of its parent: responses would reach the wrong
process, and waiting for a thread would never end. The owners of such resources register a function to replace them.
"""

import os
from collections.abc import Callable
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")

_renewals: Final[WeakKeyDictionary[Any, Callable[[Any], None]]] = WeakKeyDictionary()
_abandoned: Final[list[object]] = []


def on_fork(owner: T, renew: Callable[[T], None]) -> None:
    """Register a function that every forked child calls first.

    Args:
        owner: Argument of the function. It is referenced weakly, so the function must not hold another reference.
        renew: Replaces the parent's resources. It may drop connections, but must not shut them down.
    """
    _renewals[owner] = renew


def abandon(inherited: object) -> None:
    """Keep a resource of the parent alive forever, since even its finalizer would affect the parent."""
    _abandoned.append(inherited)


def _renew_all() -> None:
    for owner, renew in list(_renewals.items()):
        renew(owner)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
