"""Parse and classify host names and IP addresses."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_LOCAL_NAME = "localhost"

Address = IPv4Address | IPv6Address


def host_of(authority: str) -> str | None:
    """Return the host of a `Host` header in lower case, without port and brackets; None if the header is invalid."""
    match = _HOST.fullmatch(authority)
    return None if match is None else match["name"].strip("[]").lower().removesuffix(".")


def address_of(host: str) -> Address | None:
    """Return a host as an IP address, or None if it is a name; IPv4-mapped IPv6 addresses are returned as IPv4."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_loopback(host: str) -> bool:
    """Check whether a host is a loopback address, `localhost`, or a subdomain of `localhost`."""
    address = address_of(host)
    if address is None:
        return host == _LOCAL_NAME or host.endswith(f".{_LOCAL_NAME}")
    return address.is_loopback
