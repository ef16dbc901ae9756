"""Authentication of requests."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.context import Caller
from itwin_imodels_hub.store.sharing import share_by_key
from itwin_imodels_hub.store.users import find_token, user_by_id


def identify(connection: Connection, headers: Mapping[str, str], now: datetime, *, shares: bool) -> Caller:
    """Return the caller of a request.

    Args:
        connection: A transaction.
        headers: Headers of the request, by lower-case name.
        now: Current time.
        shares: Whether a share key (`Basic {shareKey}`) is accepted. The service does not document which operations
            accept one; in this hub, those that read a single iModel do, except those on shares.

    Raises:
        ServiceError: The credentials are missing or invalid.
    """
    header = headers.get("authorization", "").strip()
    if not header:
        raise errors.header_not_found()
    scheme, _, credential = header.partition(" ")
    credential = credential.strip()
    caller = None
    if scheme.lower() == "bearer":
        caller = _user(connection, credential, now)
    elif scheme.lower() == "basic" and shares:
        caller = _share(connection, credential, now)
    if caller is None:
        raise errors.unauthorized()
    return caller


def _user(connection: Connection, token: str, now: datetime) -> Caller | None:
    known = find_token(connection, token)
    if known is None or (known.expires_at is not None and known.expires_at <= now):
        return None
    user = user_by_id(connection, known.user_id)
    if user is None:
        return None
    return Caller(user=user, application_id=known.application_id, application_name=known.application_name)


def _share(connection: Connection, key: str, now: datetime) -> Caller | None:
    share = share_by_key(connection, key)
    return Caller(share=share) if share is not None and share.expires_at > now else None
