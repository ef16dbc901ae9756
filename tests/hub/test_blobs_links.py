"""Pre-signed links."""

import string
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels_hub.blobs import LinkRefused, SignedLinks
from itwin_imodels_hub.blobs.signing import DELETE, LIST, READ, WRITE

START = datetime(2026, 3, 4, 5, 6, 7, 800_000, tzinfo=UTC)
BASE = "http://127.0.0.1:8080/"
NAME = "box/folder one/file.cs"
HOUR = timedelta(hours=1)


class Clock:
    """A clock that stands still until it is advanced."""

    def __init__(self) -> None:
        """Begin at a fixed time."""
        self.now = START

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


def make(storage_type: str = "azure", clock: Clock | None = None) -> SignedLinks:
    """Return links with a fixed key."""
    return SignedLinks(b"key", clock or Clock(), storage_type)


def parts(link: str) -> tuple[str, str]:
    """Return the name and the query of a link."""
    split = urlsplit(link)
    return unquote(split.path).removeprefix("/hubstorage/"), split.query


def code_of(links: SignedLinks, permission: str, name: str, query: str) -> str:
    """Return the code with which a request is rejected, or an empty string."""
    try:
        links.verify(permission, name, query)
    except LinkRefused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("storage_type", ["azure", "google"])
def test_links_allow_what_they_say(storage_type: str) -> None:
    """An upload link permits writing and a download link reading, nothing else."""
    links = make(storage_type)
    name, query = parts(links.upload(BASE, NAME, HOUR))
    assert name == NAME
    assert code_of(links, WRITE, NAME, query) == ""
    refused = {"azure": "AuthorizationPermissionMismatch", "google": "SignatureDoesNotMatch"}[storage_type]
    assert code_of(links, READ, NAME, query) == refused
    assert code_of(links, DELETE, NAME, query) == refused
    _, query = parts(links.download(BASE, NAME, HOUR))
    assert code_of(links, READ, NAME, query) == ""
    assert code_of(links, WRITE, NAME, query) == refused


def test_azure_form() -> None:
    """A link has the fields of a shared access signature."""
    link = make().upload(BASE, NAME, timedelta(minutes=5))
    assert link.startswith("http://127.0.0.1:8080/hubstorage/box/folder%20one/file.cs?sv=")
    fields = dict(parse_qsl(urlsplit(link).query))
    assert list(fields) == ["sv", "st", "se", "sr", "sp", "scid", "sig"]
    assert (fields["sr"], fields["sp"]) == ("b", "cw")
    assert (fields["st"], fields["se"]) == ("2026-03-04T05:06:07Z", "2026-03-04T05:11:07Z")


def test_google_form() -> None:
    """A link has the fields of a V4 signed address."""
    fields = dict(parse_qsl(urlsplit(make("google").download(BASE, NAME, timedelta(minutes=5))).query))
    assert fields["X-Goog-Algorithm"] == "GOOG4-HMAC-SHA256"
    assert fields["X-Goog-Date"] == "20260304T050607Z"
    assert fields["X-Goog-Expires"] == "300"


@pytest.mark.parametrize("storage_type", ["azure", "google"])
def test_each_link_is_different(storage_type: str) -> None:
    """Links minted in the same moment for the same blob differ."""
    links = make(storage_type)
    assert len({links.download(BASE, NAME, HOUR) for _ in range(50)}) == 50


@pytest.mark.parametrize("storage_type", ["azure", "google"])
@given(position=st.integers(0, 10_000), character=st.sampled_from(["", "twice", *string.ascii_letters, *"09-_=&%+/?"]))
def test_any_altered_character_is_refused(storage_type: str, position: int, character: str) -> None:
    """A link with one character of its path or query changed, removed or doubled is rejected."""
    links = make(storage_type)
    name, query = parts(links.download(BASE, NAME, HOUR))
    text = f"{name}?{query}"
    position %= len(text)
    new = text[position] * 2 if character == "twice" else character
    altered_name, _, altered_query = (text[:position] + new + text[position + 1 :]).partition("?")
    if (altered_name, sorted(parse_qsl(altered_query))) != (name, sorted(parse_qsl(query))):
        assert code_of(links, READ, altered_name, altered_query)


@pytest.mark.parametrize("storage_type", ["azure", "google"])
@given(lengths=st.lists(st.integers(0, 90), max_size=3), query=st.text(max_size=60), name=st.text(max_size=20))
def test_nonsense_is_refused(storage_type: str, lengths: list[int], query: str, name: str) -> None:
    """Any other query is rejected."""
    links = make(storage_type)
    _, good = parts(links.download(BASE, NAME, HOUR))
    assert code_of(links, READ, name, query)
    assert code_of(links, READ, NAME, "&".join([good[:length] for length in lengths]))


@pytest.mark.parametrize("field", ["sv", "st", "se", "sr", "sp", "scid", "sig"])
def test_azure_fields_are_needed_once(field: str) -> None:
    """A field of the signature that is missing or doubled makes the link worthless."""
    links = make()
    name, query = parts(links.download(BASE, NAME, HOUR))
    pieces = query.split("&")
    found = next(piece for piece in pieces if piece.startswith(f"{field}="))
    assert code_of(links, READ, name, "&".join(piece for piece in pieces if piece != found)) == "AuthenticationFailed"
    assert code_of(links, READ, name, f"{query}&{found}") == "AuthenticationFailed"


