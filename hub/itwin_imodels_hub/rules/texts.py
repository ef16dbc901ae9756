"""Which texts can be kept."""


def storable(text: str) -> bool:
    """Tell whether every database takes a text: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
