"""Protection of secrets in output: tokens, keys and the signatures of storage links."""

import re

import attrs

_SCHEME = r"https?:(?:\\*/){2}"  # the slashes may be escaped, as in JSON strings
_USER = re.compile(rf"({_SCHEME})[^\s\"<>/?#\\]*@", re.IGNORECASE)
_QUERY = re.compile(rf"({_SCHEME}[^\s\"<>?#]*?(?:[?#]|\\+u003f|\\+u0023))[^\s\"<>]*", re.IGNORECASE)
_CREDENTIALS = re.compile(r"\b(Bearer|Basic)\s+[^\s'\",;]+", re.IGNORECASE)
_MEMBERS = re.compile(
    r"""("(?:shareKey|sasToken|authorization|access_token|refresh_token)\\*"\s*:\s*\\*")(?:[^"\\]|\\.)*""",
    re.IGNORECASE,
)


@attrs.frozen
class Secret:
    """A string hidden from `repr`, so that tracebacks with local variables do not contain it.

    It is not a subclass of `str`, since tools show the content of strings.

    Attributes:
        value: The string. Do not assign it to a variable.
    """

    value: str = attrs.field(repr=False)


def without_query(url: str) -> str:
    """Remove the query, which may contain a signature, from a URL."""
    address, mark, _ = url.partition("?")
    return f"{address}?…" if mark else address


def masked(text: str) -> str:
    """Remove everything that is or may be secret from a string.

    This includes the user, query and fragment of URLs, credentials of authorization headers, and the values of JSON
    members such as `access_token`.
    """
    for pattern, shown in ((_USER, r"\1…@"), (_QUERY, r"\1…"), (_MEMBERS, r"\1…"), (_CREDENTIALS, r"\1 …")):
        text = pattern.sub(shown, text)
    return text


def shown_url(url: str) -> str:
    """Return the `repr` of a URL without its query."""
    return repr(without_query(url))
