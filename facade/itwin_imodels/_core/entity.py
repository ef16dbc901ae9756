"""The base class of all entities."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, ClassVar, TypeVar

import attrs


@attrs.frozen(kw_only=True, repr=False)
class Entity:
    """Base of the entities that the service returns.

    Attributes:
        extra: Members of the response that are unknown to this client, keyed by the service's names.
    """

    _SHOWN: ClassVar[tuple[str, ...]] = ()

    extra: Mapping[str, object] = attrs.field(factory=dict, eq=False)

    def __repr__(self) -> str:
        """Return the class and the attributes that identify the entity."""
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._SHOWN)
        return f"{type(self).__name__}({shown})"


E = TypeVar("E", bound=Entity)


def create_entities(kind: type[E], columns: Iterable[Iterable[object]]) -> list[E]:
    """Create many entities in a fifth of the time that the constructor takes.

    Args:
        kind: Class of the entities, without converters and validators.
        columns: The values of each attribute, in the order of the attributes; those of `extra` come first.
    """
    created: list[E] = [*map(_mutable(kind), *columns)]  # type: ignore[arg-type] # classes are hashable
    for each in created:
        each.__class__ = kind
    return created


@cache
def _mutable(kind: type[E]) -> Callable[..., E]:
    """Return a class with the same slots, whose attributes are set directly rather than by one call each."""
    names = [each.name for each in attrs.fields(kind)]
    body: dict[str, Any] = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return attrs.make_class(
        kind.__name__, names, (kind,), class_body=body, slots=True, weakref_slot=False, eq=False, repr=False
    )
