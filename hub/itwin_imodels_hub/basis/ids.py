"""Ids of new entities."""

import random
from threading import Lock
from uuid import UUID


class Ids:
    """Makes random UUIDs; with a seed the same ones in the same order, which suits a hub that starts empty."""

    def __init__(self, seed: str | None = None) -> None:
        """Use the system's randomness, or a sequence that depends on `seed` alone."""
        self._random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - names, no secrets
        self._lock = Lock()

    def new(self) -> str:
        """Make an id, lower-case with hyphens."""
        with self._lock:
            return str(UUID(int=self._random.getrandbits(128), version=4))
