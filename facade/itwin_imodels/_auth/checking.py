"""Argument checks shared by the authentication methods."""

from typing import Any


def not_blank(_: object, attribute: Any, value: str) -> None:  # noqa: ANN401 - as attrs declares it
    """Check that a field is a non-blank string. The error omits the value, which may be secret."""
    if not isinstance(value, str):
        raise TypeError(f"{attribute.name} must be a string, not {type(value).__name__}")
    if not value.strip():
        raise ValueError(f"{attribute.name} must not be empty")
