"""Device authorization (RFC 8628): sign-in for programs without a browser; users approve it in a browser elsewhere."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from attrs import frozen
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidGrantError, InvalidScopeError  # type: ignore[import-untyped]
from authlib.oauth2.rfc8628 import (  # type: ignore[import-untyped]
    AuthorizationPendingError,
    DeviceAuthorizationEndpoint,
    DeviceCodeGrant,
    DeviceCredentialMixin,
    ExpiredTokenError,
    SlowDownError,
)

from itwin_imodels_hub.identity import scopes
from itwin_imodels_hub.identity.discovery import DEVICE
from itwin_imodels_hub.identity.grants import SignIn
from itwin_imodels_hub.identity.transactions import Transaction
from itwin_imodels_hub.store.device_codes import (
    DeviceCodeRecord,
    add_device_code,
    drop_device_code,
    drop_expired_device_codes,
    find_device_code,
    poll_device_code,
)
from itwin_imodels_hub.store.records import SignInRecord, UserRecord
from itwin_imodels_hub.store.sign_ins import add_sign_in, end_sign_in, sign_in_by_device_code, use_code
from itwin_imodels_hub.store.users import digest, user_by_id

if TYPE_CHECKING:
    from itwin_imodels_hub.identity.clients import Client

_LIFETIME: Final = timedelta(minutes=15)
_INTERVAL: Final = timedelta(seconds=5)
_PART: Final = 4


@frozen
class Pending(DeviceCredentialMixin):  # type: ignore[misc]  # Authlib has no types
    """A device code that no user has approved, with the interface that Authlib expects."""

    record: DeviceCodeRecord
    expired: bool

    def get_client_id(self) -> str:
        """Return the id of the client."""
        return self.record.client_id

    def get_scope(self) -> str:
        """Return the requested scope."""
        return self.record.scope

    def get_user_code(self) -> str:
        """Return the code that the user enters."""
        return self.record.user_code

    def is_expired(self) -> bool:
        """Check whether the code has expired."""
        return self.expired


@frozen
class Approved(SignIn, DeviceCredentialMixin):  # type: ignore[misc]  # as above
    """The sign-in by which a user approved a device code."""

    def get_client_id(self) -> str:
        """Return the id of the client."""
        return self.sign_in.client_id

    def get_user_code(self) -> str:
        """Return an empty string: the code has been used."""
        return ""

    def is_expired(self) -> bool:
        """Return False: `query_device_credential` rejects expired codes."""
        return False


class DeviceAuthorization(DeviceAuthorizationEndpoint):  # type: ignore[misc]  # as above
    """Issues device codes."""

    EXPIRES_IN: Final = int(_LIFETIME.total_seconds())
    INTERVAL: Final = int(_INTERVAL.total_seconds())

    def get_verification_uri(self) -> str:
        """Return the URL of the page where users enter their codes."""
        return f"{self.server.transaction.issuer}{DEVICE}"

    def save_device_credential(self, client_id: str, scope: str | None, data: dict[str, Any]) -> None:
        """Store a device code.

        Raises:
            InvalidScopeError: A requested scope is not supported.
        """
        transaction: Transaction = self.server.transaction
        client: Client = self.server.query_client(client_id)
        granted = scopes.granted_scope(scope)
        if granted is None:
            raise InvalidScopeError
        drop_expired_device_codes(transaction.connection, transaction.now)
        add_device_code(
            transaction.connection,
            DeviceCodeRecord(
                code_hash=digest(data["device_code"]),
                user_code=data["user_code"],
                client_id=client.id,
                client_name=client.name,
                scope=granted,
                expires_at=transaction.now + _LIFETIME,
            ),
        )


class DeviceCode(DeviceCodeGrant):  # type: ignore[misc]  # as above
    """The device code grant."""

    def query_device_credential(self, device_code: str) -> Pending | Approved:
        """Return the state of a device code; an approved code can be used once.

        Raises:
            InvalidGrantError: The code is unknown, has expired or was used; a second use revokes everything that was
                issued for it.
        """
        transaction: Transaction = self.server.transaction
        pending = find_device_code(transaction.connection, device_code)
        if pending is not None:
            return Pending(pending, expired=pending.expires_at <= transaction.now)
        sign_in = sign_in_by_device_code(transaction.connection, device_code)
        if sign_in is not None and sign_in.code_used:
            end_sign_in(transaction.connection, sign_in.id)
        elif sign_in is not None and sign_in.code_expires_at > transaction.now:
            return Approved(sign_in)
        raise InvalidGrantError("Unknown, expired or used device_code.")

    def validate_device_credential(self, credential: Pending | Approved) -> UserRecord | None:
        """Return the user who approved the code.

        Raises:
            OAuth2Error: No user has decided yet, the user denied access, or the code has expired.
        """
        connection = self.server.transaction.connection
        if isinstance(credential, Approved):
            use_code(connection, credential.sign_in)
            return user_by_id(connection, credential.sign_in.user_id)
        if credential.is_expired():
            raise ExpiredTokenError
        if credential.record.denied:
            raise AccessDeniedError
        raise SlowDownError if self.should_slow_down(credential) else AuthorizationPendingError

    def should_slow_down(self, credential: Pending) -> bool:
        """Check whether the device polls too often, and record this poll."""
        transaction: Transaction = self.server.transaction
        before = credential.record.polled_at
        poll_device_code(transaction.connection, credential.record, transaction.now)
        return before is not None and transaction.now - before < _INTERVAL

    def generate_token(self, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as Authlib has it
        """Include a refresh token if the scope contains `offline_access`."""
        lasting = scopes.includes(options["scope"], scopes.OFFLINE)
        token: dict[str, Any] = super().generate_token(**{**options, "include_refresh_token": lasting})
        return token


def approve(transaction: Transaction, record: DeviceCodeRecord, user: UserRecord) -> None:
    """Sign a user in to the device of a code."""
    drop_device_code(transaction.connection, record)
    add_sign_in(
        transaction.connection,
        SignInRecord(
            id=str(uuid4()),
            user_id=user.id,
            client_id=record.client_id,
            client_name=record.client_name,
            scope=record.scope,
            nonce=None,
            signed_in_at=transaction.now,
            code_hash=record.code_hash,
            code_challenge=None,
            code_expires_at=record.expires_at,
            code_used=False,
            redirect_uri="",
            expires_at=record.expires_at,
        ),
    )


def normalized_user_code(typed: str) -> str:
    """Return a user code in the form in which it was issued, regardless of case and punctuation."""
    letters = "".join(filter(str.isalpha, typed)).upper()
    return f"{letters[:_PART]}-{letters[_PART:]}"
