"""Google Cloud Storage: V4 signed addresses of objects, bearer tokens for directories."""

from collections.abc import Sequence
from datetime import timedelta

from starlette.routing import BaseRoute

from itwin_imodels_hub.blobs.folder.store import FolderBlobStore
from itwin_imodels_hub.blobs.served import azure_signature, google_signature
from itwin_imodels_hub.blobs.served.google import google_routes
from itwin_imodels_hub.blobs.signing import LinkVerifier, Signer
from itwin_imodels_hub.blobs.storage_types.protocol import register


class _Google:
    name = "google"

    def blob_query(self, signer: Signer, segments: Sequence[str], permissions: str, lifetime: timedelta) -> str:
        return google_signature.blob_query(signer, segments, permissions, lifetime)

    def directory_token(self, signer: Signer, segments: Sequence[str], lifetime: timedelta) -> str:
        # Our own bearer token, and so in any form that can name a directory.
        return azure_signature.directory_token(signer, segments, lifetime)

    def directory_credential(self, token: str) -> dict[str, object]:
        return {"authorization": token}

    def scope(self, signer: Signer, permission: str, name: str, pairs: Sequence[tuple[str, str]]) -> str:
        if any(key == "sig" for key, _ in pairs):
            return azure_signature.verified_scope(signer, permission, name, pairs)
        return google_signature.verified_scope(signer, permission, name, pairs)

    def routes(self, store: FolderBlobStore, links: LinkVerifier) -> list[BaseRoute]:
        return google_routes(store, links)


register(_Google())
