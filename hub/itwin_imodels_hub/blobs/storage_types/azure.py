"""Azure Blob Storage: shared access signatures, as used by the clients of Bentley and Microsoft."""

from itwin_imodels_hub.blobs.served.azure import azure_routes
from itwin_imodels_hub.blobs.served.azure_signature import blob_query, directory_token, verified_scope
from itwin_imodels_hub.blobs.storage_types.registry import StorageType, register

register(
    StorageType(
        name="azure",
        blob_query=blob_query,
        directory_token=directory_token,
        token_member="sasToken",  # noqa: S106 - a member name
        scope=verified_scope,
        routes=azure_routes,
    )
)
