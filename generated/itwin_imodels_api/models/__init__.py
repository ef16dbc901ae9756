"""Contains all the data models used in inputs/outputs; each is imported when it is first used"""

from importlib import import_module
from typing import TYPE_CHECKING

__all__ = (
    "Application",
    "AzureDirectoryAccessInfo",
    "BaselineFile",
    "BaselineFileCreate",
    "BaselineFileLinks",
    "BaselineFileResponse",
    "Briefcase",
    "BriefcaseAcquire",
    "BriefcaseLinks",
    "BriefcaseResponse",
    "BriefcaseSummary",
    "BriefcasesMinimal",
    "BriefcasesRepresentation",
    "Changeset",
    "ChangesetCreate",
    "ChangesetExtendedData",
    "ChangesetExtendedDataCreate",
    "ChangesetExtendedDataResponse",
    "ChangesetGroup",
    "ChangesetGroupCreate",
    "ChangesetGroupLinks",
    "ChangesetGroupResponse",
    "ChangesetGroupUpdate",
    "ChangesetGroupUpdateState",
    "ChangesetGroupsResponse",
    "ChangesetLinks",
    "ChangesetLinksSummary",
    "ChangesetResponse",
    "ChangesetSummary",
    "ChangesetUpdate",
    "ChangesetUpdateState",
    "ChangesetsExtendedDataResponse",
    "ChangesetsMinimal",
    "ChangesetsRepresentation",
    "Checkpoint",
    "CheckpointLinks",
    "CheckpointResponse",
    "ClonedFrom",
    "ConflictingLock",
    "ConflictingLocksError",
    "ConflictingLocksErrorResponse",
    "ContainerAccessInfo",
    "CreateIModelOperation",
    "CreateIModelOperationResponse",
    "CreatedChangeset",
    "CreatedChangesetLinks",
    "CreatedChangesetResponse",
    "CreatedIModel",
    "CreatedIModelLinks",
    "CreatedIModelResponse",
    "DetailedErrorResponse",
    "DirectoryAccessInfo",
    "Error",
    "ErrorDetailed",
    "ErrorDetails",
    "ErrorResponse",
    "Extent",
    "ForkedFrom",
    "GeographicCoordinateSystem",
    "GetImodelLocksLockLevel",
    "GetImodelNamedVersionsState",
    "GetImodelThumbnailSize",
    "GetItwinImodelsState",
    "GoogleDirectoryAccessInfo",
    "IModel",
    "IModelClone",
    "IModelCreate",
    "IModelCreationMode",
    "IModelFork",
    "IModelLinks",
    "IModelResponse",
    "IModelSummary",
    "IModelTemplate",
    "IModelUpdate",
    "IModelsMinimal",
    "IModelsRepresentation",
    "InnerError",
    "Link",
    "Lock",
    "LockResponse",
    "LockedObjects",
    "LocksError",
    "LocksErrorResponse",
    "LocksResponse",
    "LocksUpdate",
    "NamedVersion",
    "NamedVersionCreate",
    "NamedVersionLinks",
    "NamedVersionResponse",
    "NamedVersionSummary",
    "NamedVersionUpdate",
    "NamedVersionsMinimal",
    "NamedVersionsRepresentation",
    "PagingLinks",
    "Permissions",
    "Point",
    "Prefer",
    "ReleaseLocksChunk",
    "ReleaseLocksChunkResponse",
    "ReleasedLock",
    "ReleasedLocksResponse",
    "RolePermission",
    "RolePermissionsResponse",
    "RolePermissionsUpdate",
    "Share",
    "ShareCreate",
    "ShareCreatePermission",
    "ShareResponse",
    "ShareUpdate",
    "SharesResponse",
    "StorageLink",
    "SynchronizationInfo",
    "SynchronizationInfoCreate",
    "User",
    "UserApplicationStatistics",
    "UserLinks",
    "UserPermission",
    "UserPermissionsResponse",
    "UserPermissionsUpdate",
    "UserResponse",
    "UserStatistics",
    "UserSummary",
    "UsersMinimal",
    "UsersRepresentation",
)

