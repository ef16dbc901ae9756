"""JSON representations of entities: all members of the API definition, null if they have no value."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from itwin_imodels_hub.api.context import Context
from itwin_imodels_hub.api.urls import Link, Storage, Urls
from itwin_imodels_hub.blobs import names
from itwin_imodels_hub.rules.locks import LockLevel
from itwin_imodels_hub.rules.push import group_state
from itwin_imodels_hub.rules.times import write_time
from itwin_imodels_hub.store.records import (
    BriefcaseRecord,
    ChangesetRecord,
    CheckpointRecord,
    ExtendedDataRecord,
    GroupRecord,
    IModelRecord,
    LockRecord,
    LockReleaseRecord,
    NamedVersionRecord,
    PermissionRecord,
    ShareRecord,
    UserRecord,
)
from itwin_imodels_hub.store.statistics import Statistics
from itwin_imodels_hub.store.versions import SUCCESSFUL

Json = dict[str, object]


def _application(record: BriefcaseRecord | ChangesetRecord | NamedVersionRecord) -> Json | None:
    return None if record.application_id is None else {"id": record.application_id, "name": record.application_name}


# iModels.


def imodel_summary(imodel: IModelRecord) -> Json:
    """Return the minimal representation of an iModel."""
    return {"id": imodel.id, "displayName": imodel.name}


def imodel(imodel: IModelRecord, urls: Urls) -> Json:
    """Return the full representation of an iModel."""
    pushed = imodel.last_push_at
    return {
        **imodel_summary(imodel),
        "dataCenterLocation": imodel.data_center_location,
        "name": imodel.name,
        "description": imodel.description,
        "state": imodel.state,
        "createdDateTime": write_time(imodel.created_at),
        "lastChangesetPushDateTime": None if pushed is None else write_time(pushed),
        "iTwinId": imodel.itwin_id,
        "isSecured": imodel.secured_by is not None,
        "extent": imodel.extent,
        "containersEnabled": imodel.containers_enabled,
        "_links": {
            "creator": urls.link(imodel.id, "users", imodel.creator_id),
            "changesets": urls.link(imodel.id, "changesets"),
            "namedVersions": urls.link(imodel.id, "namedversions"),
        },
    }


def created_imodel(created: IModelRecord, urls: Urls, upload: Link | None) -> Json:
    """Return the representation of a created iModel, with an upload link if it awaits its baseline file."""
    body = imodel(created, urls)
    complete = None if upload is None else urls.link(created.id, "baselinefile")
    links = {"creator": urls.link(created.id, "users", created.creator_id)}
    links |= {"changesets": urls.link(created.id, "changesets")}
    links |= {"namedVersions": urls.link(created.id, "namedversions")}
    return {**body, "_links": {**links, "upload": upload, "complete": complete}}


def imodels(records: Sequence[IModelRecord], context: Context) -> list[Json]:
    """Return the representations of iModels, full or minimal as the caller prefers."""
    return [imodel(record, context.urls) if context.prefers_full else imodel_summary(record) for record in records]


def create_operation(imodel: IModelRecord) -> Json:
    """Return the state of the creation of an iModel."""
    origin: Json = {"iModelId": imodel.origin_imodel_id, "changesetId": imodel.origin_changeset_id or ""}
    forked = {**origin, "relationshipId": imodel.relationship_id}
    return {
        "state": imodel.creation_state,
        "clonedFrom": origin if imodel.origin == "clone" else None,
        "forkedFrom": forked if imodel.origin == "fork" else None,
    }


def baseline_file(imodel: IModelRecord, urls: Urls, download: Link | None) -> Json:
    """Return the baseline file of an iModel."""
    return {
        "id": imodel.id,
        "displayName": f"{imodel.id}.bim",
        "fileSize": imodel.baseline_size,
        "state": imodel.baseline_state,
        "_links": {"creator": urls.link(imodel.id, "users", imodel.creator_id), "download": download},
    }


# Briefcases.


def briefcase_summary(briefcase: BriefcaseRecord) -> Json:
    """Return the minimal representation of a briefcase."""
    device = f" {briefcase.device_name}" if briefcase.device_name else ""
    return {"id": str(briefcase.briefcase_id), "displayName": f"#{briefcase.briefcase_id}{device}"}


def briefcase(briefcase: BriefcaseRecord, imodel: IModelRecord, urls: Urls) -> Json:
    """Return the full representation of a briefcase."""
    return {
        **briefcase_summary(briefcase),
        "briefcaseId": briefcase.briefcase_id,
        "ownerId": briefcase.owner_id,
        "acquiredDateTime": write_time(briefcase.acquired_at),
        "fileSize": briefcase.file_size,
        "deviceName": briefcase.device_name,
        "application": _application(briefcase),
        "_links": {
            "owner": urls.link(imodel.id, "users", briefcase.owner_id),
            "checkpoint": urls.link(imodel.id, "briefcases", "checkpoint"),
        },
    }


# Changesets.


@frozen(kw_only=True)
class RelatedEntities:
    """Entities related to changesets: ids of Named Versions by changeset index, and indexes of checkpoints."""

    versions: Mapping[int, str] = field(factory=dict[int, str])
    checkpoints: Sequence[int] = ()

    def checkpoint_before(self, index: int) -> int | None:
        """Return the index of the newest successful checkpoint up to a changeset, or None."""
        place = bisect_right(self.checkpoints, index)
        return self.checkpoints[place - 1] if place else None


def changeset_summary(changeset: ChangesetRecord, imodel: IModelRecord, urls: Urls) -> Json:
    """Return the minimal representation of a changeset."""
    return {
        "id": changeset.changeset_id,
        "displayName": str(changeset.changeset_index),
        "description": changeset.description,
        "index": changeset.changeset_index,
        "parentId": changeset.parent_id,
        "state": changeset.state,
        "containingChanges": changeset.containing_changes,
        "fileSize": changeset.file_size,
        "briefcaseId": changeset.briefcase_id,
        "groupId": changeset.group_id,
        "creatorId": changeset.creator_id,
        "pushDateTime": write_time(changeset.pushed_at),
        "_links": _changeset_links(changeset, imodel, urls),
    }


def changeset(
    changeset: ChangesetRecord, imodel: IModelRecord, urls: Urls, related: RelatedEntities, download: Link | None
) -> Json:
    """Return the full representation of a changeset."""
    version = related.versions.get(changeset.changeset_index)
    checkpoint = related.checkpoint_before(changeset.changeset_index)
    links = {
        **_changeset_links(changeset, imodel, urls),
        "namedVersion": None if version is None else urls.link(imodel.id, "namedversions", version),
        "currentOrPrecedingCheckpoint": None
        if checkpoint is None
        else urls.link(imodel.id, "changesets", checkpoint, "checkpoint"),
        "download": download,
    }
    return {
        **changeset_summary(changeset, imodel, urls),
        "application": _application(changeset),
        "synchronizationInfo": changeset.synchronization,
        "_links": links,
    }


def pushed_changeset(
    changeset: ChangesetRecord, imodel: IModelRecord, urls: Urls, more: Mapping[str, Link | None]
) -> Json:
    """Return the representation of a changeset in push responses, in which some members are always null."""
    links = {**_changeset_links(changeset, imodel, urls), "namedVersion": None, "currentOrPrecedingCheckpoint": None}
    return {
        **changeset_summary(changeset, imodel, urls),
        "application": _application(changeset),
        "synchronizationInfo": None,
        "_links": {**links, **more},
    }


def _changeset_links(changeset: ChangesetRecord, imodel: IModelRecord, urls: Urls) -> Json:
    return {
        "self": urls.link(imodel.id, "changesets", changeset.changeset_id),
        "creator": urls.link(imodel.id, "users", changeset.creator_id),
    }


def changeset_group(group: GroupRecord, imodel: IModelRecord, context: Context) -> Json:
    """Return the representation of a changeset group."""
    timeout = context.settings.changeset_group_timeout
    return {
        "id": group.id,
        "state": group_state(group.state, group.created_at, now=context.now, timeout=timeout),
        "description": group.description,
        "creatorId": group.creator_id,
        "createdDateTime": write_time(group.created_at),
        "_links": {"creator": context.urls.link(imodel.id, "users", group.creator_id)},
    }


def extended_data(data: ExtendedDataRecord) -> Json:
    """Return the extended data of a changeset."""
    return {"changesetId": data.changeset_id, "changesetIndex": data.changeset_index, "data": data.data}


# Named Versions and checkpoints.


def version_summary(version: NamedVersionRecord) -> Json:
    """Return the minimal representation of a Named Version."""
    return {
        "id": version.id,
        "displayName": version.name,
        "changesetId": version.changeset_id,
        "changesetIndex": version.changeset_index,
    }


def named_version(version: NamedVersionRecord, imodel: IModelRecord, urls: Urls) -> Json:
    """Return the full representation of a Named Version."""
    on_changeset = version.changeset_id
    return {
        **version_summary(version),
        "name": version.name,
        "description": version.description,
        "createdDateTime": write_time(version.created_at),
        "state": version.state,
        "application": _application(version),
        "_links": {
            "creator": urls.link(imodel.id, "users", version.creator_id),
            "changeset": None if on_changeset is None else urls.link(imodel.id, "changesets", on_changeset),
        },
    }


def checkpoint(checkpoint: CheckpointRecord, storage: Storage) -> Json:
    """Return the representation of a checkpoint, with access data if it is successful."""
    made = checkpoint.state == SUCCESSFUL
    access = storage.directory(checkpoint.directory) if made and checkpoint.directory else None
    directory = container = None
    if access is not None:
        directory = {
            "baseUrl": access.base_url,
            "storage": access.account,
            "baseDirectory": access.base_directory,
            "storageType": storage.links.storage_type,
            **storage.credentials(access),
        }
        container = {
            "account": access.account,
            "container": access.base_directory,
            "sas": access.token,
            "dbName": checkpoint.db_name or "",
        }
    return {
        "id": str(checkpoint.changeset_index),
        "displayName": str(checkpoint.changeset_index),
        "changesetIndex": checkpoint.changeset_index,
        "changesetId": checkpoint.changeset_id,
        "size": checkpoint.size if made else 0,
        "state": checkpoint.state,
        "dbName": checkpoint.db_name if made else None,
        "containerAccessInfo": container,
        "directoryAccessInfo": directory,
        "_links": {"download": storage.download(checkpoint.blob) if made and checkpoint.blob else None},
    }


# Users and permissions.


def user_summary(user: UserRecord, imodel: IModelRecord, urls: Urls) -> Json:
    """Return the minimal representation of a user."""
    return {
        "id": user.id,
        "displayName": user.email,
        "_links": {"self": urls.link(imodel.id, "users", user.id)},
    }


def user(user: UserRecord, imodel: IModelRecord, urls: Urls, done: Statistics) -> Json:
    """Return the full representation of a user, with the user's activity in the iModel."""
    applications = [
        {
            "id": use.id,
            "name": use.name,
            "ownsLocks": use.owns_locks,
            "ownsExclusiveRootElementLock": use.owns_root_lock,
        }
        for use in done.applications
    ]
    return {
        **user_summary(user, imodel, urls),
        "givenName": user.given_name,
        "surname": user.surname,
        "email": user.email,
        "statistics": {
            "pushedChangesetsCount": done.pushed_changesets,
            "lastChangesetPushDate": None if done.last_push_at is None else write_time(done.last_push_at),
            "createdVersionsCount": done.named_versions,
            "briefcasesCount": done.briefcases,
            "applications": applications,
        },
    }


