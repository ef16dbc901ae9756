"""The routes of the operations and their handlers."""

from typing import Final

from attrs import evolve

from itwin_imodels_hub.api import (
    baseline_files,
    briefcases,
    changeset_groups,
    changesets,
    checkpoints,
    copies,
    extended_data,
    imodels,
    locks,
    named_versions,
    permissions,
    personal,
    shares,
    thumbnails,
    users,
)
from itwin_imodels_hub.api.operations import Handler, Operation, operation_of, segments_of


def _read(slug: str, path: str, handler: Handler, problem: str = "", *, accepts_share_key: bool = True) -> Operation:
    return Operation(
        id=slug,
        method="GET",
        path=segments_of(path),
        handler=handler,
        problem=problem,
        accepts_share_key=accepts_share_key,
    )


OPERATIONS: Final = (
    # iModels
    _read("get-itwin-imodels", "/", imodels.get_list, "Cannot get iModels.", accepts_share_key=False),
    operation_of("create-imodel", "POST /", imodels.create, "Cannot create iModel."),
    _read("get-imodel-details", "/{id}", imodels.get_details),
    operation_of("update-imodel", "PATCH /{id}", imodels.update, "Cannot update iModel."),
    operation_of("delete-imodel", "DELETE /{id}", imodels.delete),
    operation_of("clone-imodel", "POST /{id}/clone", copies.clone, "Cannot clone iModel."),
    operation_of("fork-imodel", "POST /{id}/fork", copies.fork, "Cannot fork iModel."),
    _read("get-create-imodel-operation-details", "/{id}/operations/create", imodels.get_create_operation),
    # Baseline files
    _read("get-imodel-baseline-file-details", "/{id}/baselinefile", baseline_files.get_details),
    operation_of(
        "complete-imodel-baseline-file-upload",
        "POST /{id}/baselinefile",
        baseline_files.complete,
        "Cannot complete Baseline File upload.",
    ),
    # Briefcases
    _read("get-imodel-briefcases", "/{id}/briefcases", briefcases.get_list, "Cannot get Briefcases."),
    operation_of("acquire-imodel-briefcase", "POST /{id}/briefcases", briefcases.acquire, "Cannot acquire Briefcase."),
    _read("get-briefcase-checkpoint", "/{id}/briefcases/checkpoint", checkpoints.get_latest),
    _read("get-imodel-briefcase-details", "/{id}/briefcases/{briefcaseId}", briefcases.get_details),
    operation_of("release-imodel-briefcase", "DELETE /{id}/briefcases/{briefcaseId}", briefcases.release),
    # Changesets
    _read("get-imodel-changesets", "/{id}/changesets", changesets.get_list, "Cannot get Changesets."),
    operation_of("create-imodel-changeset", "POST /{id}/changesets", changesets.create, "Cannot create Changeset."),
    _read(
        "get-imodel-changesets-extended-data",
        "/{id}/changesets/extendeddata",
        extended_data.get_list,
        "Cannot get Changesets Extended Data.",
    ),
    _read("get-imodel-changeset-details", "/{id}/changesets/{changeset}", changesets.get_details),
    operation_of(
        "update-imodel-changeset",
        "PATCH /{id}/changesets/{changeset}",
        changesets.update,
        "Cannot update Changeset.",
    ),
    _read("get-changeset-checkpoint", "/{id}/changesets/{changeset}/checkpoint", checkpoints.get_of_changeset),
    _read(
        "get-imodel-changeset-extended-data-details",
        "/{id}/changesets/{changeset}/extendeddata",
        extended_data.get_details,
    ),
    operation_of(
        "create-imodel-changeset-extended-data",
        "POST /{id}/changesets/{changeset}/extendeddata",
        extended_data.create,
        "Cannot create Changeset Extended Data.",
    ),
    # Changeset groups
    _read(
        "get-imodel-changeset-groups",
        "/{id}/changesetgroups",
        changeset_groups.get_list,
        "Cannot get Changeset Groups.",
    ),
    operation_of(
        "create-imodel-changeset-group",
        "POST /{id}/changesetgroups",
        changeset_groups.create,
        "Cannot create Changeset Group.",
    ),
    _read(
        "get-imodel-changeset-group-details",
        "/{id}/changesetgroups/{changesetGroupId}",
        changeset_groups.get_details,
    ),
    Operation(
        id="update-imodel-changeset-group",
        method="PATCH",
        path=segments_of("/{id}/changesetgroups/{changesetGroupId}"),
        handler=changeset_groups.update,
        problem="Cannot update Changeset Group.",
        writes=True,
        ignores_media_type=True,
    ),
    # Named Versions
    _read("get-imodel-named-versions", "/{id}/namedversions", named_versions.get_list, "Cannot get Named Versions."),
    operation_of(
        "create-imodel-named-version",
        "POST /{id}/namedversions",
        named_versions.create,
        "Cannot create Named Version.",
    ),
    _read("get-imodel-named-version-details", "/{id}/namedversions/{namedVersionId}", named_versions.get_details),
    operation_of(
        "update-imodel-named-version",
        "PATCH /{id}/namedversions/{namedVersionId}",
        named_versions.update,
        "Cannot update Named Version.",
    ),
    _read(
        "get-named-version-checkpoint",
        "/{id}/namedversions/{namedVersionId}/checkpoint",
        checkpoints.get_of_version,
    ),
    operation_of(
        "update-named-version-checkpoint",
        "PUT /{id}/namedversions/{namedVersionId}/checkpoint",
        checkpoints.update_of_version,
    ),
    # Users and permissions
    # Listing the users also records the caller as a user.
    evolve(_read("get-imodel-users", "/{id}/users", users.get_list, "Cannot get Users."), writes=True),
    evolve(_read("get-imodel-user-details", "/{id}/users/{userId}", users.get_details), writes=True),
    _read("get-imodel-permissions", "/{id}/permissions", permissions.get_own),
    _read("get-imodel-role-permissions", "/{id}/rolepermissions", permissions.get_of_roles),
    operation_of(
        "update-imodel-role-permissions",
        "PATCH /{id}/rolepermissions",
        permissions.update_of_roles,
        "Cannot update Role Permissions.",
    ),
    _read("get-imodel-user-permissions", "/{id}/userpermissions", permissions.get_of_users),
    operation_of(
        "update-imodel-user-permissions",
        "PATCH /{id}/userpermissions",
        permissions.update_of_users,
        "Cannot update User Permissions.",
    ),
    # Locks
    _read("get-imodel-locks", "/{id}/locks", locks.get_list, "Cannot get Locks."),
    operation_of("update-imodel-locks", "PATCH /{id}/locks", locks.update, "Cannot update Locks."),
    _read("get-imodel-released-locks", "/{id}/locks/released-locks", locks.get_released, "Cannot get released Locks."),
    operation_of(
        "release-imodel-locks-chunk",
        "POST /{id}/locks/release-chunk",
        locks.release_chunk,
        "Cannot release Locks chunk.",
    ),
    # Thumbnails
    _read("get-imodel-thumbnail", "/{id}/thumbnail", thumbnails.get, "Cannot get Thumbnail."),
    # Changes blobs only, so it needs no writing transaction.
    Operation(
        id="upload-imodel-thumbnail",
        method="PUT",
        path=segments_of("/{id}/thumbnail"),
        handler=thumbnails.upload,
        problem="Cannot upload Thumbnail.",
        body_is_picture=True,
    ),
    # Favorites and recents
    _read(
        "get-my-favorite-imodels",
        "/favorites",
        personal.get_favorites,
        "Cannot get favorite iModels.",
        accepts_share_key=False,
    ),
    operation_of("add-imodel-to-my-favorites", "PUT /favorites/{id}", personal.add_favorite),
    operation_of("remove-imodel-from-my-favorites", "DELETE /favorites/{id}", personal.remove_favorite),
    _read(
        "get-my-recently-used-imodels",
        "/recents",
        personal.get_recents,
        "Cannot get recent iModels.",
        accepts_share_key=False,
    ),
    operation_of("add-imodel-to-my-recents", "POST /recents/{id}", personal.add_recent),
    operation_of("remove-imodel-from-my-recents", "DELETE /recents/{id}", personal.remove_recent),
    # Shares
    _read("get-imodel-shares", "/{id}/shares", shares.get_list, "Cannot get Shares.", accepts_share_key=False),
    operation_of("create-imodel-share", "POST /{id}/shares", shares.create, "Cannot create Share."),
    _read("get-imodel-share", "/{id}/shares/{shareId}", shares.get_details, accepts_share_key=False),
    operation_of("update-imodel-share", "PATCH /{id}/shares/{shareId}", shares.update, "Cannot update Share."),
    operation_of("revoke-imodel-share", "DELETE /{id}/shares/{shareId}", shares.revoke),
)
