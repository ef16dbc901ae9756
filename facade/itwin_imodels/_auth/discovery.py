"""Discovery of an authorization server's endpoints (OpenID Connect Discovery)."""

import attrs

from itwin_imodels._auth.http import checked_url, send
from itwin_imodels.errors import AuthError


@attrs.frozen(kw_only=True)
class Endpoints:
    """The endpoints of an authorization server.

    Attributes:
        authorize: URL of the page where users sign in.
        token: URL that issues tokens.
        revoke: URL that revokes tokens; None if the server does not support it.
        device: URL that issues device codes (RFC 8628); None if the server does not support it.
        issuer: Issuer identifier of the server; None if it does not declare one.
    """

    authorize: str
    token: str
    revoke: str | None
    issuer: str | None
    device: str | None = None


def discover(authority: str, timeout: float) -> Endpoints:
    """Request the endpoints of an authorization server.

    Args:
        authority: URL of the server.
        timeout: Seconds for each phase of the request.

    Raises:
        AuthError: The server did not respond, or its response is invalid.
    """
    url = f"{authority.rstrip('/')}/.well-known/openid-configuration"
    answer = send("GET", url, headers={"Accept": "application/json"}, timeout=timeout, is_idempotent=True)
    if not answer.is_success:
        raise AuthError(f"{url} returned status {answer.status_code}: check the authority")
    try:
        document = answer.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise AuthError(f"{url} did not return a JSON object: check the authority")
    try:
        device = document.get("device_authorization_endpoint")
        revoke = document.get("revocation_endpoint")
        issuer = document.get("issuer")
        return Endpoints(
            authorize=checked_url("authorization_endpoint", document.get("authorization_endpoint", "")),
            token=checked_url("token_endpoint", document.get("token_endpoint", "")),
            revoke=None if revoke is None else checked_url("revocation_endpoint", revoke),
            device=None if device is None else checked_url("device_authorization_endpoint", device),
            issuer=issuer if isinstance(issuer, str) else None,
        )
    except (TypeError, ValueError) as error:
        raise AuthError(f"{url} returned invalid server metadata: {error}") from error
