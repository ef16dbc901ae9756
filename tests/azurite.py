"""Microsoft's own emulator of Azure Blob Storage, as a process that a test can stop and restart."""

import os
import shutil
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

from tests.hub.npm import node_packages
from tests.parts import require_part

ACCOUNT = "devstoreaccount1"
KEY = b64encode(b"a key for tests").decode()

_SOURCE = Path(__file__).parent / "transfer" / "node"


class Azurite:
    """An emulator on one port.

    Attributes:
        url: URL of its account.
        connection_string: Connection string with the name and the key of its account.
    """

    def __init__(self, folder: Path, *, in_memory: bool = True) -> None:
        """Prepare an emulator; `start` runs it.

        Args:
            folder: Its working folder, which also contains the data that is not in memory.
            in_memory: Whether to keep the data in memory, so that it is lost at the end.
        """
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/{ACCOUNT}"
        self.connection_string = (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={self.url};"
        )
        self._folder = folder
        self._log = folder / "requests.log"
        self._keeping = ["--inMemoryPersistence"] if in_memory else ["--location", str(folder)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the emulator."""
        main = node_packages(_SOURCE) / "azurite" / "dist" / "src" / "blob" / "main.js"
        options = ["--blobPort", str(self._port), "--skipApiVersionCheck", "--disableTelemetry"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [shutil.which("node") or "node", str(main), *options, *self._keeping],
                cwd=self._folder,
                env={**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"},
                stdout=log,
            )
        self._wait()

    def stop(self) -> None:
        """Stop the emulator, as an outage would."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)
            self._process = None

    def client(self) -> BlobServiceClient:
        """Return a client for the account, which the caller closes."""
        return BlobServiceClient.from_connection_string(self.connection_string)

    def requests(self, *parts: str) -> list[str]:
        """Return the lines of its log that contain all these texts."""
        return [line for line in self._log.read_text().splitlines() if all(part in line for part in parts)]

    def blobs(self) -> dict[str, dict[str, int]]:
        """Return the sizes of all blobs by container and name."""
        found: dict[str, dict[str, Any]] = {}
        with self.client() as client:
            for container in client.list_containers():
                with suppress(ResourceNotFoundError):  # deleted meanwhile
                    blobs = client.get_container_client(container.name).list_blobs()
                    found[container.name] = {blob.name: blob.size for blob in blobs}
        return found

    def _wait(self) -> None:
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                assert time.monotonic() < end, "Azurite did not start"
                time.sleep(0.05)
            else:
                return


@contextmanager
def running_azurite(folder: Path, *, in_memory: bool = True) -> Iterator[Azurite]:
    """Run an emulator for the duration of the block; skip the test if Node is not installed."""
    require_part("node")
    azurite = Azurite(folder, in_memory=in_memory)
    azurite.start()
    try:
        yield azurite
    finally:
        azurite.stop()
