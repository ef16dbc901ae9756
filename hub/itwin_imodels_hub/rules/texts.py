"""Strings that databases can store."""


def storable(text: str) -> bool:
    """Check whether every supported database can store a string: no NUL, no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
