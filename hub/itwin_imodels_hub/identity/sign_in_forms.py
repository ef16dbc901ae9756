"""The form in which a person chooses a user, or enters a token of the user."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from itwin_imodels_hub.identity import scopes
from itwin_imodels_hub.identity.forms import COOKIE, seal
from itwin_imodels_hub.identity.pages import page
from itwin_imodels_hub.identity.transactions import Transaction
from itwin_imodels_hub.store.records import UserRecord
from itwin_imodels_hub.store.users import all_users, find_token, user_by_id

EXPIRED: Final = "This page has expired, or the browser does not accept cookies. Try again."
_NOT_PERMANENT: Final = "This is not a permanent token of a user. Enter the token that the hub issued to the user."
_NO_USER: Final = "This user no longer exists. Try again."


def sign_in_page(  # noqa: PLR0913 - each is one part of the page
    transaction: Transaction,
    mark: str,
    query: str,
    status: int,
    *,
    path: str,
    action: str,
    client: str,
    scope: str,
    users: Sequence[UserRecord],
    hinted: str | None = None,
    notice: str | None = None,
    user_code: str | None = None,
    target: str | None = None,
    form_targets: tuple[str, ...] = ("'self'",),
) -> Response:
    """Return the page with the form, and set the cookie that matches its seal.

    Args:
        transaction: The context of the request.
        mark: Mark of the browser.
        query: The request that the form answers, as the query of `action`.
        status: Status of the response.
        path: Path for which the cookie is valid.
        action: Path to which the form is sent.
        client: Name of the application that requests permission.
        scope: The scopes that it requests, separated by spaces.
        users: The users to choose from.
        hinted: Id of the user named by the login hint.
        notice: Reason why the page is shown again.
        user_code: The code of a device.
        target: URL to which the browser is redirected after the sign-in.
        form_targets: Sources that the form may lead to, for the security policy.
    """
    answer = page(
        "sign_in",
        status,
        form_targets=form_targets,
        client=client,
        issuer=transaction.issuer,
        meanings=[scopes.MEANINGS[name] for name in scope.split()],
        action=f"{action}?{query}",
        seal=seal(mark, query, transaction.now, transaction.secret),
        users=users,
        hinted=hinted,
        by_choice=transaction.may_choose_user,
        notice=notice,
        user_code=user_code,
        target=target,
    )
    secure = transaction.issuer.startswith("https:")
    answer.set_cookie(COOKIE, mark, path=path, secure=secure, httponly=True, samesite="strict")
    return answer


def mark_of_form(request: Request) -> str | None:
    """Return the mark of the browser that sent a form; None if it has no mark or another site submitted the form."""
    from_here = request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    return request.cookies.get(COOKIE) if from_here else None


def users_to_choose_from(transaction: Transaction) -> list[UserRecord]:
    """Return the users that the form shows, or an empty list if it requires a token."""
    return all_users(transaction.connection) if transaction.may_choose_user else []


def user_of_form(transaction: Transaction, form: Mapping[str, str]) -> UserRecord | None:
    """Return the user of a sent form: the chosen one, or the one whose permanent token was entered."""
    if transaction.may_choose_user:
        return user_by_id(transaction.connection, form.get("user", ""))
    token = find_token(transaction.connection, form.get("token", "").strip())
    if token is None or token.expires_at is not None:  # a sign-in must not outlive the token that was entered
        return None
    return user_by_id(transaction.connection, token.user_id)


def no_user_notice(transaction: Transaction) -> str:
    """Return the notice to show if a form belongs to no user."""
    return _NO_USER if transaction.may_choose_user else _NOT_PERMANENT
