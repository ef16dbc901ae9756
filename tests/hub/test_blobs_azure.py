"""The Azure Blob protocol, seen from the wire."""

import errno
import hashlib
import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
import pytest

from itwin_imodels_hub.blobs.folder import staging
from itwin_imodels_hub.blobs.folder.writing import Incoming
from itwin_imodels_hub.blobs.served import azure
from tests.hub.test_blobs_server import BLOCK_BLOB, BlobServer, serve

NAME = "box/folder/file.cs"
CONTENT = bytes(range(256)) * 40
MIB = 1 << 20


@pytest.fixture
def server(tmp_path: Path) -> Iterator[BlobServer]:
    """Serve an empty store."""
    with serve(tmp_path) as server:
        yield server


@pytest.fixture
def full(server: BlobServer) -> BlobServer:
    """Serve a store with one blob."""
    put(server).raise_for_status()
    return server


def md5(content: bytes) -> str:
    """Return the Content-MD5 of some bytes."""
    return b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def put(server: BlobServer, content: bytes = CONTENT, name: str = NAME, **headers: str) -> httpx.Response:
    """Write a blob; underscores in the names of headers stand for hyphens."""
    return httpx.put(server.upload(name), content=content, headers={**BLOCK_BLOB, **hyphens(headers)})


def get(server: BlobServer, **headers: str) -> httpx.Response:
    """Read the blob."""
    return httpx.get(server.download(NAME), headers=hyphens(headers))


def put_block(server: BlobServer, block_id: str, content: bytes, **headers: str) -> httpx.Response:
    """Write a block of the blob."""
    link = f"{server.upload(NAME)}&comp=block&blockid={quote(block_id, safe='')}"
    return httpx.put(link, content=content, headers=hyphens(headers))


def put_list(server: BlobServer, *entries: str, **headers: str) -> httpx.Response:
    """Commit blocks, each in the form `Latest:id`."""
    blocks = (entry.partition(":")[::2] for entry in entries)
    body = "<BlockList>" + "".join(f"<{kind}>{block_id}</{kind}>" for kind, block_id in blocks) + "</BlockList>"
    return httpx.put(f"{server.upload(NAME)}&comp=blocklist", content=body, headers=hyphens(headers))


def hyphens(headers: dict[str, str]) -> dict[str, str]:
    """Turn keyword arguments into headers."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def assert_error(response: httpx.Response, status: int, code: str) -> ET.Element:
    """Check that a response is this error, in its header and in its body."""
    assert (response.status_code, response.headers.get("x-ms-error-code")) == (status, code)
    assert response.headers["content-type"] == "application/xml"
    body = ET.fromstring(response.content)  # noqa: S314 - our own server's
    assert (body.tag, body.findtext("Code")) == ("Error", code)
    assert body.findtext("Message")
    return body


# Put Blob.


def test_put_blob(server: BlobServer) -> None:
    """A blob is created, with all headers that a client may look at."""
    response = put(server, x_ms_version="2026-04-06", x_ms_client_request_id="my-id", content_type="text/plain")
    assert (response.status_code, response.content) == (201, b"")
    assert response.headers["etag"] == server.store.etag(NAME)
    assert response.headers["last-modified"].endswith(" GMT")
    assert response.headers["content-md5"] == md5(CONTENT)
    assert response.headers["x-ms-request-server-encrypted"] == "true"
    assert response.headers["x-ms-version"] == "2026-04-06"
    assert response.headers["x-ms-client-request-id"] == "my-id"
    assert response.headers["x-ms-request-id"]
    assert "date" in response.headers
    assert server.store.path(NAME).read_bytes() == CONTENT
    assert get(server).headers["content-type"] == "text/plain"


def test_put_blob_streams_large_content(server: BlobServer) -> None:
    """Content of several pieces arrives as it was sent."""
    content = CONTENT * 500
    pieces = (content[start : start + 100_000] for start in range(0, len(content), 100_000))
    headers = {**BLOCK_BLOB, "content-length": str(len(content))}
    assert httpx.put(server.upload(NAME), content=pieces, headers=headers).status_code == 201
    response = get(server)
    assert response.content == content
    assert response.headers["content-md5"] == md5(content)


def test_put_empty_blob(server: BlobServer) -> None:
    """A blob may be empty; a range of it cannot be read."""
    assert put(server, b"").status_code == 201
    assert get(server).content == b""
    assert_error(get(server, range="bytes=0-10"), 416, "InvalidRange")


def test_put_blob_replaces(full: BlobServer) -> None:
    """A write over a blob makes a new version."""
    before = full.store.etag(NAME)
    response = put(full, b"new")
    assert response.status_code == 201
    assert response.headers["etag"] != before
    assert get(full).content == b"new"


def test_put_blob_needs_its_type(server: BlobServer) -> None:
    """Without x-ms-blob-type, or with another one, nothing is written."""
    assert_error(httpx.put(server.upload(NAME), content=b"a"), 400, "MissingRequiredHeader")
    assert_error(put(server, x_ms_blob_type="PageBlob"), 400, "InvalidHeaderValue")
    assert server.files() == []


def test_put_blob_needs_its_length(server: BlobServer) -> None:
    """Chunked transfer encoding is rejected."""
    response = httpx.put(server.upload(NAME), content=iter([b"a", b"b"]), headers=BLOCK_BLOB)
    assert_error(response, 411, "MissingContentLengthHeader")


def test_too_large(server: BlobServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies above the limits of the service are rejected."""
    for limit in ("MAX_PUT_BLOB_SIZE", "MAX_BLOCK_SIZE", "MAX_BLOCK_LIST_BODY"):
        monkeypatch.setattr(azure, limit, 5)
    assert put(server, b"12345").status_code == 201
    assert_error(put(server, b"123456"), 413, "RequestBodyTooLarge")
    assert_error(put_block(server, "QUFB", b"123456"), 413, "RequestBodyTooLarge")
    assert_error(put_list(server, "Latest:QUFB"), 413, "RequestBodyTooLarge")


