"""Ids of new entities."""

import random
from threading import Lock
from uuid import UUID


class Ids:
    """A generator of random UUIDs; a seed makes the sequence reproducible."""

    def __init__(self, seed: str | None = None) -> None:
        """Use the random source of the system, or a deterministic sequence if `seed` is set."""
        self._random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - not secrets
        self._lock = Lock()

    def new(self) -> str:
        """Return a new id: a UUID in lower case with hyphens."""
        with self._lock:
            return str(UUID(int=self._random.getrandbits(128), version=4))
