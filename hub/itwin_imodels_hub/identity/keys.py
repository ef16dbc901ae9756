"""The key that signs ID tokens.

It is stored in the database, so that all processes share it, and encrypted with the secret of the hub. It is created on
first use, and created again if the secret has changed.
"""

from functools import lru_cache
from typing import Final

from joserfc.jwk import RSAKey
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from itwin_imodels_hub.identity.transactions import Transaction
from itwin_imodels_hub.store.records import SigningKeyRecord
from itwin_imodels_hub.store.sign_ins import add_signing_key, drop_signing_key, find_signing_key

ALGORITHM: Final = "RS256"

_BITS = 2048


def signing_key(transaction: Transaction) -> RSAKey:
    """Return the signing key; create it if it is missing. The transaction must permit writing."""
    while True:
        known = find_signing_key(transaction.connection, ALGORITHM)
        if known is None:
            _make(transaction)
            continue
        try:
            return _load(known.pem, transaction.secret.hex())
        except ValueError:  # encrypted with another secret
            drop_signing_key(transaction.connection, known)


def known_key(connection: Connection, secret: bytes) -> RSAKey | None:
    """Return the signing key, or None if it is missing or encrypted with another secret."""
    known = find_signing_key(connection, ALGORITHM)
    if known is None:
        return None
    try:
        return _load(known.pem, secret.hex())
    except ValueError:
        return None


def public_part(key: RSAKey) -> dict[str, object]:
    """Return the public part of a key."""
    return dict(key.as_dict(private=False))


def _make(transaction: Transaction) -> None:
    pem = RSAKey.generate_key(_BITS).as_pem(private=True, password=transaction.secret.hex()).decode()
    record = SigningKeyRecord(algorithm=ALGORITHM, pem=pem, made_at=transaction.now)
    try:
        with transaction.connection.begin_nested():
            add_signing_key(transaction.connection, record)
    except IntegrityError:
        return  # another process has stored a key first


@lru_cache(maxsize=16)
def _load(pem: str, password: str) -> RSAKey:
    key = RSAKey.import_key(pem, {"use": "sig", "alg": ALGORITHM}, password=password)
    key.ensure_kid()
    return key
