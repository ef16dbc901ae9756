"""What an authorization server says of itself (OpenID Connect Discovery)."""

import attrs

from itwin_imodels._auth.http import checked_url, send
from itwin_imodels.errors import AuthError


@attrs.frozen(kw_only=True)
class Endpoints:
    """The addresses of an authorization server.

    Attributes:
        authorize: Where a person's browser is sent.
        token: Where tokens are got.
        revoke: Where they are given back; None where that cannot be done.
        issuer: The server's own name.
    """

    authorize: str
    token: str
    revoke: str | None
    issuer: str | None


def discover(authority: str, timeout: float) -> Endpoints:
    """Ask a server for its addresses.

    Args:
        authority: Its address.
        timeout: Seconds for each part of the request.

    Raises:
        AuthError: It does not answer, or not with what is promised.
    """
    url = f"{authority.rstrip('/')}/.well-known/openid-configuration"
    answer = send("GET", url, headers={"Accept": "application/json"}, timeout=timeout, harmless=True)
    if not answer.is_success:
        raise AuthError(f"{url} answered with status {answer.status_code}: check the authority")
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise AuthError(f"{url} gave no description of the server: check the authority")
    try:
        revoke = found.get("revocation_endpoint")
        issuer = found.get("issuer")
        return Endpoints(
            authorize=checked_url("authorization_endpoint", found.get("authorization_endpoint", "")),
            token=checked_url("token_endpoint", found.get("token_endpoint", "")),
            revoke=None if revoke is None else checked_url("revocation_endpoint", revoke),
            issuer=issuer if isinstance(issuer, str) else None,
        )
    except (TypeError, ValueError) as error:
        raise AuthError(f"{url} describes a server that cannot be used: {error}") from error
