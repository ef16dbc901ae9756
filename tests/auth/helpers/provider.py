"""The certified server of tests/auth/node, and a person with a browser."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx
from attrs import define, field, frozen

from tests.hub.npm import node_packages
from tests.parts import require_part

SOURCE = Path(__file__).parents[1] / "node"
_STEPS = 20


@frozen
class Provider:
    """A running server.

    Attributes:
        issuer: Its URL.
    """

    issuer: str

    @property
    def token_url(self) -> str:
        """Its token endpoint."""
        return f"{self.issuer}/token"

    @property
    def token_requests(self) -> int:
        """Number of requests to the token endpoint."""
        return int(httpx.get(f"{self.issuer}/_test/tokens").json()["requests"])

    def fail(self, status: int, times: int = 1) -> None:
        """Make the next requests to the token endpoint fail."""
        httpx.post(f"{self.issuer}/_test/fail", params={"status": status, "times": times}).raise_for_status()

    def knows(self, token: str) -> bool:
        """Return whether the server issued a token and still accepts it."""
        form = {"token": token, "client_id": "service", "client_secret": "the-secret-of-the-service"}
        answer = httpx.post(f"{self.issuer}/token/introspection", data=form)
        answer.raise_for_status()
        return bool(answer.json()["active"])

    def revoke(self, refresh_token: str) -> None:
        """Revoke a sign-in without the client that is tested."""
        form = {"token": refresh_token, "client_id": "native"}
        httpx.post(f"{self.issuer}/token/revocation", data=form).raise_for_status()


@contextmanager
def provider() -> Iterator[Provider]:
    """Run the server for the duration of the block."""
    require_part("node")
    command = [shutil.which("node") or "node", str(SOURCE / "provider.mjs")]
    environment = {**os.environ, "NODE_PATH": str(node_packages(SOURCE))}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Provider(json.loads(process.stdout.readline())["issuer"])
        finally:
            process.stdin.close()
            process.wait(10)


@define
class Browser:
    """A person who signs in, over HTTP as a browser would.

    Attributes:
        consents: Whether the person grants the permission.
        page: Text of the last page.
        opened: The addresses that were opened.
    """

    consents: bool = True
    page: str = ""
    opened: list[str] = field(factory=list)

    def __call__(self, url: str) -> bool:
        """Open an address, and respond to every page."""
        self.opened.append(url)
        with httpx.Client() as client:
            answer = client.get(url)
            for _ in range(_STEPS):
                if answer.has_redirect_location:
                    answer = client.get(urljoin(str(answer.url), answer.headers["location"]))
                elif form := re.search(r'<form[^>]* action="([^"]+)"', answer.text):
                    answer = self._answer(client, answer, unescape(form[1]))
                else:
                    self.page = answer.text
                    return True
        raise AssertionError("the pages do not end")

    def _answer(self, client: httpx.Client, page: httpx.Response, action: str) -> httpx.Response:
        prompt = re.search(r'name="prompt" value="(\w+)"', page.text)
        assert prompt, page.text
        if not self.consents:
            return client.get(f"{action}/abort")
        fields = {"prompt": prompt[1], "login": "ada", "password": "any"}
        return client.post(action, data=fields)