_MODULES = {
    "Application": "application",
    "AzureDirectoryAccessInfo": "azure_directory_access_info",
    "BaselineFile": "baseline_file",
    "BaselineFileCreate": "baseline_file_create",
    "BaselineFileLinks": "baseline_file_links",
    "BaselineFileResponse": "baseline_file_response",
    "Briefcase": "briefcase",
    "BriefcaseAcquire": "briefcase_acquire",
    "BriefcaseLinks": "briefcase_links",
    "BriefcaseResponse": "briefcase_response",
    "BriefcaseSummary": "briefcase_summary",
    "BriefcasesMinimal": "briefcases_minimal",
    "BriefcasesRepresentation": "briefcases_representation",
    "Changeset": "changeset",
    "ChangesetCreate": "changeset_create",
    "ChangesetExtendedData": "changeset_extended_data",
    "ChangesetExtendedDataCreate": "changeset_extended_data_create",
    "ChangesetExtendedDataResponse": "changeset_extended_data_response",
    "ChangesetGroup": "changeset_group",
    "ChangesetGroupCreate": "changeset_group_create",
    "ChangesetGroupLinks": "changeset_group_links",
    "ChangesetGroupResponse": "changeset_group_response",
    "ChangesetGroupUpdate": "changeset_group_update",
    "ChangesetGroupUpdateState": "changeset_group_update_state",
    "ChangesetGroupsResponse": "changeset_groups_response",
    "ChangesetLinks": "changeset_links",
    "ChangesetLinksSummary": "changeset_links_summary",
    "ChangesetResponse": "changeset_response",
    "ChangesetSummary": "changeset_summary",
    "ChangesetUpdate": "changeset_update",
    "ChangesetUpdateState": "changeset_update_state",
    "ChangesetsExtendedDataResponse": "changesets_extended_data_response",
    "ChangesetsMinimal": "changesets_minimal",
    "ChangesetsRepresentation": "changesets_representation",
    "Checkpoint": "checkpoint",
    "CheckpointLinks": "checkpoint_links",
    "CheckpointResponse": "checkpoint_response",
    "ClonedFrom": "cloned_from",
    "ConflictingLock": "conflicting_lock",
    "ConflictingLocksError": "conflicting_locks_error",
    "ConflictingLocksErrorResponse": "conflicting_locks_error_response",
    "ContainerAccessInfo": "container_access_info",
    "CreateIModelOperation": "create_i_model_operation",
    "CreateIModelOperationResponse": "create_i_model_operation_response",
    "CreatedChangeset": "created_changeset",
    "CreatedChangesetLinks": "created_changeset_links",
    "CreatedChangesetResponse": "created_changeset_response",
    "CreatedIModel": "created_i_model",
    "CreatedIModelLinks": "created_i_model_links",
    "CreatedIModelResponse": "created_i_model_response",
    "DetailedErrorResponse": "detailed_error_response",
    "DirectoryAccessInfo": "directory_access_info",
    "Error": "error",
    "ErrorDetailed": "error_detailed",
    "ErrorDetails": "error_details",
    "ErrorResponse": "error_response",
    "Extent": "extent",
    "ForkedFrom": "forked_from",
    "GeographicCoordinateSystem": "geographic_coordinate_system",
    "GetImodelLocksLockLevel": "get_imodel_locks_lock_level",
    "GetImodelNamedVersionsState": "get_imodel_named_versions_state",
    "GetImodelThumbnailSize": "get_imodel_thumbnail_size",
    "GetItwinImodelsState": "get_itwin_imodels_state",
    "GoogleDirectoryAccessInfo": "google_directory_access_info",
    "IModel": "i_model",
    "IModelClone": "i_model_clone",
    "IModelCreate": "i_model_create",
    "IModelCreationMode": "i_model_creation_mode",
    "IModelFork": "i_model_fork",
    "IModelLinks": "i_model_links",
    "IModelResponse": "i_model_response",
    "IModelSummary": "i_model_summary",
    "IModelTemplate": "i_model_template",
    "IModelUpdate": "i_model_update",
    "IModelsMinimal": "i_models_minimal",
    "IModelsRepresentation": "i_models_representation",
    "InnerError": "inner_error",
    "Link": "link",
    "Lock": "lock",
    "LockResponse": "lock_response",
    "LockedObjects": "locked_objects",
    "LocksError": "locks_error",
    "LocksErrorResponse": "locks_error_response",
    "LocksResponse": "locks_response",
    "LocksUpdate": "locks_update",
    "NamedVersion": "named_version",
    "NamedVersionCreate": "named_version_create",
    "NamedVersionLinks": "named_version_links",
    "NamedVersionResponse": "named_version_response",
    "NamedVersionSummary": "named_version_summary",
    "NamedVersionUpdate": "named_version_update",
    "NamedVersionsMinimal": "named_versions_minimal",
    "NamedVersionsRepresentation": "named_versions_representation",
    "PagingLinks": "paging_links",
    "Permissions": "permissions",
    "Point": "point",
    "Prefer": "prefer",
    "ReleaseLocksChunk": "release_locks_chunk",
    "ReleaseLocksChunkResponse": "release_locks_chunk_response",
    "ReleasedLock": "released_lock",
    "ReleasedLocksResponse": "released_locks_response",
    "RolePermission": "role_permission",
    "RolePermissionsResponse": "role_permissions_response",
    "RolePermissionsUpdate": "role_permissions_update",
    "Share": "share",
    "ShareCreate": "share_create",
    "ShareCreatePermission": "share_create_permission",
    "ShareResponse": "share_response",
    "ShareUpdate": "share_update",
    "SharesResponse": "shares_response",
    "StorageLink": "storage_link",
    "SynchronizationInfo": "synchronization_info",
    "SynchronizationInfoCreate": "synchronization_info_create",
    "User": "user",
    "UserApplicationStatistics": "user_application_statistics",
    "UserLinks": "user_links",
    "UserPermission": "user_permission",
    "UserPermissionsResponse": "user_permissions_response",
    "UserPermissionsUpdate": "user_permissions_update",
    "UserResponse": "user_response",
    "UserStatistics": "user_statistics",
    "UserSummary": "user_summary",
    "UsersMinimal": "users_minimal",
    "UsersRepresentation": "users_representation",
}

