"""Provider metadata (OpenID Connect Discovery, RFC 8414)."""

from typing import Final

from itwin_imodels_hub.identity import claims, scopes
from itwin_imodels_hub.identity.clients import DEVICE_GRANT
from itwin_imodels_hub.identity.grants import PROMPTS
from itwin_imodels_hub.identity.keys import ALGORITHM

CONFIGURATION: Final = "/.well-known/openid-configuration"
METADATA: Final = "/.well-known/oauth-authorization-server"
KEYS: Final = "/.well-known/jwks.json"
AUTHORIZE: Final = "/connect/authorize"
DECISION: Final = f"{AUTHORIZE}/decision"
TOKEN: Final = "/connect/token"  # noqa: S105 - an address
REVOCATION: Final = "/connect/revocation"
USERINFO: Final = "/connect/userinfo"
DEVICE_AUTHORIZATION: Final = "/connect/deviceauthorization"
DEVICE: Final = "/connect/device"
DEVICE_DECISION: Final = f"{DEVICE}/decision"
END_SESSION: Final = "/connect/endsession"

_METHODS: Final = ["client_secret_basic", "client_secret_post", "none"]


def document(issuer: str) -> dict[str, object]:
    """Return the metadata document.

    Args:
        issuer: Scheme and host of the request; the provider uses it as its issuer.
    """
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}{AUTHORIZE}",
        "token_endpoint": f"{issuer}{TOKEN}",
        "userinfo_endpoint": f"{issuer}{USERINFO}",
        "revocation_endpoint": f"{issuer}{REVOCATION}",
        "device_authorization_endpoint": f"{issuer}{DEVICE_AUTHORIZATION}",
        "end_session_endpoint": f"{issuer}{END_SESSION}",
        "jwks_uri": f"{issuer}{KEYS}",
        "scopes_supported": list(scopes.MEANINGS),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", DEVICE_GRANT],
        "prompt_values_supported": list(PROMPTS),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": _METHODS,
        "revocation_endpoint_auth_methods_supported": _METHODS,
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": [*claims.USER_CLAIMS, *claims.TOKEN_CLAIMS],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }
