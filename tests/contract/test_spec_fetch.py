"""Fetching a definition from a real server or file: it is replaced and recorded completely, or not at all."""

import gzip
import json
import os
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import httpx
import pytest
import yaml

from scripts import spec_fetch
from scripts.specs import lock
from scripts.specs.definition import load, sha256
from scripts.specs.inventory import rows
from scripts.toolkit import ROOT, ToolError, run

SECRET = "xyzzy"  # noqa: S105 - no password: it must not be printed


def operations_of_the_api() -> dict[str, Any]:
    """Return minimal path items with the operations of the inventory."""
    paths: dict[str, Any] = {}
    for row in rows():
        method, path = row.request.split()
        operation = {"operationId": row.operation_id, "responses": {"200": {"description": ""}}}
        paths.setdefault(f"/imodels{path}".rstrip("/"), {})[method.lower()] = operation
    return paths


def definition(*parameters: str, reference: str = "#/components/schemas/IModel", **more: Any) -> bytes:
    """Create a definition of the API, with a number of query parameters in one operation."""
    operation = {
        "operationId": "get-imodels",
        "parameters": [{"name": name, "in": "query", "schema": {"type": "string"}} for name in parameters],
        "responses": {"200": {"content": {"application/json": {"schema": {"$ref": reference}}}}},
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": "iModels", "version": "2"},
        "paths": operations_of_the_api() | {"/imodels": {"get": operation}},
        "components": {"schemas": {"IModel": {"type": "object"}}},
        **more,
    }
    return json.dumps(document, indent=1).encode()


OLD = definition("$top", "name")
NEW = definition("$top", "$search")


class Reply(NamedTuple):
    """What the server sends for a path."""

    content: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None


REPLIES = {
    "/good.json": Reply(NEW),
    "/old.json": Reply(OLD),
    "/moved.json": Reply(status=302, headers=(("Location", "/good.json"),)),
    "/circle.json": Reply(status=302, headers=(("Location", "/circle.json"),)),
    "/away.json": Reply(status=302, headers=(("Location", "ftp://example.invalid/a.json"),)),
    "/page.html": Reply(b"<!DOCTYPE html><html><body>Sign in</body></html>"),
    "/missing.json": Reply(b"{}", status=404),
    "/failing.json": Reply(NEW, status=500),
    "/partial.json": Reply(NEW, status=206),
    "/truncated.json": Reply(NEW[:-40]),
    "/short.json": Reply(NEW, length=len(NEW) + 100),
    "/empty.json": Reply(),
    "/other.json": Reply(definition(info={"title": "Reality Data"}, paths={"/reality-data/{id}/files": {"get": {}}})),
    "/swagger.json": Reply(json.dumps({"swagger": "2.0", "info": {"title": "iModels"}}).encode()),
    "/later.json": Reply(definition(openapi="3.2.0")),
    "/cut.yaml": Reply(b"openapi: 3.0.3\ninfo:\n  title: [iModels\n"),
    "/text.txt": Reply(b"Not Found"),
    "/utf16.json": Reply(NEW.decode().encode("utf-16")),
    "/utf16-without-mark.json": Reply(NEW.decode().encode("utf-16-le")),
    "/cut.json.gz": Reply(gzip.compress(NEW)[:-20]),
    "/damaged.json.gz": Reply(gzip.compress(NEW)[:10] + bytes(20)),
    "/damaged-answer.json": Reply(b"no gzip", headers=(("Content-Encoding", "gzip"),)),
    "/definition.zip": Reply(b"PK\x03\x04" + bytes(20)),
    "/compressed-answer.json": Reply(gzip.compress(NEW), headers=(("Content-Encoding", "gzip"),)),
    "/new.json.gz": Reply(gzip.compress(NEW)),
    "/with-mark.json": Reply(b"\xef\xbb\xbf" + NEW),
    "/titled.json": Reply(definition("$top", info={"title": "iTwin API Management - iModels", "version": "2"})),
    "/latin.json": Reply('{"title": "Modèle"}'.encode("latin-1")),
    "/dangling.json": Reply(definition(reference="#/components/schemas/Gone")),
    "/number.yaml": Reply(b"openapi: 3.1\npaths: {}\n"),
    "/outside.json": Reply(definition(reference="https://example.invalid/a.json#/b")),
}


