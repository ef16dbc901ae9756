"""The tables of sign-ins, and the metadata object of all tables of the hub."""

from sqlalchemy import Boolean, Column, ForeignKey, MetaData, Table, Text

from itwin_imodels_hub.store.column_types import Instant, text_of

_ID = text_of(36)

metadata = MetaData()

# One row per sign-in, created with its authorization code, or when a user approves its device code.
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("user_id", _ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("client_id", text_of(255), nullable=False),
    Column("client_name", text_of(255), nullable=False),
    Column("scope", text_of(255), nullable=False),
    Column("nonce", text_of(255)),
    Column("signed_in_at", Instant, nullable=False),
    Column("code_hash", text_of(64), nullable=False, unique=True),
    Column("code_challenge", text_of(43)),
    Column("code_expires_at", Instant, nullable=False),
    Column("code_used", Boolean, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)

# Access and refresh tokens of sign-ins. Access tokens for the API are also in `tokens`.
sign_in_tokens = Table(
    "sign_in_tokens",
    metadata,
    Column("token_hash", text_of(64), primary_key=True),
    Column("sign_in_id", _ID, ForeignKey("sign_ins.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", text_of(10), nullable=False),
    Column("scope", text_of(255), nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used", Boolean, nullable=False),
)

# Pending device authorizations (RFC 8628); approval replaces a row with one of `sign_ins`.
device_codes = Table(
    "device_codes",
    metadata,
    Column("code_hash", text_of(64), primary_key=True),
    Column("user_code", text_of(9), nullable=False, unique=True),
    Column("client_id", text_of(255), nullable=False),
    Column("client_name", text_of(255), nullable=False),
    Column("scope", text_of(255), nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("polled_at", Instant),
    Column("denied", Boolean, nullable=False),
)

# The private keys are encrypted with the secret of the hub.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("algorithm", text_of(20), primary_key=True),
    Column("pem", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
)
