"""Links in the format of Azure shared access signatures. The signed text differs from the one that Azure signs."""

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from urllib.parse import quote, urlencode
from uuid import uuid4

from itwin_imodels_hub.blobs.signing import LIST, READ, LinkRefused, Signer, parse_time

_SERVICE_VERSION = "2021-12-02"
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_SIGNED = ("sv", "st", "se", "sr", "sdd", "sp", "scid")


def blob_query(signer: Signer, segments: Sequence[str], permissions: str, lifetime: timedelta) -> str:
    """Return the query of a link to one blob.

    Raises:
        ValueError: The name has no container.
    """
    if len(segments) == 1:
        raise ValueError("a blob name must have at least two segments, the first being the container")
    return _signed_query(signer, "/".join(segments), "b", permissions, lifetime)


def directory_token(signer: Signer, segments: Sequence[str], lifetime: timedelta) -> str:
    """Return a token for reading and listing everything below a directory or container."""
    return _signed_query(signer, "/".join(segments), "d" if len(segments) > 1 else "c", READ + LIST, lifetime)


def verified_scope(signer: Signer, permission: str, name: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Verify a link and return its scope: a blob name, or a directory or container name with a trailing slash.

    Args:
        signer: The signer of the link.
        permission: The operation.
        name: Name of the blob, or start of the names to list.
        pairs: Query of the link; fields outside the signature are ignored.

    Raises:
        LinkRefused: The link does not permit the operation.
    """
    if any(sum(key == signed for key, _ in pairs) > 1 for signed in (*_SIGNED, "sig")):
        raise LinkRefused("AuthenticationFailed", "A field of the signature is repeated.")
    fields = dict(pairs)
    resource = _resource(name, fields)
    if not hmac.compare_digest(fields.get("sig", "").encode(), _signature(signer, resource, fields).encode()):
        raise LinkRefused("AuthenticationFailed", "Signature did not match.")
    # The signature matches, so all fields are as this module wrote them.
    start, end, now = parse_time(fields["st"], _TIME), parse_time(fields["se"], _TIME), signer.now()
    if not start <= now < end:
        frame = f"Start [{start}] - Expiry [{end}] - Current [{now}]"
        raise LinkRefused("AuthenticationFailed", f"Signature not valid in the specified time frame: {frame}")
    scope = resource if fields["sr"] == "b" else f"{resource}/"
    if permission not in fields["sp"] or (permission != LIST and not name.startswith(scope)):
        raise LinkRefused(
            "AuthorizationPermissionMismatch",
            f"The link permits {fields['sp']} on {scope}, not {permission} on {name}.",
        )
    return scope


def _signed_query(signer: Signer, resource: str, kind: str, permissions: str, lifetime: timedelta) -> str:
    start = signer.now().astimezone(UTC).replace(microsecond=0)
    fields = {
        "sv": _SERVICE_VERSION,
        "st": start.strftime(_TIME),
        "se": (start + lifetime).strftime(_TIME),
        "sr": kind,
        **({"sdd": str(resource.count("/"))} if kind == "d" else {}),
        "sp": permissions,
        "scid": str(uuid4()),
    }
    return urlencode({**fields, "sig": _signature(signer, resource, fields)}, quote_via=quote, safe="")


def _signature(signer: Signer, resource: str, fields: Mapping[str, str]) -> str:
    values = [fields.get(name, "") for name in _SIGNED]
    return b64encode(signer.sign(f"/blob/{signer.account}/{resource}", *values)).decode()


def _resource(name: str, fields: Mapping[str, str]) -> str:
    """Return the resource that a signature of the given kind must cover for the blob or prefix `name`."""
    kind, depth = fields.get("sr"), fields.get("sdd", "")
    if kind == "b":
        return name
    if kind == "c":
        return name.split("/", 1)[0]
    if kind == "d" and re.fullmatch("[1-9][0-9]?", depth):
        return "/".join(name.split("/")[: int(depth) + 1])
    raise LinkRefused("AuthenticationFailed", "The query contains no valid signature.")
