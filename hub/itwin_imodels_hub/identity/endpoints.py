"""HTTP endpoints of the provider, except the sign-in page."""

from collections.abc import Callable

from anyio.to_thread import run_sync
from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from itwin_imodels_hub.basis.origin import origin_of
from itwin_imodels_hub.identity import discovery, scopes
from itwin_imodels_hub.identity.authorization_server import Server
from itwin_imodels_hub.identity.claims import user_claims
from itwin_imodels_hub.identity.grants import ACCESS
from itwin_imodels_hub.identity.keys import known_key, public_part, signing_key
from itwin_imodels_hub.identity.pages import page, problem_page
from itwin_imodels_hub.identity.provider import Provider
from itwin_imodels_hub.identity.requests import OAuthRequest, UnreadableError, form_of, query_of
from itwin_imodels_hub.store.sign_ins import find_sign_in_token, sign_in_by_id
from itwin_imodels_hub.store.users import find_token, user_by_id

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Endpoints:
    """Handlers for tokens, revocation, userinfo, sign-out, keys and metadata."""

    def __init__(self, provider: Provider) -> None:
        """Handle requests for a provider."""
        self._provider = provider

    async def configuration(self, request: Request) -> Response:
        """Return the provider metadata."""
        return JSONResponse(discovery.document(origin_of(request)))

    async def keys(self, request: Request) -> Response:
        """Return the public keys that verify ID tokens."""
        return await run_sync(self._keys, request)

    async def token(self, request: Request) -> Response:
        """Issue tokens."""
        return await self._respond(request, lambda server, asking: server.create_token_response(asking))

    async def revoke(self, request: Request) -> Response:
        """Revoke a token."""
        return await self._respond(
            request, lambda server, asking: server.create_endpoint_response("revocation", asking)
        )

    async def authorize_device(self, request: Request) -> Response:
        """Issue a device code and the code that the user enters (RFC 8628)."""
        return await self._respond(
            request, lambda server, asking: server.create_endpoint_response("device_authorization", asking)
        )

    async def userinfo(self, request: Request) -> Response:
        """Return the claims about the user of an access token."""
        return await run_sync(self._userinfo, request)

    async def end_session(self, request: Request) -> Response:
        """End a sign-in, then redirect the browser or show a confirmation."""
        try:
            if request.method == "POST":
                parameters = await form_of(request, self._provider.settings)
            else:
                parameters = query_of(request)
        except UnreadableError as error:
            return problem_page(error.reason, error.status)
        return await run_sync(self._end_session, request, parameters)

    async def _respond(self, request: Request, answer: Callable[[Server, OAuthRequest], Response]) -> Response:
        try:
            form = await form_of(request, self._provider.settings)
        except UnreadableError as error:
            body = {"error": "invalid_request", "error_description": error.reason}
            return JSONResponse(body, error.status, _NO_STORE)
        asking = OAuthRequest(request.method, form, request.headers)

        def run() -> Response:
            with self._provider.transaction(request) as transaction:
                return answer(Server(transaction), asking)

        return await run_sync(run)

    def _keys(self, request: Request) -> Response:
        with self._provider.database.reading() as connection:
            key = known_key(connection, self._provider.secret)
        if key is None:
            with self._provider.transaction(request) as transaction:
                key = signing_key(transaction)
        return JSONResponse({"keys": [public_part(key)]})

    def _userinfo(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            return _challenge(401)
        now = self._provider.clock.now()
        with self._provider.database.reading() as connection:
            known = find_sign_in_token(connection, token)
            if known is None:
                other = find_token(connection, token)
                valid = other is not None and (other.expires_at is None or other.expires_at > now)
                return _challenge(403, "insufficient_scope") if valid else _challenge(401, "invalid_token")
            if known.kind != ACCESS or known.expires_at <= now:
                return _challenge(401, "invalid_token")
            if not scopes.includes(known.scope, scopes.OPENID):
                return _challenge(403, "insufficient_scope")
            sign_in = sign_in_by_id(connection, known.sign_in_id)
            user = None if sign_in is None else user_by_id(connection, sign_in.user_id)
        return (
            _challenge(401, "invalid_token")
            if user is None
            else JSONResponse(user_claims(user, known.scope), headers=_NO_STORE)
        )

    def _end_session(self, request: Request, parameters: dict[str, str]) -> Response:
        with self._provider.transaction(request) as transaction:
            server = Server(transaction)
            try:
                asked = server.validate_endpoint_request("end_session", OAuthRequest(request.method, parameters))
            except OAuth2Error as error:
                return problem_page(str(error.get_error_description()))
            answer: Response | None = server.create_endpoint_response("end_session", asked)
        return answer or page("signed_out", ended=asked.id_token_claims is not None)


def _challenge(status: int, error: str | None = None) -> Response:
    """Return an authentication challenge (RFC 6750)."""
    code = f' error="{error}"' if error else ""
    headers = {**_NO_STORE, "WWW-Authenticate": f"Bearer{code}"}
    return JSONResponse({"error": error or "invalid_request"}, status, headers)
