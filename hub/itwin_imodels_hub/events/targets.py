"""Targets of webhooks: users must not be able to make the hub call loopback and link-local addresses.

The hub resolves the host name of a target, checks the addresses and calls one of them. A change to the DNS name between
the check and the call therefore has no effect.
"""

import socket
from typing import Final

import httpx
from anyio import getaddrinfo
from attrs import frozen

from itwin_imodels_hub.basis.hosts import Address, address_of, is_loopback

LOCAL_TARGET: Final = (
    "The target is on the hub's machine or network link; only the setting local_webhooks permits such targets."
)

_PORTS: Final = {"http": 80, "https": 443}


class LocalTargetError(ValueError):
    """The target of a webhook is a local address; see `is_local`."""


@frozen(kw_only=True)
class Target:
    """The destination of a request.

    Attributes:
        url: URL with the IP address in place of the host name.
        host: Value of the `Host` header.
        extensions: Extensions of the request, so that the certificate is checked against the name.
    """

    url: httpx.URL
    host: str
    extensions: dict[str, str]


def is_local(host: str) -> bool:
    """Check whether a host is a loopback name, or a loopback, link-local, multicast or unspecified address."""
    address = address_of(host)
    return is_loopback(host.lower().removesuffix(".")) if address is None else _is_near(address)


async def checked_target(url: str) -> Target:
    """Resolve the host of a URL and check its addresses.

    Raises:
        LocalTargetError: The host or one of its addresses is local.
        OSError: The host is unknown.
    """
    parsed = httpx.URL(url)
    port = parsed.port or _PORTS[parsed.scheme]
    addresses = await getaddrinfo(parsed.host, port, type=socket.SOCK_STREAM)
    hosts = [str(address[0]) for _, _, _, _, address in addresses]
    if is_local(parsed.host) or any(map(is_local, hosts)):
        raise LocalTargetError(LOCAL_TARGET)
    return Target(
        url=parsed.copy_with(host=hosts[0]),
        host=parsed.netloc.decode("ascii"),
        extensions={"sni_hostname": parsed.host},
    )


def _is_near(address: Address) -> bool:
    return address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
