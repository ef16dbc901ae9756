"""Altering JSON at one place, for tests of what is made of answers that nobody foresaw."""

from collections.abc import Iterator
from typing import Any

from scripts.specs.walk import nodes


def places(value: Any) -> Iterator[tuple[str | int, ...]]:
    """Every place below the top of a JSON value."""
    return (place for place, _ in nodes(value) if place)


def replaced(value: Any, place: tuple[str | int, ...], odd: Any) -> Any:
    """The same JSON with something else at one place."""
    if not place:
        return odd
    key, *rest = place
    if isinstance(value, list):
        return [replaced(each, tuple(rest), odd) if at == key else each for at, each in enumerate(value)]
    return {name: replaced(each, tuple(rest), odd) if name == key else each for name, each in value.items()}


def without(value: Any, place: tuple[str | int, ...]) -> Any:
    """The same JSON with one place left out."""
    key, *rest = place
    if isinstance(value, list):
        return [without(each, tuple(rest)) if at == key else each for at, each in enumerate(value) if rest or at != key]
    return {n: without(each, tuple(rest)) if n == key else each for n, each in value.items() if rest or n != key}
