"""Fetch a definition, show its changes, and replace the committed one.

python -m scripts.spec_fetch              fetches from the URL in spec/source.toml
python -m scripts.spec_fetch ADDRESS      http, https or file URL, or a path
"""

import argparse
import re
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import SplitResult, urlsplit
from urllib.request import url2pathname

import httpx

from scripts.specs import lock
from scripts.specs.correct import corrected
from scripts.specs.definition import DEFINITION, check_api, recognize, sha256
from scripts.specs.diff import explain
from scripts.specs.formats import LIMIT, plain_json
from scripts.specs.overlay import OVERLAYS, overlay_files
from scripts.toolkit import ROOT, ToolError, read_bytes, replace_file, run, shown

SOURCE = ROOT / "spec" / "source.toml"
REDIRECTS = 5
TIMEOUT = httpx.Timeout(60, connect=10)

_FAILURES: dict[type[Exception], str] = {
    httpx.InvalidURL: "not a valid address",
    httpx.UnsupportedProtocol: "redirects to a URL that is neither http nor https",
    httpx.TooManyRedirects: f"more than {REDIRECTS} redirects",
    httpx.TimeoutException: "no response in time; try again",
    httpx.ConnectError: "cannot connect",
    httpx.ReadError: "the connection was closed before the whole file was received; fetch it again",
    httpx.DecodingError: "the compressed response is damaged; fetch it again",
    httpx.RemoteProtocolError: "the response is shorter than announced, or not HTTP; fetch it again",
}
_CHUNK = 2**16


def main(argv: list[str]) -> int:
    """Run ``make spec-fetch``."""
    options = _options(argv)
    address = options.address or _configured(options.source)
    found = _fetched(address)
    content = plain_json(found.content, found.origin, LIMIT)
    document = recognize(content, found.origin)
    check_api(document, found.origin)
    digest = sha256(content)
    locked = _locked(options.lock)
    current = read_bytes(options.definition, "the definition") if options.definition.exists() else None
    if current == content:
        print(f"unchanged: {shown(options.definition)} is already this definition")
    else:
        print(f"from {shown(options.definition)} to {found.origin}:")
        print("\n".join(_differences(current, options.definition, document)))
    for refusal in _refusals(document):
        print(f"make generate would fail: {refusal}")
    if options.dry_run:
        print("dry run: nothing was replaced; next: repeat without --dry-run, then run make generate")
        return 0
    if current != content or locked != digest:
        _replace(options.definition, current, content, options.lock, _source(found, options.definition))
        print(f"recorded {digest} in {shown(options.lock)}")
    print("next: make generate")
    return 0


def _refusals(document: dict[str, Any]) -> Iterator[str]:
    """Yield the problems that prevent generation; correct them with an overlay, or fetch a corrected copy."""
    try:
        corrected(document, overlay_files(OVERLAYS))
    except ToolError as error:
        yield str(error)


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("address", nargs="?", help="http, https or file address, or a path; default: spec/source.toml")
    parser.add_argument("--dry-run", action="store_true", help="show what would change and replace nothing")
    parser.add_argument("--definition", type=Path, default=DEFINITION, help="the file to replace")
    parser.add_argument("--lock", type=Path, default=lock.LOCK, help="the lock that records its digest")
    parser.add_argument("--source", type=Path, default=SOURCE, help="the file that contains the default address")
    return parser.parse_args(argv)


def _configured(source: Path) -> str:
    """Return the URL in ``source.toml``."""
    try:
        url = tomllib.loads(read_bytes(source, "the default address").decode()).get("url")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ToolError(f"{shown(source)}: not valid TOML: {error}") from error
    if not isinstance(url, str) or not url:
        raise ToolError(
            f"{shown(source)}: url is empty; set it to the URL of the definition, or pass one:"
            " make spec-fetch URL=<address or file>"
        )
    return url


class _Fetched(NamedTuple):
    """The fetched content and its origin: a description without secrets, and the path of a local file."""

    origin: str
    path: Path | None
    content: bytes


