"""What must never be shown: tokens, keys and the signatures of storage links."""

import re

import attrs

_SCHEME = r"https?:(?:\\*/){2}"  # the slashes may be escaped, as JSON within text has them
_USER = re.compile(rf"({_SCHEME})[^\s\"<>/?#\\]*@", re.IGNORECASE)
_QUERY = re.compile(rf"({_SCHEME}[^\s\"<>?#]*?(?:[?#]|\\+u003f|\\+u0023))[^\s\"<>]*", re.IGNORECASE)
_CREDENTIALS = re.compile(r"\b(Bearer|Basic)\s+[^\s'\",;]+", re.IGNORECASE)
_MEMBERS = re.compile(
    r"""("(?:shareKey|sasToken|authorization|access_token|refresh_token)\\*"\s*:\s*\\*")(?:[^"\\]|\\.)*""",
    re.IGNORECASE,
)


@attrs.frozen
class Secret:
    """A text that no `repr` shows: tracebacks with local variables must not contain it.

    It is no `str`, since tools show the content of any subclass of that.

    Attributes:
        value: The text. Use it where it is needed, without a variable.
    """

    value: str = attrs.field(repr=False)


def without_query(url: str) -> str:
    """Leave out the query of an address, which may hold a signature."""
    address, mark, _ = url.partition("?")
    return f"{address}?…" if mark else address


def masked(text: str) -> str:
    """Leave out of a text what is or may be secret.

    That is the user, query and fragment of addresses, values of authorization, and members of JSON that are secrets by
    their names.
    """
    for pattern, shown in ((_USER, r"\1…@"), (_QUERY, r"\1…"), (_MEMBERS, r"\1…"), (_CREDENTIALS, r"\1 …")):
        text = pattern.sub(shown, text)
    return text


def shown_url(url: str) -> str:
    """Return an address as a `repr` shows it: without its query."""
    return repr(without_query(url))
