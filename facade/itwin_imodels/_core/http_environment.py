"""For creating httpx clients: clear errors for invalid environment variables, and no cookies."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.util import find_spec
from typing import Final

import httpx

from itwin_imodels.errors import ConfigurationError

_PROXIES: Final = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
_EXCEPTIONS: Final = ("no_proxy", "NO_PROXY")
_SOCKS: Final = frozenset({"socks5", "socks5h"})


def empty_cookie_jar() -> CookieJar:
    """Return a cookie jar that rejects all cookies: the API needs none, and an invalid one breaks the next request."""
    return CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))


@contextmanager
def environment_errors() -> Iterator[None]:
    """Name the environment variable that prevents the creation of an httpx client or its TLS context.

    Raises:
        ConfigurationError: The creation failed. Values that may contain a password are not shown.
    """
    try:
        yield
    except OSError as error:
        raise ConfigurationError(_tls_fault(error)) from None
    except (ImportError, ValueError, httpx.InvalidURL):
        raise ConfigurationError(_proxy_fault()) from None


def _tls_fault(error: OSError) -> str:
    path = os.environ.get("SSL_CERT_FILE")
    if path:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
        except OSError as reason:
            return (
                f"SSL_CERT_FILE: cannot read certificates from {path}: {reason.strerror or reason}. "
                "Set it to a file with PEM certificates, or unset it."
            )
    path = os.environ.get("SSLKEYLOGFILE")
    if path:
        return f"SSLKEYLOGFILE: cannot write {path}: {error.strerror or error}. Set it to a writable file, or unset it."
    return f"cannot prepare TLS: {error}. Check the installation of certifi."


def _proxy_fault() -> str:
    for name in _PROXIES:
        value = os.environ.get(name)
        reason = _proxy_error(value) if value else None
        if reason:
            return f"{name}: {reason}. Set it to a URL such as http://proxy.example:3128, or unset it."
    for name in _EXCEPTIONS:
        if os.environ.get(name):
            return (
                f"{name}: contains an entry that is not supported. Use host names, domains such as .example.com, "
                "and single IP addresses, or unset it."
            )
    return "the proxy settings of the operating system are invalid. Correct them, or set HTTPS_PROXY."


def _proxy_error(proxy: str) -> str | None:
    """Return why a proxy cannot be used, omitting its URL, which may contain a password."""
    try:
        scheme = httpx.Proxy(proxy if "://" in proxy else f"http://{proxy}").url.scheme
    except (ValueError, httpx.InvalidURL):
        return "invalid proxy URL"
    if scheme in _SOCKS and find_spec("socksio") is None:
        return "SOCKS proxies require socksio: pip install 'httpx[socks]'"
    return None