if TYPE_CHECKING:
    from .application import Application
    from .azure_directory_access_info import AzureDirectoryAccessInfo
    from .baseline_file import BaselineFile
    from .baseline_file_create import BaselineFileCreate
    from .baseline_file_links import BaselineFileLinks
    from .baseline_file_response import BaselineFileResponse
    from .briefcase import Briefcase
    from .briefcase_acquire import BriefcaseAcquire
    from .briefcase_links import BriefcaseLinks
    from .briefcase_response import BriefcaseResponse
    from .briefcase_summary import BriefcaseSummary
    from .briefcases_minimal import BriefcasesMinimal
    from .briefcases_representation import BriefcasesRepresentation
    from .changeset import Changeset
    from .changeset_create import ChangesetCreate
    from .changeset_extended_data import ChangesetExtendedData
    from .changeset_extended_data_create import ChangesetExtendedDataCreate
    from .changeset_extended_data_response import ChangesetExtendedDataResponse
    from .changeset_group import ChangesetGroup
    from .changeset_group_create import ChangesetGroupCreate
    from .changeset_group_links import ChangesetGroupLinks
    from .changeset_group_response import ChangesetGroupResponse
    from .changeset_group_update import ChangesetGroupUpdate
    from .changeset_group_update_state import ChangesetGroupUpdateState
    from .changeset_groups_response import ChangesetGroupsResponse
    from .changeset_links import ChangesetLinks
    from .changeset_links_summary import ChangesetLinksSummary
    from .changeset_response import ChangesetResponse
    from .changeset_summary import ChangesetSummary
    from .changeset_update import ChangesetUpdate
    from .changeset_update_state import ChangesetUpdateState
    from .changesets_extended_data_response import ChangesetsExtendedDataResponse
    from .changesets_minimal import ChangesetsMinimal
    from .changesets_representation import ChangesetsRepresentation
    from .checkpoint import Checkpoint
    from .checkpoint_links import CheckpointLinks
    from .checkpoint_response import CheckpointResponse
    from .cloned_from import ClonedFrom
    from .conflicting_lock import ConflictingLock
    from .conflicting_locks_error import ConflictingLocksError
    from .conflicting_locks_error_response import ConflictingLocksErrorResponse
    from .container_access_info import ContainerAccessInfo
    from .create_i_model_operation import CreateIModelOperation
    from .create_i_model_operation_response import CreateIModelOperationResponse
    from .created_changeset import CreatedChangeset
    from .created_changeset_links import CreatedChangesetLinks
    from .created_changeset_response import CreatedChangesetResponse
    from .created_i_model import CreatedIModel
    from .created_i_model_links import CreatedIModelLinks
    from .created_i_model_response import CreatedIModelResponse
    from .detailed_error_response import DetailedErrorResponse
    from .directory_access_info import DirectoryAccessInfo
    from .error import Error
    from .error_detailed import ErrorDetailed
    from .error_details import ErrorDetails
    from .error_response import ErrorResponse
    from .extent import Extent
    from .forked_from import ForkedFrom
    from .geographic_coordinate_system import GeographicCoordinateSystem
    from .get_imodel_locks_lock_level import GetImodelLocksLockLevel
    from .get_imodel_named_versions_state import GetImodelNamedVersionsState
    from .get_imodel_thumbnail_size import GetImodelThumbnailSize
    from .get_itwin_imodels_state import GetItwinImodelsState
    from .google_directory_access_info import GoogleDirectoryAccessInfo
    from .i_model import IModel
    from .i_model_clone import IModelClone
    from .i_model_create import IModelCreate
    from .i_model_creation_mode import IModelCreationMode
    from .i_model_fork import IModelFork
    from .i_model_links import IModelLinks
    from .i_model_response import IModelResponse
    from .i_model_summary import IModelSummary
    from .i_model_template import IModelTemplate
    from .i_model_update import IModelUpdate
    from .i_models_minimal import IModelsMinimal
    from .i_models_representation import IModelsRepresentation
    from .inner_error import InnerError
    from .link import Link
    from .lock import Lock
    from .lock_response import LockResponse
    from .locked_objects import LockedObjects
    from .locks_error import LocksError
    from .locks_error_response import LocksErrorResponse
    from .locks_response import LocksResponse
    from .locks_update import LocksUpdate
    from .named_version import NamedVersion
    from .named_version_create import NamedVersionCreate
    from .named_version_links import NamedVersionLinks
    from .named_version_response import NamedVersionResponse
    from .named_version_summary import NamedVersionSummary
    from .named_version_update import NamedVersionUpdate
    from .named_versions_minimal import NamedVersionsMinimal
    from .named_versions_representation import NamedVersionsRepresentation
    from .paging_links import PagingLinks
    from .permissions import Permissions
    from .point import Point
    from .prefer import Prefer
    from .release_locks_chunk import ReleaseLocksChunk
    from .release_locks_chunk_response import ReleaseLocksChunkResponse
    from .released_lock import ReleasedLock
    from .released_locks_response import ReleasedLocksResponse
    from .role_permission import RolePermission
    from .role_permissions_response import RolePermissionsResponse
    from .role_permissions_update import RolePermissionsUpdate
    from .share import Share
    from .share_create import ShareCreate
    from .share_create_permission import ShareCreatePermission
    from .share_response import ShareResponse
    from .share_update import ShareUpdate
    from .shares_response import SharesResponse
    from .storage_link import StorageLink
    from .synchronization_info import SynchronizationInfo
    from .synchronization_info_create import SynchronizationInfoCreate
    from .user import User
    from .user_application_statistics import UserApplicationStatistics
    from .user_links import UserLinks
    from .user_permission import UserPermission
    from .user_permissions_response import UserPermissionsResponse
    from .user_permissions_update import UserPermissionsUpdate
    from .user_response import UserResponse
    from .user_statistics import UserStatistics
    from .user_summary import UserSummary
    from .users_minimal import UsersMinimal
    from .users_representation import UsersRepresentation
else:

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        model = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        globals()[name] = model
        return model


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
