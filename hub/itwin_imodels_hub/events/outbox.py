"""Storing events for those who want to hear of them, in the transaction of the change that they are about.

A change that is rolled back leaves no event, and one that is committed leaves it even if the hub ends right then.
"""

from datetime import datetime

from attrs import frozen
from sqlalchemy import Connection

from itwin_imodels_hub.basis.ids import Ids
from itwin_imodels_hub.rules.permissions import BY_ROLE, Permission, on_imodel
from itwin_imodels_hub.store import webhooks as rows
from itwin_imodels_hub.store.itwins import permissions_in, roles_of
from itwin_imodels_hub.store.records import NewDelivery, WebhookRecord
from itwin_imodels_hub.store.sharing import configured_for
from itwin_imodels_hub.store.users import user_by_id


@frozen(kw_only=True)
class Event:
    """Something that happened to an iModel.

    Attributes:
        event_type: Such as `iModels.changesReady.v1`.
        itwin_id: The iModel's iTwin.
        imodel_id: The iModel.
        imodel_number: The iModel in this database.
        secured_by: Whose permissions the iModel configures itself, if any.
        content: What is told of it.
        happened_at: When it happened.
    """

    event_type: str
    itwin_id: str
    imodel_id: str
    imodel_number: int
    secured_by: str | None
    content: dict[str, object]
    happened_at: datetime


def put_event(connection: Connection, event: Event, ids: Ids) -> bool:
    """Store an event once for each webhook that is to hear of it, all with the same message id.

    Must come before the iModel is deleted, since what the owners of webhooks may see depends on it.

    Args:
        connection: The transaction of the change.
        event: What happened.
        ids: Where the message id comes from; nothing is taken from it for an event that nobody hears of.

    Returns:
        Whether anybody is to hear of it.
    """
    heard_by = [
        webhook
        for webhook in rows.webhooks_about(connection, event.itwin_id)
        if event.event_type in webhook.event_types and _may_hear(connection, webhook, event)
    ]
    if not heard_by:
        return False
    message_id = ids.new()
    for webhook in heard_by:
        delivery = NewDelivery(
            webhook_id=webhook.id,
            message_id=message_id,
            event_type=event.event_type,
            itwin_id=event.itwin_id,
            imodel_id=event.imodel_id,
            content=event.content,
            enqueued_at=event.happened_at,
        )
        rows.add_delivery(connection, delivery)
    return True


def _may_hear(connection: Connection, webhook: WebhookRecord, event: Event) -> bool:
    """Tell whether the owner of a webhook may see an iModel."""
    if webhook.owner_id is None:
        return True
    user = user_by_id(connection, webhook.owner_id)
    if user is None:
        return False
    permissions = permissions_in(connection, event.itwin_id, user)
    if event.secured_by is not None and not user.organization_administrator:
        ids = roles_of(connection, event.itwin_id, user.id) if event.secured_by == BY_ROLE else [user.id]
        configured = configured_for(connection, event.imodel_number, event.secured_by, ids)
        permissions = on_imodel(permissions, configured, kind=event.secured_by)
    return Permission.WEBVIEW in permissions
