"""The authorization endpoint: an application opens it in a browser, where a person signs in.

By default, people at this machine choose a user, and others enter a permanent token of the user; see `choosing`.
"""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from attrs import frozen
from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import InvalidClientError  # type: ignore[import-untyped]
from starlette.requests import Request
from starlette.responses import Response

from itwin_imodels_hub.basis.redirects import form_target
from itwin_imodels_hub.identity.authorization_server import Server
from itwin_imodels_hub.identity.clients import COMMAND_LINE
from itwin_imodels_hub.identity.discovery import AUTHORIZE, DECISION
from itwin_imodels_hub.identity.forms import COOKIE, is_sealed, mark_of
from itwin_imodels_hub.identity.grants import AuthorizationCode
from itwin_imodels_hub.identity.pages import problem_page
from itwin_imodels_hub.identity.provider import Provider
from itwin_imodels_hub.identity.requests import (
    QUERY_MAXIMUM,
    OAuthRequest,
    UnreadableError,
    form_of,
    query_of,
)
from itwin_imodels_hub.identity.sign_in_forms import (
    EXPIRED,
    mark_of_form,
    no_user_notice,
    sign_in_page,
    user_of_form,
    users_to_choose_from,
)
from itwin_imodels_hub.identity.transactions import Transaction
from itwin_imodels_hub.store.records import UserRecord


@frozen
class _AuthorizationRequest:
    """A validated authorization request and its server."""

    server: Server
    request: OAuthRequest
    grant: AuthorizationCode
    query: str


class Authorization:
    """The handlers of the sign-in page and its form."""

    def __init__(self, provider: Provider) -> None:
        """Handle requests for a provider."""
        self._provider = provider

    async def ask(self, request: Request) -> Response:
        """Respond to an authorization request with the sign-in page, or redirect with an error."""
        try:
            parameters = await self._posted(request) if request.method == "POST" else query_of(request)
        except UnreadableError as error:
            return problem_page(error.reason, error.status)
        mark = mark_of(request.cookies.get(COOKIE))

        def show() -> Response:
            with self._provider.transaction(request, writing=False) as transaction:
                return _answer(transaction, parameters, lambda authorization: _page(authorization, mark))

        return await run_sync(show)

    async def decide(self, request: Request) -> Response:
        """Process the sign-in form: redirect the browser with a code or an error."""
        try:
            parameters = query_of(request)
            form = await form_of(request, self._provider.settings)
        except UnreadableError as error:
            return problem_page(error.reason, error.status)
        mark = mark_of_form(request)

        def take() -> Response:
            with self._provider.transaction(request) as transaction:
                return _answer(transaction, parameters, lambda authorization: _decide(authorization, form, mark))

        return await run_sync(take)

    async def _posted(self, request: Request) -> dict[str, str]:
        """Read a posted authorization request, whose parameters become the query of the form's action.

        Raises:
            UnreadableError: The request also has a query, or its body is too long.
        """
        if request.scope["query_string"]:
            raise UnreadableError(400, "The parameters must be either in the query or in the body.")
        parameters = await form_of(request, self._provider.settings)
        if len(urlencode(parameters)) > QUERY_MAXIMUM:
            raise UnreadableError(413, f"The parameters exceed {QUERY_MAXIMUM} bytes.")
        return parameters


def _answer(
    transaction: Transaction, parameters: dict[str, str], answer: Callable[[_AuthorizationRequest], Response]
) -> Response:
    """Respond to a valid authorization request; redirect an invalid one to the client if that is safe."""
    asking, server = OAuthRequest("GET", parameters), Server(transaction)
    try:
        grant = server.get_consent_grant(asking)
    except OAuth2Error as error:
        if error.redirect_uri is None:
            return problem_page(_description_of(error))
        refused: Response = server.handle_error_response(asking, error)
        return refused
    return answer(_AuthorizationRequest(server, asking, grant, urlencode(parameters)))


def _page(authorization: _AuthorizationRequest, mark: str, status: int = 200, *, notice: str | None = None) -> Response:
    transaction, client = authorization.server.transaction, authorization.request.client
    target = form_target(authorization.grant.redirect_uri)
    users, hinted = _in_order(users_to_choose_from(transaction), authorization.request.form.get("login_hint"))
    return sign_in_page(
        transaction,
        mark,
        authorization.query,
        status,
        path=AUTHORIZE,
        action=DECISION,
        client=client.name,
        scope=authorization.request.scope,
        users=users,
        hinted=hinted,
        notice=notice,
        target=authorization.grant.redirect_uri.partition("?")[0],
        form_targets=("'self'", target),
    )


def _decide(authorization: _AuthorizationRequest, form: Mapping[str, str], mark: str | None) -> Response:
    transaction = authorization.server.transaction
    if not is_sealed(form.get("seal", ""), mark, authorization.query, transaction.now, transaction.secret):
        return _page(authorization, mark_of(mark), 403, notice=EXPIRED)
    user = None if "cancel" in form else user_of_form(transaction, form)
    if user is None and "cancel" not in form:
        return _page(authorization, mark_of(mark), 400, notice=no_user_notice(transaction))
    server = authorization.server
    response: Response = server.create_authorization_response(authorization.request, user, authorization.grant)
    return response


def _in_order(users: Sequence[UserRecord], hint: str | None) -> tuple[list[UserRecord], str | None]:
    """Return the users, starting with the one that a login hint (name or email) identifies, and the id of that user."""
    login = (hint or "").casefold()
    hinted = next((user for user in users if login in {user.name.casefold(), user.email.casefold()}), None)
    if hinted is None:
        return list(users), None
    return [hinted, *(user for user in users if user is not hinted)], hinted.id


def _description_of(error: OAuth2Error) -> str:
    if isinstance(error, InvalidClientError):
        return f"Unknown client_id. Use {COMMAND_LINE}, or add yours to the hub's public_clients setting."
    return str(error.get_error_description() or error.error)