def configured_permissions(records: Sequence[PermissionRecord]) -> list[Json]:
    """Return the permissions of roles or users; the member names are undocumented."""
    return [{"id": record.id, "permissions": record.permissions} for record in records]


def share(share: ShareRecord) -> Json:
    """Return the representation of a share; its members are inferred from the body of Create iModel Share."""
    return {
        "id": share.id,
        "name": share.name,
        "shareKey": share.share_key,
        "expiresAt": write_time(share.expires_at),
        "permission": share.permission,
    }


# Locks.


def locked_objects(levels: Mapping[str, LockLevel]) -> list[Json]:
    """Group objects by lock level."""
    groups: dict[LockLevel, list[str]] = {}
    for object_id, level in levels.items():
        groups.setdefault(level, []).append(object_id)
    return [{"lockLevel": level.word, "objectIds": groups[level]} for level in sorted(groups)]


def locks(records: Sequence[LockRecord]) -> list[Json]:
    """Group locks by briefcase and level."""
    briefcases: dict[int, dict[str, LockLevel]] = {}
    for record in records:
        briefcases.setdefault(record.briefcase_id, {})[record.object_id] = LockLevel(record.level)
    return [{"briefcaseId": key, "lockedObjects": locked_objects(levels)} for key, levels in briefcases.items()]


def released_locks(records: Sequence[LockReleaseRecord]) -> list[Json]:
    """Group released objects by their previous lock level."""
    groups: dict[LockLevel, list[str]] = {}
    for record in records:
        groups.setdefault(LockLevel(record.level), []).append(record.object_id)
    return [{"lockLevel": level.word, "objectIds": groups[level]} for level in sorted(groups)]


def changeset_download(changeset: ChangesetRecord, imodel: IModelRecord, storage: Storage) -> Link:
    """Return a download link to the file of a confirmed changeset."""
    return storage.download(names.changeset(imodel.id, changeset.changeset_id))