@pytest.mark.parametrize("header", ["content_md5", "x_ms_blob_content_md5"])
def test_put_blob_checks_md5(full: BlobServer, header: str) -> None:
    """Content that does not match its MD5 leaves the old blob; an invalid MD5 is rejected."""
    assert_error(put(full, b"new", **{header: md5(b"other")}), 400, "Md5Mismatch")
    assert_error(put(full, b"new", **{header: "nonsense"}), 400, "InvalidMd5")
    assert get(full).content == CONTENT
    assert len(full.files()) == 2
    assert put(full, b"new", **{header: md5(b"new")}).status_code == 201


# Blocks.


def test_blocks(server: BlobServer) -> None:
    """Blocks are written, listed and committed."""
    response = put_block(server, "QUFB", b"aaa")
    assert (response.status_code, response.headers["content-md5"]) == (201, md5(b"aaa"))
    assert put_block(server, "QkJC", b"bb", content_md5=md5(b"bb")).status_code == 201
    assert_error(get(server), 404, "BlobNotFound")
    listed = httpx.get(f"{server.link(NAME, 'r')}&comp=blocklist&blocklisttype=all")
    assert listed.status_code == 200
    tree = ET.fromstring(listed.content)  # noqa: S314 - our own server's
    assert [block.findtext("Name") for block in tree.iterfind("UncommittedBlocks/Block")] == ["QUFB", "QkJC"]
    assert [block.findtext("Size") for block in tree.iterfind("UncommittedBlocks/Block")] == ["3", "2"]
    response = put_list(server, "Latest:QkJC", "Uncommitted:QUFB", x_ms_blob_content_type="text/plain")
    assert response.status_code == 201
    assert response.headers["etag"] == server.store.etag(NAME)
    assert get(server).content == b"bbaaa"
    assert get(server).headers["content-type"] == "text/plain"
    assert "content-md5" not in get(server).headers
    tree = ET.fromstring(httpx.get(f"{server.link(NAME, 'r')}&comp=blocklist").content)  # noqa: S314 - our own server's
    assert [block.findtext("Name") for block in tree.iterfind("CommittedBlocks/Block")] == ["QkJC", "QUFB"]
    assert tree.find("UncommittedBlocks") is None


def test_commit_can_be_repeated(server: BlobServer) -> None:
    """A client that did not hear of its commit may send it again."""
    put_block(server, "QUFB", b"aaa")
    assert put_list(server, "Latest:QUFB").status_code == 201
    assert put_list(server, "Latest:QUFB").status_code == 201
    assert get(server).content == b"aaa"


