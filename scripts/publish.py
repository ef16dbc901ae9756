"""Build the wheel and upload it to the package index that environment variables specify.

python -m scripts.publish             builds, checks, uploads, and verifies that the index lists the new version
python -m scripts.publish --dry-run   does everything except the upload

ITWIN_IMODELS_INDEX_URL          upload URL
ITWIN_IMODELS_INDEX_USERNAME     user name (optional)
ITWIN_IMODELS_INDEX_PASSWORD     password or token (optional)
ITWIN_IMODELS_INDEX_SIMPLE_URL   URL of the project list (optional; default: the upload URL with /simple/)

Uploads cannot be reverted. The script therefore fails if the wheel would contain uncommitted changes or the index
already has the version.
"""

import argparse
import base64
import email.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import requests
from packaging.utils import canonicalize_name
from packaging.version import Version
from pypi_simple import NoSuchProjectError, PyPISimple, UnsupportedContentTypeError

from scripts.repository import check_tree
from scripts.run_tests import build_wheel
from scripts.toolkit import ROOT, ToolError, run

PREFIX = "ITWIN_IMODELS_INDEX_"
PATIENCE = 30.0
"""Seconds to wait until the index lists the upload."""

_TIMEOUT = 30.0
_POLL_SECONDS = 0.5
_REDACTED = "[redacted]"
_ANYBODY = "anybody"
_USER_PART = re.compile(r"(?<=://)[^/\s]*@")


class Address(NamedTuple):
    """URL of an index with the credentials to use. The URL itself contains no credentials."""

    url: str
    username: str
    password: str


class Index(NamedTuple):
    """A package index: its upload URL and the URL of its project list."""

    upload: Address
    simple: Address


class Wheel(NamedTuple):
    """A built wheel with the name and version from its metadata."""

    path: Path
    name: str
    version: Version

    def __str__(self) -> str:
        """Return name and version for messages."""
        return f"{self.name} {self.version}"


