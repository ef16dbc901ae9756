"""Altering JSON at one place, for tests of unforeseen responses."""

from collections.abc import Iterator
from typing import Any

from scripts.specs.walk import nodes


def places(value: Any) -> Iterator[tuple[str | int, ...]]:
    """Yield every place below the top of a JSON value."""
    return (place for place, _ in nodes(value) if place)


def replaced(value: Any, place: tuple[str | int, ...], odd: Any) -> Any:
    """Return the same JSON with one value replaced."""
    if not place:
        return odd
    key, *rest = place
    if isinstance(value, list):
        return [replaced(each, tuple(rest), odd) if at == key else each for at, each in enumerate(value)]
    return {name: replaced(each, tuple(rest), odd) if name == key else each for name, each in value.items()}


def without(value: Any, place: tuple[str | int, ...]) -> Any:
    """Return the same JSON without one value."""
    key, *rest = place
    if isinstance(value, list):
        return [without(each, tuple(rest)) if at == key else each for at, each in enumerate(value) if rest or at != key]
    return {n: without(each, tuple(rest)) if n == key else each for n, each in value.items() if rest or n != key}