def test_commit_keeps_md5_of_the_whole(server: BlobServer) -> None:
    """The MD5 that a client sends with the commit is stored unchecked; Content-MD5 is that of the list."""
    put_block(server, "QUFB", b"aaa")
    assert_error(put_list(server, "Latest:QUFB", content_md5=md5(b"other")), 400, "Md5Mismatch")
    assert put_list(server, "Latest:QUFB", x_ms_blob_content_md5=md5(b"aaa")).status_code == 201
    assert get(server).headers["content-md5"] == md5(b"aaa")


def test_refused_blocks(server: BlobServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invalid ids, ids of another length, empty blocks, and too many of them."""
    assert_error(put_block(server, "not base64!", b"a"), 400, "InvalidBlockId")
    assert_error(httpx.put(f"{server.upload(NAME)}&comp=block", content=b"a"), 400, "InvalidBlockId")
    assert_error(put_block(server, "QUFB", b""), 400, "InvalidHeaderValue")
    assert_error(put_block(server, "QUFB", b"a", content_md5=md5(b"b")), 400, "Md5Mismatch")
    assert server.files() == []
    assert put_block(server, "QUFB", b"a").status_code == 201
    assert_error(put_block(server, "QUFBQUFB", b"a"), 400, "InvalidBlobOrBlock")
    monkeypatch.setattr(staging, "MAX_UNCOMMITTED_BLOCKS", 1)
    assert_error(put_block(server, "QkJC", b"a"), 409, "BlockCountExceedsLimit")
    chunked = httpx.put(f"{server.upload(NAME)}&comp=block&blockid=QUFB", content=iter([b"a"]))
    assert_error(chunked, 411, "MissingContentLengthHeader")


def test_refused_block_lists(server: BlobServer) -> None:
    """Invalid lists, and lists with unknown blocks, change nothing."""
    put_block(server, "QUFB", b"a")
    before = server.files()
    assert_error(put_list(server, "Latest:QUFB", "Latest:QkJC"), 400, "InvalidBlockList")
    assert_error(put_list(server, "Committed:QUFB"), 400, "InvalidBlockList")
    assert_error(put_list(server, "Latest:no"), 400, "InvalidBlockId")
    assert_error(put_list(server, "Newest:QUFB"), 400, "InvalidXmlDocument")
    bomb = b'<!DOCTYPE a [<!ENTITY b "QUFB">]><BlockList><Latest>&b;</Latest></BlockList>'
    assert_error(httpx.put(f"{server.upload(NAME)}&comp=blocklist", content=bomb), 400, "InvalidXmlDocument")
    assert server.files() == before


def test_refused_listing_of_blocks(server: BlobServer) -> None:
    """A blob without blocks and an unknown kind have no list."""
    assert_error(httpx.get(f"{server.download(NAME)}&comp=blocklist"), 404, "BlobNotFound")
    wrong = httpx.get(f"{server.download(NAME)}&comp=blocklist&blocklisttype=some")
    assert_error(wrong, 400, "InvalidQueryParameterValue")
    assert_error(httpx.get(f"{server.upload(NAME)}&comp=blocklist"), 403, "AuthorizationPermissionMismatch")


# Get Blob.


def test_get_blob(full: BlobServer) -> None:
    """The whole blob with its headers."""
    response = get(full)
    assert (response.status_code, response.content) == (200, CONTENT)
    assert response.headers["content-length"] == str(len(CONTENT))
    assert response.headers["etag"] == full.store.etag(NAME)
    assert response.headers["content-md5"] == md5(CONTENT)
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["x-ms-blob-type"] == "BlockBlob"
    assert "content-encoding" not in response.headers


def test_head_blob(full: BlobServer) -> None:
    """The properties are the headers of the whole blob."""
    response = httpx.head(full.download(NAME))
    assert (response.status_code, response.content) == (200, b"")
    got = get(full)
    for header in ("content-length", "etag", "last-modified", "content-type", "content-md5", "accept-ranges"):
        assert response.headers[header] == got.headers[header]
    missing = httpx.head(full.download("box/missing"))
    assert (missing.status_code, missing.headers["x-ms-error-code"]) == (404, "BlobNotFound")


@pytest.mark.parametrize(
    ("headers", "start", "end"),
    [
        ({"range": "bytes=0-0"}, 0, 1),
        ({"range": "bytes=100-199"}, 100, 200),
        ({"range": "bytes=10000-"}, 10000, 10240),
        ({"range": "bytes=10000-99999"}, 10000, 10240),
        ({"x-ms-range": "bytes=5-9"}, 5, 10),
        ({"x-ms-range": "bytes=5-9", "range": "bytes=0-0"}, 5, 10),
    ],
)
def test_ranges(full: BlobServer, headers: dict[str, str], start: int, end: int) -> None:
    """A range has the MD5 of the whole blob unless that of the range is requested."""
    response = httpx.get(full.download(NAME), headers=headers)
    assert (response.status_code, response.content) == (206, CONTENT[start:end])
    assert response.headers["content-range"] == f"bytes {start}-{end - 1}/{len(CONTENT)}"
    assert response.headers["content-length"] == str(end - start)
    assert response.headers["x-ms-blob-content-md5"] == md5(CONTENT)
    assert "content-md5" not in response.headers


def test_range_with_md5(server: BlobServer) -> None:
    """The MD5 of a range can be requested, up to 4 MiB."""
    content = CONTENT * 500
    put(server, content)
    response = get(server, range=f"bytes=1-{4 * MIB}", x_ms_range_get_content_md5="true")
    assert response.headers["content-md5"] == md5(content[1 : 4 * MIB + 1]) == md5(response.content)
    too_long = get(server, range=f"bytes=0-{4 * MIB}", x_ms_range_get_content_md5="true")
    assert_error(too_long, 400, "InvalidHeaderValue")
    assert_error(get(server, x_ms_range_get_content_md5="true"), 400, "InvalidHeaderValue")


def test_long_range_is_streamed(server: BlobServer) -> None:
    """A range of several pieces is complete."""
    content = CONTENT * 500
    put(server, content)
    response = get(server, range="bytes=7-4000000")
    assert response.content == content[7:4000001]


def test_ranges_that_are_none(full: BlobServer) -> None:
    """A range after the end is rejected; one in another form counts only in the service's own header."""
    response = get(full, range="bytes=10240-")
    assert_error(response, 416, "InvalidRange")
    assert response.headers["content-range"] == "bytes */10240"
    assert get(full, range="bytes=-5").status_code == 200
    assert_error(get(full, x_ms_range="bytes=-5"), 400, "InvalidHeaderValue")


# Conditions.


def test_conditional_reads(full: BlobServer) -> None:
    """A reader gets no content that it has, and an error for another version."""
    etag = full.store.etag(NAME)
    modified = get(full).headers["last-modified"]
    for condition in ({"if_none_match": etag}, {"if_modified_since": modified}):
        for response in (get(full, **condition), httpx.head(full.download(NAME), headers=hyphens(condition))):
            assert (response.status_code, response.content) == (304, b"")
            assert (response.headers["etag"], response.headers["x-ms-error-code"]) == (etag, "ConditionNotMet")
    assert get(full, if_match=etag, range="bytes=0-4").status_code == 206
    assert_error(get(full, if_match='"0x0"', range="bytes=0-4"), 412, "ConditionNotMet")
    assert_error(get(full, if_unmodified_since="Thu, 01 Jan 2015 00:00:00 GMT"), 412, "ConditionNotMet")
    assert_error(get(full, if_unmodified_since="never"), 400, "InvalidHeaderValue")


def test_conditional_writes(full: BlobServer) -> None:
    """A write that depends on the current version is rejected if that has changed."""
    etag = full.store.etag(NAME)
    assert_error(put(full, b"new", if_none_match="*"), 409, "BlobAlreadyExists")
    assert_error(put(full, b"new", if_match='"0x0"'), 412, "ConditionNotMet")
    assert_error(put(full, b"new", if_none_match=etag), 412, "ConditionNotMet")
    assert get(full).content == CONTENT
    put_block(full, "QUFB", b"block")
    assert_error(put_list(full, "Latest:QUFB", if_none_match="*"), 409, "BlobAlreadyExists")
    assert_error(put_list(full, "Latest:QUFB", if_match='"0x0"'), 412, "ConditionNotMet")
    assert put_list(full, "Latest:QUFB", if_match=etag).status_code == 201
    assert put(full, b"made", "box/other", if_none_match="*").status_code == 201
    assert_error(put(full, b"new", "box/missing", if_match="*"), 412, "ConditionNotMet")


def test_one_creator_wins(server: BlobServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """If two parallel uploads must create the blob, the second to end is rejected."""
    both = threading.Barrier(2, timeout=10)
    finish = Incoming.finish

    def finish_together(content: Incoming) -> None:
        finish(content)
        both.wait()

    monkeypatch.setattr(Incoming, "finish", finish_together)
    answers: list[int] = []
    writers = [
        threading.Thread(target=lambda: answers.append(put(server, b"content", if_none_match="*").status_code))
        for _ in range(2)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(answers) == [201, 409]
    assert len(server.files()) == 2


# Links.


def test_expired_link(full: BlobServer) -> None:
    """An expired link is rejected with the reason."""
    link = full.download(NAME)
    full.clock.offset = timedelta(hours=2)
    body = assert_error(httpx.get(link), 403, "AuthenticationFailed")
    assert "time frame" in (body.findtext("AuthenticationErrorDetail") or "")


def test_wrong_signature(full: BlobServer) -> None:
    """A link of another blob, or a missing signature, is rejected."""
    other = full.download("box/other").partition("?")[2]
    path = full.download(NAME).partition("?")[0]
    for query in (other, "", "sig=x"):
        body = assert_error(httpx.get(f"{path}?{query}"), 403, "AuthenticationFailed")
        assert body.findtext("AuthenticationErrorDetail")


def test_wrong_permission(full: BlobServer) -> None:
    """Links for reading do not write, nor the other way round, and neither deletes."""
    wrong = "AuthorizationPermissionMismatch"
    assert_error(httpx.put(full.download(NAME), content=b"x", headers=BLOCK_BLOB), 403, wrong)
    assert_error(httpx.get(full.upload(NAME)), 403, wrong)
    assert httpx.head(full.upload(NAME)).status_code == 403
    assert_error(httpx.delete(full.upload(NAME)), 403, wrong)
    assert get(full).content == CONTENT


def test_authorization_header_is_refused(full: BlobServer) -> None:
    """A request with a token is rejected, for any link."""
    token = {"authorization": "Bearer secret"}
    directory = full.links.directory(full.address, "box", timedelta(hours=1))
    for response in (
        httpx.get(full.download(NAME), headers=token),
        httpx.put(full.upload(NAME), content=b"x", headers={**BLOCK_BLOB, **token}),
        httpx.get(f"{directory.base_url}/box?restype=container&comp=list&{directory.token}", headers=token),
    ):
        assert_error(response, 400, "InvalidAuthenticationInfo")
        assert "secret" not in response.text


def test_delete(full: BlobServer) -> None:
    """A link with d deletes, once."""
    link = full.link(NAME, "d")
    assert_error(httpx.delete(link, headers={"if-match": '"0x0"'}), 412, "ConditionNotMet")
    assert httpx.delete(link).status_code == 202
    assert full.files() == []
    assert_error(httpx.delete(link), 404, "BlobNotFound")


# The rest.


def test_what_is_not_served(full: BlobServer) -> None:
    """Unsupported operations are rejected."""
    link = full.link(NAME, "rcwd")
    assert_error(httpx.post(link), 405, "UnsupportedHttpVerb")
    assert_error(httpx.put(f"{link}&comp=metadata"), 400, "UnsupportedQueryParameter")
    assert_error(httpx.get(f"{link}&comp=tags"), 400, "UnsupportedQueryParameter")
    assert_error(httpx.put(f"{full.address}/hubstorage/box?restype=container"), 405, "UnsupportedHttpVerb")


@pytest.mark.parametrize("path", ["box/a//b", "box/a/", "box/a%00", "box/%2e%2e/a", "box/a%5Cb", "box/" + "a" * 1100])
def test_impossible_names(server: BlobServer, path: str) -> None:
    """A path that is not a valid blob name is rejected."""
    query = server.download(NAME).partition("?")[2]
    assert_error(httpx.get(f"{server.address}/hubstorage/{path}?{query}"), 400, "InvalidResourceName")


@pytest.mark.parametrize("name", ["box/a b/ü%20?#.cs", "box/a+b&c=d", "box/~.hidden", "Box/UPPER"])
def test_names_with_odd_characters(server: BlobServer, name: str) -> None:
    """Names travel through links unharmed."""
    assert put(server, b"odd", name).status_code == 201
    assert httpx.get(server.download(name)).content == b"odd"
    assert server.store.names() == [name]


def test_disk_fails(server: BlobServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full or broken, the client gets an error, and no file is left."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Incoming, "finish", fail)
    assert_error(put(server), 503, "ServerBusy")
    assert server.files() == []

    def break_down(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Incoming, "finish", break_down)
    assert_error(put(server), 500, "InternalError")
    assert server.files() == []


# Lists.


@pytest.fixture
def filled(server: BlobServer) -> BlobServer:
    """Serve a store with blobs in two directories."""
    for name in ("points/5/a", "points/5/b", "points/5/c&d", "points/50/e", "other/f"):
        put(server, name.encode(), f"box/{name}")
    return server


def listed(response: httpx.Response) -> list[str | None]:
    """Return the names in a list."""
    assert response.status_code == 200, response.text
    return [name.text for name in ET.fromstring(response.content).iterfind("Blobs/Blob/Name")]  # noqa: S314 - ours


def test_list_of_a_directory(filled: BlobServer) -> None:
    """A directory's token permits listing and reading its content."""
    access = filled.links.directory(filled.address, "box/points/5", timedelta(hours=1))
    base = f"{access.base_url}/{access.container}?restype=container&comp=list&{access.token}"
    names = ["points/5/a", "points/5/b", "points/5/c&d"]
    assert listed(httpx.get(f"{base}&prefix=points/5/")) == names
    assert listed(httpx.get(f"{base}&prefix=points/5")) == names
    assert listed(httpx.get(f"{base}&prefix=points/5/b")) == ["points/5/b"]
    assert listed(httpx.get(f"{base}&prefix=points/5/x")) == []
    for prefix in ("", "points/", "points/50/", "other/"):
        assert_error(httpx.get(f"{base}&prefix={prefix}"), 403, "AuthenticationFailed")
    assert httpx.get(f"{access.base_url}/{access.base_directory}/a?{access.token}").content == b"points/5/a"
    assert_error(httpx.get(f"{access.base_url}/box/other/f?{access.token}"), 403, "AuthenticationFailed")


def test_pages_of_a_list(filled: BlobServer) -> None:
    """A list has pages; each entry has the properties of the blob."""
    access = filled.links.directory(filled.address, "box", timedelta(hours=1))
    base = f"{access.base_url}/box?restype=container&comp=list&{access.token}"
    names: list[str | None] = []
    marker = ""
    for _ in range(3):
        page = httpx.get(f"{base}&maxresults=2&marker={quote(marker)}")
        names += listed(page)
        marker = ET.fromstring(page.content).findtext("NextMarker") or ""  # noqa: S314 - our own server's
    assert marker == ""
    assert names == ["other/f", "points/5/a", "points/5/b", "points/5/c&d", "points/50/e"]
    tree = ET.fromstring(httpx.get(base).content)  # noqa: S314 - our own server's
    assert tree.get("ContainerName") == "box"
    properties = tree.find("Blobs/Blob/Properties")
    assert properties is not None
    assert properties.findtext("Content-Length") == "7"
    assert properties.findtext("Content-MD5") == md5(b"other/f")
    assert f'"{properties.findtext("Etag")}"' == filled.store.etag("box/other/f")


def test_refused_lists(filled: BlobServer) -> None:
    """The parameters are invalid, or the container does not exist."""
    access = filled.links.directory(filled.address, "box", timedelta(hours=1))
    base = f"{access.base_url}/box?restype=container&comp=list&{access.token}"
    assert_error(httpx.get(f"{base}&maxresults=0"), 400, "OutOfRangeQueryParameterValue")
    assert_error(httpx.get(f"{base}&marker=!"), 400, "InvalidQueryParameterValue")
    assert_error(httpx.get(f"{base}&delimiter=/"), 400, "UnsupportedQueryParameter")
    assert_error(httpx.get(f"{access.base_url}/box?{access.token}"), 405, "UnsupportedHttpVerb")
    blob = filled.download("box/other/f").partition("?")[2]
    assert_error(httpx.get(f"{access.base_url}/box?restype=container&comp=list&{blob}"), 403, "AuthenticationFailed")
    empty = filled.links.directory(filled.address, "empty", timedelta(hours=1))
    missing = httpx.get(f"{empty.base_url}/empty?restype=container&comp=list&{empty.token}")
    assert_error(missing, 404, "ContainerNotFound")