def main(argv: list[str]) -> int:
    """Run ``make publish``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dry-run", action="store_true", help="do everything except the upload")
    parser.add_argument("--project", type=Path, default=ROOT, help="folder of the project to publish")
    options = parser.parse_args(argv)
    index = index_from(os.environ)
    try:
        print(redacted(publish(options.project, index, dry_run=options.dry_run), index))
    except ToolError as error:
        for note in getattr(error, "__notes__", []):
            print(redacted(note, index), file=sys.stderr)
        raise ToolError(redacted(str(error), index)) from None
    return 0


def publish(project: Path, index: Index, *, dry_run: bool) -> str:
    """Build and upload the wheel of a project.

    Returns:
        A message about the result.

    Raises:
        ToolError: The state of the project or the index does not permit the upload, or a step failed. Nothing was
            uploaded unless the message says so.
    """
    check_tree(project)
    with tempfile.TemporaryDirectory() as scratch:
        wheel = build(project, Path(scratch))
        if wheel.version in listed(index.simple, wheel.name):
            raise ToolError(f"{index.simple.url}: already has {wheel}; increment the version")
        _check_metadata(wheel)
        if dry_run:
            return f"{wheel}: valid; without --dry-run it would be uploaded to {index.upload.url}"
        _upload(wheel, index.upload)
    _await_listing(wheel, index.simple)
    return f"{wheel}: uploaded to {index.upload.url}"


def index_from(environment: Mapping[str, str]) -> Index:
    """Return the index that environment variables specify.

    Raises:
        ToolError: The upload URL is not set, or a URL is invalid.
    """
    upload = _address(environment, f"{PREFIX}URL")
    if upload is None:
        raise ToolError(f"{PREFIX}URL is not set; set it to the upload URL of the index")
    simple = _address(environment, f"{PREFIX}SIMPLE_URL") or upload._replace(url=f"{upload.url.rstrip('/')}/simple/")
    return Index(upload, simple)


def redacted(text: str, index: Index) -> str:
    """Return a text with the passwords and the user parts of URLs removed."""
    for secret in _secrets(index):
        text = text.replace(secret, _REDACTED)
    return _USER_PART.sub("", text)


def build(project: Path, folder: Path) -> Wheel:
    """Build the wheel of a project in a folder.

    Raises:
        ToolError: The build failed.
    """
    path = build_wheel(project, folder)
    with zipfile.ZipFile(path) as archive:
        member = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.parser.BytesHeaderParser().parsebytes(archive.read(member))
    return Wheel(path, str(metadata["Name"]), Version(str(metadata["Version"])))


def listed(simple: Address, name: str) -> set[Version]:
    """Return the versions of a project that an index lists; empty if the index does not know the project.

    Raises:
        ToolError: The response from the index is invalid, or the index cannot be reached.
    """
    url = f"{simple.url.rstrip('/')}/{canonicalize_name(name)}/"
    auth = (simple.username, simple.password) if simple.username or simple.password else None
    try:
        with PyPISimple(simple.url, auth=auth) as index:
            page = index.get_project_page(canonicalize_name(name), timeout=_TIMEOUT)
        return {Version(each.version) for each in page.packages if each.version}
    except NoSuchProjectError:
        return set()
    except requests.HTTPError as error:
        raise ToolError(
            f"{url}: the index responded with {error.response.status_code} to the request for versions"
        ) from error
    except requests.ConnectionError as error:
        raise ToolError(f"{url}: cannot reach the index: {error}") from error
    except (requests.RequestException, UnsupportedContentTypeError, ValueError) as error:
        raise ToolError(f"{url}: the response is not a simple index; set {PREFIX}SIMPLE_URL to its URL") from error


def _address(environment: Mapping[str, str], variable: str) -> Address | None:
    if not environment.get(variable):
        return None
    try:
        parts = urlsplit(environment[variable].strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"}:
        raise ToolError(f"{variable}: not an http or https address; correct it")
    url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
    username = environment.get(f"{PREFIX}USERNAME") or unquote(parts.username or "")
    password = environment.get(f"{PREFIX}PASSWORD") or unquote(parts.password or "")
    return Address(url, username, password)


def _secrets(index: Index) -> list[str]:
    """Return the passwords in all encodings that may occur in output, longest first."""
    forms = set()
    for _, username, password in index:
        pair = f"{username}:{password}".encode()
        forms |= {password, quote(password), quote(password, safe=""), base64.b64encode(pair).decode()}
        forms |= {repr(password)[1:-1], json.dumps(password)[1:-1]}
    return sorted(forms - {"", base64.b64encode(b":").decode()}, key=len, reverse=True)


def _check_metadata(wheel: Wheel) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", str(wheel.path)]
    _check_run(command, {}, f"{wheel}: invalid metadata; see above")


def _upload(wheel: Wheel, upload: Address) -> None:
    """Upload the wheel with twine, passing all secrets in the environment.

    Twine requires credentials even if the index does not.
    """
    command = [sys.executable, "-m", "twine", "upload", "--non-interactive", "--disable-progress-bar", str(wheel.path)]
    settings = {
        "TWINE_REPOSITORY_URL": upload.url,
        "TWINE_USERNAME": upload.username or _ANYBODY,
        "TWINE_PASSWORD": upload.password or _ANYBODY,
    }
    _check_run(command, settings, f"{upload.url}: the index rejected {wheel}; see above")


def _check_run(command: list[str], settings: dict[str, str], complaint: str) -> None:
    """Run a tool without the credentials of the environment; on failure, add its output as a note to the error."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    environment |= {"COLUMNS": "1000", "NO_COLOR": "1", **settings}  # a wrapped line could hide a secret from redaction
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        failure = ToolError(complaint)
        failure.add_note((done.stdout + done.stderr).strip())
        raise failure


def _await_listing(wheel: Wheel, simple: Address) -> None:
    deadline = time.monotonic() + PATIENCE
    try:
        while not (found := wheel.version in listed(simple, wheel.name)) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
    except ToolError as error:
        raise ToolError(f"{wheel} was uploaded, but its listing could not be checked: {error}") from error
    if not found:
        raise ToolError(
            f"{wheel} was uploaded, but {simple.url} does not list it after {PATIENCE:.0f} s; check that the upload "
            "URL and the index URL belong to the same index"
        )


if __name__ == "__main__":
    run(main)
