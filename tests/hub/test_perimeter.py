"""The host names by which a hub may be called, and trusted proxies: DNS rebinding."""

import json
import socket
import ssl
from collections.abc import Iterator

import httpx
import pytest

from itwin_imodels_hub import HubSettings, LocalHub

TLS = ssl.create_default_context()  # made once: that takes longer than a request
STRANGE = ["evil.example", "evil.example:8650", "localhost.evil.example", "127.0.0.1.evil.example", "192.0.2.7", "a b"]
KNOWN = ["localhost", "LOCALHOST:8650", "hub.localhost", "127.0.0.1", "127.8.9.10:1", "[::1]:8650", "localhost."]
PATHS = [
    "/",
    "/hub/events",
    "/hub/assets/page.css",
    "/imodels",
    "/itwins",
    "/webhooks",
    "/storage/hubstorage/x/y",
    "/connect/authorize",
    "/connect/token",
    "/.well-known/openid-configuration",
    "/_hub/time",
    "/nothing",
]


@pytest.fixture(scope="module")
def hub() -> Iterator[LocalHub]:
    """Serve a hub with everything it has."""
    with LocalHub(seed="demo", control=True) as hub:
        yield hub


def status_of(hub: LocalHub, host: str | None, path: str = "/itwins", **headers: str) -> tuple[int, str]:
    """Call a hub by a host, byte by byte as a client of any kind could."""
    lines = [f"GET {path} HTTP/1.{0 if host is None else 1}", "Connection: close"]
    lines += [] if host is None else [f"Host: {host}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    port = httpx.URL(hub.url).port or 0
    with socket.create_connection(("127.0.0.1", port), timeout=240) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split()[1]), body


@pytest.mark.parametrize("path", PATHS)
def test_a_strange_host_reaches_nothing(hub: LocalHub, path: str) -> None:
    """No route responds to a name that was made to lead here; the error names the option."""
    status, body = status_of(hub, "evil.example:8650", path, Authorization=f"Bearer {hub.token()}")
    error = json.loads(body)["error"]
    assert (status, error["code"]) == (421, "UnknownHost")
    assert "'evil.example'" in error["message"]
    assert "--allowed-host evil.example" in error["message"]
    assert "allowed_hosts" in error["message"]


@pytest.mark.parametrize("host", STRANGE)
def test_hosts_that_are_not_known(hub: LocalHub, host: str) -> None:
    """A name that only starts or ends like one of this machine is unknown."""
    assert status_of(hub, host, Authorization=f"Bearer {hub.token()}")[0] in {400, 421}


@pytest.mark.parametrize("host", [*KNOWN, None])
def test_hosts_of_this_machine_are_known(hub: LocalHub, host: str | None) -> None:
    """Loopback names and addresses with any port, and no host at all, which no browser leaves out."""
    assert status_of(hub, host, Authorization=f"Bearer {hub.token()}")[0] == 200


def test_a_configured_host_is_known() -> None:
    """Its name is known in any spelling, and no other name."""
    settings = HubSettings(allowed_hosts=["Hub.Example", "fd00::7"])
    with LocalHub(settings=settings) as hub:
        token = f"Bearer {hub.token()}"
        for host in ("hub.example", "HUB.example:443", "[fd00::7]:8650", "localhost"):
            assert status_of(hub, host, Authorization=token)[0] == 200
        assert status_of(hub, "other.hub.example", Authorization=token)[0] == 421


def test_the_interface_is_known() -> None:
    """A hub on all interfaces knows the address of the connection, and no other."""
    with LocalHub(host="0.0.0.0") as hub:  # noqa: S104 - what is tested
        token = f"Bearer {hub.token()}"
        assert status_of(hub, "0.0.0.0", Authorization=token)[0] == 200  # noqa: S104 - as the hub prints it
        assert status_of(hub, "evil.example", Authorization=token)[0] == 421
        assert status_of(hub, "192.0.2.7", Authorization=token)[0] == 421


@pytest.mark.parametrize("given", [["a b"], ["hub.example:80"], ["http://hub.example"], [""], ["*"]])
def test_hosts_that_cannot_be(given: list[str]) -> None:
    """They are rejected when the settings are created."""
    with pytest.raises(ValueError, match="allowed_hosts"):
        HubSettings(allowed_hosts=given)


@pytest.mark.parametrize("given", [["localhost"], ["10.0.0.0/33"], ["all"]])
def test_proxies_that_cannot_be(given: list[str]) -> None:
    """Proxies are addresses and networks, because a name could be that of anyone."""
    with pytest.raises(ValueError, match="trusted_proxies"):
        HubSettings(trusted_proxies=given)


FORWARDED = {"X_Forwarded_Host": "hub.example", "X_Forwarded_Proto": "https", "X_Forwarded_For": "192.0.2.1"}


def self_of(hub: LocalHub, **headers: str) -> str:
    """Return the hub's own URL."""
    body = status_of(hub, "localhost", "/.well-known/openid-configuration", **headers)[1]
    return str(json.loads(body)["issuer"])


def test_only_a_trusted_proxy_is_believed() -> None:
    """Headers of other clients are ignored, so links do not lead where a client says."""
    hosts = ["hub.example"]
    with LocalHub(settings=HubSettings(allowed_hosts=hosts)) as hub:
        assert self_of(hub, **FORWARDED) == "http://localhost"
    with LocalHub(settings=HubSettings(allowed_hosts=hosts, trusted_proxies=["10.0.0.0/8"])) as hub:
        assert self_of(hub, **FORWARDED) == "http://localhost"
    with LocalHub(settings=HubSettings(allowed_hosts=hosts, trusted_proxies=["127.0.0.1"])) as hub:
        assert self_of(hub, **FORWARDED) == "https://hub.example"
        assert self_of(hub, X_Forwarded_Host="bad host/", X_Forwarded_Proto="gopher") == "http://localhost"


def test_a_proxy_does_not_make_a_host_known() -> None:
    """The forwarded host must be known, too; a known one does not hide an unknown one."""
    with LocalHub(settings=HubSettings(trusted_proxies=["127.0.0.1"])) as hub:
        assert status_of(hub, "localhost", **FORWARDED)[0] == 421
    with LocalHub() as hub:
        assert status_of(hub, "evil.example", X_Forwarded_Host="localhost")[0] == 421
