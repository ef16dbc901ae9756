"""Table rows as records. The attributes have the same names as the columns."""

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
    organization: str


@frozen(kw_only=True)
class TokenRecord:
    """An access token; only its hash is stored."""

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
    organization: str


@frozen(kw_only=True)
class RoleRecord:
    """A role of an iTwin; its members have its permissions."""

    itwin_id: str
    id: str
    display_name: str
    description: str
    permissions: list[str]


@frozen(kw_only=True)
class NewIModel:
    """An iModel to store."""

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
    """An iModel with the data center location of its iTwin."""

    number: int
    folded: str
    data_center_location: str


@frozen(kw_only=True)
class BriefcaseRecord:
    """A briefcase that has not been released."""

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
    """A changeset, pushed or waiting for its file."""

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
        changeset_index: Index of its changeset; 0 is the baseline.
        changeset_id: Id of its changeset; None for the baseline.
        state: `successful`, `scheduled` or `failed`.
        size: Size of the database in bytes; 0 until it is created.
        blob: Name of the blob with the whole file, if the checkpoint has one.
        directory: Directory of its blocks in blob storage, if it has blocks.
        db_name: Name of the database in the directory.
        failure: Reason for the failure; None in other states.
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
    """A lock of a briefcase; `level` is a value of `LockLevel`."""

    object_id: str
    briefcase_id: int
    level: int


@frozen(kw_only=True)
class LockReleaseRecord:
    """The newest changeset with which an object was released, per level."""

    object_id: str
    level: int
    changeset_index: int


@frozen(kw_only=True)
class ShareRecord:
    """A share: a key for anonymous read access."""

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
    """Permissions of one role or user on an iModel."""

    imodel_number: int
    id: str
    permissions: list[str]


@frozen(kw_only=True)
class NewJob:
    """A background job to store; `source_id` is the iModel whose blobs it needs or deletes."""

    kind: str
    due_at: datetime
    payload: dict[str, object]
    imodel_number: int | None = None
    source_id: str | None = None


@frozen(kw_only=True)
class JobRecord(NewJob):
    """A stored background job."""

    number: int


@frozen(kw_only=True)
class SignInRecord:
    """A sign-in of a user to an OAuth client; after `expires_at` the sign-in and all its tokens have expired."""

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
    """A token of a sign-in, stored as a hash; `kind` is `access` or `refresh`. Only refresh tokens can be `used`."""

    token_hash: str
    sign_in_id: str
    kind: str
    scope: str
    expires_at: datetime
    used: bool = False


@frozen(kw_only=True)
class SigningKeyRecord:
    """An encrypted private key."""

    algorithm: str
    pem: str
    made_at: datetime


@frozen(kw_only=True)
class WebhookRecord:
    """A webhook; `owner_id` is None if it comes from the configuration of the hub."""

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
    """An event to deliver to one webhook."""

    webhook_id: str
    message_id: str
    event_type: str
    itwin_id: str
    imodel_id: str
    content: dict[str, object]
    enqueued_at: datetime


@frozen(kw_only=True)
class DeliveryRecord(NewDelivery):
    """An event for one webhook, with the state of its delivery.

    Attributes:
        number: Increases in the order of the events.
        webhook_id: The webhook.
        message_id: Message id of the event, the same for all webhooks.
        event_type: Event type, such as `iModels.changesReady.v1`.
        itwin_id: iTwin of the event.
        imodel_id: iModel of the event.
        content: Content of the event message.
        enqueued_at: Time of the event.
        state: `pending`, `delivered`, or `failed` after the last attempt.
        due_at: Time of the next attempt while pending.
        attempts: Number of attempts so far.
        ended_at: Time of delivery or final failure; None while pending.
        status: HTTP status code of the last response; None if no response was received.
        problem: Reason why the last attempt failed, or None.
    """

    number: int
    state: str
    due_at: datetime
    attempts: int
    ended_at: datetime | None
    status: int | None
    problem: str | None
