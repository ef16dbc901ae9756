"""What all entities have in common."""

from collections.abc import Mapping
from typing import ClassVar

import attrs


@attrs.frozen(kw_only=True, repr=False)
class Entity:
    """Base of what the service answers with.

    Attributes:
        extra: Members of the answer that are new to this client, under the service's names.
    """

    _SHOWN: ClassVar[tuple[str, ...]] = ()

    extra: Mapping[str, object] = attrs.field(factory=dict, eq=False)

    def __repr__(self) -> str:
        """The kind of entity and what tells it from others."""
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._SHOWN)
        return f"{type(self).__name__}({shown})"
