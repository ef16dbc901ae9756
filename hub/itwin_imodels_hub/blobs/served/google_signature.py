"""Links in the format of V4 signed URLs of Google Cloud Storage. The signed text differs from Google's."""

import hmac
from collections.abc import Sequence
from datetime import UTC, timedelta
from urllib.parse import quote, urlencode
from uuid import uuid4

from itwin_imodels_hub.blobs.signing import DELETE, READ, WRITE, LinkRefused, Signer, parse_time

_TIME = "%Y%m%dT%H%M%SZ"
_METHODS = {READ: "GET", WRITE: "PUT", DELETE: "DELETE"}


def blob_query(signer: Signer, segments: Sequence[str], permissions: str, lifetime: timedelta) -> str:
    """Return the query of a link to one blob; it permits one operation, the last of `permissions`."""
    start = signer.now().astimezone(UTC)
    fields = {
        "X-Goog-Algorithm": "GOOG4-HMAC-SHA256",
        "X-Goog-Credential": f"{signer.account}/{start:%Y%m%d}/auto/storage/goog4_request",
        "X-Goog-Date": start.strftime(_TIME),
        "X-Goog-Expires": str(int(lifetime.total_seconds())),
        "X-Goog-SignedHeaders": "host",
        "nonce": uuid4().hex,
    }
    signature = _signature(signer, "/".join(segments), permissions[-1], list(fields.items()))
    return urlencode({**fields, "X-Goog-Signature": signature}, quote_via=quote, safe="")


def verified_scope(signer: Signer, permission: str, name: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Verify a link and return its scope, a blob name.

    Raises:
        LinkRefused: The link does not permit the operation, or has unsigned fields.
    """
    signature = "".join(value for key, value in pairs if key == "X-Goog-Signature")
    signed = [(key, value) for key, value in pairs if key != "X-Goog-Signature"]
    if permission not in _METHODS:
        raise LinkRefused("AccessDenied", "A signed URL of an object does not permit listing.")
    if not hmac.compare_digest(signature.encode(), _signature(signer, name, permission, signed).encode()):
        raise LinkRefused("SignatureDoesNotMatch", "The signature does not match the method, path and query.")
    fields = dict(signed)
    start = parse_time(fields["X-Goog-Date"], _TIME)
    if not start <= signer.now() < start + timedelta(seconds=int(fields["X-Goog-Expires"])):
        raise LinkRefused("ExpiredToken", f"The URL was signed at {start} for {fields['X-Goog-Expires']} s.")
    return name


def _signature(signer: Signer, name: str, permission: str, fields: list[tuple[str, str]]) -> str:
    canonical = urlencode(sorted(fields), quote_via=quote, safe="")
    return signer.sign(_METHODS[permission], f"/{signer.account}/{name}", canonical).hex()
