"""Google Cloud Storage: V4 signed URLs for objects, bearer tokens for directories."""

from collections.abc import Sequence

from itwin_imodels_hub.blobs.served import azure_signature, google_signature
from itwin_imodels_hub.blobs.served.google import google_routes
from itwin_imodels_hub.blobs.signing import Signer
from itwin_imodels_hub.blobs.storage_types.registry import StorageType, register


def _scope(signer: Signer, permission: str, name: str, pairs: Sequence[tuple[str, str]]) -> str:
    if any(key == "sig" for key, _ in pairs):
        return azure_signature.verified_scope(signer, permission, name, pairs)
    return google_signature.verified_scope(signer, permission, name, pairs)


register(
    StorageType(
        name="google",
        blob_query=google_signature.blob_query,
        directory_token=azure_signature.directory_token,  # our own bearer token, in a format that covers directories
        token_member="authorization",  # noqa: S106 - a member name
        scope=_scope,
        routes=google_routes,
    )
)
