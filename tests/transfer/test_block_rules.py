"""The pure rules for block-based databases: URLs, expiry, and notes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels._transfer.block_notes import BlockNotes, Note, block_line, read_notes, write_notes
from itwin_imodels._transfer.layouts import jobs_of
from itwin_imodels._transfer.storage import container_of
from itwin_imodels._transfer.storage.base import FOREVER
from itwin_imodels._transfer.wire import StorageRequest
from itwin_imodels.errors import TransferError
from itwin_imodels.models import DirectoryAccess

NOW = datetime(2026, 5, 17, 12, tzinfo=UTC)
TOKEN = "sv=2021-12-02&se=2026-05-17T13%3A00%3A00Z&sr=d&sdd=1&sp=rl&sig=c2VjcmV0%2Fx%3D"  # noqa: S105 - no secret


def access(**facts: str | None) -> DirectoryAccess:
    """Return a folder."""
    usual = {
        "base_url": "https://acme.blob.core.windows.net",
        "storage": "acme",
        "base_directory": "box/dir",
        "storage_type": "azure",
        "credential": TOKEN,
    }
    return DirectoryAccess(**{**usual, **facts})  # type: ignore[arg-type] # as the test wrote them


# Addresses.


@pytest.mark.parametrize(
    ("facts", "url"),
    [
        ({}, f"https://acme.blob.core.windows.net/box/dir/A.bcv?{TOKEN}"),
        ({"credential": f"?{TOKEN}"}, f"https://acme.blob.core.windows.net/box/dir/A.bcv?{TOKEN}"),
        ({"base_url": "https://x.example:8443/acme//"}, f"https://x.example:8443/acme/box/dir/A.bcv?{TOKEN}"),
        ({"base_directory": "/box/"}, f"https://acme.blob.core.windows.net/box/A.bcv?{TOKEN}"),
        ({"base_url": ""}, f"https://acme.blob.core.windows.net/box/dir/A.bcv?{TOKEN}"),
        ({"base_directory": "box/a b%20c"}, f"https://acme.blob.core.windows.net/box/a%20b%20c/A.bcv?{TOKEN}"),
        ({"base_directory": "box/a?b#c"}, f"https://acme.blob.core.windows.net/box/a%3Fb%23c/A.bcv?{TOKEN}"),
        ({"credential": None}, "https://acme.blob.core.windows.net/box/dir/A.bcv"),
    ],
)
def test_addresses_of_azure(facts: dict[str, str | None], url: str) -> None:
    """The token is appended unchanged; no header is sent."""
    container = container_of(access(**facts), "x.bim")
    assert container.url("A.bcv") == url
    assert container.headers == ({} if "?" in url else {"x-ms-version": "2021-12-02"})
    assert "sig=" not in repr(container)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://storage.example/v1", "https://storage.example/v1/box/dir/A.bcv"),
        ("//storage.googleapis.com/projects/_/buckets/acme", "https://storage.googleapis.com/acme/box/dir/A.bcv"),
        ("", "https://storage.googleapis.com/box/dir/A.bcv"),
        ("http://127.0.0.1:8080/acme", "http://127.0.0.1:8080/acme/box/dir/A.bcv"),
        ("http://localhost/acme", "http://localhost/acme/box/dir/A.bcv"),
    ],
)
@pytest.mark.parametrize(
    ("authorization", "sent"), [("dG9rZW4", "Bearer dG9rZW4"), ("Bearer dG9rZW4", "Bearer dG9rZW4"), (None, None)]
)
def test_addresses_of_google(base: str, url: str, authorization: str | None, sent: str | None) -> None:
    """The token is a header, and never shown."""
    container = container_of(access(storage_type="google", base_url=base, credential=authorization), "x.bim")
    assert container.url("A.bcv") == url
    assert container.headers.get("authorization") == sent
    shown = repr(container) + repr(StorageRequest(method="GET", url=container.url("A.bcv"), headers=container.headers))
    assert "dG9rZW4" not in shown


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"storage_type": "aws"}, "'aws': this version supports azure and google"),
        ({"base_url": "ftp://acme"}, "invalid .* URL"),
        ({"base_url": "https://acme/?sig=x"}, "invalid .* URL"),
        ({"base_url": "https://user@acme"}, "invalid .* URL"),
        ({"base_url": "https://[::1"}, "invalid .* URL"),
        ({"base_url": "", "storage": None}, "neither a storage URL nor a valid storage account"),
        ({"base_url": "", "storage": "acme.example/"}, "neither a storage URL nor a valid storage account"),
        ({"base_directory": "/"}, "blocks is missing or invalid"),
        ({"base_directory": "box/../other"}, "blocks is missing or invalid"),
        ({"credential": "sig=a\r\nx: y"}, "contains invalid characters"),
        ({"credential": "a\nb", "storage_type": "google"}, "contains invalid characters"),
        ({"base_url": "http://storage.example", "storage_type": "google"}, "the URL is not https"),
        (
            {"base_url": "//storage.googleapis.com.example/x", "storage_type": "google"},
            "invalid .* URL",
        ),
    ],
)
def test_invalid_places_are_refused(facts: dict[str, str | None], text: str) -> None:
    """Before anything is sent, without a secret in the text."""
    with pytest.raises(TransferError, match=text) as refused:
        container_of(access(**facts), "x.bim")
    assert "sig" not in str(refused.value)


# Until when.


@pytest.mark.parametrize(
    ("token", "seconds"),
    [
        (TOKEN, 3300.0),
        ("se=2026-05-17T12:04:00Z", 120.0),
        ("se=2026-05-17T12:00:01Z", 60.0),
        ("se=2026-05-17T10:00:00Z", 60.0),
        ("se=2026-05-18", 43_200 - 300.0),
        ("se=soon", FOREVER),
        ("sig=x", FOREVER),
        ("", FOREVER),
    ],
)
def test_how_long_an_access_is_used(token: str, seconds: float) -> None:
    """Up to some minutes before its end, and for a minute in any case."""
    assert container_of(access(credential=token), "x.bim").lifetime(NOW) == seconds


@given(st.integers(-10_000, 10_000_000))
def test_an_access_is_never_used_beyond_its_end(left: int) -> None:
    """The tolerance for a wrong clock is one minute."""
    end = NOW + timedelta(seconds=left)
    token = f"se={end:%Y-%m-%dT%H:%M:%SZ}"
    assert 60 <= container_of(access(credential=token), "x.bim").lifetime(NOW) <= max(60, left)


# What is fetched.


@given(st.lists(st.sampled_from([bytes([number]) * 16 for number in range(5)]), max_size=30))
def test_each_block_is_fetched_once_for_all_its_places(ids: list[bytes]) -> None:
    """Blocks are in the order of the file."""
    jobs = jobs_of(ids)
    assert len({job.block_id for job in jobs}) == len(jobs)
    assert sorted(place for job in jobs for place in job.places) == list(range(len(ids)))
    assert all(ids[place] == job.block_id for job in jobs for place in job.places)
    assert [job.places[0] for job in jobs] == sorted(job.places[0] for job in jobs)


# What is noted.

NOTES = st.builds(Note, st.binary(min_size=12, max_size=32), st.binary(min_size=16, max_size=16))
ALL_NOTES = st.builds(
    BlockNotes,
    block_size=st.integers(1, 1 << 30),
    origin=st.text(),
    blocks=st.dictionaries(st.integers(0, 10**9), NOTES),
)


@given(ALL_NOTES)
def test_notes_are_read_as_they_were_written(notes: BlockNotes) -> None:
    """All of them."""
    assert read_notes(list(write_notes(notes))) == notes


@given(ALL_NOTES, st.integers(0), st.tuples(st.integers(0, 99), NOTES))
def test_notes_that_were_cut_off_tell_less(notes: BlockNotes, at: int, more: tuple[int, Note]) -> None:
    """Complete lines are read, and later lines count."""
    text = "".join(write_notes(notes))
    found = read_notes(text[: at % len(text)].splitlines(keepends=True))
    assert found is None or found.blocks.items() <= notes.blocks.items()
    if found is not None:
        place, note = more
        again = read_notes(f"{text[: at % len(text)]}\n{block_line(place, note)}".splitlines(keepends=True))
        assert again is not None
        assert again.blocks[place] == note


@given(st.lists(st.text()))
def test_what_is_no_notes_is_none(lines: list[str]) -> None:
    """This applies to any other content."""
    assert read_notes(lines) is None


@pytest.mark.parametrize(
    "head",
    [
        '{"format": 2, "block_size": 5, "origin": ""}\n',
        '{"format": 1, "block_size": 0, "origin": ""}\n',
        '{"format": 1, "block_size": true, "origin": ""}\n',
        '{"format": 1, "block_size": 5, "origin": null}\n',
        "[]\n",
        "{}\n",
    ],
)
def test_notes_of_another_kind_are_none(head: str) -> None:
    """They are of a later format, or contain invalid values."""
    assert read_notes([head]) is None
