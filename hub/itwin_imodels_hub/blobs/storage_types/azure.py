"""Azure Blob Storage: shared access signatures, for the vendor's clients and Microsoft's."""

from collections.abc import Sequence
from datetime import timedelta

from starlette.routing import BaseRoute

from itwin_imodels_hub.blobs.folder.store import FolderBlobStore
from itwin_imodels_hub.blobs.served import azure_signature
from itwin_imodels_hub.blobs.served.azure import azure_routes
from itwin_imodels_hub.blobs.signing import LinkVerifier, Signer
from itwin_imodels_hub.blobs.storage_types.protocol import register


class _Azure:
    name = "azure"

    def blob_query(self, signer: Signer, segments: Sequence[str], permissions: str, lifetime: timedelta) -> str:
        return azure_signature.blob_query(signer, segments, permissions, lifetime)

    def directory_token(self, signer: Signer, segments: Sequence[str], lifetime: timedelta) -> str:
        return azure_signature.directory_token(signer, segments, lifetime)

    def directory_credential(self, token: str) -> dict[str, object]:
        return {"sasToken": token}

    def scope(self, signer: Signer, permission: str, name: str, pairs: Sequence[tuple[str, str]]) -> str:
        return azure_signature.verified_scope(signer, permission, name, pairs)

    def routes(self, store: FolderBlobStore, links: LinkVerifier) -> list[BaseRoute]:
        return azure_routes(store, links)


register(_Azure())
