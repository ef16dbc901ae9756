"""Emulators of object storage that speak its protocol over HTTP, each with an empty bucket."""

import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.server import HTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch

import attrs
import httpx
import pytest
from fsspec import AbstractFileSystem, get_filesystem_class
from fsspec.config import conf
from gcp_storage_emulator.exceptions import NotFound
from gcp_storage_emulator.handlers import objects
from gcp_storage_emulator.server import HANDLERS, create_server
from gcsfs.core import GCSFileSystem
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from tests.azurite import running_azurite

BUCKET = "archive"


@attrs.frozen
class Emulated:
    """A running emulator.

    Attributes:
        protocol: Protocol of the URLs of its objects.
        files: Its file system.
    """

    protocol: str
    files: AbstractFileSystem

    def url(self, folder: str) -> str:
        """Return the URL of a folder of its bucket."""
        return f"{self.protocol}://{BUCKET}/{folder}"

    def contents(self, folder: str) -> dict[str, bytes]:
        """Return the objects of a folder by their names in it."""
        place = f"{BUCKET}/{folder}/"
        return {each.removeprefix(place): self.files.cat_file(each) for each in self.files.find(place)}


@contextmanager
def azure(folder: Path) -> Iterator[Emulated]:
    """Run Azurite; skip the test if Node is not installed."""
    with running_azurite(folder) as azurite, _variables(AZURE_STORAGE_CONNECTION_STRING=azurite.connection_string):
        yield _with_bucket("abfs", get_filesystem_class("abfs"))


@contextmanager
def s3(_: Path, *, ignores_conditions: bool = False) -> Iterator[Emulated]:
    """Run moto, which serves one request at a time, so that a conditional write is atomic."""
    application: Any = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, _without_conditions(application) if ignores_conditions else application)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    variables = {
        "AWS_ACCESS_KEY_ID": "emulated",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{server.server_port}",
        "AWS_SECRET_ACCESS_KEY": "emulated",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    try:
        httpx.post(f"{variables['AWS_ENDPOINT_URL_S3']}/moto-api/reset").raise_for_status()
        with _variables(**variables):
            yield _with_bucket("s3", get_filesystem_class("s3"))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def gcs(_: Path) -> Iterator[Emulated]:
    """Run an emulator with the conditions on generations that it lacks."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with ExitStack() as stack:
        for _route, methods in HANDLERS:
            if objects.insert in methods.values():
                stack.enter_context(patch.dict(methods, POST=_insert))
        stack.enter_context(patch.object(HTTPServer, "request_queue_size", 128))  # many clients connect at once
        stack.enter_context(create_server("127.0.0.1", port, in_memory=True))
        stack.enter_context(_variables(STORAGE_EMULATOR_HOST=f"http://127.0.0.1:{port}"))
        stack.enter_context(patch.dict(conf, gs={"token": "anon"}))  # as a configuration file of fsspec does
        yield _with_bucket("gs", GCSFileSystem)


def _insert(request: Any, response: Any, storage: Any) -> None:
    """Write an object if the present one has the required generation, which is 0 if there must be none."""
    for wanted in request.query.get("ifGenerationMatch", ()):
        try:
            found = storage.get_file_obj(request.params["bucket_name"], request.query["name"][0])["generation"]
        except NotFound:
            found = "0"
        if found != wanted:
            response.status = HTTPStatus.PRECONDITION_FAILED
            return
    objects.insert(request, response, storage)


def _without_conditions(application: Any) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """Return an application that ignores the conditions of requests."""

    def unconditional(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        for name in ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"):
            environ.pop(name, None)
        answer: Iterable[bytes] = application(environ, start_response)
        return answer

    return unconditional


@contextmanager
def _variables(**variables: str) -> Iterator[None]:
    """Set environment variables for the duration of the block."""
    with pytest.MonkeyPatch.context() as patcher:
        for name, value in variables.items():
            patcher.setenv(name, value)
        yield


def _with_bucket(protocol: str, kind: type[AbstractFileSystem]) -> Emulated:
    """Create the bucket with a new file system, which has no connections to other emulators."""
    kind.clear_instance_cache()
    files = kind(use_listings_cache=False, skip_instance_cache=True)
    files.mkdir(BUCKET)
    return Emulated(protocol, files)
