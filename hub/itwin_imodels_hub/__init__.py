"""A local hub that serves the iModels API."""

try:
    from itwin_imodels_hub.basis.clock import Clock
    from itwin_imodels_hub.basis.data_folder import FolderInUseError
    from itwin_imodels_hub.basis.ids import Ids
    from itwin_imodels_hub.basis.settings import HubSettings
    from itwin_imodels_hub.blobs import StorageRefusedError, StorageUnavailableError
    from itwin_imodels_hub.blobs.azure_account.errors import AzureStorageError
    from itwin_imodels_hub.blobs.azure_account.settings import AzureStorage
    from itwin_imodels_hub.control.control import Control
    from itwin_imodels_hub.control.faults import Fault, Faults
    from itwin_imodels_hub.control.itwin_seeding import ITwinSeedError, SeedITwin, SeedMember, SeedRole
    from itwin_imodels_hub.control.seeds import (
        SeedBriefcase,
        SeedChangeset,
        SeedCheckpoint,
        SeedError,
        SeedIModel,
        SeedNamedVersion,
    )
    from itwin_imodels_hub.control.snapshots import SnapshotError
    from itwin_imodels_hub.control.traffic import LoggedRequest, RequestLog
    from itwin_imodels_hub.events.registering import NewWebhook
    from itwin_imodels_hub.identity import NewUser
    from itwin_imodels_hub.serving.config import ConfigError, HubConfig, read_config
    from itwin_imodels_hub.serving.local import LocalHub
    from itwin_imodels_hub.store.blob_place import FilesElsewhereError
    from itwin_imodels_hub.store.engines import DatabaseError
    from itwin_imodels_hub.store.records import DeliveryRecord
    from itwin_imodels_hub.store.revisions import SchemaVersionError
except ModuleNotFoundError as error:
    if (error.name or "").startswith("itwin_imodels_hub"):
        raise
    raise ModuleNotFoundError(
        f"itwin_imodels_hub requires the extra 'hub': pip install 'itwin-imodels[hub]' (missing: {error.name})",
        name=error.name,
    ) from error

__all__ = [
    "AzureStorage",
    "AzureStorageError",
    "Clock",
    "ConfigError",
    "Control",
    "DatabaseError",
    "DeliveryRecord",
    "Fault",
    "Faults",
    "FilesElsewhereError",
    "FolderInUseError",
    "HubConfig",
    "HubSettings",
    "ITwinSeedError",
    "Ids",
    "LocalHub",
    "LoggedRequest",
    "NewUser",
    "NewWebhook",
    "RequestLog",
    "SchemaVersionError",
    "SeedBriefcase",
    "SeedChangeset",
    "SeedCheckpoint",
    "SeedError",
    "SeedIModel",
    "SeedITwin",
    "SeedMember",
    "SeedNamedVersion",
    "SeedRole",
    "SnapshotError",
    "StorageRefusedError",
    "StorageUnavailableError",
    "read_config",
]