class Handler(BaseHTTPRequestHandler):
    """Sends the replies above."""

    def do_GET(self) -> None:
        """Respond to a request."""
        reply = REPLIES[self.path.partition("?")[0]]
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.content) if reply.length is None else reply.length))
        self.end_headers()
        self.wfile.write(reply.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has in the base class
        """Print nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Run the server; its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


Tool = Callable[..., subprocess.CompletedProcess[str]]


class Tree(NamedTuple):
    """The files the tool works on."""

    definition: Path
    lock: Path
    source: Path

    @property
    def options(self) -> list[str]:
        """The command line that names them."""
        names = zip(self._fields, self, strict=True)
        return [word for name, path in names for word in (f"--{name}", str(path))]

    @property
    def content(self) -> dict[str, bytes]:
        """Every file of their folder, left-overs included."""
        return {path.name: path.read_bytes() for path in self.definition.parent.iterdir()}

    @property
    def table(self) -> dict[str, object]:
        """Return the table of the definition in the lock."""
        table: dict[str, object] = tomllib.loads(self.lock.read_text(encoding="utf-8"))["definition"]
        return table


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Create a definition, a lock that fits, and a source without an address."""
    folder = tmp_path / "spec"
    folder.mkdir()
    made = Tree(folder / "definition.json", folder / "LOCK.toml", folder / "source.toml")
    made.definition.write_bytes(OLD)
    made.lock.write_text(
        f'# kept\n[definition]\nsource = "ours"\nsha256 = "{sha256(OLD)}"\n\n[tools]\nruff = "1"\n',
        encoding="utf-8",
    )
    made.source.write_text('url = ""\n', encoding="utf-8")
    return made


def command(tree: Tree, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the tool as a person does."""
    environment = os.environ | {"NO_PROXY": "127.0.0.1", "PYTHONIOENCODING": "utf-8"}
    line = [sys.executable, "-m", "scripts.spec_fetch", *arguments, *tree.options]
    return subprocess.run(
        line, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=240
    )


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tool:
    """Run the tool within the test, and return the result of ``command``."""

    def tool(tree: Tree, *arguments: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(sys, "argv", ["spec_fetch", *arguments, *tree.options])
        with pytest.raises(SystemExit) as stopped:
            run(spec_fetch.main)
        printed = capsys.readouterr()
        return subprocess.CompletedProcess([], int(stopped.value.code or 0), printed.out, printed.err)

    return tool


def assert_refused(done: subprocess.CompletedProcess[str], *texts: str) -> None:
    """Check that a run failed with one line that contains some texts."""
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith("\n")
    for text in texts:
        assert text in done.stderr


def assert_replaced(done: subprocess.CompletedProcess[str], tree: Tree) -> None:
    """Check that a run showed the differences, replaced the definition and recorded it."""
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert "  query name: removed — requests of get-imodels" in lines
    assert "  query $search: added — requests of get-imodels" in lines
    assert "compatible with the facade" in lines
    assert lines[-1] == "next: make generate"
    assert tree.definition.read_bytes() == NEW
    assert tree.table["sha256"] == sha256(NEW)
    assert tree.lock.read_text(encoding="utf-8").startswith("# kept\n")
    assert 'ruff = "1"' in tree.lock.read_text(encoding="utf-8")
    assert len(tree.content) == 3
    lock.check_definition(tree.definition, tree.lock)


def test_good_file(server: str, tree: Tree) -> None:
    """A served definition replaces ours byte by byte and is recorded; the differences are shown first."""
    assert_replaced(command(tree, f"{server}/good.json"), tree)


def test_redirect(server: str, tree: Tree, here: Tool) -> None:
    """A redirect is followed."""
    assert_replaced(here(tree, f"{server}/moved.json"), tree)


@pytest.mark.parametrize("path", ["/compressed-answer.json", "/new.json.gz", "/with-mark.json"])
def test_other_forms(server: str, tree: Tree, path: str, here: Tool) -> None:
    """Compressed content, in a response or a file, and a byte order mark are converted to the plain file."""
    assert_replaced(here(tree, server + path), tree)


@pytest.mark.parametrize("flow", [False, True])
def test_yaml(tree: Tree, tmp_path: Path, here: Tool, *, flow: bool) -> None:
    """A YAML file becomes the equivalent JSON file: statuses, dates and words are strings."""
    document = json.loads(NEW)
    document["info"] |= {"version": "2025-02-27", "x-words": ["no", "on", "0123", "1_000"], "x-values": [None, 1, 1.5]}
    text = yaml.safe_dump(document, sort_keys=False, default_flow_style=flow)
    for quoted in ("'200'", "'2025-02-27'", "'no'", "'on'", "'0123'", "'1_000'"):
        assert quoted in text
        text = text.replace(quoted, quoted.strip("'"))
    file = tmp_path / "definition.yaml"
    file.write_text(text, encoding="utf-8")
    done = here(tree, str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(tree.definition.read_bytes()) == document
    assert load(file) == document
    lock.check_definition(tree.definition, tree.lock)


def test_yaml_that_contains_itself(tree: Tree, here: Tool, tmp_path: Path) -> None:
    """Aliases that form a circle are named."""
    file = tmp_path / "definition.yaml"
    file.write_text("openapi: 3.1.0\npaths: &paths\n  /: *paths\n", encoding="utf-8")
    assert_refused(here(tree, str(file)), "more than 100 levels deep, or containing itself; if the YAML uses aliases")


def test_a_definition_is_known_by_its_operations(server: str, tree: Tree, here: Tool) -> None:
    """Another title does not matter where the operations are those of the API."""
    done = here(tree, f"{server}/titled.json")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_lock_says_where_the_definition_came_from(server: str, tree: Tree, here: Tool, tmp_path: Path) -> None:
    """The source stays "ours" while the definition is edited; for a fetched one, it is the URL or the file name."""
    tree.definition.write_bytes(definition("$top"))
    assert here(tree, str(tree.definition)).returncode == 0
    lock.check_definition(tree.definition, tree.lock)
    assert lock.is_ours(tree.lock)
    assert here(tree, server.replace("http://", f"http://user:{SECRET}@") + f"/good.json?sig={SECRET}").returncode == 0
    assert tree.table["source"] == f"{server}/good.json"
    assert not lock.is_ours(tree.lock)
    file = tmp_path / "export.json"
    file.write_bytes(OLD)
    assert here(tree, str(file)).returncode == 0
    assert tree.table["source"] == "file:export.json"


def test_local_file(tree: Tree, tmp_path: Path, here: Tool) -> None:
    """A path is accepted."""
    file = tmp_path / "new definition.json"
    file.write_bytes(NEW)
    assert_replaced(here(tree, str(file)), tree)


def test_file_address(tree: Tree, tmp_path: Path, here: Tool) -> None:
    """A file URL is the same as its path."""
    file = tmp_path / "new definition.json"
    file.write_bytes(NEW)
    assert "%20" in file.as_uri()
    assert_replaced(here(tree, file.as_uri()), tree)


def test_configured_address(server: str, tree: Tree, here: Tool) -> None:
    """Without a URL, that of source.toml is used."""
    tree.source.write_text(f'url = "{server}/good.json"\n', encoding="utf-8")
    assert_replaced(here(tree), tree)


REFUSED = [
    ("/page.html", "web page"),
    ("/missing.json", "responded with 404"),
    ("/failing.json", "responded with 500"),
    ("/partial.json", "responded with 206"),
    ("/truncated.json", "truncated or not JSON"),
    ("/short.json", "shorter than announced"),
    ("/empty.json", "empty"),
    ("/other.json", "another API: #/info/title is 'Reality Data', and #/paths has 0 of the"),
    ("/swagger.json", "Swagger 2.0 (#/swagger), not OpenAPI 3"),
    ("/later.json", "OpenAPI 3.2.0 (#/openapi) is not supported"),
    ("/cut.yaml", "neither JSON nor valid YAML (line 4, column 1"),
    ("/text.txt", "not an OpenAPI 3 document (a str"),
    ("/utf16.json", "UTF-16"),
    ("/utf16-without-mark.json", "UTF-16"),
    ("/cut.json.gz", "truncated gzip data"),
    ("/damaged.json.gz", "damaged gzip data"),
    ("/damaged-answer.json", "compressed response is damaged"),
    ("/definition.zip", "a ZIP archive"),
    ("/latin.json", "not UTF-8"),
    ("/dangling.json", "/schema/$ref: '#/components/schemas/Gone' is not in the definition"),
    ("/outside.json", "is in another file, not in the definition (bundle them into one file)"),
    ("/number.yaml", "#/openapi is the number 3.1; write it as text: '3.1.0'"),
    ("/circle.json", "more than 5 redirects"),
    ("/away.json", "neither http nor https"),
]


@pytest.mark.parametrize(("path", "text"), REFUSED)
def test_refused(server: str, tree: Tree, path: str, text: str, here: Tool) -> None:
    """Anything but a complete definition is rejected in one line, without secrets of the URL and without changes."""
    before = tree.content
    done = here(tree, server.replace("http://", f"http://user:{SECRET}@") + f"{path}?sig={SECRET}#{SECRET}")
    assert_refused(done, f"{server}{path}", text)
    assert SECRET not in done.stdout + done.stderr
    assert done.stdout == ""
    assert tree.content == before


def test_secrets_of_a_good_address(server: str, tree: Tree, here: Tool) -> None:
    """They are not shown after a success, either."""
    done = here(tree, server.replace("http://", f"http://user:{SECRET}@") + f"/good.json?sig={SECRET}")
    assert_replaced(done, tree)
    assert SECRET not in done.stdout


def test_connection_refused(tree: Tree, here: Tool) -> None:
    """The message says that the connection was refused."""
    before = tree.content
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    done = here(tree, f"http://127.0.0.1:{port}/a.json?sig={SECRET}")
    assert_refused(done, f"http://127.0.0.1:{port}/a.json: cannot connect")
    assert SECRET not in done.stderr
    assert tree.content == before


ODD_ADDRESSES = [
    ("nowhere/definition.json", "nowhere/definition.json: cannot be read"),
    (f"user:{SECRET}@host/definition.json?sig={SECRET}", "cannot be read"),
    (f"https:/user:{SECRET}@host/definition.json", "has no host"),
    (f"http://user:{SECRET}@[host/a", "is invalid"),
    (f"http://user:{SECRET}@host:port/a", "not a valid address"),
    (f"ftp://user:{SECRET}@host/definition.json", "ftp: unsupported scheme"),
    ("file://host/definition.json", "refers to another machine"),
    (".", "cannot be read"),
]


@pytest.mark.parametrize(("address", "text"), ODD_ADDRESSES)
def test_odd_addresses(here: Tool, tree: Tree, address: str, text: str) -> None:
    """An invalid URL is rejected, with only the necessary part of it in the message."""
    before = tree.content
    done = here(tree, address)
    assert_refused(done, text)
    assert SECRET not in done.stderr
    assert tree.content == before


def test_too_large(server: str, tree: Tree, here: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Content above the limit is rejected, from a server or a file; content of the limit is accepted."""
    before = tree.content
    monkeypatch.setattr(spec_fetch, "LIMIT", len(NEW) - 1)
    assert_refused(here(tree, f"{server}/good.json"), "too large")
    file = tree.definition.parent.parent / "new.json"
    file.write_bytes(NEW)
    assert_refused(here(tree, str(file)), "too large")
    assert tree.content == before
    monkeypatch.setattr(spec_fetch, "LIMIT", len(NEW))
    assert_replaced(here(tree, f"{server}/good.json"), tree)


def test_slow_server(tree: Tree, here: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tool stops waiting for a server that does not respond."""
    before = tree.content
    monkeypatch.setattr(spec_fetch, "TIMEOUT", httpx.Timeout(0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        done = here(tree, f"http://127.0.0.1:{silent.getsockname()[1]}/a.json")
    assert_refused(done, "no response in time")
    assert tree.content == before


def test_unchanged(server: str, tree: Tree, here: Tool) -> None:
    """The same bytes are reported as unchanged, and nothing is written."""
    before = tree.content
    done = here(tree, f"{server}/old.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("unchanged: ")
    assert done.stdout.splitlines()[-1] == "next: make generate"
    assert tree.content == before


def test_unchanged_mends_the_lock(server: str, tree: Tree, here: Tool) -> None:
    """The same bytes are recorded where the lock does not know them."""
    tree.definition.write_bytes(NEW)
    with pytest.raises(ToolError):
        lock.check_definition(tree.definition, tree.lock)
    done = here(tree, f"{server}/good.json")
    assert done.returncode == 0
    assert "unchanged" in done.stdout
    lock.check_definition(tree.definition, tree.lock)


@pytest.mark.parametrize("path", ["/good.json", "/old.json"])
def test_dry_run(server: str, tree: Tree, path: str, here: Tool) -> None:
    """A dry run shows the differences and writes nothing, including the lock."""
    tree.lock.write_text('[definition]\nsha256 = "of something else"\n', encoding="utf-8")
    before = tree.content
    done = here(tree, f"{server}{path}", "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert ("query name: removed" in done.stdout) == (path == "/good.json")
    assert "make generate" in done.stdout.splitlines()[-1]
    assert tree.content == before


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "there was no definition before"),
        (b"{", "not compared: "),
        (definition(reference="#/x"), "not compared: "),
    ],
)
def test_nothing_to_compare_with(server: str, tree: Tree, content: bytes | None, text: str, here: Tool) -> None:
    """A definition that is missing or damaged is replaced without a comparison."""
    if content is None:
        tree.definition.unlink()
    else:
        tree.definition.write_bytes(content)
    done = here(tree, f"{server}/good.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert text in done.stdout
    lock.check_definition(tree.definition, tree.lock)


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("source.toml", 'url = ""', "url is empty"),
        ("source.toml", "page = 1", "url is empty"),
        ("source.toml", "url =", "not valid TOML"),
        ("source.toml", None, "cannot be read"),
        ("LOCK.toml", None, "cannot be read"),
        ("LOCK.toml", "[definition", "not valid TOML"),
        ("LOCK.toml", "[tools]", "no table [definition]"),
    ],
)
def test_broken_settings(tree: Tree, here: Tool, name: str, content: str | None, text: str) -> None:
    """Without a valid source or lock nothing is replaced, and the message names the file."""
    file = tree.lock.parent / name
    if content is None:
        file.unlink()
    else:
        file.write_text(content, encoding="utf-8")
    new = tree.definition.parent.parent / "new.json"
    new.write_bytes(NEW)
    before = tree.content
    done = here(tree) if name == "source.toml" else here(tree, str(new))
    assert_refused(done, name, text)
    assert tree.content == before


def test_crash_before_the_record(server: str, tree: Tree, here: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the two writes, every tool rejects the tree; a failure there restores the old one."""
    before = tree.content

    def failing(_digest: str, _source: str, path: Path) -> None:
        assert tree.definition.read_bytes() == NEW
        with pytest.raises(ToolError):
            lock.check_definition(tree.definition, path)
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(lock, "record_definition", failing)
    assert_refused(here(tree, f"{server}/good.json"), "LOCK.toml", "cannot be written: Permission denied")
    assert tree.content == before
    tree.definition.unlink()
    without = tree.content
    assert_refused(here(tree, f"{server}/good.json"), "cannot be written")
    assert tree.content == without


def test_interrupted_record(server: str, tree: Tree, here: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interruption between the two writes puts the old definition back too."""
    before = tree.content

    def interrupted(_digest: str, _source: str, _path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(lock, "record_definition", interrupted)
    with pytest.raises(KeyboardInterrupt):
        here(tree, f"{server}/good.json")
    assert tree.content == before
