"""Network settings: the proxy, certificates, and whether environment variables apply."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Self, TypeAlias
from urllib.parse import urlsplit

import attrs

from itwin_imodels._core.secrets import Secret
from itwin_imodels.errors import ConfigurationError

Verify: TypeAlias = bool | str | os.PathLike[str] | ssl.SSLContext
"""How to verify the certificates of servers.

True trusts the certificate authorities of certifi or of the environment, False disables the verification, and a path or
context specifies the trusted ones.
"""

_SCHEMES: Final = ("http", "https", "socks5", "socks5h")


@attrs.frozen(kw_only=True, eq=False)
class Network:
    """How to connect to the API, the authorization server and the storage.

    Attributes:
        proxy: URL of the proxy; None uses the one that the environment sets, if `trust_env` is True.
        verify: How to verify certificates.
        trust_env: Whether environment variables determine proxies and certificates.
    """

    proxy: Secret | None = None
    verify: Verify = True
    trust_env: bool = True

    @classmethod
    def of(cls, proxy: str | None, verify: Verify, *, trust_env: bool) -> Self:
        """Check the arguments of a client.

        Raises:
            TypeError: An argument has the wrong type.
            ValueError: `proxy` is not the URL of a proxy. The error does not show it, since it may contain a password.
            ConfigurationError: The proxy requires a package that is not installed.
        """
        if not isinstance(verify, bool | str | os.PathLike | ssl.SSLContext):
            raise TypeError(f"verify must be a bool, a path or an ssl.SSLContext, not {type(verify).__name__}")
        if proxy is not None:
            _check_proxy(proxy)
        return cls(proxy=None if proxy is None else Secret(proxy), verify=verify, trust_env=bool(trust_env))

    @property
    def is_default(self) -> bool:
        """Whether all settings are defaults, so that other settings may take precedence."""
        return self.proxy is None and self.verify is True and self.trust_env

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """The TLS context, the same for all connections.

        Raises:
            ConfigurationError: Certificates cannot be read.
        """
        if isinstance(self.verify, ssl.SSLContext):
            return self.verify
        if not isinstance(self.verify, bool):
            return _context_of(Path(self.verify))
        return shared_tls(verify=self.verify, trust_env=self.trust_env)

    def httpx_options(self) -> dict[str, Any]:
        """Return the options of an httpx client.

        Raises:
            ConfigurationError: Certificates cannot be read.
        """
        return {
            "proxy": None if self.proxy is None else self.proxy.value,
            "verify": True if self.verify is True else self.tls,
            "trust_env": self.trust_env,
        }

    @contextmanager
    def in_use_if_chosen(self) -> Iterator[None]:
        """Act like `in_use` if any setting is not the default; otherwise change nothing."""
        if self.is_default:
            yield
        else:
            with self.in_use():
                yield

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Make sign-ins in a block use this network, unless their credentials specify one."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)


@cache
def shared_tls(*, verify: bool, trust_env: bool) -> ssl.SSLContext:
    """Create a TLS context.

    Clients with the same settings share it, because creating one takes longer than many transfers.
    """
    import httpx  # noqa: PLC0415 - not needed while a cached token is valid

    from itwin_imodels._core.http_environment import environment_errors  # noqa: PLC0415 - as above

    with environment_errors():
        return httpx.create_ssl_context(verify=verify, trust_env=trust_env)


def network_in_use() -> Network:
    """Return the network for a sign-in: that of the client that needs a token, or else the default."""
    return _current.get()


_current: ContextVar[Network] = ContextVar("itwin_imodels_network", default=Network())  # noqa: B039 - it is frozen


def _check_proxy(proxy: str) -> None:
    if not isinstance(proxy, str):
        raise TypeError(f"proxy must be a URL, not {type(proxy).__name__}")
    try:
        parts = urlsplit(proxy)
        is_url = parts.scheme in _SCHEMES and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_url = False
    if not is_url:
        raise ValueError(
            f"proxy must be a URL such as 'http://proxy.example:3128', with one of the schemes {', '.join(_SCHEMES)}"
        )
    if parts.scheme.startswith("socks") and find_spec("socksio") is None:
        raise ConfigurationError("SOCKS proxies require socksio: pip install 'httpx[socks]'")


def _context_of(path: Path) -> ssl.SSLContext:
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        reason = error.strerror or str(error)
    raise ConfigurationError(f"verify: cannot read certificates from {path}: {reason}")