def test_azure_fields_of_the_request_are_free() -> None:
    """What names the operation is not signed; the google form signs all there is."""
    links, google = make(), make("google")
    assert code_of(links, READ, NAME, f"timeout=5&{parts(links.download(BASE, NAME, HOUR))[1]}&comp=blocklist") == ""
    assert (
        code_of(google, READ, NAME, parts(google.download(BASE, NAME, HOUR))[1] + "&more=1") == "SignatureDoesNotMatch"
    )


def test_too_many_fields() -> None:
    """A query with very many fields is not even read."""
    assert code_of(make(), READ, NAME, "a=1&" * 100) == "AuthenticationFailed"


@pytest.mark.parametrize(("storage_type", "code"), [("azure", "AuthenticationFailed"), ("google", "ExpiredToken")])
def test_expiry_to_the_second(storage_type: str, code: str) -> None:
    """A link is valid from the second of its creation until its lifetime ends."""
    clock = Clock()
    links = make(storage_type, clock)
    name, query = parts(links.download(BASE, NAME, timedelta(seconds=10)))
    for moment, expected in [
        (START.replace(microsecond=0), ""),
        (START.replace(microsecond=0) - timedelta(microseconds=1), code),
        (START.replace(microsecond=0) + timedelta(seconds=10, microseconds=-1), ""),
        (START.replace(microsecond=0) + timedelta(seconds=10), code),
    ]:
        clock.now = moment
        assert code_of(links, READ, name, query) == expected
    clock.now = START
    assert code_of(links, READ, name, parts(links.download(BASE, NAME, timedelta(0)))[1]) == code


def test_keys_accounts_and_blobs_are_told_apart() -> None:
    """A link is invalid for another blob, account or key."""
    links = make()
    _, query = parts(links.download(BASE, NAME, HOUR))
    assert code_of(links, READ, "box/other", query) == "AuthenticationFailed"
    assert code_of(SignedLinks(b"other", Clock()), READ, NAME, query) == "AuthenticationFailed"
    assert code_of(SignedLinks(b"key", Clock(), account="other"), READ, NAME, query) == "AuthenticationFailed"


@pytest.mark.parametrize("storage_type", ["azure", "google"])
def test_directory(storage_type: str) -> None:
    """Directory access permits reading and listing the content, and nothing else."""
    links = make(storage_type)
    access = links.directory(BASE, "box/points/5/", HOUR)
    assert access.base_url == "http://127.0.0.1:8080/hubstorage"
    assert (access.account, access.container, access.directory) == ("hubstorage", "box", "points/5")
    assert access.base_directory == "box/points/5"
    assert access.token not in repr(access)
    for permission, name, allowed in [
        (READ, "box/points/5/block", True),
        (READ, "box/points/5/deep/block", True),
        (READ, "box/points/5", False),
        (READ, "box/points/50/block", False),
        (READ, "box/points/block", False),
        (READ, "other/points/5/block", False),
        (WRITE, "box/points/5/block", False),
        (LIST, "box/points/5/", True),
        (LIST, "box/points/5/deep", True),
        (LIST, "box/points/", False),
        (LIST, "box/", False),
    ]:
        assert (code_of(links, permission, name, access.token) == "") is allowed, (permission, name)
    assert access.token != links.directory(BASE, "box/points/5", HOUR).token


def test_directory_depth_is_signed() -> None:
    """The depth cannot be changed, nor the kind of the resource."""
    links = make()
    token = links.directory(BASE, "box/points/5", HOUR).token
    for old, new in [
        ("sdd=2", "sdd=1"),
        ("sdd=2", "sdd=0"),
        ("sr=d&sdd=2", "sr=c"),
        ("sr=d", "sr=b"),
        ("sdd=2", "sdd=x"),
    ]:
        assert old in token
        assert code_of(links, READ, "box/points/5/block", token.replace(old, new)) == "AuthenticationFailed"


def test_container() -> None:
    """A prefix of one segment is the container."""
    links = make()
    access = links.directory(BASE, "box", HOUR)
    assert (access.directory, access.base_directory) == ("", "box")
    assert code_of(links, READ, "box/any/blob", access.token) == ""
    assert code_of(links, LIST, "box/", access.token) == ""
    assert code_of(links, READ, "boxes/any", access.token) == "AuthenticationFailed"


def test_google_lists_nothing() -> None:
    """A signed URL of one object does not permit listing."""
    links = make("google")
    assert code_of(links, LIST, NAME, parts(links.download(BASE, NAME, HOUR))[1]) == "AccessDenied"


def test_wrong_use() -> None:
    """Invalid settings are rejected immediately."""
    with pytest.raises(ValueError, match="key is empty"):
        SignedLinks(b"", Clock())
    with pytest.raises(ValueError, match="storage type"):
        SignedLinks(b"key", Clock(), "s3")
    with pytest.raises(ValueError, match="account"):
        SignedLinks(b"key", Clock(), account="Not/An account")
    with pytest.raises(ValueError, match="container"):
        make().download(BASE, "single", HOUR)
    with pytest.raises(ValueError, match="blob name"):
        make().download(BASE, "box/../x", HOUR)
