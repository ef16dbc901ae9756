"""The base class of all entities."""

from collections.abc import Mapping
from typing import ClassVar

import attrs


@attrs.frozen(kw_only=True, repr=False)
class Entity:
    """Base of the entities that the service returns.

    Attributes:
        extra: Members of the response that are unknown to this client, by the service's names.
    """

    _SHOWN: ClassVar[tuple[str, ...]] = ()

    extra: Mapping[str, object] = attrs.field(factory=dict, eq=False)

    def __repr__(self) -> str:
        """Return the class and the attributes that identify the entity."""
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._SHOWN)
        return f"{type(self).__name__}({shown})"
