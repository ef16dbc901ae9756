"""Checks of what a caller gives, shared by the ways to sign in."""

from typing import Any


def not_blank(_: object, attribute: Any, value: str) -> None:  # noqa: ANN401 - attrs' own form
    """Validator of attrs: text with something in it. The text is not shown: it may be a secret."""
    if not isinstance(value, str):
        raise TypeError(f"{attribute.name} must be text, not {type(value).__name__}")
    if not value.strip():
        raise ValueError(f"{attribute.name} must not be empty")
