"""The form in which a person chooses a user, or enters a token of the user."""

from collections.abc import Mapping
from typing import Final

from itwin_imodels_hub.identity.transactions import Transaction
from itwin_imodels_hub.store.records import UserRecord
from itwin_imodels_hub.store.users import all_users, find_token, user_by_id

EXPIRED: Final = "This page has expired, or the browser does not accept cookies. Try again."
_NOT_THEIRS: Final = "This is not a token of a user, or it expires. Enter the token that the hub gave to the user."
_NO_USER: Final = "This user does not exist any more. Try again."


def users_to_choose_from(transaction: Transaction) -> list[UserRecord]:
    """Return the users that the form shows; none if it requires a token."""
    return all_users(transaction.connection) if transaction.may_choose_user else []


def user_of_form(transaction: Transaction, form: Mapping[str, str]) -> UserRecord | None:
    """Return the user of a sent form: the chosen one, or the one whose permanent token was entered."""
    if transaction.may_choose_user:
        return user_by_id(transaction.connection, form.get("user", ""))
    token = find_token(transaction.connection, form.get("token", "").strip())
    if token is None or token.expires_at is not None:  # a sign-in outlives tokens that expire
        return None
    return user_by_id(transaction.connection, token.user_id)


def no_user_notice(transaction: Transaction) -> str:
    """Return the notice to show if a form belongs to no user."""
    return _NO_USER if transaction.may_choose_user else _NOT_THEIRS
