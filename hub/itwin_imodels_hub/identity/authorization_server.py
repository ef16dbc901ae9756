"""The Authlib authorization server for one transaction."""

import logging
import secrets
from collections.abc import Sequence
from typing import Any

from authlib.common.urls import add_params_to_uri  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError  # type: ignore[import-untyped]
from authlib.oauth2.rfc6750 import BearerTokenGenerator  # type: ignore[import-untyped]
from starlette.responses import JSONResponse, Response

from itwin_imodels_hub.identity import scopes
from itwin_imodels_hub.identity.claims import SignedInToken
from itwin_imodels_hub.identity.clients import Client, find_client
from itwin_imodels_hub.identity.device import DeviceAuthorization, DeviceCode
from itwin_imodels_hub.identity.ending import EndSession
from itwin_imodels_hub.identity.grants import (
    ACCESS,
    REFRESH,
    AuthorizationCode,
    Challenge,
    ClientCredentials,
    RefreshToken,
    Rules,
    SignIn,
)
from itwin_imodels_hub.identity.requests import OAuthRequest
from itwin_imodels_hub.identity.revoking import Revocation
from itwin_imodels_hub.identity.transactions import Transaction
from itwin_imodels_hub.store.device_codes import drop_expired_device_codes
from itwin_imodels_hub.store.records import SignInTokenRecord, TokenRecord
from itwin_imodels_hub.store.sign_ins import add_sign_in_token, drop_expired_sign_ins
from itwin_imodels_hub.store.users import add_token, digest, drop_expired_tokens, put_token

logging.getLogger("authlib").setLevel(logging.INFO)  # at DEBUG it logs the tokens that it issues


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """An authorization server that issues tokens in one transaction.

    Attributes:
        transaction: The transaction of the current request.
    """

    def __init__(self, transaction: Transaction) -> None:
        """Register the supported grants and endpoints."""
        super().__init__()
        self.transaction = transaction
        lifetime = int(transaction.settings.token_lifetime.total_seconds())
        self.register_token_generator("default", BearerTokenGenerator(_new_token, _new_token, lifetime))
        signed = SignedInToken(transaction)
        self.register_grant(ClientCredentials)
        self.register_grant(AuthorizationCode, [Challenge(), Rules(), signed])
        self.register_grant(RefreshToken, [signed])
        self.register_grant(DeviceCode, [signed])
        self.register_endpoint(Revocation)
        self.register_endpoint(DeviceAuthorization)
        self.register_endpoint(EndSession)

    def query_client(self, client_id: str) -> Client | None:
        """Return a client by its id, or None."""
        return find_client(self.transaction.connection, self.transaction.settings, client_id)

    def authenticate_client(self, request: OAuthRequest, methods: Sequence[str], endpoint: str = "token") -> Client:
        """Authenticate the client of a request.

        Raises:
            InvalidClientError: Authentication failed, or the header is malformed, which Authlib does not handle.
        """
        try:
            client: Client = super().authenticate_client(request, methods, endpoint)
        except ValueError as error:
            raise InvalidClientError("The Authorization header is malformed.", status_code=401) from error
        return client

    def save_token(self, token: dict[str, Any], request: OAuthRequest) -> None:
        """Store the hashes of issued tokens; delete tokens, sign-ins and device codes that have expired."""
        connection, now = self.transaction.connection, self.transaction.now
        drop_expired_tokens(connection, now)
        drop_expired_sign_ins(connection, now)
        drop_expired_device_codes(connection, now)
        sign_in: SignIn | None = request.sign_in
        if sign_in is None:
            expires_at = now + self.transaction.settings.token_lifetime
            add_token(connection, token["access_token"], request.client.user, expires_at)
        else:
            self._save_tokens(token, sign_in)

    def _save_tokens(self, token: dict[str, Any], sign_in: SignIn) -> None:
        connection, settings, now = self.transaction.connection, self.transaction.settings, self.transaction.now
        record = sign_in.sign_in
        lifetimes = {ACCESS: settings.token_lifetime, REFRESH: settings.refresh_token_lifetime}
        for kind, lifetime in lifetimes.items():
            if f"{kind}_token" not in token:
                continue
            kept = SignInTokenRecord(
                token_hash=digest(token[f"{kind}_token"]),
                sign_in_id=record.id,
                kind=kind,
                scope=token["scope"],
                expires_at=now + lifetime,
            )
            add_sign_in_token(connection, kept)
            if kind == ACCESS and scopes.includes(kept.scope, scopes.API):
                put_token(
                    connection,
                    TokenRecord(
                        token_hash=kept.token_hash,
                        user_id=record.user_id,
                        application_id=record.client_id,
                        application_name=record.client_name,
                        expires_at=kept.expires_at,
                    ),
                )

    def create_oauth2_request(self, request: OAuthRequest) -> OAuthRequest:
        """Return the request unchanged."""
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:  # noqa: ANN401 - as in Authlib
        """Convert an Authlib response to a Starlette response; add the issuer to redirects (RFC 9207)."""
        response_headers = dict(headers)
        if (location := response_headers.get("Location")) is not None:
            return redirect(add_params_to_uri(location, {"iss": self.transaction.issuer}))
        return JSONResponse(body, status, response_headers)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Ignore Authlib signals."""


def redirect(location: str) -> Response:
    """Redirect a browser with status 303, so that it continues with GET."""
    headers = {"Location": location, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(status_code=303, headers=headers)


def _new_token(**_: object) -> str:
    return secrets.token_urlsafe(32)
