"""The iModels API served from this machine."""

from itwin_imodels_hub.azure_storage import AzureStorage, AzureStorageError
from itwin_imodels_hub.blobs import StorageRefusedError, StorageUnavailableError
from itwin_imodels_hub.clock import Clock
from itwin_imodels_hub.config import ConfigError, HubConfig, read_config
from itwin_imodels_hub.control import Control
from itwin_imodels_hub.events.registering import NewWebhook
from itwin_imodels_hub.faults import Fault, Faults
from itwin_imodels_hub.folder import FolderInUseError
from itwin_imodels_hub.identity import NewUser
from itwin_imodels_hub.ids import Ids
from itwin_imodels_hub.local import LocalHub
from itwin_imodels_hub.seeding import SeedChangeset, SeedCheckpoint, SeedError, SeedIModel, SeedNamedVersion
from itwin_imodels_hub.settings import HubSettings
from itwin_imodels_hub.snapshots import SnapshotError
from itwin_imodels_hub.store.engines import DatabaseError
from itwin_imodels_hub.store.file_place import FilesElsewhereError
from itwin_imodels_hub.store.records import DeliveryRecord
from itwin_imodels_hub.store.revisions import SchemaVersionError
from itwin_imodels_hub.traffic import LoggedRequest, RequestLog

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
    "Ids",
    "LocalHub",
    "LoggedRequest",
    "NewUser",
    "NewWebhook",
    "RequestLog",
    "SchemaVersionError",
    "SeedChangeset",
    "SeedCheckpoint",
    "SeedError",
    "SeedIModel",
    "SeedNamedVersion",
    "SnapshotError",
    "StorageRefusedError",
    "StorageUnavailableError",
    "read_config",
]