def _fetched(address: str) -> _Fetched:
    path = None
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise ToolError(
            "the address of the definition is invalid; use an http, https or file URL, or a path"
        ) from error
    with tempfile.TemporaryFile() as file:
        if parts.scheme in {"http", "https"}:
            if not parts.hostname:
                raise ToolError(f"{parts.scheme}: the address has no host; use the form {parts.scheme}://host/path")
            origin = f"{parts.scheme}://{_without_secrets(parts.netloc)}{parts.path}"
            _download(address, origin, file)
        else:
            path = _local(address, parts)
            origin = shown(path) if path.exists() else _without_secrets(address)
            _copy(path, origin, file)
        file.seek(0)
        return _Fetched(origin, path, file.read())


def _source(found: _Fetched, definition: Path) -> str | None:
    """Return the source to record in the lock; None if the definition is the committed file, edited by hand."""
    if found.path is None:
        return found.origin
    return None if definition.exists() and found.path.samefile(definition) else f"file:{found.path.name}"


def _local(address: str, parts: SplitResult) -> Path:
    """Return the path of an address that is not fetched over the network."""
    if parts.scheme == "file":
        if parts.netloc not in {"", "localhost"}:
            raise ToolError(f"file://{parts.netloc}{parts.path}: refers to another machine; use the form file:///path")
        return Path(url2pathname(parts.path))
    if parts.scheme and "://" in address:
        raise ToolError(f"{parts.scheme}: unsupported scheme; use http, https, file or a path")
    return Path(address)


def _without_secrets(text: str) -> str:
    """Return the part of an address that may be shown; the address may lack the scheme."""
    return re.split("[?#]", text, maxsplit=1)[0].rpartition("@")[2]


def _download(address: str, origin: str, file: BinaryIO) -> None:
    headers = {"Accept": "application/json, application/yaml;q=0.9, */*;q=0.1", "Accept-Encoding": "gzip, identity"}
    try:
        with (
            httpx.Client(follow_redirects=True, max_redirects=REDIRECTS, timeout=TIMEOUT, headers=headers) as client,
            client.stream("GET", address) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise ToolError(
                    f"{origin}: the server responded with {response.status_code} instead of 200; check the address"
                )
            _keep(response.iter_bytes(_CHUNK), origin, file)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ToolError(f"{origin}: {_failure(error)}") from error


def _failure(error: Exception) -> str:
    """Return the reason for a failure, without the address."""
    text = next((text for kind, text in _FAILURES.items() if isinstance(error, kind)), type(error).__name__)
    return f"{text}: {error}" if isinstance(error, httpx.ConnectError) else text


def _copy(path: Path, origin: str, file: BinaryIO) -> None:
    try:
        with path.open("rb") as source:
            _keep(iter(lambda: source.read(_CHUNK), b""), origin, file)
    except OSError as error:
        raise ToolError(f"{origin}: cannot be read: {error.strerror}") from error


def _keep(chunks: Iterable[bytes], origin: str, file: BinaryIO) -> None:
    for chunk in chunks:
        file.write(chunk)
        if file.tell() > LIMIT:
            raise ToolError(f"{origin}: more than {LIMIT:,} bytes, too large for a definition; check the address")


def _locked(path: Path) -> object:
    """Return the digest in the lock; fail before anything is replaced if the lock has no place for a digest."""
    table = lock.read(path).get("definition")
    if not isinstance(table, dict):
        raise ToolError(f"{shown(path)}: no table [definition] to record the digest in; restore the file")
    return table.get("sha256")


def _differences(current: bytes | None, path: Path, new: dict[str, object]) -> list[str]:
    """Return the report; a missing or damaged definition is replaced without a comparison."""
    if current is None:
        return ["there was no definition before"]
    try:
        old = recognize(current, shown(path))
    except ToolError as error:
        return [f"not compared: {error}"]
    return explain(old, new).lines


def _replace(definition: Path, current: bytes | None, content: bytes, locked: Path, source: str | None) -> None:
    """Replace the definition, then record it; other tools reject a definition that was replaced but not recorded."""
    try:
        replace_file(definition, content)
        lock.record_definition(sha256(content), source, locked)
    except BaseException as error:
        _put_back(definition, current)
        if isinstance(error, OSError):
            raise ToolError(f"{shown(definition)}, {shown(locked)}: cannot be written: {error.strerror}") from error
        raise


def _put_back(definition: Path, current: bytes | None) -> None:
    if current is None:
        definition.unlink(missing_ok=True)
    elif definition.read_bytes() != current:
        replace_file(definition, current)


if __name__ == "__main__":
    run(main)
