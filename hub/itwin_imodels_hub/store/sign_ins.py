"""Queries for sign-ins, their tokens, and the signing key of ID tokens.

A sign-in begins with an authorization code or a device code. Only a sign-in with an authorization code has a redirect
URI. Neither code is accepted in place of the other, because device codes are exchanged without proof (PKCE). The row of
a sign-in is locked before its tokens change, so that two requests with the same code or refresh token are processed in
sequence, even by different processes.
"""

from datetime import datetime

from attrs import asdict
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from itwin_imodels_hub.store.database import fetch_one
from itwin_imodels_hub.store.records import SigningKeyRecord, SignInRecord, SignInTokenRecord
from itwin_imodels_hub.store.schema import tokens
from itwin_imodels_hub.store.sign_in_schema import sign_in_tokens, sign_ins, signing_keys
from itwin_imodels_hub.store.users import digest


def add_sign_in(connection: Connection, sign_in: SignInRecord) -> None:
    """Store a sign-in."""
    connection.execute(insert(sign_ins).values(**asdict(sign_in)))


def sign_in_by_code(connection: Connection, code: str) -> SignInRecord | None:
    """Return and lock the sign-in of an authorization code, even if expired or used; return None if it is unknown."""
    return _locked(connection, sign_ins.c.code_hash == digest(code), sign_ins.c.redirect_uri != "")


def sign_in_by_device_code(connection: Connection, code: str) -> SignInRecord | None:
    """Return and lock the sign-in of a device code, even if expired or used; return None if it is unknown."""
    return _locked(connection, sign_ins.c.code_hash == digest(code), sign_ins.c.redirect_uri == "")


def sign_in_by_id(connection: Connection, sign_in_id: str, *, lock: bool = False) -> SignInRecord | None:
    """Return a sign-in, or None; set `lock` before changing it or its tokens."""
    statement = select(sign_ins).where(sign_ins.c.id == sign_in_id)
    return fetch_one(connection, statement.with_for_update() if lock else statement, SignInRecord)


def use_code(connection: Connection, sign_in: SignInRecord) -> None:
    """Mark the code of a sign-in as used."""
    connection.execute(update(sign_ins).where(sign_ins.c.id == sign_in.id).values(code_used=True))


def add_sign_in_token(connection: Connection, token: SignInTokenRecord) -> None:
    """Store a token of a sign-in and extend the sign-in to the expiry of the token."""
    connection.execute(insert(sign_in_tokens).values(**asdict(token)))
    connection.execute(
        update(sign_ins)
        .where(sign_ins.c.id == token.sign_in_id, sign_ins.c.expires_at < token.expires_at)
        .values(expires_at=token.expires_at)
    )


def find_sign_in_token(connection: Connection, token: str) -> SignInTokenRecord | None:
    """Return a token of a sign-in, even an expired or used one, or None."""
    return fetch_one(
        connection, select(sign_in_tokens).where(sign_in_tokens.c.token_hash == digest(token)), SignInTokenRecord
    )


def use_token(connection: Connection, token: SignInTokenRecord) -> None:
    """Mark a refresh token as used."""
    connection.execute(update(sign_in_tokens).where(sign_in_tokens.c.token_hash == token.token_hash).values(used=True))


def drop_access_token(connection: Connection, token: SignInTokenRecord) -> None:
    """Revoke an access token."""
    for table in (tokens, sign_in_tokens):
        connection.execute(delete(table).where(table.c.token_hash == token.token_hash))


def end_sign_in(connection: Connection, sign_in_id: str) -> None:
    """Revoke everything that a sign-in granted."""
    token_hashes = select(sign_in_tokens.c.token_hash).where(sign_in_tokens.c.sign_in_id == sign_in_id)
    connection.execute(delete(tokens).where(tokens.c.token_hash.in_(token_hashes)))
    connection.execute(delete(sign_ins).where(sign_ins.c.id == sign_in_id))


def drop_expired_sign_ins(connection: Connection, now: datetime) -> None:
    """Delete sign-ins and tokens that have expired."""
    connection.execute(delete(sign_in_tokens).where(sign_in_tokens.c.expires_at <= now))
    connection.execute(delete(sign_ins).where(sign_ins.c.expires_at <= now))


def find_signing_key(connection: Connection, algorithm: str) -> SigningKeyRecord | None:
    """Return the signing key of an algorithm, or None."""
    return fetch_one(connection, select(signing_keys).where(signing_keys.c.algorithm == algorithm), SigningKeyRecord)


def add_signing_key(connection: Connection, key: SigningKeyRecord) -> None:
    """Store a signing key.

    Raises:
        IntegrityError: A key of the algorithm exists.
    """
    connection.execute(insert(signing_keys).values(**asdict(key)))


def drop_signing_key(connection: Connection, key: SigningKeyRecord) -> None:
    """Delete a signing key, unless it has been replaced in the meantime."""
    connection.execute(
        delete(signing_keys).where(signing_keys.c.algorithm == key.algorithm, signing_keys.c.pem == key.pem)
    )


def _locked(connection: Connection, *conditions: ColumnElement[bool]) -> SignInRecord | None:
    return fetch_one(connection, select(sign_ins).where(*conditions).with_for_update(), SignInRecord)
