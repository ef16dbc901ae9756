"""Control of a hub, in this process or in another, through its control API."""

import json
import ssl
from collections.abc import Mapping, Sequence
from functools import cache
from types import TracebackType
from typing import Any, Self

import httpx


@cache
def tls() -> ssl.SSLContext:
    """A shared context, because creating one takes longer than a request."""
    return ssl.create_default_context()


class HubControl:
    """Actions on a hub that no client of the service can take."""

    def __init__(self, url: str, secret: str | None) -> None:
        """Control the hub at a URL with its secret."""
        headers = {"Authorization": f"Bearer {secret}"}
        self._client = httpx.Client(base_url=f"{url}/_hub", headers=headers, verify=tls(), timeout=240)
        self._advanced = 0.0

    def __enter__(self) -> Self:
        """Return the control."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its connections."""
        self._client.close()

    def fault(self, **fault: object) -> None:
        """Add a fault; see the hub's ``Fault``."""
        self._call("POST", "faults", fault)

    def answer(
        self,
        status: int,
        body: Mapping[str, Any] | str = "",
        *,
        headers: Mapping[str, str] | None = None,
        path: str = "^/imodels",
        **more: object,
    ) -> None:
        """Respond to a request instead of the API; a body that is not a string is sent as JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        kind = "text/html" if isinstance(body, str) else "application/json"
        sent = {"content-type": kind, **(headers or {})}
        self.fault(action="answer", status=status, body=text, headers=sent, path=path, **more)

    def restore(self) -> None:
        """Remove all faults and return to real time."""
        self._call("DELETE", "faults")
        if self._advanced:
            self.advance(-self._advanced)

    @property
    def requests(self) -> Sequence[Mapping[str, Any]]:
        """The requests that the hub received."""
        return list(self._call("GET", "log").json()["requests"])

    def forget_requests(self) -> None:
        """Clear the log."""
        self._call("DELETE", "log")

    def advance(self, seconds: float) -> None:
        """Advance the hub's clock."""
        self._advanced += seconds
        self._call("POST", "time/advance", {"seconds": seconds})

    def add_user(self, name: str, *permissions: str, organization_administrator: bool = False) -> str:
        """Create a user with these permissions in every iTwin, and return the token."""
        user = {
            "name": name,
            "given_name": name.title(),
            "surname": "Vega",
            "permissions": permissions,
            "organization_administrator": organization_administrator,
        }
        return str(self._call("POST", "users", user).json()["token"])

    def _call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> httpx.Response:
        answer = self._client.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer
