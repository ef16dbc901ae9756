"""Rows as values. The names are those of the columns."""

from datetime import datetime

from attrs import field, frozen


@frozen(kw_only=True)
class UserRecord:
    """A person or service account."""

    id: str
    name: str
    email: str
    given_name: str
    surname: str
    application_id: str
    application_name: str
    secret_hash: str | None
    permissions: list[str]
    organization_administrator: bool


@frozen(kw_only=True)
class TokenRecord:
    """An access token, known by its hash only."""

    token_hash: str
    user_id: str
    application_id: str
    application_name: str
    expires_at: datetime | None


@frozen(kw_only=True)
class ITwinRecord:
    """An iTwin."""

    id: str
    display_name: str
    number: str
    class_name: str
    sub_class: str
    type_name: str | None
    data_center_location: str
    created_at: datetime
    creator_id: str


@frozen(kw_only=True)
class NewIModel:
    """An iModel that is about to be stored."""

    id: str
    itwin_id: str
    name: str
    description: str | None
    state: str
    created_at: datetime
    creator_id: str
    extent: dict[str, object] | None = None
    containers_enabled: int = 0
    coordinate_system: str | None = None
    creation_state: str
    origin: str | None = None
    origin_imodel_id: str | None = None
    origin_changeset_id: str | None = None
    relationship_id: str | None = None
    baseline_state: str
    baseline_size: int
    next_briefcase_id: int = 2
    next_changeset_index: int = 1
    last_push_at: datetime | None = None
    secured_by: str | None = None


@frozen(kw_only=True)
class IModelRecord(NewIModel):
    """An iModel, with the location of its iTwin."""

    number: int
    folded: str
    data_center_location: str


@frozen(kw_only=True)
class BriefcaseRecord:
    """A briefcase that is held."""

    imodel_number: int
    briefcase_id: int
    owner_id: str
    acquired_at: datetime
    device_name: str | None
    file_size: int
    application_id: str | None
    application_name: str | None


@frozen(kw_only=True)
class ChangesetRecord:
    """A changeset, pushed or about to be."""

    imodel_number: int
    changeset_index: int
    changeset_id: str
    parent_id: str
    state: str
    description: str | None
    containing_changes: int
    file_size: int
    briefcase_id: int
    group_id: str | None
    creator_id: str
    pushed_at: datetime
    application_id: str | None
    application_name: str | None
    synchronization: dict[str, object] | None


@frozen(kw_only=True)
class GroupRecord:
    """A changeset group."""

    id: str
    imodel_number: int
    state: str
    description: str | None
    creator_id: str
    created_at: datetime


@frozen(kw_only=True)
class ExtendedDataRecord:
    """Extended data of a changeset."""

    imodel_number: int
    changeset_index: int
    changeset_id: str
    data: str


@frozen(kw_only=True)
class NamedVersionRecord:
    """A Named Version."""

    id: str
    imodel_number: int
    name: str
    description: str | None
    folded: str
    changeset_id: str | None
    changeset_index: int
    state: str
    created_at: datetime
    creator_id: str
    application_id: str | None
    application_name: str | None


@frozen(kw_only=True)
class CheckpointRecord:
    """A checkpoint.

    Attributes:
        imodel_number: The iModel.
        changeset_index: The changeset it is at; 0 is the baseline.
        changeset_id: The id of that; None for the baseline.
        state: `successful`, `scheduled` or `failed`.
        size: Bytes of the database; 0 until it is made.
        blob: The whole file in the blob store; None where it is kept in blocks only.
        directory: The directory of its blocks in the blob store; None where it is kept in one file only.
        db_name: Its name in the directory.
        failure: Why it failed; None in other states.
    """

    imodel_number: int
    changeset_index: int
    changeset_id: str | None
    state: str
    size: int = 0
    blob: str | None = None
    directory: str | None = None
    db_name: str | None = None
    failure: str | None = None


@frozen(kw_only=True)
class LockRecord:
    """A lock that a briefcase holds; `level` is a value of `LockLevel`."""

    object_id: str
    briefcase_id: int
    level: int


@frozen(kw_only=True)
class LockReleaseRecord:
    """The newest changeset that an object was released with, per level."""

    object_id: str
    level: int
    changeset_index: int


@frozen(kw_only=True)
class ShareRecord:
    """A key for anonymous reading."""

    id: str
    imodel_number: int
    name: str
    share_key: str
    permission: str
    expires_at: datetime
    creator_id: str
    created_at: datetime


@frozen(kw_only=True)
class PermissionRecord:
    """Permissions of one role or user, configured on an iModel."""

    imodel_number: int
    id: str
    permissions: list[str]


@frozen(kw_only=True)
class NewJob:
    """Work to be done at a time, for an iModel; `source_id` is the iModel whose files it needs."""

    kind: str
    due_at: datetime
    payload: dict[str, object]
    imodel_number: int | None = None
    source_id: str | None = None


@frozen(kw_only=True)
class JobRecord(NewJob):
    """Work that is stored."""

    number: int


@frozen(kw_only=True)
class SignInRecord:
    """A sign-in of a user to a client; `expires_at` is when nothing of it holds any more."""

    id: str
    user_id: str
    client_id: str
    client_name: str
    scope: str
    nonce: str | None
    signed_in_at: datetime
    code_hash: str
    code_challenge: str | None
    code_expires_at: datetime
    code_used: bool
    redirect_uri: str
    expires_at: datetime


@frozen(kw_only=True)
class SignInTokenRecord:
    """A token of a sign-in, known by its hash only; `kind` is `access` or `refresh`, `used` is for the latter."""

    token_hash: str
    sign_in_id: str
    kind: str
    scope: str
    expires_at: datetime
    used: bool = False


@frozen(kw_only=True)
class SigningKeyRecord:
    """A private key, encrypted."""

    algorithm: str
    pem: str
    made_at: datetime


@frozen(kw_only=True)
class WebhookRecord:
    """Somebody who wants to hear of events; nobody in particular when the settings of the hub name it."""

    id: str
    owner_id: str | None
    callback_url: str
    scope: str
    itwin_id: str | None
    event_types: list[str]
    secret: str = field(repr=False)
    active: bool
    created_at: datetime
    modified_at: datetime


@frozen(kw_only=True)
class NewDelivery:
    """An event that one webhook is to hear of."""

    webhook_id: str
    message_id: str
    event_type: str
    itwin_id: str
    imodel_id: str
    content: dict[str, object]
    enqueued_at: datetime


@frozen(kw_only=True)
class DeliveryRecord(NewDelivery):
    """An event that one webhook is to hear of, and how far that is.

    Attributes:
        number: Rises in the order in which events happened.
        webhook_id: The webhook.
        message_id: The event's; webhooks that hear of the same event are told the same.
        event_type: Such as `iModels.changesReady.v1`.
        itwin_id: The iTwin that it happened in.
        imodel_id: The iModel that it happened to.
        content: What is told of it.
        enqueued_at: When it happened.
        state: `pending`, `delivered`, or `failed` when it was given up.
        due_at: When it is sent next, if it is pending.
        attempts: How often it was sent.
        ended_at: When it was delivered or given up.
        status: HTTP status of the last answer; None when there was none.
        problem: Why the last attempt failed.
    """

    number: int
    state: str
    due_at: datetime
    attempts: int
    ended_at: datetime | None
    status: int | None
    problem: str | None
