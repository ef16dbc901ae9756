"""The content of events, in the webhook format of the iTwin Platform.

The JSON members and the signature are as documented by the platform, including two peculiarities: times have the format
`11/3/2023 8:07:01 PM`, in UTC, and the index of a changeset is a string. That `changesReady` contains the user is an
assumption, based on the other events.
"""

import hmac
import json
from datetime import UTC, datetime
from typing import Final

from itwin_imodels_hub.store.records import ChangesetRecord, DeliveryRecord, NamedVersionRecord

IMODEL_CREATED: Final = "iModels.iModelCreated.v1"
IMODEL_DELETED: Final = "iModels.iModelDeleted.v1"
NAMED_VERSION_CREATED: Final = "iModels.namedVersionCreated.v1"
CHANGES_READY: Final = "iModels.changesReady.v1"
EVENT_TYPES: Final = (IMODEL_CREATED, IMODEL_DELETED, NAMED_VERSION_CREATED, CHANGES_READY)

SIGNATURE: Final = "Signature"

_NOON = 12


def about_imodel(imodel_id: str, user_id: str) -> dict[str, object]:
    """Return the content of an event about an iModel that was created or deleted."""
    return {"imodelId": imodel_id, "userId": user_id}


def about_version(imodel_id: str, version: NamedVersionRecord) -> dict[str, object]:
    """Return the content of an event about a new Named Version.

    For a version of the baseline, `changesetId` is null and `changesetIndex` is `"0"`.
    """
    return {
        "changesetId": version.changeset_id,
        "changesetIndex": str(version.changeset_index),
        "imodelId": imodel_id,
        "userId": version.creator_id,
        "versionId": version.id,
    }


def about_changeset(imodel_id: str, changeset: ChangesetRecord) -> dict[str, object]:
    """Return the content of an event about a changeset that can be pulled."""
    return {
        "changesetId": changeset.changeset_id,
        "changesetIndex": str(changeset.changeset_index),
        "imodelId": imodel_id,
        "userId": changeset.creator_id,
    }


def body_of(delivery: DeliveryRecord) -> bytes:
    """Return the request body of a delivery; it is the same for each attempt."""
    body = {
        "content": delivery.content,
        "eventType": delivery.event_type,
        "enqueuedDateTime": format_time(delivery.enqueued_at),
        "iTwinId": delivery.itwin_id,
        "messageId": delivery.message_id,
        "webhookId": delivery.webhook_id,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def signature_of(body: bytes, secret: str) -> str:
    """Return the value of the `Signature` header for a body."""
    return f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"


def format_time(moment: datetime) -> str:
    """Return a time in the format that the platform uses in events."""
    utc = moment.astimezone(UTC)
    half = "AM" if utc.hour < _NOON else "PM"
    return f"{utc.month}/{utc.day}/{utc.year} {utc.hour % _NOON or _NOON}:{utc:%M:%S} {half}"
